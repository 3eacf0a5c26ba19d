"""The importing process: `python -m agent.esr_feed.importing` does one job, all of it or nothing.

Its job comes on standard input, since there are secrets in it; its answer goes to standard output.
"""

import asyncio
import gc
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from psycopg.types.json import Jsonb
from sqlalchemy.ext.asyncio import AsyncSession

from agent.audit.chain import AuditChain
from agent.domain.clock import utc_now
from agent.domain.errors import Unavailable
from agent.domain.ports.audit import AuditOutcome
from agent.domain.ports.staff_changes import StaffChange
from agent.domain.workforce import OdsCode
from agent.esr_feed.jobs import Answer, ImportState, Job, RefusedFor
from agent.esr_feed.lines import CHUNK, Survey, lines, survey
from agent.esr_feed.outbound import Body, FileKind, Header, Reader, Seen
from agent.esr_feed.rejections import Reason, Rejections
from agent.esr_feed.staging import Applied, Connection, Staging
from agent.esr_feed.standings import Standings
from agent.store.engine import Store

_CHANGES_AT_A_TIME = 1_000
_FEW = 10
"""So many may always go with one file: in a small organisation they are a large share."""
_SELDOM = 100_000
"""So many objects are made before cycles among them are looked for: rows of a file have none."""
_ADD_CHANGE = """
INSERT INTO esr.changes (organisation, position, import, kind, employee_number, assignment_number, "check",
    differences, day, told_at)
VALUES (%(own)s, %(position)s, %(import)s, %(kind)s, %(person)s, %(assignment)s, %(check)s,
    %(differences)s, %(day)s, %(at)s)
"""
_FEED = """
SELECT sequence, day, last_position, produced_at FROM esr.feeds WHERE organisation = %(own)s FOR UPDATE
"""
_NEW_FEED = """
INSERT INTO esr.feeds (organisation, last_position) VALUES (%(own)s, 0) ON CONFLICT DO NOTHING
"""
_KEEP_FEED = """
UPDATE esr.feeds SET sequence = %(sequence)s, day = %(day)s, last_position = %(last)s,
    produced_at = %(produced_at)s
WHERE organisation = %(own)s
"""
_SAME_FILE = """
SELECT 1 FROM esr.imports WHERE organisation = %(own)s AND digest = %(digest)s AND state = 'imported' LIMIT 1
"""
_KEEP_IMPORT = """
UPDATE esr.imports SET state = %(state)s, digest = %(digest)s, kind = %(kind)s, sequence = %(sequence)s,
    counts = %(counts)s, code = NULL, ended_at = %(at)s
WHERE organisation = %(own)s AND id = %(id)s
"""


class NotTaken(Exception):
    """The file is not taken: what was begun is undone, and this is the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.state)
        self.answer = answer


class FileChanged(Exception):
    """Somebody wrote to the file while it was read."""


@dataclass(slots=True)
class _Feed:
    """How far an organisation's files were imported; None before the first. Locked until the end."""

    sequence: int | None
    day: date | None
    last_position: int
    produced_at: datetime | None


async def done(job: Job) -> Answer:
    """Do the job. Raises `Unavailable`, and `OSError` when the file cannot be read."""
    store = Store.at(job.database)
    try:
        if job.path is None:
            return await _rolled(store, job)
        with Path(job.path).open("rb", buffering=CHUNK) as stream:  # noqa: ASYNC230  # the loop is ours alone
            return await _imported(store, job, stream)
    except NotTaken as not_taken:
        return not_taken.answer
    finally:
        await store.dispose()


async def _imported(store: Store, job: Job, stream: BinaryIO) -> Answer:
    version = _version(stream)
    surveyed = survey(stream)
    stream.seek(0)
    async with _act(store, job) as act:
        await act.require_new(surveyed)
        answer = await act.import_file(stream, surveyed)
        if _version(stream) != version:
            raise FileChanged
        return answer


async def _rolled(store: Store, job: Job) -> Answer:
    async with _act(store, job) as act:
        return await act.roll()


@asynccontextmanager
async def _act(store: Store, job: Job) -> AsyncIterator["_Act"]:
    """A transaction, with the feed locked and the audit's outcome in it at the end."""
    organisation = OdsCode(job.organisation)
    async with store.unit(organisation) as session:
        connection = await _driver(session)
        yield _Act(job, connection, await _opened(connection, job.organisation))
        await AuditChain(store, organisation, b"").conclude(job.intent, AuditOutcome.DONE)


async def _driver(session: AsyncSession) -> Connection:
    """COPY is the driver's own."""
    raw = await (await session.connection()).get_raw_connection()
    return cast("Connection", raw.driver_connection)


async def _opened(connection: Connection, organisation: str) -> _Feed:
    own = {"own": organisation}
    await connection.execute(_NEW_FEED, own)
    row = await (await connection.execute(_FEED, own)).fetchone()
    return _Feed(*(row or (None, None, 0, None)))


class _Act:
    """What is done in one transaction."""

    def __init__(self, job: Job, connection: Connection, feed: _Feed) -> None:
        self._job = job
        self._connection = connection
        self._feed = feed
        self._staging = Staging(connection, job.organisation)

    async def require_new(self, surveyed: Survey) -> None:
        """Raise `NotTaken` when this very file was imported before."""
        asked = {"own": self._job.organisation, "digest": surveyed.digest}
        if await (await self._connection.execute(_SAME_FILE, asked)).fetchone():
            raise NotTaken(Answer.about(ImportState.UNCHANGED, digest=surveyed.digest))

    async def import_file(self, stream: BinaryIO, surveyed: Survey) -> Answer:
        """Take the file, tell what has changed, and remember how far we are. Raises `NotTaken`."""
        rejections = Rejections()
        body = Body(lines(stream), self._job.layout, rejections)
        header = self._its_turn(body.header, surveyed, rejections)
        seen = await self._stage(body, surveyed, rejections, full=header.kind is FileKind.FULL)
        if rejections.count:
            raise NotTaken(_rejected(surveyed, header, rejections))
        await self._staging.find_leaving(full=header.kind is FileKind.FULL)
        await self._require_plausible(header, surveyed)
        applied, told = await self._apply(full=header.kind is FileKind.FULL)
        self._feed.produced_at = header.produced_at
        await self._keep_feed(header.sequence)
        answer = Answer.about(ImportState.IMPORTED, digest=surveyed.digest, header=header)
        answer = replace(answer, counts=_counts(seen, applied, told))
        await self._keep_import(answer)
        return answer

    async def roll(self) -> Answer:
        """Go on to the day: what comes into force on it, and what ran out before it."""
        if self._feed.day is None or self._feed.day >= self._job.day:
            return Answer(ImportState.UNCHANGED)
        standings = self._standings(self._feed.day)
        await standings.find_touched(by_file=False)
        told = await self._tell(standings)
        await self._staging.forget_what_is_over(self._job.day, orphans=True)
        await self._keep_feed(self._feed.sequence)
        return Answer(ImportState.IMPORTED, counts={"changes": told})

    async def _require_plausible(self, header: Header, surveyed: Survey) -> None:
        """Raise `NotTaken` when too many people, assignments, checks or registrations would be gone."""
        what_goes = await self._staging.what_goes()
        if any(gone > max(_FEW, known * self._job.most_gone) for _, gone, known in what_goes):
            code = RefusedFor.TOO_MANY_GONE.value
            about = Answer.about(ImportState.REFUSED, digest=surveyed.digest, header=header, code=code)
            raise NotTaken(replace(about, counts={"gone": {kind: gone for kind, gone, _ in what_goes}}))

    def _its_turn(self, header: Header | None, surveyed: Survey, rejections: Rejections) -> Header:
        if header is None:
            raise NotTaken(_rejected(surveyed, header, rejections))
        if reason := _out_of_turn(header, self._job.vpd, self._feed):
            refused = ImportState.REFUSED
            raise NotTaken(Answer.about(refused, digest=surveyed.digest, header=header, code=reason.value))
        return header

    async def _stage(self, body: Body, surveyed: Survey, rejections: Rejections, *, full: bool) -> Seen:
        job = self._job
        seen = Seen(await self._staging.known())
        reader = Reader(job.layout, key=job.key, on=job.day, encoding=surveyed.encoding)
        await self._staging.take(reader.read(body, seen, rejections))
        await self._staging.mark(seen.known if full else seen.met)
        rejections.add_all(await self._staging.twice(full=full), Reason.DUPLICATE_RECORD)
        return seen

    async def _apply(self, *, full: bool) -> tuple[Applied, int]:
        """What became of the slices, and how many changes are told: of a first file none, it only begins."""
        if (since := self._feed.day) is None:
            applied, told = await self._staging.apply(), 0
        else:
            standings = self._standings(since)
            await standings.find_touched(by_file=True)
            applied = await self._staging.apply()
            told = await self._tell(standings)
        await self._staging.forget_what_is_over(self._job.day, orphans=full)
        return applied, told

    def _standings(self, since: date) -> Standings:
        day = max(since, self._job.day)
        return Standings(self._connection, self._job.organisation, since=since, day=day)

    async def _tell(self, standings: Standings) -> int:
        """Add every change to the organisation's changes, in order."""
        told, rows = 0, list[dict[str, Any]]()
        async for change in standings.changes():
            told += 1
            rows.append(self._told(change, self._feed.last_position + told))
            if len(rows) >= _CHANGES_AT_A_TIME:
                await self._add(rows)
                rows.clear()
        await self._add(rows)
        self._feed.last_position += told
        return told

    async def _add(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            await self._connection.cursor().executemany(_ADD_CHANGE, rows)

    def _told(self, change: StaffChange, position: int) -> dict[str, Any]:
        return {
            "own": self._job.organisation,
            "position": position,
            "import": self._job.import_id,
            "kind": change.kind.value,
            "person": change.person,
            "assignment": change.assignment,
            "check": change.check.value if change.check else None,
            "differences": Jsonb([asdict(each) for each in change.differences]),
            "day": change.on,
            "at": utc_now(),
        }

    async def _keep_feed(self, sequence: int | None) -> None:
        day = max(self._feed.day or self._job.day, self._job.day)
        kept = {"sequence": sequence, "day": day, "last": self._feed.last_position}
        kept |= {"produced_at": self._feed.produced_at}
        await self._connection.execute(_KEEP_FEED, kept | {"own": self._job.organisation})

    async def _keep_import(self, answer: Answer) -> None:
        kept = {
            "own": self._job.organisation,
            "id": self._job.import_id,
            "state": answer.state.value,
            "digest": answer.digest,
            "kind": answer.kind,
            "sequence": answer.sequence,
            "counts": Jsonb(answer.counts),
            "at": utc_now(),
        }
        await self._connection.execute(_KEEP_IMPORT, kept)


def _out_of_turn(header: Header, vpd: str, feed: _Feed) -> RefusedFor | None:
    """Why the file may not come now. A full one may, unless it is of an earlier time than the last."""
    if header.vpd != vpd:
        return RefusedFor.VPD_NOT_OURS
    if header.kind is FileKind.FULL:
        earlier = feed.produced_at is not None and header.produced_at < feed.produced_at
        return RefusedFor.OUT_OF_ORDER if earlier else None
    last = feed.sequence
    if last is None or header.sequence > last + 1:
        return RefusedFor.MISSING
    return RefusedFor.OUT_OF_ORDER if header.sequence <= last else None


def _rejected(surveyed: Survey, header: Header | None, rejections: Rejections) -> Answer:
    return Answer.about(
        ImportState.REJECTED,
        digest=surveyed.digest,
        header=header,
        rejections=rejections,
        code="lines_rejected",
    )


def _counts(seen: Seen, applied: Applied, told: int) -> dict[str, Any]:
    return {
        "lines": seen.lines,
        "unchanged": seen.unchanged,
        **asdict(applied),
        "passed_over": dict(sorted(seen.passed_over.items())),
        "changes": told,
    }


def _version(stream: BinaryIO) -> tuple[int, int]:
    found = os.fstat(stream.fileno())
    return found.st_size, found.st_mtime_ns


def main() -> int:
    """Do the job on standard input. An error is told by its name alone: values may stand in its words."""
    gc.set_threshold(_SELDOM)
    job = Job.of(sys.stdin.read())
    try:
        answer = asyncio.run(done(job))
    except Exception as error:  # noqa: BLE001  # the edge of this process
        code = error.code if isinstance(error, Unavailable) else type(error).__name__
        sys.stdout.write(json.dumps({"failed": code}))
        return 1
    sys.stdout.write(answer.as_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
