"""The trust list and the national schemas over HTTP."""

from aiohttp import web

from agent.domain.actors import Permission
from agent.domain.clock import utc_now
from agent.domain.credentials import CredentialType
from agent.domain.errors import NotFound
from agent.domain.ports.audit import Audit
from agent.domain.ports.trust import OrganisationStatus, TrustList
from agent.routing import Answer, Call, RouteTable
from agent.trust import operator_routes as operators
from agent.trust.national_schemas import NationalSchemas

ROUTES = RouteTable("trust")


class SchemasAnswer(Answer):
    """The AnonCreds schema id of each national credential type, and the JSON-LD contexts of all."""

    ids: dict[CredentialType, str]
    contexts: tuple[str, ...]


class TrustedOrganisationAnswer(Answer):
    """One registered organisation, how it stands, and what it may do now."""

    did: str
    ods_code: str
    name: str
    status: OrganisationStatus
    may_issue: tuple[CredentialType, ...]
    may_ask: tuple[CredentialType, ...]


@ROUTES.get(
    "/trusted-organisations/{did}",
    permission=Permission.ORGANISATION_READ,
    summary="The trust list's entry for a DID",
    answer=TrustedOrganisationAnswer,
)
async def trusted_organisation(call: Call[None]) -> TrustedOrganisationAnswer:
    """Tell what the list says of one DID."""
    found = await call.inject(TrustList).organisation(call.path["did"])
    if found is None:
        raise NotFound("This DID is not on the trust list.")
    now = utc_now()
    return TrustedOrganisationAnswer(
        did=found.did,
        ods_code=found.ods_code,
        name=found.name,
        status=found.status(now),
        may_issue=tuple(each for each in CredentialType if found.may_issue([each], now)),
        may_ask=tuple(each for each in CredentialType if found.may_ask([each], now)),
    )


@ROUTES.post(
    "/national-schemas",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Publish the national schemas, as the operator alone may; again does no harm",
    answer=SchemasAnswer,
)
async def publish_schemas(call: Call[None]) -> SchemasAnswer:
    """Publish every national schema."""
    national, audit = call.inject(NationalSchemas), call.inject(Audit)
    ids = {}
    for credential in CredentialType:
        async with audit.recording("publish schema", actor=call.actor.id, subject=credential):
            ids[credential] = await national.publish(credential)
    async with audit.recording("publish contexts", actor=call.actor.id, subject="contexts"):
        contexts = await national.publish_contexts()
    return SchemasAnswer(ids=ids, contexts=tuple(contexts))


ROUTES.include(operators.ROUTES)


async def register(app: web.Application) -> None:
    """Serve the routes."""
    ROUTES.register(app)
