"""What somebody sees first, in one call."""

from agent.domain.actors import Permission
from agent.organisation.duties.routes import TasksAnswer, tasks_answer
from agent.organisation.duties.tasks import Whose
from agent.organisation.overview import Overview
from agent.routing import Answer, Call, RouteTable

OVERVIEW_ROUTES = RouteTable("organisation")
TASKS = 5


class OverviewAnswer(Answer):
    """How many there are in each state of what the caller may read, and the newest open tasks.

    `counts` is by what is counted (`passports`, `reviews`), then by what tells them apart: `states`, and of
    reviews the `verdicts` of their requests. `tasks` is of `mine` and of `others`; `GET /tasks` has the rest.
    """

    counts: dict[str, dict[str, dict[str, int]]]
    tasks: dict[Whose, TasksAnswer]


@OVERVIEW_ROUTES.get(
    "/overview",
    permission=Permission.ORGANISATION_READ,
    summary="What the caller sees first: how much there is of everything, and what they have to look at",
    answer=OverviewAnswer,
)
async def overview(call: Call[None]) -> OverviewAnswer:
    """Tell only of what the caller may read."""
    seen = await call.inject(Overview).of(call.actor, tasks=TASKS)
    return OverviewAnswer(
        counts={
            name: {by: dict(numbers) for by, numbers in told.items()} for name, told in seen.counts.items()
        },
        tasks={whose: tasks_answer(rows, TASKS) for whose, rows in seen.tasks.items()},
    )
