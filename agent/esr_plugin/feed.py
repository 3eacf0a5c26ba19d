"""Keeps up with ESR's outbound files: imports what is new in an inbox, and goes on to each new day."""

import asyncio
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select, update

from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.errors import Conflict, NotFound, Unavailable
from agent.domain.ports.audit import Audit, AuditOutcome, Intent
from agent.domain.ports.standing import OrganisationStanding, Use
from agent.domain.workforce import Organisation
from agent.esr_feed.jobs import Answer, ImportState, Job, RefusedFor
from agent.esr_plugin.acts import ACTOR
from agent.esr_plugin.feed_records import FeedRow, ImportRow
from agent.esr_plugin.feed_settings import OutboundSettings
from agent.store.engine import Store

LOGGER = logging.getLogger(__name__)
_LONGEST_PAUSE = timedelta(hours=1)
_NAME = re.compile(r"GO_\d{3}_[FD]_\d{8}_(\d{8})\.DAT", re.ASCII)

type Importing = Callable[[Job], Awaitable[Answer]]
"""Does a job, all of it or nothing. Raises `Unavailable`."""


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file that came in, and which version of it; `sequence` is what its name says."""

    path: Path
    sequence: int
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was done: imports by their ids, oldest first, and whether a new day was gone on to."""

    imports: tuple[str, ...]
    rolled: bool


class StaffFeed:
    """One organisation's files."""

    def __init__(
        self,
        *,
        store: Store,
        organisation: Organisation,
        audit: Audit,
        standing: OrganisationStanding,
        settings: OutboundSettings,
        importing: Importing,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._organisation = organisation.ods_code
        self._vpd = organisation.vpd or ""  # which is no file's
        self._audit = audit
        self._standing = standing
        self._settings = settings
        self._importing = importing
        self._clock = clock

    async def catch_up(self) -> CaughtUp:
        """Import what is new, oldest first, then go on to today.

        Raises `Conflict` while another replica does, `PolicyRefused` when the ESR link is not active, and
        `Unavailable`.
        """
        async with self._store.alone(f"staff feed {self._organisation}") as alone:
            if not alone:
                raise Conflict("An import is under way.", code="import_under_way")
            await self._standing.require(Use.ESR)
            await self._close_interrupted()
            try:
                imports = await self._import_all(await asyncio.to_thread(files_in, self._settings.inbox))
            finally:  # a new day needs no file
                rolled = await self._roll()
            return CaughtUp(tuple(imports), rolled)

    async def _import_all(self, files: Sequence[InboxFile]) -> list[str]:
        done = list[str]()
        for file in files:
            if await self._is_new(file):
                done.append(await self._import(file))
        return done

    async def _is_new(self, file: InboxFile) -> bool:
        """Whether this version of the file is still to be looked at, or again."""
        row = ImportRow
        tries = select(row).where(
            row.organisation == self._organisation,
            row.file_name == file.path.name,
            row.size == file.size,
            row.modified_ns == file.modified_ns,
        )
        async with self._store.unit(self._organisation) as session:
            known = (await session.scalars(tries.order_by(row.started_at))).all()
            last = await session.scalar(
                select(FeedRow.sequence).where(FeedRow.organisation == self._organisation)
            )
        return not known or _again(known, last, self._clock())

    async def _import(self, file: InboxFile) -> str:
        name = await self._begin(file)
        intent = await self._audit.intend("import ESR outbound file", actor=ACTOR, subject=name)
        try:
            answer = await self._importing(self._job(intent, file, name))
        except Unavailable as failed:
            if not await self._is_imported(name):
                await self._end(name, intent, Answer(ImportState.FAILED, failed.code))
                raise
        else:
            if answer.state is not ImportState.IMPORTED:  # the importing process has kept the rest
                await self._end(name, intent, answer)
        return name

    def _job(self, intent: Intent, file: InboxFile | None, name: str | None) -> Job:
        secret = self._settings.key.get_secret_value().encode()
        return Job(
            database=self._store.address,
            organisation=self._organisation,
            vpd=self._vpd,
            day=self._today,
            intent=intent,
            key=hashlib.sha256(secret).digest(),
            layout=self._settings.layout,
            most_gone=self._settings.most_gone,
            path=str(file.path) if file else None,
            import_id=name,
        )

    async def _begin(self, file: InboxFile) -> str:
        row = ImportRow(
            organisation=self._organisation,
            id=str(uuid4()),
            file_name=file.path.name,
            size=file.size,
            modified_ns=file.modified_ns,
            state=ImportState.RUNNING,
            counts={},
            rejected=[],
            rejected_count=0,
            started_at=self._clock(),
        )
        async with self._store.unit(self._organisation) as session:
            session.add(row)
        return row.id

    async def _end(self, name: str, intent: Intent, answer: Answer) -> None:
        """Keep what came of it with the audit's outcome."""
        async with self._store.unit(self._organisation) as session:
            row = await session.get_one(ImportRow, {"organisation": self._organisation, "id": name})
            row.state, row.code, row.ended_at = answer.state, answer.code, self._clock()
            row.digest, row.kind, row.sequence = answer.digest, answer.kind, answer.sequence
            row.rejected = [list(each) for each in answer.rejected]
            row.rejected_count, row.counts = answer.rejected_count, dict(answer.counts)
            await self._audit.conclude(intent, _OUTCOMES[answer.state], code=answer.code)

    async def _is_imported(self, name: str) -> bool:
        """Whether the process ended between keeping it all and saying so."""
        async with self._store.unit(self._organisation) as session:
            row = await session.get_one(ImportRow, {"organisation": self._organisation, "id": name})
            return row.state == ImportState.IMPORTED

    async def _close_interrupted(self) -> None:
        """Nobody else imports now: what still runs by its row was cut short, and changed nothing."""
        row = ImportRow
        running = (row.organisation == self._organisation) & (row.state == ImportState.RUNNING)
        failed = {"state": ImportState.FAILED, "code": "import_interrupted", "ended_at": self._clock()}
        async with self._store.unit(self._organisation) as session:
            await session.execute(update(row).where(running).values(failed))

    async def _roll(self) -> bool:
        """Go on to today, once: what was to come into force does, and what ran out has."""
        query = select(FeedRow.day).where(FeedRow.organisation == self._organisation)
        async with self._store.unit(self._organisation) as session:
            stands_at = await session.scalar(query)
        if stands_at is None or stands_at >= self._today:
            return False
        subject = f"staff records on {self._today.isoformat()}"
        intent = await self._audit.intend("go on to the day", actor=ACTOR, subject=subject)
        try:
            await self._importing(self._job(intent, None, None))
        except Unavailable as failed:
            await self._audit.conclude(intent, AuditOutcome.UNAVAILABLE, code=failed.code)
            raise
        return True

    @property
    def _today(self) -> date:
        return london_day(self._clock())


class NoFeed(NotFound):
    """The organisation's settings name no inbox."""

    code = "esr_files_not_configured"


_OUTCOMES = {
    ImportState.UNCHANGED: AuditOutcome.DONE,
    ImportState.REJECTED: AuditOutcome.REFUSED,
    ImportState.REFUSED: AuditOutcome.REFUSED,
    ImportState.FAILED: AuditOutcome.UNAVAILABLE,
}


def files_in(inbox: Path) -> list[InboxFile]:
    """Every outbound file by its name, oldest first. Raises `Unavailable` when the folder cannot be read."""
    try:
        found = [file for path in inbox.iterdir() if (file := _file(path)) is not None]
    except OSError as error:
        raise Unavailable("The inbox for ESR's files cannot be read.", code="inbox_unreadable") from error
    return sorted(found, key=lambda file: (file.sequence, file.modified_ns))


def _file(path: Path) -> InboxFile | None:
    """An outbound file; None for what is none, or was taken away while we looked."""
    if not (named := _NAME.fullmatch(path.name)) or not path.is_file():
        return None
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return InboxFile(path, int(named[1]), stat.st_size, stat.st_mtime_ns)


def _again(tries: Sequence[ImportRow], last: int | None, now: datetime) -> bool:
    """Whether a file that was looked at is to be looked at again.

    A failure comes again ever more seldom. A delta that came too early comes again when it is its turn.
    """
    newest = tries[-1]
    if newest.state == ImportState.FAILED:
        failures = sum(row.state == ImportState.FAILED for row in tries)
        pause = min(timedelta(minutes=2 ** min(failures, 10)), _LONGEST_PAUSE)
        return newest.started_at + pause <= now
    too_early = newest.state == ImportState.REFUSED and newest.code == RefusedFor.MISSING
    return too_early and last is not None and newest.sequence == last + 1
