"""Gives the worker something to do, in the transaction of what it is about.

The queue is Procrastinate's, and its tables too. An agent only puts jobs there, and need not load it.
"""

import json
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ENQUEUE = text(
    "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args)"
    " VALUES ('default', :task, 0, :lock, CAST(:arguments AS jsonb))"
    " ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING"
)


async def enqueue(session: AsyncSession, task: str, arguments: Mapping[str, str], *, lock: str) -> None:
    """Have `task` done once this unit is committed; while one with this `lock` waits, no other is added.

    Arguments are identifiers alone: whoever keeps the queue learns nothing of anybody.
    """
    told = {"task": task, "lock": lock, "arguments": json.dumps(dict(arguments))}
    await session.execute(_ENQUEUE, told)
