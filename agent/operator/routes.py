"""The operator's routes: organisations that apply, are decided on, suspended, restored, succeeded."""

from datetime import datetime

from aiohttp import web

from agent.audit.evidence import Evidence
from agent.domain.actors import Permission
from agent.domain.registration import Succession
from agent.domain.workforce import OdsCode
from agent.evidence_answer import EvidenceAnswer, evidence_answer
from agent.operator.records import ApplicationRow, ApplicationState
from agent.operator.requests import GiveReason, InviteOrganisation, RecordCallBack, RecordSuccession
from agent.operator.service import Applications, CallBack
from agent.paging import LIMIT, chosen, cursor, limit, position
from agent.qr import qr_svg
from agent.routing import Answer, Body, Call, RouteTable

ROUTES = RouteTable("operator")


class ApplicationAnswer(Answer):
    """One organisation's application. `status` is what was last stated of it, with our signature."""

    id: str
    ods_code: str
    state: ApplicationState
    invited_by: str
    invited_at: datetime
    invitation_expires_at: datetime
    comparison_code: str | None
    application: dict[str, object] | None
    received_at: datetime | None
    call_back: dict[str, object] | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    succession: dict[str, object] | None
    restore_asked_by: str | None
    restore_asked_at: datetime | None
    did: str | None
    trust_request: dict[str, object] | None
    trust_requested_at: datetime | None
    status: dict[str, object] | None


class ApplicationsAnswer(Answer):
    """A page of applications; pass `next` as `cursor` to go on."""

    applications: tuple[ApplicationAnswer, ...]
    next: str | None


class ApplicationInvitationAnswer(Answer):
    """The invitation, as a link and as a QR code."""

    url: str
    qr_svg: str


@ROUTES.post(
    "/applications",
    permission=Permission.APPLICATION_DECIDE,
    summary="Invite an organisation to register",
    body=InviteOrganisation,
    answer=ApplicationAnswer,
    status=201,
    idempotent=True,
)
async def invite_organisation(call: Call[InviteOrganisation]) -> ApplicationAnswer:
    """Make an invitation for one organisation."""
    row = await call.inject(Applications).invite(OdsCode(call.body.ods_code), by=call.actor)
    return await _application(call, row)


@ROUTES.get(
    "/applications",
    permission=Permission.APPLICATION_READ,
    summary="Organisations that were invited, newest first",
    answer=ApplicationsAnswer,
    query={"state": "only those in this state", **LIMIT},
)
async def applications(call: Call[None]) -> ApplicationsAnswer:
    """List applications."""
    most = limit(call.query)
    state = chosen(call.query, "state", ApplicationState)
    rows = await call.inject(Applications).page(state=state, after=position(call.query), limit=most)
    following = cursor((rows[-1].invited_at, rows[-1].id)) if len(rows) == most else None
    return ApplicationsAnswer(applications=tuple([_shown(row, None) for row in rows]), next=following)


@ROUTES.get(
    "/applications/{application}",
    permission=Permission.APPLICATION_READ,
    summary="One organisation's application, with the code to compare",
    answer=ApplicationAnswer,
)
async def application(call: Call[None]) -> ApplicationAnswer:
    """Tell of one application."""
    return await _application(call, await call.inject(Applications).get(call.path["application"]))


@ROUTES.get(
    "/applications/{application}/invitation",
    permission=Permission.APPLICATION_DECIDE,
    summary="The invitation while nobody has taken it up",
    answer=ApplicationInvitationAnswer,
)
async def application_invitation(call: Call[None]) -> ApplicationInvitationAnswer:
    """Show the invitation."""
    url = await call.inject(Applications).invitation(call.path["application"])
    return ApplicationInvitationAnswer(url=url, qr_svg=await qr_svg(url))


@ROUTES.get(
    "/applications/{application}/evidence",
    permission=Permission.APPLICATION_READ,
    summary="Every call back and every decision, as they were, oldest first",
    answer=EvidenceAnswer,
)
async def application_evidence(call: Call[None]) -> EvidenceAnswer:
    """Show how it came to be decided."""
    row = await call.inject(Applications).get(call.path["application"])
    return evidence_answer(await call.inject(Evidence).of(row.id))


@ROUTES.post(
    "/applications/{application}/call-back",
    permission=Permission.APPLICATION_DECIDE,
    summary="Record how it was checked that the organisation itself applies",
    body=RecordCallBack,
    answer=ApplicationAnswer,
)
async def record_call_back(call: Call[RecordCallBack]) -> ApplicationAnswer:
    """Keep who called whom, and compare the code that they read out."""
    said = call.body
    call_back = CallBack(said.number, said.number_from, said.spoke_to, said.code, said.confirmed)
    row = await call.inject(Applications).called_back(call.path["application"], call_back, by=call.actor)
    return await _application(call, row)


@ROUTES.post(
    "/applications/{application}/approval",
    permission=Permission.APPLICATION_DECIDE,
    summary="Register the organisation as a data controller",
    answer=ApplicationAnswer,
)
async def approve(call: Call[None]) -> ApplicationAnswer:
    """Approve."""
    return await _application(
        call, await call.inject(Applications).approve(call.path["application"], by=call.actor)
    )


@ROUTES.post(
    "/applications/{application}/refusal",
    permission=Permission.APPLICATION_DECIDE,
    summary="Decline, with a reason; the organisation may mend it and apply again",
    body=GiveReason,
    answer=ApplicationAnswer,
)
async def decline(call: Call[GiveReason]) -> ApplicationAnswer:
    """Decline."""
    row = await call.inject(Applications).decline(call.path["application"], call.body.reason, by=call.actor)
    return await _application(call, row)


@ROUTES.post(
    "/applications/{application}/closure",
    permission=Permission.APPLICATION_DECIDE,
    summary="End an application for good, with a reason; the organisation may be invited anew",
    body=GiveReason,
    answer=ApplicationAnswer,
)
async def close_application(call: Call[GiveReason]) -> ApplicationAnswer:
    """Close."""
    row = await call.inject(Applications).close(call.path["application"], call.body.reason, by=call.actor)
    return await _application(call, row)


@ROUTES.post(
    "/applications/{application}/suspension",
    permission=Permission.APPLICATION_DECIDE,
    summary="Suspend a registered organisation, with a reason: it issues nothing until it is restored",
    body=GiveReason,
    answer=ApplicationAnswer,
)
async def suspend_organisation(call: Call[GiveReason]) -> ApplicationAnswer:
    """Suspend."""
    row = await call.inject(Applications).suspend(call.path["application"], call.body.reason, by=call.actor)
    return await _application(call, row)


@ROUTES.post(
    "/applications/{application}/restoration-request",
    permission=Permission.APPLICATION_DECIDE,
    summary="Ask for a suspended organisation to be restored; another person has to agree",
    answer=ApplicationAnswer,
)
async def ask_to_restore(call: Call[None]) -> ApplicationAnswer:
    """Ask."""
    row = await call.inject(Applications).ask_to_restore(call.path["application"], by=call.actor)
    return await _application(call, row)


@ROUTES.post(
    "/applications/{application}/restoration",
    permission=Permission.APPLICATION_DECIDE,
    summary="Restore what another person asked to have restored",
    answer=ApplicationAnswer,
)
async def restore_organisation(call: Call[None]) -> ApplicationAnswer:
    """Agree."""
    return await _application(
        call, await call.inject(Applications).restore(call.path["application"], by=call.actor)
    )


@ROUTES.post(
    "/applications/{application}/succession",
    permission=Permission.APPLICATION_DECIDE,
    summary="Record who takes the organisation's place, and until when its credentials count",
    body=RecordSuccession,
    answer=ApplicationAnswer,
)
async def record_succession(call: Call[RecordSuccession]) -> ApplicationAnswer:
    """Record it."""
    said = call.body
    succession = Succession(OdsCode(said.successor), said.on, said.credentials_until)
    row = await call.inject(Applications).succeed(call.path["application"], succession, by=call.actor)
    return await _application(call, row)


async def _application(call: Call[None] | Call[Body], row: ApplicationRow) -> ApplicationAnswer:
    return _shown(row, await call.inject(Applications).code(row))


def _shown(row: ApplicationRow, code: str | None) -> ApplicationAnswer:
    plain = ApplicationAnswer.model_fields.keys() - {"comparison_code"}
    told = {name: getattr(row, name) for name in plain}
    return ApplicationAnswer.model_validate(told | {"comparison_code": code})


async def register(app: web.Application) -> None:
    """Serve the routes."""
    ROUTES.register(app)
