"""How much an agent's memory grows while it issues to thousands of people."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from bench.cells import CREDENTIALS, Form, Operation
from bench.measuring import Work, measured
from bench.network import ISSUERS
from bench.plan import Plan

IN_FLIGHT = 4
WARM_UP = 34  # people: a hundred credentials
STEP = 30
"""People between two looks at the memory."""
CREDENTIALS_ISSUED = 2_000


@dataclass(frozen=True, slots=True)
class Growth:
    """Resident bytes before, after each step, and so how much was added."""

    credentials: int
    before: int
    steps: tuple[int, ...]

    @property
    def grown(self) -> int:
        return self.steps[-1] - self.before

    @property
    def is_whole(self) -> bool:
        """Whether all were issued that were to be."""
        return self.credentials >= CREDENTIALS_ISSUED


async def growth(plan: Plan) -> AsyncIterator[Growth]:
    """Issue in both formats, as by default: a hundred to warm up, then 2,000. Told after each step."""
    await _issue(plan, WARM_UP)
    meter = plan.bench.meter(ISSUERS[Form.BOTH])
    before, steps, each = meter.memory().resident, list[int](), CREDENTIALS[Operation.ISSUE]
    while len(steps) * STEP * each < CREDENTIALS_ISSUED:
        await _issue(plan, STEP)
        steps.append(meter.memory().resident)
        yield Growth(len(steps) * STEP * each, before, tuple(steps))


async def _issue(plan: Plan, people: int) -> None:
    cases, meter = plan.our_cases(Form.BOTH, people), plan.bench.meter(ISSUERS[Form.BOTH])
    for case in cases:
        await case.find()
    await measured([Work(each.connect, each.is_connected) for each in cases], meter, in_flight=IN_FLIGHT)
    await measured([Work(each.confirm) for each in cases], meter, in_flight=IN_FLIGHT)
    await measured([Work(each.issue, each.is_issued) for each in cases], meter, in_flight=IN_FLIGHT)
