"""The organisation's own routes, and the guard before everybody's."""

from aiohttp import web

from agent.domain.actors import Permission
from agent.domain.ports.audit import Audit
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.workforce import Organisation
from agent.organisation.admin_port import guard
from agent.organisation.audit_routes import AUDIT_ROUTES
from agent.organisation.duties.routes import DUTY_ROUTES
from agent.organisation.event_stream import EVENT_ROUTES
from agent.organisation.local_settings_routes import LOCAL_SETTINGS_ROUTES
from agent.organisation.notification_routes import NOTIFICATION_ROUTES
from agent.organisation.overview_routes import OVERVIEW_ROUTES
from agent.organisation.people.routes import PEOPLE_ROUTES
from agent.organisation.registration.routes import REGISTRATION_ROUTES
from agent.organisation.registration.service import Registration
from agent.routing import Answer, Call, RouteTable

ROUTES = RouteTable("organisation")
for _each in (
    PEOPLE_ROUTES,
    REGISTRATION_ROUTES,
    NOTIFICATION_ROUTES,
    LOCAL_SETTINGS_ROUTES,
    DUTY_ROUTES,
    AUDIT_ROUTES,
    EVENT_ROUTES,
    OVERVIEW_ROUTES,
):
    ROUTES.include(_each)


class OrganisationAnswer(Answer):
    """The data controller for whom this agent speaks."""

    ods_code: str
    name: str
    vpd: str | None
    did: str | None


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
    summary="Publish the organisation's DID anew; the operator's is made here, any other at activation",
    answer=OrganisationAnswer,
)
async def ensure_did(call: Call[None]) -> OrganisationAnswer:
    """Every call answers the same DID. Raises for an organisation that is not active."""
    await call.inject(Registration).require_active()
    audit = call.inject(Audit)
    own = call.inject(Organisation)
    async with audit.recording("publish organisation DID", actor=call.actor.id, subject=own.ods_code):
        did = await call.inject(OrganisationIdentity).ensure()
    return _answer(own, did)


def _answer(own: Organisation, did: str | None) -> OrganisationAnswer:
    return OrganisationAnswer(ods_code=own.ods_code, name=own.name, vpd=own.vpd, did=did)


async def register(app: web.Application) -> None:
    """Serve the routes, and nothing that is not ours."""
    guard(app)
    ROUTES.register(app)
