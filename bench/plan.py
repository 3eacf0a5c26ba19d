"""What is done in which order: in every round each cell on both sides, one right after the other."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, islice

from agent.domain.workforce import OdsCode, Organisation, Vpd
from bench.cells import Batch, Cell, Form, Operation, Side
from bench.holders import Holder
from bench.measuring import Work, measured, quiet
from bench.network import HOST, HR, ISSUERS, VPD, Bench
from bench.ours import OurCase, OurReview
from bench.people import MemberOfStaff, eligible_staff
from bench.process_figures import Meter
from bench.stock import StockCase, StockReview
from esr_sandbox.settings import Settings as EsrSettings
from staff_passport.demo.network import OPERATOR

IN_FLIGHT = (1, 10)
ISSUED_FORMS = (Form.ANONCREDS, Form.W3C, Form.BOTH)
PRESENTED_FORMS = (Form.ANONCREDS, Form.W3C)
"""A wallet presents in one form. Stock cannot ask for either: it then wants the answer in both."""
WARM_UP = 2


@dataclass(slots=True)
class Plan:
    """A run of the benchmark."""

    bench: Bench
    batches: list[Batch] = field(default_factory=list)
    _staff: Sequence[MemberOfStaff] = field(default_factory=lambda: tuple(staff()))
    _unused: dict[Form, Iterator[MemberOfStaff]] = field(default_factory=dict)
    _our_reviews: list[OurReview] = field(default_factory=list)
    _stock_reviews: list[StockReview] = field(default_factory=list)

    async def prepare(self) -> None:
        """Give each presenter a passport and connections, wait for quiet, and warm everything up."""
        self._unused = {form: iter(self._staff) for form in ISSUED_FORMS}
        await self._equip_presenters()
        meters = (*self.bench.our_meters.values(), *self.bench.stock_meters.values())
        await quiet(*meters, within=120)
        await self.round(0, operations=frozenset(Operation), batch=WARM_UP)
        self.batches.clear()
        for meter in meters:
            meter.forget_peak()

    async def round(self, number: int, *, operations: frozenset[Operation], batch: int) -> None:
        """Every cell once on both sides; who comes first changes from round to round.

        With more in flight, twice as many are done: the beginning and the end of a batch weigh less.
        """
        sides = (Side.STOCK, Side.OURS) if number % 2 else (Side.OURS, Side.STOCK)
        for in_flight in IN_FLIGHT:
            count = batch if in_flight == 1 else max(2 * batch, in_flight)
            if Operation.ISSUE in operations:
                for form in ISSUED_FORMS:
                    for side in sides:
                        await self._issue(side, form, number, in_flight, count)
            if Operation.VERIFY in operations:
                for form in PRESENTED_FORMS:
                    for side in sides:
                        await self._verify(side, form, number, in_flight, count)

    async def _issue(self, side: Side, form: Form, number: int, in_flight: int, count: int) -> None:
        if side is Side.STOCK:
            await self._issue_by_stock(form, number, in_flight, count)
        else:
            await self._issue_by_ours(form, number, in_flight, count)

    async def _issue_by_ours(self, form: Form, number: int, in_flight: int, count: int) -> None:
        cases = self.our_cases(form, count)
        measure = _Measure(self, Side.OURS, number, in_flight, self.bench.meter(ISSUERS[form]))
        await measure(Operation.SEARCH, None, [Work(each.find) for each in cases])
        await measure(Operation.CONNECT, None, [Work(each.connect, each.is_connected) for each in cases])
        await measure(Operation.CONFIRM, None, [Work(each.confirm) for each in cases])
        await measure(Operation.ISSUE, form, [Work(each.issue, each.is_issued) for each in cases])

    async def _issue_by_stock(self, form: Form, number: int, in_flight: int, count: int) -> None:
        cases = self._stock_cases(form, count)
        measure = _Measure(self, Side.STOCK, number, in_flight, self.bench.stock_issuer.meter)
        await measure(Operation.CONNECT, None, [Work(each.connect, each.is_connected) for each in cases])
        await measure(Operation.ISSUE, form, [Work(each.issue, each.is_issued) for each in cases])

    async def _verify(self, side: Side, form: Form, number: int, in_flight: int, count: int) -> None:
        reviews: Sequence[OurReview | StockReview] = (
            self._stock_reviews if side is Side.STOCK else self._our_reviews
        )
        meter = self.bench.stock_verifier.meter if side is Side.STOCK else self.bench.meter(HOST)
        free = _Free(reviews[:in_flight] if in_flight > 1 else reviews)
        measure = _Measure(self, side, number, in_flight, meter)
        await measure(Operation.VERIFY, form, [Work(partial(free.verify, form))] * count)

    def our_cases(self, form: Form, count: int) -> list[OurCase]:
        """So many people whom nobody has made a passport for, each with a wallet."""
        people = islice(self._unused[form], count)
        agent = self.bench.network.client(ISSUERS[form], HR)
        return [
            OurCase(agent, holder, person) for person, holder in zip(people, self._receivers(), strict=False)
        ]

    def _stock_cases(self, form: Form, count: int) -> list[StockCase]:
        people = islice(self._staff, count)
        operator = self.bench.network.dids[OPERATOR.ods_code]
        return [
            StockCase(self.bench.stock_issuer, holder, person, employer(), operator, form)
            for person, holder in zip(people, self._receivers(), strict=False)
        ]

    def _receivers(self) -> Iterator[Holder]:
        return cycle(self.bench.receivers)

    async def _equip_presenters(self) -> None:
        operator = self.bench.network.dids[OPERATOR.ods_code]
        host = self.bench.network.client(HOST, HR)
        for holder, case in zip(
            self.bench.presenters, self.our_cases(Form.BOTH, len(self.bench.presenters)), strict=True
        ):
            case.holder = holder
            for step in (
                case.find,
                case.connect,
                case.is_connected,
                case.confirm,
                case.issue,
                case.is_issued,
            ):
                await step()
        for holder in islice(cycle(self.bench.presenters), max(IN_FLIGHT)):
            ours, stock = OurReview(host, holder), StockReview(self.bench.stock_verifier, holder, operator)
            await asyncio.gather(ours.connect(), stock.connect())
            self._our_reviews.append(ours)
            self._stock_reviews.append(stock)


@dataclass(frozen=True, slots=True)
class _Measure:
    """Measures batches of one side in one round, and keeps them."""

    plan: Plan
    side: Side
    round: int
    in_flight: int
    meter: Meter

    async def __call__(self, operation: Operation, form: Form | None, work: Sequence[Work]) -> None:
        took = await measured(work, self.meter, in_flight=self.in_flight)
        cell = Cell(operation, form, self.in_flight)
        self.plan.batches.append(Batch(cell, self.side, self.round, took.seconds, took.cpu, took.latencies))


class _Free:
    """Connections, each used by one operation at a time."""

    def __init__(self, reviews: Sequence[OurReview | StockReview]) -> None:
        self._reviews: asyncio.Queue[OurReview | StockReview] = asyncio.Queue()
        for review in reviews:
            self._reviews.put_nowait(review)

    async def verify(self, form: Form) -> None:
        async with self._one() as review:
            await review.verify(form)

    @asynccontextmanager
    async def _one(self) -> AsyncIterator[OurReview | StockReview]:
        review = await self._reviews.get()
        try:
            yield review
        finally:
            self._reviews.put_nowait(review)


def employer() -> Organisation:
    """Of whom the claims speak, on both sides."""
    party = ISSUERS[Form.BOTH]
    return Organisation(OdsCode(party.ods_code), party.name, Vpd(VPD))


def staff() -> Iterator[MemberOfStaff]:
    """Everyone of the sandbox to whom ours would issue today, always in the same order."""
    told, today = EsrSettings.model_fields, datetime.now(UTC).date()
    return eligible_staff(
        told["seed"].default, VPD, people=told["people_per_vpd"].default, today=today, employer=employer()
    )
