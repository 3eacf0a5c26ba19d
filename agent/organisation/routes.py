"""The organisation's own routes, and the guard before everybody's."""

from datetime import datetime

from aiohttp import web

from agent.audit import AuditChain, AuditEntry
from agent.domain.actors import Permission
from agent.domain.errors import InvalidInput
from agent.domain.ports.audit import Audit
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.workforce import Organisation
from agent.organisation.admin_port import guard
from agent.paging import instant
from agent.routing import Answer, Call, RouteTable

ROUTES = RouteTable("organisation")


class OrganisationAnswer(Answer):
    """The data controller for whom this agent speaks."""

    ods_code: str
    name: str
    vpd: str | None
    did: str | None


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


@ROUTES.get(
    "/organisation",
    permission=Permission.ORGANISATION_READ,
    summary="The organisation for which this agent speaks",
    answer=OrganisationAnswer,
)
async def organisation(call: Call[None]) -> OrganisationAnswer:
    """Tell who this agent speaks for."""
    return _answer(call.inject(Organisation), await call.inject(OrganisationIdentity).did())


@ROUTES.post(
    "/organisation/did",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Make and publish the organisation's DID, unless it has one",
    answer=OrganisationAnswer,
)
async def ensure_did(call: Call[None]) -> OrganisationAnswer:
    """Make the DID once; every later call answers the same one."""
    audit = call.inject(Audit)
    own = call.inject(Organisation)
    async with audit.recording("publish organisation DID", actor=call.actor.id, subject=own.ods_code):
        did = await call.inject(OrganisationIdentity).ensure()
    return _answer(own, did)


@ROUTES.get(
    "/audit/entries",
    permission=Permission.AUDIT_READ,
    summary="The audit chain, oldest first",
    answer=AuditEntriesAnswer,
    query={
        "after": "the sequence number to go on from",
        "limit": "how many, at most 500",
        "action": "only entries of exactly this action",
        "actor": "only entries of this actor",
        "since": "only entries from this instant on",
    },
)
async def audit_entries(call: Call[None]) -> AuditEntriesAnswer:
    """Give one page of the chain."""
    after, limit = _whole_number(call, "after", 0, 2**31 - 1), _whole_number(call, "limit", 100, 500)
    entries = await call.inject(AuditChain).entries(
        after=after,
        limit=limit,
        action=call.query.get("action"),
        actor=call.query.get("actor"),
        since=instant(call.query, "since"),
    )
    following = entries[-1].sequence if len(entries) == limit else None
    return AuditEntriesAnswer(entries=tuple(map(_entry, entries)), next=following)


def _entry(entry: AuditEntry) -> AuditEntryAnswer:
    return AuditEntryAnswer(**{name: getattr(entry, name) for name in AuditEntryAnswer.model_fields})


def _answer(own: Organisation, did: str | None) -> OrganisationAnswer:
    return OrganisationAnswer(ods_code=own.ods_code, name=own.name, vpd=own.vpd, did=did)


def _whole_number(call: Call[None], name: str, default: int, most: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or int(text) > most:
        raise InvalidInput(
            f"{name} is a whole number up to {most}.", fields={name: "not a whole number in range"}
        )
    return int(text)


async def register(app: web.Application) -> None:
    """Serve the routes, and nothing that is not ours."""
    guard(app)
    ROUTES.register(app)
