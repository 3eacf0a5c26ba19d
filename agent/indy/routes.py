"""The organisation's DID on the ledger, over HTTP."""

from aiohttp import web

from agent.domain.actors import Permission
from agent.domain.ports.audit import Audit
from agent.domain.workforce import Organisation
from agent.indy.ledger_did import LedgerIdentity
from agent.routing import Answer, Call, RouteTable

ROUTES = RouteTable("indy")


class LedgerDidAnswer(Answer):
    """The DID, and the key that a trustee or endorser of the ledger registers for it."""

    did: str
    verkey: str
    registered: bool


@ROUTES.post(
    "/organisation/ledger-did",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Make the organisation's DID on the ledger; once the ledger has it, make it ready to write",
    answer=LedgerDidAnswer,
)
async def ensure_ledger_did(call: Call[None]) -> LedgerDidAnswer:
    """Every call answers the same DID, and whether the ledger has it now."""
    own = call.inject(Organisation)
    audit = call.inject(Audit)
    async with audit.recording("make ledger DID", actor=call.actor.id, subject=own.ods_code):
        found = await call.inject(LedgerIdentity).ensure()
    return LedgerDidAnswer(did=found.did, verkey=found.verkey, registered=found.registered)


async def register(app: web.Application) -> None:
    """Serve the routes."""
    ROUTES.register(app)
