"""Outbound files over HTTP: have what is new imported, and see what became of each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent.domain.actors import Permission
from agent.esr_feed.jobs import ImportState
from agent.esr_feed.rejections import SENTENCES, Reason
from agent.esr_plugin.feed import StaffFeed
from agent.esr_plugin.feed_records import ImportRow
from agent.esr_plugin.imports import Imports
from agent.paging import LIMIT, chosen, cursor, limit, position
from agent.routing import Answer, Call, RouteTable

FEED_ROUTES = RouteTable("esr_plugin")


class RejectedLineAnswer(Answer):
    """A line that could not be taken: where, and why; never what stands there."""

    line: int
    column: str | None
    code: Reason
    sentence: str


class ImportSummary(Answer):
    """One file that was looked at."""

    id: str
    file_name: str
    kind: str | None
    sequence: int | None
    state: ImportState
    code: str | None
    rejected_count: int
    started_at: datetime
    ended_at: datetime | None


class ImportAnswer(ImportSummary):
    """The same with its digest, how much of it was new, and the first thousand lines that were not taken."""

    digest: str | None
    counts: dict[str, Any]
    rejected: tuple[RejectedLineAnswer, ...]


class ImportsAnswer(Answer):
    """A page of imports; pass `next` as `cursor` to go on."""

    imports: tuple[ImportSummary, ...]
    next: str | None


class ImportRunAnswer(Answer):
    """What was imported now, and whether a new day began for the staff that is known."""

    imports: tuple[str, ...]
    new_day: bool


@FEED_ROUTES.post(
    "/esr/imports",
    permission=Permission.ESR_IMPORT,
    summary="Import the outbound files that are new in the inbox, oldest first, and go on to today",
    answer=ImportRunAnswer,
)
async def import_files(call: Call[None]) -> ImportRunAnswer:
    """Under the organisation's standing authority, whoever has it done."""
    done = await call.inject(StaffFeed).catch_up()
    return ImportRunAnswer(imports=done.imports, new_day=done.rolled)


@FEED_ROUTES.get(
    "/esr/imports",
    permission=Permission.ESR_IMPORT_READ,
    summary="List imports of outbound files, newest first",
    answer=ImportsAnswer,
    query={"state": "only those in this state", **LIMIT},
)
async def list_imports(call: Call[None]) -> ImportsAnswer:
    most = limit(call.query)
    state, after = chosen(call.query, "state", ImportState), position(call.query)
    rows = await call.inject(Imports).page(state=state, after=after, limit=most)
    following = cursor((rows[-1].started_at, rows[-1].id)) if len(rows) == most else None
    return ImportsAnswer(imports=tuple(ImportSummary(**_summary(row)) for row in rows), next=following)


@FEED_ROUTES.get(
    "/esr/imports/{import}",
    permission=Permission.ESR_IMPORT_READ,
    summary="Show an import, with the lines that could not be taken",
    answer=ImportAnswer,
)
async def show_import(call: Call[None]) -> ImportAnswer:
    row = await call.inject(Imports).get(call.path["import"])
    rejected = tuple(_rejected(*each) for each in row.rejected)
    return ImportAnswer(**_summary(row), digest=row.digest, counts=row.counts, rejected=rejected)


def _summary(row: ImportRow) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in ImportSummary.model_fields}


def _rejected(line: int, column: str | None, code: str) -> RejectedLineAnswer:
    reason = Reason(code)
    return RejectedLineAnswer(line=line, column=column, code=reason, sentence=SENTENCES[reason])
