"""Passports and credentials over HTTP."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from aiohttp import web

import schemas
from agent.audit.views import Views
from agent.domain.actors import Permission
from agent.domain.credentials import Claims, CredentialState, CredentialType, RevocationReason
from agent.domain.passport import ConfirmationMethod, PassportState
from agent.domain.ports.audit import Audit
from agent.domain.ports.exchanges import CredentialDefinitions
from agent.domain.ports.staff_records import SearchId
from agent.domain.workforce import AssignmentNumber
from agent.issuer.confirmation import Confirmation
from agent.issuer.mass_revocation import MassRevocations, MassRevocationState
from agent.issuer.passports import Passports
from agent.issuer.preview import Preview, Previews
from agent.issuer.records import CredentialRow, MassRevocationRow, PassportRow
from agent.issuer.requests import (
    AskForMassRevocation,
    CompareCode,
    CreatePassport,
    Revoke,
    passport_filter,
)
from agent.issuer.service import EmploymentIssuance
from agent.issuer.status_lists import StatusListKeeping
from agent.paging import LIMIT, chosen, cursor, limit, position
from agent.qr import qr_svg
from agent.routing import Answer, Call, RouteTable

ROUTES = RouteTable("issuer")


class PublishedAnswer(Answer):
    """The AnonCreds id of each credential type."""

    ids: dict[CredentialType, str]


class PassportAnswer(Answer):
    """A passport, without its credentials."""

    id: str
    state: PassportState
    holder_name: str
    assignment_number: str
    staff_group: str | None
    employment_type: str | None
    created_by: str
    created_at: datetime
    invitation_expires_at: datetime
    wrong_codes: int
    confirmation: ConfirmationMethod | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    ended_for: str | None


class PassportsAnswer(Answer):
    """A page of passports; pass `next` as `cursor` to go on."""

    passports: tuple[PassportAnswer, ...]
    next: str | None


class PassportKindsAnswer(Answer):
    """What a list can be narrowed to: as the assignments had it when the passports were made."""

    staff_groups: tuple[str, ...]
    employment_types: tuple[str, ...]


class InvitationAnswer(Answer):
    """The invitation, as a link and as a QR code of that link (SVG)."""

    url: str
    qr_svg: str


class OneTimeCodeAnswer(Answer):
    """The code to send to the person by another channel; it is told this once."""

    code: str
    expires_at: datetime


class CredentialAnswer(Answer):
    """A credential's state; its claims are with its holder."""

    id: str
    passport: str
    type: CredentialType
    state: CredentialState
    suspended: bool
    reason: str | None
    comment: str | None
    offered_by: str
    offered_at: datetime
    changed_at: datetime
    expires_at: datetime | None


class CredentialsAnswer(Answer):
    """A page of a passport's credentials, oldest first; pass `next` as `cursor` to go on."""

    credentials: tuple[CredentialAnswer, ...]
    next: str | None = None


@ROUTES.post(
    "/organisation/credential-definitions",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Publish this organisation's credential definitions and status lists; again does no harm",
    answer=PublishedAnswer,
)
async def publish_definitions(call: Call[None]) -> PublishedAnswer:
    """Publish a definition for every national schema; key generation uses what cores there are."""

    async def publish(credential: CredentialType) -> str:
        async with call.inject(Audit).recording(
            "publish definition", actor=call.actor.id, subject=credential
        ):
            return await call.inject(CredentialDefinitions).publish_definition(credential)

    ids = await asyncio.gather(*map(publish, CredentialType))
    async with call.inject(Audit).recording("publish status lists", actor=call.actor.id, subject="status"):
        await call.inject(StatusListKeeping).have_published()
    return PublishedAnswer(ids=dict(zip(CredentialType, ids, strict=True)))


class MassRevocationAnswer(Answer):
    """Passports that somebody wants to end all at once, and what became of it."""

    id: str
    passports: tuple[str, ...]
    reason: RevocationReason
    state: MassRevocationState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class MassRevocationsAnswer(Answer):
    """A page of them; pass `next` as `cursor` to go on."""

    mass_revocations: tuple[MassRevocationAnswer, ...]
    next: str | None


class PreviewedClaimAnswer(Answer):
    """One claim, and what people call it; an optional one that is absent is empty."""

    name: str
    label: str
    type: schemas.ClaimType
    value: str


class PreviewedCredentialAnswer(Answer):
    """What one credential would say."""

    type: CredentialType
    title: str
    claims: tuple[PreviewedClaimAnswer, ...]


class IssuanceRefusalAnswer(Answer):
    """A rule that an offer would break, and who can mend that."""

    code: str
    sentence: str
    mended_by: str | None


class PreviewAnswer(Answer):
    """What a passport's credentials would say, and why they could not be offered today."""

    credentials: tuple[PreviewedCredentialAnswer, ...]
    refusals: tuple[IssuanceRefusalAnswer, ...]


@ROUTES.post(
    "/passport-previews",
    permission=Permission.PASSPORT_CREATE,
    summary="What a passport for this person and assignment would say; nothing is made or kept",
    body=CreatePassport,
    answer=PreviewAnswer,
)
async def preview(call: Call[CreatePassport]) -> PreviewAnswer:
    """Read the staff record, and tell what would be made of it."""
    number = AssignmentNumber(call.body.assignment_number)
    return _preview(await call.inject(Previews).of(SearchId(call.body.search), number, by=call.actor))


@ROUTES.post(
    "/passports",
    permission=Permission.PASSPORT_CREATE,
    summary="Create a passport for the person who was found, with the assignment that was chosen",
    body=CreatePassport,
    answer=PassportAnswer,
    status=201,
    idempotent=True,
)
async def create_passport(call: Call[CreatePassport]) -> PassportAnswer:
    """Create the passport; its invitation has a route of its own."""
    number = AssignmentNumber(call.body.assignment_number)
    row = await call.inject(Passports).create(SearchId(call.body.search), number, by=call.actor)
    return _passport(row)


@ROUTES.get(
    "/passports",
    permission=Permission.PASSPORT_READ,
    summary="Passports, newest first",
    answer=PassportsAnswer,
    query={
        "state": "only those in this state",
        "staff_group": "only those of this staff group",
        "employment_type": "only those with this assignment category",
        "name": "only those on which a word of the name begins with each of these; accents do not count",
        **LIMIT,
    },
)
async def passports(call: Call[None]) -> PassportsAnswer:
    """List passports."""
    most = limit(call.query)
    wanted = passport_filter(call.query)
    rows = await call.inject(Passports).page(wanted, after=position(call.query), limit=most)
    following = cursor((rows[-1].created_at, rows[-1].id)) if len(rows) == most else None
    return PassportsAnswer(passports=tuple(map(_passport, rows)), next=following)


@ROUTES.get(
    "/passports/kinds",
    permission=Permission.PASSPORT_READ,
    summary="The staff groups and employment types that passports have",
    answer=PassportKindsAnswer,
)
async def passport_kinds(call: Call[None]) -> PassportKindsAnswer:
    """Tell what a list can be narrowed to."""
    kinds = await call.inject(Passports).kinds()
    return PassportKindsAnswer(
        staff_groups=tuple(kinds.staff_groups), employment_types=tuple(kinds.employment_types)
    )


@ROUTES.get(
    "/passports/{passport}",
    permission=Permission.PASSPORT_READ,
    summary="One passport",
    answer=PassportAnswer,
)
async def passport(call: Call[None]) -> PassportAnswer:
    """Tell of one passport, and who was told."""
    row = await call.inject(Passports).get(call.path["passport"])
    await call.inject(Views).saw("see passport", row.id, by=call.actor)
    return _passport(row)


@ROUTES.get(
    "/passports/{passport}/invitation",
    permission=Permission.PASSPORT_CREATE,
    summary="The passport's invitation while nobody has taken it up",
    answer=InvitationAnswer,
)
async def invitation(call: Call[None]) -> InvitationAnswer:
    """Show the invitation."""
    url = await call.inject(Passports).invitation(call.path["passport"])
    return InvitationAnswer(url=url, qr_svg=await qr_svg(url))


@ROUTES.post(
    "/passports/{passport}/compared-code",
    permission=Permission.PASSPORT_CONFIRM,
    summary="Confirm the connection by the code that the person reads out from their wallet",
    body=CompareCode,
    answer=PassportAnswer,
)
async def compare_code(call: Call[CompareCode]) -> PassportAnswer:
    """Compare what was keyed with what it must be."""
    return _passport(
        await call.inject(Confirmation).compare(call.path["passport"], call.body.code, by=call.actor)
    )


@ROUTES.post(
    "/passports/{passport}/one-time-code",
    permission=Permission.PASSPORT_CONFIRM,
    summary="Make a one-time code, which the person returns over the connection",
    answer=OneTimeCodeAnswer,
    status=201,
)
async def one_time_code(call: Call[None]) -> OneTimeCodeAnswer:
    """Make a code, and tell it this once."""
    made = await call.inject(Confirmation).new_one_time_code(call.path["passport"], by=call.actor)
    return OneTimeCodeAnswer(code=made.code, expires_at=made.expires_at)


@ROUTES.post(
    "/passports/{passport}/offers",
    permission=Permission.CREDENTIAL_OFFER,
    summary="Offer the holder every credential that the passport does not have yet",
    answer=CredentialsAnswer,
    status=201,
    idempotent=True,
)
async def offer(call: Call[None]) -> CredentialsAnswer:
    """Offer the credentials."""
    return _credentials(await call.inject(EmploymentIssuance).offer(call.path["passport"], by=call.actor))


@ROUTES.get(
    "/passports/{passport}/credentials",
    permission=Permission.PASSPORT_READ,
    summary="A passport's credentials, oldest first",
    answer=CredentialsAnswer,
    query={"state": "only those in this state", "type": "only those of this type", **LIMIT},
)
async def credentials(call: Call[None]) -> CredentialsAnswer:
    """List the credentials of one passport."""
    held, most = await call.inject(Passports).get(call.path["passport"]), limit(call.query)
    await call.inject(Views).saw("see passport", held.id, by=call.actor)
    rows = await call.inject(EmploymentIssuance).page(
        held.id,
        state=chosen(call.query, "state", CredentialState),
        kind=chosen(call.query, "type", CredentialType),
        after=position(call.query),
        limit=most,
    )
    following = cursor((rows[-1].offered_at, rows[-1].id)) if len(rows) == most else None
    return _credentials(rows, following)


@ROUTES.post(
    "/passports/{passport}/deactivation",
    permission=Permission.CREDENTIAL_REVOKE,
    summary="Revoke all of a passport's credentials, withdraw what was offered, and end it",
    body=Revoke,
    answer=PassportAnswer,
    idempotent=True,
)
async def deactivate(call: Call[Revoke]) -> PassportAnswer:
    """End a passport."""
    issuance = call.inject(EmploymentIssuance)
    return _passport(await issuance.deactivate(call.path["passport"], call.body.reason, by=call.actor))


@ROUTES.post(
    "/credentials/{credential}/revocation",
    permission=Permission.CREDENTIAL_REVOKE,
    summary="Revoke one credential",
    body=Revoke,
    answer=CredentialAnswer,
    idempotent=True,
)
async def revoke(call: Call[Revoke]) -> CredentialAnswer:
    """Take one credential back."""
    reason: RevocationReason = call.body.reason
    return _credential(
        await call.inject(EmploymentIssuance).revoke(call.path["credential"], reason, by=call.actor)
    )


@ROUTES.post(
    "/credentials/{credential}/suspension",
    permission=Permission.CREDENTIAL_REVOKE,
    summary="Suspend one credential: until it is reinstated, no host accepts it",
    answer=CredentialAnswer,
    idempotent=True,
)
async def suspend(call: Call[None]) -> CredentialAnswer:
    """Have one credential not count for a while."""
    return _credential(await call.inject(EmploymentIssuance).suspend(call.path["credential"], by=call.actor))


@ROUTES.post(
    "/credentials/{credential}/reinstatement",
    permission=Permission.CREDENTIAL_REVOKE,
    summary="Reinstate one credential that was suspended",
    answer=CredentialAnswer,
    idempotent=True,
)
async def reinstate(call: Call[None]) -> CredentialAnswer:
    """Have one credential count again."""
    return _credential(
        await call.inject(EmploymentIssuance).reinstate(call.path["credential"], by=call.actor)
    )


@ROUTES.post(
    "/mass-revocations",
    permission=Permission.CREDENTIAL_REVOKE,
    summary="Ask for many passports to be ended at once; another person has to agree",
    body=AskForMassRevocation,
    answer=MassRevocationAnswer,
    status=201,
    idempotent=True,
)
async def ask_for_mass_revocation(call: Call[AskForMassRevocation]) -> MassRevocationAnswer:
    """Ask."""
    said = call.body
    row = await call.inject(MassRevocations).ask(said.passports, said.reason, by=call.actor)
    return _mass_revocation(row)


@ROUTES.get(
    "/mass-revocations",
    permission=Permission.CREDENTIAL_REVOKE,
    summary="What was asked for, newest first",
    answer=MassRevocationsAnswer,
    query={"state": "only those in this state", **LIMIT},
)
async def mass_revocations(call: Call[None]) -> MassRevocationsAnswer:
    """List requests."""
    most = limit(call.query)
    rows = await call.inject(MassRevocations).page(
        state=chosen(call.query, "state", MassRevocationState), after=position(call.query), limit=most
    )
    following = cursor((rows[-1].asked_at, rows[-1].id)) if len(rows) == most else None
    return MassRevocationsAnswer(mass_revocations=tuple(map(_mass_revocation, rows)), next=following)


@ROUTES.get(
    "/mass-revocations/{revocation}",
    permission=Permission.CREDENTIAL_REVOKE,
    summary="One request",
    answer=MassRevocationAnswer,
)
async def mass_revocation(call: Call[None]) -> MassRevocationAnswer:
    """Tell of one request."""
    return _mass_revocation(await call.inject(MassRevocations).get(call.path["revocation"]))


@ROUTES.post(
    "/mass-revocations/{revocation}/agreement",
    permission=Permission.CREDENTIAL_REVOKE,
    summary="Agree to what another person asked for: every passport is ended",
    answer=MassRevocationAnswer,
)
async def agree_to_mass_revocation(call: Call[None]) -> MassRevocationAnswer:
    """Agree."""
    row = await call.inject(MassRevocations).agree(call.path["revocation"], by=call.actor)
    return _mass_revocation(row)


@ROUTES.post(
    "/mass-revocations/{revocation}/refusal",
    permission=Permission.CREDENTIAL_REVOKE,
    summary="Let it be",
    answer=MassRevocationAnswer,
)
async def refuse_mass_revocation(call: Call[None]) -> MassRevocationAnswer:
    """Refuse."""
    row = await call.inject(MassRevocations).refuse(call.path["revocation"], by=call.actor)
    return _mass_revocation(row)


def _mass_revocation(row: MassRevocationRow) -> MassRevocationAnswer:
    return MassRevocationAnswer.model_validate(
        {name: getattr(row, name) for name in MassRevocationAnswer.model_fields}
    )


def _preview(preview: Preview) -> PreviewAnswer:
    return PreviewAnswer(
        credentials=tuple(_previewed(kind, claims) for kind, claims in preview.claims.items()),
        refusals=tuple(
            IssuanceRefusalAnswer(code=each.code, sentence=each.sentence, mended_by=each.mended_by)
            for each in preview.refusals
        ),
    )


def _previewed(kind: CredentialType, claims: Claims) -> PreviewedCredentialAnswer:
    """Without what is known only when it is made."""
    definition = schemas.load(kind)
    told = [each for each in definition.claims if each.source is not schemas.ClaimSource.ISSUANCE]
    return PreviewedCredentialAnswer(
        type=kind,
        title=definition.title.en,
        claims=tuple(
            PreviewedClaimAnswer(name=each.name, label=each.label.en, type=each.type, value=claims[each.name])
            for each in told
        ),
    )


def _passport(row: PassportRow) -> PassportAnswer:
    return PassportAnswer.model_validate({name: getattr(row, name) for name in PassportAnswer.model_fields})


def _credential(row: CredentialRow) -> CredentialAnswer:
    return CredentialAnswer.model_validate(
        {name: getattr(row, name) for name in CredentialAnswer.model_fields}
    )


def _credentials(rows: Iterable[CredentialRow], following: str | None = None) -> CredentialsAnswer:
    return CredentialsAnswer(credentials=tuple(_credential(row) for row in rows), next=following)


async def register(app: web.Application) -> None:
    """Serve the routes."""
    ROUTES.register(app)
