"""Months of the sandbox's staff, taken in by our import: deltas lead to where the next full file would."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from agent.audit.chain import AuditChain
from agent.domain.ports.staff_changes import StaffChangeKind
from agent.domain.workforce import OdsCode, Organisation, Vpd
from agent.esr_feed.importing import done
from agent.esr_plugin.feed import StaffFeed
from agent.esr_plugin.feed_settings import OutboundSettings
from agent.store.engine import Store
from esr_sandbox.directory import Directory
from tests.support.esr import TODAY, sandbox_settings
from tests.support.neighbours import InGoodStanding

_VPD = "901"
_MONTHS = 3
_codes = count(1)


class Office:
    """One organisation that gets files, each on the day on which the sandbox says it is."""

    def __init__(self, store: Store, inbox: Path) -> None:
        self.code = OdsCode(f"ZY{next(_codes):03}")
        self.store, self.inbox, self.today = store, inbox, TODAY
        inbox.mkdir()

    async def gets(self, file: "Outbound") -> dict[str, Any]:
        """The file comes in on the day on which it was made; how its import ended."""
        (self.inbox / file.name).write_text(file.text, encoding="utf-8")
        await self.goes_on_to(file.on)
        async with self.store.unit(self.code) as session:
            query = "SELECT state, code, rejected, counts FROM esr.imports WHERE file_name = :name"
            row = (await session.execute(text(query), {"name": file.name})).one()
        return dict(row._mapping)

    async def goes_on_to(self, day: date) -> None:
        """What is new is imported, and what the day brings is done."""
        self.today = day
        feed = StaffFeed(
            store=self.store,
            organisation=Organisation(self.code, "Northmoor", Vpd(_VPD)),
            audit=AuditChain(self.store, self.code, b"a salt"),
            standing=InGoodStanding(),
            settings=OutboundSettings(inbox=self.inbox, key=SecretStr("k" * 32)),
            importing=done,
            clock=lambda: datetime.combine(self.today, time(6), UTC),
        )
        await feed.catch_up()

    async def kept(self) -> list[tuple[object, ...]]:
        query = (
            "SELECT kind, record, starts, ends, person, number, position, department, facts::text"
            " FROM esr.slices ORDER BY 1, 2, 3"
        )
        async with self.store.unit(self.code) as session:
            return [tuple(row) for row in await session.execute(text(query))]

    async def changes(self) -> set[str]:
        async with self.store.unit(self.code) as session:
            return set(await session.scalars(text("SELECT DISTINCT kind FROM esr.changes")))


@dataclass(frozen=True, slots=True)
class Outbound:
    """One file of the sandbox, and the day on which it was made."""

    name: str
    text: str
    on: date


class Sandbox:
    """The sandbox's staff of one VPD, month by month."""

    def __init__(self) -> None:
        settings = sandbox_settings(people=300, seed=11, vpds=[_VPD])
        self.directory = Directory(settings, lambda: TODAY)
        self.first = self.full()
        self.deltas = [self.month() for _ in range(_MONTHS)]
        self.last = self.full()

    def full(self) -> Outbound:
        name, written = self.directory.outbound(_VPD, "F")
        return Outbound(name, written, self.directory.today())

    def month(self) -> Outbound:
        ((_, name, written),) = self.directory.pass_month()
        return Outbound(name, written, self.directory.today())


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox()


async def test_deltas_lead_to_what_the_next_full_file_says(
    store: Store, sandbox: Sandbox, tmp_path: Path
) -> None:
    by_deltas, at_once = Office(store, tmp_path / "deltas"), Office(store, tmp_path / "full")
    for file in (sandbox.first, *sandbox.deltas):
        done = await by_deltas.gets(file)
        assert (done["state"], done["rejected"]) == ("imported", []), done

    assert (await at_once.gets(sandbox.last))["state"] == "imported"
    for each in (by_deltas, at_once):  # a day later, what was of people who left is gone
        await each.goes_on_to(sandbox.last.on + timedelta(days=1))

    assert len(await at_once.kept()) > 1_000
    assert await by_deltas.kept() == await at_once.kept()


async def test_a_full_file_after_the_deltas_changes_nothing(
    store: Store, sandbox: Sandbox, tmp_path: Path
) -> None:
    office = Office(store, tmp_path / "inbox")
    for file in (sandbox.first, *sandbox.deltas):
        await office.gets(file)
    before = await office.kept()

    full = await office.gets(sandbox.last)

    told = {name: full["counts"][name] for name in ("changed", "removed", "changes")}
    assert (full["state"], told) == ("imported", {"changed": 0, "removed": 0, "changes": 0})
    assert set(await office.kept()) <= set(before)


async def test_what_happens_in_a_few_months_is_told_in_every_way(
    store: Store, sandbox: Sandbox, tmp_path: Path
) -> None:
    office = Office(store, tmp_path / "inbox")
    for file in (sandbox.first, *sandbox.deltas):
        await office.gets(file)

    assert await office.changes() >= set(StaffChangeKind)
