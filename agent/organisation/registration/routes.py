"""The routes by which an organisation is registered, accepts its terms, and begins to act."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from agent.audit.evidence import Evidence
from agent.domain.actors import Permission
from agent.domain.errors import NotFound
from agent.domain.registration import (
    DOMAIN,
    Capacity,
    Contact,
    Details,
    Nomination,
    Region,
    RegistrationState,
)
from agent.domain.workforce import OdsCode, Organisation, Vpd
from agent.evidence_answer import EvidenceAnswer, evidence_answer
from agent.organisation.people.routes import Email, Name, OpenLink
from agent.organisation.registration.records import RegistrationRow
from agent.organisation.registration.service import Registration
from agent.organisation.terms import Terms, TermsAcceptanceRow, TermsKind
from agent.problems import refusal_as_json
from agent.routing import Answer, Body, Call, RouteTable

REGISTRATION_ROUTES = RouteTable("organisation")


def _domain(text: str) -> str:
    if not DOMAIN.fullmatch(text.lower()):
        raise ValueError("is not a domain")
    return text.lower()


Domain = Annotated[str, Field(max_length=190), AfterValidator(_domain)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()-]{6,24}$")]


class ContactBody(Body):
    """Whom the operator may call."""

    name: Name
    email: Email
    phone: Phone


class NominationBody(Body):
    """With what the director nominated the deputy who registers."""

    director_name: Name
    director_email: Email
    nominated_on: date
    reference: Annotated[str, Field(min_length=1, max_length=200)]


class DescribeOrganisation(Body):
    """What an organisation says of itself, and in what capacity somebody says it."""

    ods_code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,6}$")]
    name: Name
    vpd: Annotated[str, StringConstraints(pattern=r"^\d{3}$")] | None = None
    region: Region
    email_domains: Annotated[tuple[Domain, ...], Field(min_length=1, max_length=20)]
    contact: ContactBody
    capacity: Capacity
    nomination: NominationBody | None = None

    @model_validator(mode="after")
    def _a_deputy_was_nominated(self) -> Self:
        if (self.capacity is Capacity.NOMINATED_DEPUTY) != (self.nomination is not None):
            raise ValueError("a deputy gives the director's nomination, and nobody else does")
        return self

    @property
    def details(self) -> Details:
        """As the domain has them."""
        return Details(
            OdsCode(self.ods_code),
            self.name,
            Vpd(self.vpd) if self.vpd else None,
            self.region,
            self.email_domains,
            Contact(self.contact.name, self.contact.email, self.contact.phone),
        )

    @property
    def told_nomination(self) -> Nomination | None:
        """As the domain has it."""
        told = self.nomination
        if told is None:
            return None
        return Nomination(told.director_name, told.director_email, told.nominated_on, told.reference)


class TakeUpInvitation(Body):
    """The operator's invitation, as a link."""

    invitation: Annotated[str, Field(min_length=10, max_length=8_000)]

    model_config = Body.model_config | {"str_max_length": 8_000}


class AcceptTerms(Body):
    """The digest of the text that was read, and who accepts it, by name."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    name: Name
    capacity: Capacity


class StepAnswer(Answer):
    """A step that is left, and who can take it."""

    code: str
    sentence: str
    mended_by: str | None


class RegistrationAnswer(Answer):
    """How the registration stands. `status` is the operator's newest statement, with its signature."""

    state: RegistrationState
    active: bool
    missing: tuple[StepAnswer, ...]
    details: dict[str, object] | None
    registrant: str | None
    capacity: Capacity | None
    nomination: dict[str, object] | None
    email_proven_at: datetime | None
    comparison_code: str | None
    submitted_at: datetime | None
    status: dict[str, object] | None
    status_at: datetime | None
    reason: str | None
    succession: dict[str, object] | None
    activated_by: str | None
    activated_at: datetime | None
    trust_requested_at: datetime | None
    trust_request_taken_at: datetime | None


class TermsTextAnswer(Answer):
    """One version of a set of terms: the exact text that the digest is of."""

    kind: TermsKind
    version: str
    title: str
    published: date
    accept_by: date
    digest: str
    text: str


class AcceptanceAnswer(Answer):
    """Who accepted which text, when."""

    id: str
    terms: TermsKind
    version: str
    digest: str
    accepted_by: str
    name: str
    capacity: Capacity
    accepted_at: datetime


class TermsStateAnswer(Answer):
    """How the organisation stands with one set: whether it is bound, and whether it has to accept anew."""

    kind: TermsKind
    current: str
    title: str
    published: date
    digest: str
    holds: bool
    accept_by: date | None
    accepted_version: str | None


class TermsAnswer(Answer):
    """Both sets, and everything that was ever accepted."""

    terms: tuple[TermsStateAnswer, ...]
    acceptances: tuple[AcceptanceAnswer, ...]


@REGISTRATION_ROUTES.get(
    "/organisation/registration",
    permission=Permission.ORGANISATION_READ,
    summary="How the organisation's registration stands, and every step that is left",
    answer=RegistrationAnswer,
)
async def registration(call: Call[None]) -> RegistrationAnswer:
    """Tell how far the organisation has come."""
    return await _registration(call)


@REGISTRATION_ROUTES.get(
    "/organisation/registration/evidence",
    permission=Permission.ORGANISATION_READ,
    summary="Everything that the operator ever stated of the organisation, signed, oldest first",
    answer=EvidenceAnswer,
)
async def registration_evidence(call: Call[None]) -> EvidenceAnswer:
    """Show what was stated, and when it came."""
    return evidence_answer(await call.inject(Evidence).of(call.inject(Organisation).ods_code))


@REGISTRATION_ROUTES.post(
    "/organisation/registration",
    permission=Permission.ORGANISATION_REGISTER,
    summary="Say who the organisation is; again in place of what was said, until it is submitted",
    body=DescribeOrganisation,
    answer=RegistrationAnswer,
)
async def describe_organisation(call: Call[DescribeOrganisation]) -> RegistrationAnswer:
    """Keep what is said."""
    said = call.body
    await call.inject(Registration).describe(said.details, said.capacity, said.told_nomination, by=call.actor)
    return await _registration(call)


@REGISTRATION_ROUTES.post(
    "/organisation/registration/email-proof",
    permission=Permission.ORGANISATION_REGISTER,
    summary="Send the registrant a link that proves their address; any earlier one ends",
    answer=RegistrationAnswer,
    idempotent=True,
)
async def ask_for_email_proof(call: Call[None]) -> RegistrationAnswer:
    """Send the link."""
    await call.inject(Registration).ask_for_proof(by=call.actor)
    return await _registration(call)


@REGISTRATION_ROUTES.post(
    "/organisation/registration/email-proven",
    permission=Permission.ORGANISATION_REGISTER,
    summary="Show that the link was read",
    body=OpenLink,
    answer=RegistrationAnswer,
)
async def email_proven(call: Call[OpenLink]) -> RegistrationAnswer:
    """Take the proof."""
    await call.inject(Registration).email_proven(call.body.token, by=call.actor)
    return await _registration(call)


@REGISTRATION_ROUTES.post(
    "/organisation/registration/operator",
    permission=Permission.ORGANISATION_REGISTER,
    summary="Take up the operator's invitation",
    body=TakeUpInvitation,
    answer=RegistrationAnswer,
)
async def connect_to_operator(call: Call[TakeUpInvitation]) -> RegistrationAnswer:
    """Connect; there is a comparison code as soon as the operator has answered."""
    await call.inject(Registration).connect(call.body.invitation, by=call.actor)
    return await _registration(call)


@REGISTRATION_ROUTES.post(
    "/organisation/registration/submission",
    permission=Permission.ORGANISATION_REGISTER,
    summary="Send the registration to the operator",
    answer=RegistrationAnswer,
)
async def submit_registration(call: Call[None]) -> RegistrationAnswer:
    """Submit it."""
    await call.inject(Registration).submit(by=call.actor)
    return await _registration(call)


@REGISTRATION_ROUTES.post(
    "/organisation/activation",
    permission=Permission.ORGANISATION_ACTIVATE,
    summary="Activate the ESR link, make the DID, ask for the trust list's entry; again does no harm",
    answer=RegistrationAnswer,
)
async def activate_organisation(call: Call[None]) -> RegistrationAnswer:
    """Begin to act. Automatic changes act from now on under the authority that is given with this."""
    await call.inject(Registration).activate(by=call.actor)
    return await _registration(call)


@REGISTRATION_ROUTES.get(
    "/terms",
    permission=Permission.ORGANISATION_READ,
    summary="How the organisation stands with both sets of terms",
    answer=TermsAnswer,
)
async def terms(call: Call[None]) -> TermsAnswer:
    """Tell what is accepted, and what has to be."""
    known = call.inject(Terms)
    states = (await known.state()).values()
    accepted = await known.acceptances()
    return TermsAnswer(
        terms=tuple(
            TermsStateAnswer(
                kind=state.current.kind,
                current=state.current.version,
                title=state.current.title,
                published=state.current.published,
                digest=state.current.digest,
                holds=state.holds,
                accept_by=None if state.is_current else state.current.accept_by,
                accepted_version=state.accepted.version if state.accepted else None,
            )
            for state in states
        ),
        acceptances=tuple(_acceptance(row) for row in accepted),
    )


@REGISTRATION_ROUTES.get(
    "/terms/{kind}/{version}",
    permission=Permission.ORGANISATION_READ,
    summary="The exact text of one version; `current` is the one that counts now",
    answer=TermsTextAnswer,
)
async def terms_text(call: Call[None]) -> TermsTextAnswer:
    """Give the text to read."""
    known, version = call.inject(Terms), call.path["version"]
    kind = _kind(call.path["kind"])
    text = known.current(kind) if version == "current" else known.text(kind, version)
    return TermsTextAnswer.model_validate(
        {name: getattr(text, name) for name in TermsTextAnswer.model_fields}
    )


@REGISTRATION_ROUTES.post(
    "/terms/{kind}/acceptance",
    permission=Permission.TERMS_ACCEPT,
    summary="Accept the text that counts now, by name",
    body=AcceptTerms,
    answer=AcceptanceAnswer,
    status=201,
    idempotent=True,
)
async def accept_terms(call: Call[AcceptTerms]) -> AcceptanceAnswer:
    """Bind the organisation."""
    said = call.body
    row = await call.inject(Terms).accept(
        _kind(call.path["kind"]), digest=said.digest, name=said.name, capacity=said.capacity, by=call.actor
    )
    return _acceptance(row)


def _kind(text: str) -> TermsKind:
    if text not in set(TermsKind):
        raise NotFound("There are no such terms.")
    return TermsKind(text)


def _acceptance(row: TermsAcceptanceRow) -> AcceptanceAnswer:
    return AcceptanceAnswer.model_validate(
        {name: getattr(row, name) for name in AcceptanceAnswer.model_fields}
    )


async def _registration(call: Call[Body] | Call[None]) -> RegistrationAnswer:
    own = call.inject(Registration)
    row: RegistrationRow = await own.get()
    missing = await own.missing()
    plain = RegistrationAnswer.model_fields.keys() - {"active", "missing", "comparison_code"}
    return RegistrationAnswer.model_validate(
        {name: getattr(row, name) for name in plain}
        | {
            "active": not missing,
            "missing": tuple(StepAnswer.model_validate(refusal_as_json(step)) for step in missing),
            "comparison_code": await own.code(row),
        }
    )
