"""The trust list and the national schemas over HTTP."""

from aiohttp import web

from agent.domain.actors import Permission
from agent.domain.credentials import CredentialType
from agent.domain.errors import NotFound
from agent.domain.ports.audit import Audit
from agent.domain.ports.trust import TrustList
from agent.routing import Answer, Call, RouteTable
from agent.trust.national_schemas import NationalSchemas

ROUTES = RouteTable("trust")


class SchemasAnswer(Answer):
    """The AnonCreds schema id of each national credential type, and the JSON-LD contexts of all."""

    ids: dict[CredentialType, str]
    contexts: tuple[str, ...]


class TrustedOrganisationAnswer(Answer):
    """One registered organisation, and what it may do."""

    did: str
    ods_code: str
    name: str
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
    return TrustedOrganisationAnswer(
        did=found.did,
        ods_code=found.ods_code,
        name=found.name,
        may_issue=tuple(sorted(found.may_issue)),
        may_ask=tuple(sorted(found.may_ask)),
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


async def register(app: web.Application) -> None:
    """Serve the routes."""
    ROUTES.register(app)
