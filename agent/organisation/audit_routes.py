"""The audit's routes: search, export, checkpoints and proofs. Whoever reads it stands in it, too."""

import base64
import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from agent.audit.chain import AuditChain, AuditEntry, Wanted, told
from agent.audit.checkpoints import AuditCheckpoints, CheckpointRow
from agent.domain.actors import Permission
from agent.domain.errors import Conflict, InvalidInput
from agent.domain.ports.audit import Audit
from agent.domain.workforce import Organisation
from agent.paging import CHAIN_PAGE, LARGEST, chain_page, instant, whole
from agent.routing import Answer, Call, Download, RouteTable
from signed_documents.audit_chains import exported

AUDIT_ROUTES = RouteTable("organisation")
FILTERS = {
    "action": "only entries of exactly this action",
    "actor": "only entries of this actor",
    "subject": "only entries about the passport, review, person or other thing with this identifier",
    "since": "only entries from this instant on",
    "before": "only entries before this instant",
}
_BATCH = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class AuditEntryAnswer(Answer):
    """One link of the audit chain; `subject` is a salted reference."""

    sequence: int
    intent: str
    phase: str
    action: str
    actor: str
    subject: str
    outcome: str | None
    code: str | None
    request: str
    at: datetime
    previous: str
    hash: str


class AuditEntriesAnswer(Answer):
    """A page of the chain; pass `next` as `after` to go on."""

    entries: tuple[AuditEntryAnswer, ...]
    next: int | None


class ActionsAnswer(Answer):
    """What a search can ask for by `action`."""

    actions: tuple[str, ...]


class CheckpointAnswer(Answer):
    """How long the chain was, and the signed note that says what it came to then."""

    size: int
    at: datetime
    note: str


class CheckpointsAnswer(Answer):
    """A page of the checkpoints; pass `next` as `after` to go on."""

    checkpoints: tuple[CheckpointAnswer, ...]
    next: int | None


class AuditStateAnswer(Answer):
    """How long the chain is, and how much of it was signed last, and when; null while nothing was."""

    entries: int
    signed: int | None
    signed_at: datetime | None


class InclusionAnswer(Answer):
    """That an entry stands in the chain of `size` entries: RFC 6962, leaf `sequence` - 1, of `entry_hash`."""

    sequence: int
    entry_hash: str
    size: int
    proof: tuple[str, ...]


class ConsistencyAnswer(Answer):
    """That the chain of `later` entries begins with that of `earlier` (RFC 6962)."""

    earlier: int
    later: int
    proof: tuple[str, ...]


@AUDIT_ROUTES.get(
    "/audit/entries",
    permission=Permission.AUDIT_READ,
    summary="The audit chain, oldest first",
    answer=AuditEntriesAnswer,
    query={**CHAIN_PAGE, **FILTERS},
)
async def audit_entries(call: Call[None]) -> AuditEntriesAnswer:
    """Give one page of the chain."""
    (after, limit), wanted = chain_page(call.query), _wanted(call)
    await _record(call, "search audit")
    entries = await call.inject(AuditChain).entries(wanted, after=after, limit=limit)
    following = entries[-1].sequence if len(entries) == limit else None
    return AuditEntriesAnswer(entries=tuple(map(_entry, entries)), next=following)


@AUDIT_ROUTES.get(
    "/audit/actions",
    permission=Permission.AUDIT_READ,
    summary="Every action that the chain has an entry of, by the alphabet",
    answer=ActionsAnswer,
)
async def audit_actions(call: Call[None]) -> ActionsAnswer:
    """Name the actions; who did any of them is not told."""
    return ActionsAnswer(actions=tuple(await call.inject(AuditChain).actions()))


@AUDIT_ROUTES.download(
    "/audit/export",
    permission=Permission.AUDIT_EXPORT,
    summary="The audit chain as a file: every entry as it is hashed, or a table for people",
    content_types=("application/jsonl", "text/csv"),
    query={"format": "jsonl (the default) or csv", "until": "the last sequence number", **FILTERS},
)
async def audit_export(call: Call[None]) -> Download:
    """Send the chain as it was when it was asked for."""
    form, until, wanted = (
        call.query.get("format", "jsonl"),
        whole(call.query, "until", LARGEST),
        _wanted(call),
    )
    if form not in ("jsonl", "csv"):
        raise InvalidInput("An export is jsonl or csv.", fields={"format": "one of jsonl, csv"})
    await _record(call, "export audit")
    chain = call.inject(AuditChain)
    until = min(until, await chain.length())
    name = f"audit-{call.inject(Organisation).ods_code}-{until}.{form}"
    batches = _batches(chain, wanted, until)
    if form == "csv":
        return Download("text/csv; charset=utf-8", name, _table(batches))
    return Download("application/jsonl", name, _json_lines(batches))


@AUDIT_ROUTES.post(
    "/audit/checkpoints",
    permission=Permission.AUDIT_CHECKPOINT,
    summary="Sign what the chain comes to now, and publish it",
    answer=CheckpointAnswer,
)
async def make_checkpoint(call: Call[None]) -> CheckpointAnswer:
    """Do at once what is done every few minutes; the checkpoint covers the entries of this call."""
    checkpoints = call.inject(AuditCheckpoints)
    await _record(call, "sign audit")
    made = await checkpoints.sign()
    if made is None:
        raise Conflict("There is nothing to sign yet.", code="nothing_to_sign")
    return _checkpoint(made)


@AUDIT_ROUTES.get(
    "/audit/checkpoints",
    permission=Permission.AUDIT_READ,
    summary="The signed checkpoints of the chain, the shortest first",
    answer=CheckpointsAnswer,
    query={"after": "the size to go on from", "limit": "how many, at most 500"},
)
async def audit_checkpoints(call: Call[None]) -> CheckpointsAnswer:
    """Give one page of the checkpoints."""
    after, limit = chain_page(call.query)
    found = await call.inject(AuditCheckpoints).all(after=after, limit=limit)
    following = found[-1].size if len(found) == limit else None
    return CheckpointsAnswer(checkpoints=tuple(map(_checkpoint, found)), next=following)


@AUDIT_ROUTES.get(
    "/audit/state",
    permission=Permission.AUDIT_READ,
    summary="How many entries the chain has, and how many of them were signed last",
    answer=AuditStateAnswer,
)
async def audit_state(call: Call[None]) -> AuditStateAnswer:
    """Tell how far it was signed. Asking leaves no entry: it would say of itself that it is not signed."""
    newest = await call.inject(AuditCheckpoints).newest()
    return AuditStateAnswer(
        entries=await call.inject(AuditChain).length(),
        signed=None if newest is None else newest.size,
        signed_at=None if newest is None else newest.at,
    )


@AUDIT_ROUTES.get(
    "/audit/entries/{sequence}/inclusion",
    permission=Permission.AUDIT_READ,
    summary="The proof that an entry stands in the chain of a checkpoint",
    answer=InclusionAnswer,
    query={"size": "the checkpoint's"},
)
async def inclusion(call: Call[None]) -> InclusionAnswer:
    """Prove one entry."""
    proof = await call.inject(AuditCheckpoints).inclusion(_sequence(call), whole(call.query, "size", None))
    return InclusionAnswer(
        sequence=proof.sequence, entry_hash=proof.entry_hash, size=proof.size, proof=_encoded(proof.hashes)
    )


@AUDIT_ROUTES.get(
    "/audit/consistency",
    permission=Permission.AUDIT_READ,
    summary="The proof that the chain of one checkpoint begins with that of another",
    answer=ConsistencyAnswer,
    query={"earlier": "the size of one", "later": "the size of the other"},
)
async def consistency(call: Call[None]) -> ConsistencyAnswer:
    """Prove that nothing was changed between two checkpoints."""
    earlier, later = whole(call.query, "earlier", None), whole(call.query, "later", None)
    proof = await call.inject(AuditCheckpoints).consistency(earlier, later)
    return ConsistencyAnswer(earlier=earlier, later=later, proof=_encoded(proof))


async def _record(call: Call[None], action: str) -> None:
    """Enter it before it is done, so that what is read or signed has it."""
    async with call.inject(Audit).recording(
        action, actor=call.actor.id, subject=call.inject(Organisation).ods_code
    ):
        pass


async def _batches(chain: AuditChain, wanted: Wanted, until: int) -> AsyncIterator[Sequence[AuditEntry]]:
    """The entries up to `until`, some at a time: an export is as long as the chain."""
    after = 0
    while entries := await chain.entries(wanted, after=after, limit=_BATCH, until=until):
        yield entries
        after = entries[-1].sequence


async def _json_lines(batches: AsyncIterator[Sequence[AuditEntry]]) -> AsyncIterator[bytes]:
    async for entries in batches:
        yield b"".join(exported(told(entry)) for entry in entries)


async def _table(batches: AsyncIterator[Sequence[AuditEntry]]) -> AsyncIterator[bytes]:
    out = io.StringIO()
    table = csv.DictWriter(out, list(AuditEntryAnswer.model_fields), extrasaction="ignore")
    table.writeheader()
    yield _taken(out)
    async for entries in batches:
        table.writerows({name: _cell(value) for name, value in told(entry).items()} for entry in entries)
        yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    """What was written, which is then no longer there."""
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()


def _cell(value: object) -> object:
    """What a spreadsheet shows as it is: it would run what looks like a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _entry(entry: AuditEntry) -> AuditEntryAnswer:
    return AuditEntryAnswer(**{name: getattr(entry, name) for name in AuditEntryAnswer.model_fields})


def _checkpoint(row: CheckpointRow) -> CheckpointAnswer:
    return CheckpointAnswer(size=row.size, at=row.at, note=row.note)


def _encoded(hashes: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(base64.b64encode(each).decode() for each in hashes)


def _wanted(call: Call[None]) -> Wanted:
    subject = call.query.get("subject")
    return Wanted(
        call.query.get("action"),
        call.query.get("actor"),
        instant(call.query, "since"),
        instant(call.query, "before"),
        None if subject is None else call.inject(AuditChain).reference(subject),
    )


def _sequence(call: Call[None]) -> int:
    text = call.path["sequence"]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST)) else 0
