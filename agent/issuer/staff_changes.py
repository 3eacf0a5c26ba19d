"""What changed about staff who have a passport is somebody's to look at in HR."""

from collections.abc import Sequence

from agent.domain.passport import ENDED
from agent.domain.ports.staff_changes import StaffChange, StaffChangeConsumer, ToldChange
from agent.domain.ports.tasks import NewTask, TaskKind, Tasks
from agent.domain.workforce import Organisation
from agent.issuer.records import PassportRepository, PassportRow
from agent.store.engine import Store

_LONGEST_COMMENT = 200


class TasksOfChanges(StaffChangeConsumer):
    """Opens a task for each open passport that a change is about, once for each change."""

    name = "issuer"

    def __init__(self, store: Store, organisation: Organisation, tasks: Tasks) -> None:
        self._store = store
        self._organisation = organisation.ods_code
        self._tasks = tasks

    async def handle(self, told: ToldChange) -> None:
        async with self._store.unit(self._organisation) as session:
            passports = PassportRepository(session, self._organisation)
            for passport in await _concerned(passports, told.change):
                await self._tasks.open(_task(told, passport))


async def _concerned(passports: PassportRepository, change: StaffChange) -> Sequence[PassportRow]:
    """The open passport of the assignment; all open ones of the person when it is about them."""
    of_person = await passports.of_person(change.person)
    return [
        each
        for each in of_person
        if each.state not in ENDED and change.assignment in {None, each.assignment_number}
    ]


def _task(told: ToldChange, passport: PassportRow) -> NewTask:
    """For whoever made the passport; with the names of fields alone: what they say is in the staff record."""
    change = told.change
    names = ", ".join(each.name for each in change.differences) or (change.check or "")
    return NewTask(
        TaskKind.STAFF_CHANGE,
        passport.id,
        None,
        change.kind.value,
        names[:_LONGEST_COMMENT] or None,
        assignee=passport.created_by,
        key=f"staff change {told.position} of {passport.id}",
    )
