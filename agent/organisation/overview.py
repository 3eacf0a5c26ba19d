"""What somebody sees first, read in one unit of work: it is asked for more often than anything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.domain.actors import Actor, Permission
from agent.domain.ports.overview import Counted
from agent.domain.workforce import OdsCode
from agent.organisation.duties.tasks import StoredTasks, TaskFilter, TaskRow, TaskState, Whose
from agent.store.engine import Store


@dataclass(frozen=True, slots=True)
class Seen:
    """Numbers by what is counted, and the newest open tasks; only what its reader may read is there."""

    counts: Mapping[str, Mapping[str, Mapping[str, int]]]
    tasks: Mapping[Whose, Sequence[TaskRow]]


@dataclass(frozen=True, slots=True)
class Overview:
    """One organisation's."""

    store: Store
    organisation: OdsCode
    counted: Sequence[Counted]
    tasks: StoredTasks

    async def of(self, reader: Actor, *, tasks: int) -> Seen:
        """What `reader` sees, with up to so many tasks of theirs, and of others."""
        async with self.store.unit(self.organisation):
            may = [each for each in self.counted if reader.may(each.permission)]
            counts = {each.name: await each.counts() for each in may}
            return Seen(counts, await self._open_tasks(reader, tasks))

    async def _open_tasks(self, reader: Actor, most: int) -> Mapping[Whose, Sequence[TaskRow]]:
        if not reader.may(Permission.TASK_READ):
            return {}
        return {
            whose: await self.tasks.page(TaskFilter(TaskState.OPEN, whose), by=reader, after=None, limit=most)
            for whose in Whose
        }
