"""Every step of a registration, and every way to leave one out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.audit.chain import Wanted
from agent.audit.evidence import Evidence
from agent.domain.actors import Actor, Role
from agent.domain.errors import Conflict, InvalidInput, NotFound, PolicyRefused
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.identity import Statement, StatementSigner, StatementVerifier
from agent.domain.ports.operator import OperatorLink
from agent.domain.ports.standing import Use
from agent.domain.registration import Capacity, Contact, Details, Nomination, Region, RegistrationState
from agent.domain.workforce import OdsCode, Vpd
from agent.organisation.people.records import LinkPurpose
from agent.organisation.people.service import Changes
from agent.organisation.registration.service import AUTHORITY, Purposes, Registration
from agent.organisation.terms import Terms, TermsKind, Texts, read_terms
from agent.registration_protocol import APPLICATION, ENQUIRY, STATUS_STATEMENT, TRUST_REQUEST
from tests.integration.organisation.conftest import Office
from tests.support.neighbours import OPERATOR, KnownAs, Registered
from tests.support.signing import NOON

type Json = dict[str, Any]
DID = "did:webvh:QmOffice:registry.staff-passport.example:organisations:office"
CONNECTION = ConnectionId("to-the-operator")
TERMS = Path(__file__).parents[3] / "docs" / "terms"


@dataclass
class Line(OperatorLink):
    """A connection to the operator, and what was said over it."""

    complete: bool = True
    said: list[tuple[str, Json]] = field(default_factory=list)

    async def take_up(self, invitation: str) -> ConnectionId:
        return CONNECTION

    async def code(self, connection: ConnectionId) -> str | None:
        return "12345678" if self.complete else None

    async def send(self, connection: ConnectionId, kind: str, content: Mapping[str, Any]) -> None:
        self.said.append((kind, dict(content)))


class Stated(StatementSigner, StatementVerifier):
    """Statements of whoever they say that they are of; a forged one says so too."""

    async def state(self, kind: str, content: Mapping[str, Any]) -> Json:
        return {"type": kind, "issuer": DID, "content": dict(content)}

    async def verified(self, statement: object, kind: str) -> Statement:
        assert isinstance(statement, dict)
        if statement.get("forged") or statement["type"] != kind:
            raise InvalidInput("The statement does not verify.", code="statement_refused")
        issued = datetime.fromisoformat(statement["issued"])
        return Statement(statement["issuer"], kind, issued, statement["content"])


@dataclass
class Registering:
    """An organisation on its way."""

    office: Office
    texts: Texts = field(default_factory=lambda: read_terms(TERMS))
    line: Line = field(default_factory=Line)
    version: int = 0

    @property
    def own(self) -> Registration:
        office = self.office
        return Registration(
            store=office.store,
            organisation=office.own,
            audit=office.chain,
            evidence=Evidence(office.store, office.own.ods_code, office.clock),
            people=office.people,
            terms=self.terms,
            notifications=office.notifications,
            link=self.line,
            identity=KnownAs(DID),
            statements=Stated(),
            verifier=Stated(),
            trust=Registered(),
            purposes=Purposes((), ()),
            has_staff_records=office.own.vpd is not None,
            is_operator=False,
            clock=office.clock,
        )

    @property
    def terms(self) -> Terms:
        office = self.office
        return Terms(office.store, office.own, office.chain, self.texts, office.clock)

    @property
    def details(self) -> Details:
        own = self.office.own
        contact = Contact("The HR office", "hr@office.example", "+44 20 7946 0000")
        return Details(own.ods_code, own.name, own.vpd, Region.LONDON, ("office.example",), contact)

    async def described(self, **changes: Any) -> Actor:
        director = await self.office.director()
        await self.own.describe(replace(self.details, **changes), Capacity.HR_DIRECTOR, None, by=director)
        return director

    async def proven(self, director: Actor) -> None:
        await self.own.ask_for_proof(by=director)
        token = await self.office.sent(str(director.person), LinkPurpose.PROVE_EMAIL)
        await self.own.email_proven(token, by=director)

    async def submitted(self) -> Actor:
        director = await self.described()
        await self.proven(director)
        await self.own.connect("https://operator.example?oob=x", by=director)
        await self.own.submit(by=director)
        return director

    async def told(self, state: RegistrationState, **also: Any) -> None:
        """The operator states how the organisation stands."""
        self.version += 1
        content = {
            "application": (await self.own.get()).id,
            "ods_code": self.office.own.ods_code,
            "state": state,
            "version": self.version,
            "reason": None,
            "succession": None,
        }
        statement = {
            "type": STATUS_STATEMENT,
            "issuer": OPERATOR,
            "issued": self.office.clock.now.isoformat(),
            "content": {**content, **also},
        }
        await self.own.status_came(CONNECTION, {"statement": statement})

    async def accepted(self, director: Actor, *kinds: TermsKind) -> None:
        for kind in kinds or TermsKind:
            digest = self.terms.current(kind).digest
            await self.terms.accept(
                kind, digest=digest, name="Dele Marchbanks", capacity=Capacity.HR_DIRECTOR, by=director
            )
            self.office.clock.pass_time(timedelta(seconds=1))

    async def active(self) -> Actor:
        director = await self.submitted()
        await self.told(RegistrationState.APPROVED)
        await self.accepted(director)
        await self.office.two_administrators()
        await self.own.activate(by=director)
        return director

    async def missing(self) -> list[str]:
        return [step.code for step in await self.own.missing()]


@pytest.fixture
def registering(office: Office) -> Registering:
    return Registering(replace(office, own=replace(office.own, vpd=Vpd("901"))))


async def codes(attempt: object) -> list[str]:
    with pytest.raises(PolicyRefused) as refused:
        await attempt  # type: ignore[misc]  # a coroutine of any kind
    assert all(refusal.mended_by for refusal in refused.value.refusals)
    return [refusal.code for refusal in refused.value.refusals]


async def test_at_first_every_step_is_left_each_with_who_can_take_it(registering: Registering) -> None:
    assert await registering.missing() == [
        "details_missing",
        "email_not_proven",
        "operator_not_connected",
        "not_submitted",
        "passport_terms_not_accepted",
        "esr_terms_not_accepted",
        "administrators_not_nominated",
        "administrators_not_signed_in",
        "not_activated",
    ]


async def test_step_by_step_nothing_is_left_and_then_the_link_is_active(registering: Registering) -> None:
    director = await registering.submitted()
    assert (await registering.missing())[0] == "not_approved"
    await registering.told(RegistrationState.APPROVED)
    await registering.accepted(director)
    await registering.office.two_administrators()
    assert await registering.missing() == ["not_activated"]
    assert await codes(registering.own.require(Use.ESR)) == ["not_activated"]

    row = await registering.own.activate(by=director)

    assert await registering.missing() == []
    assert row.trust_request is not None
    assert row.trust_request["content"]["did"] == DID
    await registering.own.require(Use.ESR)
    await registering.own.require(Use.ISSUING)


async def test_activation_gives_automatic_changes_their_authority_once(registering: Registering) -> None:
    director = await registering.submitted()
    await registering.told(RegistrationState.APPROVED)
    await registering.accepted(director)
    await registering.office.two_administrators()

    for _ in range(2):
        await registering.own.activate(by=director)

    given = await registering.office.chain.entries(Wanted(action=AUTHORITY))
    assert [(each.phase, each.actor, each.outcome) for each in given] == [
        ("intent", director.id, None),
        ("outcome", director.id, "done"),
    ]


@pytest.mark.parametrize(
    ("left_out", "code"),
    [
        ("approval", "not_approved"),
        ("passport terms", "passport_terms_not_accepted"),
        ("esr terms", "esr_terms_not_accepted"),
        ("administrators", "administrators_not_nominated"),
        ("signing in", "administrators_not_signed_in"),
    ],
)
async def test_no_step_can_be_left_out_before_activation(
    registering: Registering, left_out: str, code: str
) -> None:
    director = await registering.submitted()
    if left_out != "approval":
        await registering.told(RegistrationState.APPROVED)
    if left_out != "passport terms":
        await registering.accepted(director, TermsKind.PASSPORT)
    if left_out != "esr terms":
        await registering.accepted(director, TermsKind.ESR)
    await registering.office.joined("ada", Role.ADMINISTRATOR, by=director)
    if left_out == "signing in":
        await registering.office.invited("bo", Role.ADMINISTRATOR, by=director)
    elif left_out != "administrators":
        await registering.office.joined("bo", Role.ADMINISTRATOR, by=director)

    broken = await codes(registering.own.activate(by=director))

    assert code in broken
    assert set(broken) <= {code, "administrators_not_signed_in"}
    assert (await registering.own.get()).activated_at is None


async def test_a_submission_names_everything_that_is_missing(registering: Registering) -> None:
    director = await registering.office.director()
    assert await codes(registering.own.submit(by=director)) == [
        "details_missing",
        "email_not_proven",
        "operator_not_connected",
    ]

    await registering.described(email_domains=("elsewhere.example",))

    assert await codes(registering.own.submit(by=director)) == [
        "email_outside_domains",
        "email_not_proven",
        "operator_not_connected",
    ]


async def test_a_connection_that_is_not_complete_does_not_count(registering: Registering) -> None:
    director = await registering.described()
    await registering.proven(director)
    await registering.own.connect("https://operator.example?oob=x", by=director)
    registering.line.complete = False

    assert await codes(registering.own.submit(by=director)) == ["operator_not_connected"]


async def test_an_address_that_was_changed_has_to_be_proven_anew(registering: Registering) -> None:
    director = await registering.described()
    await registering.proven(director)
    second = await registering.office.joined("second", Role.HR_DIRECTOR, by=director)

    await registering.own.describe(registering.details, Capacity.HR_DIRECTOR, None, by=second)

    assert "email_not_proven" in await codes(registering.own.submit(by=second))


async def test_a_link_to_somebody_elses_address_proves_nothing(registering: Registering) -> None:
    director = await registering.described()
    second = await registering.office.joined("second", Role.HR_DIRECTOR, by=director)
    await registering.own.describe(registering.details, Capacity.HR_DIRECTOR, None, by=second)
    await registering.own.ask_for_proof(by=second)
    token = await registering.office.sent(str(second.person), LinkPurpose.PROVE_EMAIL)
    await registering.own.describe(registering.details, Capacity.HR_DIRECTOR, None, by=director)

    with pytest.raises(NotFound):
        await registering.own.email_proven(token, by=director)


async def test_a_deputy_registers_with_the_directors_nomination(registering: Registering) -> None:
    director = await registering.office.director()
    nomination = Nomination("Dele", "dele@office.example", date(2026, 10, 1), "HR minute 12")

    row = await registering.own.describe(
        registering.details, Capacity.NOMINATED_DEPUTY, nomination, by=director
    )

    assert row.capacity == "nominated_deputy"
    assert row.nomination is not None
    assert row.nomination["reference"] == "HR minute 12"
    assert "nomination_missing" not in await registering.missing()


async def test_another_organisation_than_the_agents_is_not_registered(registering: Registering) -> None:
    with pytest.raises(InvalidInput) as refused:
        await registering.described(ods_code=OdsCode("ZZOTHR"), vpd=Vpd("999"))

    assert set(refused.value.fields) == {"ods_code", "vpd"}


async def test_what_was_submitted_is_not_changed_any_more(registering: Registering) -> None:
    director = await registering.submitted()

    for attempt in (
        registering.described(),
        registering.own.ask_for_proof(by=director),
    ):
        with pytest.raises(Conflict, match="submitted"):
            await attempt


async def test_another_invitation_of_the_operator_makes_a_draft_of_what_was_not_decided(
    registering: Registering,
) -> None:
    """The operator ended the connection of the first: over it nothing would ever be heard again."""
    director = await registering.submitted()

    await registering.own.connect("https://operator.example?oob=y", by=director)
    assert (await registering.own.get()).state == RegistrationState.DRAFT
    await registering.own.submit(by=director)
    await registering.told(RegistrationState.APPROVED)

    with pytest.raises(Conflict, match="approved"):
        await registering.own.connect("https://operator.example?oob=z", by=director)


async def test_what_was_declined_is_mended_and_submitted_again(registering: Registering) -> None:
    director = await registering.submitted()
    first = (await registering.own.get()).id
    await registering.told(RegistrationState.DECLINED, reason="The domain is not yours.")
    assert (await registering.missing())[0] == "registration_declined"

    await registering.described()
    again = await registering.own.submit(by=director)

    assert again.id != first
    assert (await registering.own.get()).state == RegistrationState.SUBMITTED


async def test_the_application_is_said_again_until_the_operator_answers(registering: Registering) -> None:
    await registering.submitted()
    await registering.own.repeat_to_operator()
    await registering.told(RegistrationState.APPROVED)
    await registering.own.repeat_to_operator()

    assert [kind for kind, _ in registering.line.said] == [APPLICATION, APPLICATION]


async def test_how_an_organisation_stands_is_asked_once_nothing_waits_for_an_answer(
    registering: Registering,
) -> None:
    await registering.submitted()
    await registering.own.ask_operator()
    await registering.told(RegistrationState.APPROVED)
    await registering.own.ask_operator()

    assert [kind for kind, _ in registering.line.said] == [APPLICATION, ENQUIRY]


async def test_the_trust_request_is_said_again_until_it_was_taken(registering: Registering) -> None:
    await registering.active()
    await registering.own.repeat_to_operator()
    await registering.own.status_came(CONNECTION, {"trust_request_taken": True, "statement": None})
    await registering.own.repeat_to_operator()

    said = [kind for kind, _ in registering.line.said]
    assert said[-2:] == [TRUST_REQUEST, TRUST_REQUEST]
    assert said.count(TRUST_REQUEST) == 2


async def test_a_status_counts_only_from_the_operator_over_its_connection(registering: Registering) -> None:
    await registering.submitted()
    content = {
        "application": (await registering.own.get()).id,
        "ods_code": registering.office.own.ods_code,
        "state": "approved",
        "version": 1,
        "reason": None,
        "succession": None,
    }
    now = registering.office.clock.now.isoformat()
    by_operator = {"type": STATUS_STATEMENT, "issuer": OPERATOR, "issued": now, "content": content}

    with pytest.raises(NotFound):
        await registering.own.status_came(ConnectionId("another"), {"statement": by_operator})
    for statement in (
        {**by_operator, "issuer": DID},
        {**by_operator, "forged": True},
        {**by_operator, "type": "SomethingElse"},
        {**by_operator, "content": {**content, "state": "draft-ish"}},
        {**by_operator, "content": {"state": "approved"}},
    ):
        with pytest.raises(InvalidInput):
            await registering.own.status_came(CONNECTION, {"statement": statement})
    for other in ({"ods_code": "ZZOTHR"}, {"application": "another"}, {"version": 0}):
        told = {**by_operator, "content": {**content, **other}}
        await registering.own.status_came(CONNECTION, {"statement": told})

    assert (await registering.own.get()).state == RegistrationState.SUBMITTED


async def test_an_older_status_that_comes_late_changes_nothing(registering: Registering) -> None:
    await registering.active()
    await registering.told(RegistrationState.SUSPENDED, reason="An incident.")
    registering.version = 0

    await registering.told(RegistrationState.APPROVED)

    assert (await registering.own.get()).state == RegistrationState.SUSPENDED
    assert await codes(registering.own.require(Use.ISSUING)) == ["organisation_suspended"]


async def test_a_new_version_of_the_terms_is_accepted_by_its_day_or_nothing_is_issued(
    registering: Registering,
) -> None:
    director = await registering.active()
    clock, kind = registering.office.clock, TermsKind.PASSPORT
    old = registering.terms.current(kind)
    today = clock.now.date()
    new = replace(
        old, version="2.0", published=today, accept_by=today + timedelta(days=3), text="New.", digest="b" * 64
    )
    registering.texts = Texts({**registering.texts, kind: [old, new]})

    clock.pass_time(timedelta(days=3))
    await registering.own.require(Use.ISSUING)
    clock.pass_time(timedelta(days=1))
    assert await codes(registering.own.require(Use.ISSUING)) == ["passport_terms_not_accepted"]
    await registering.own.require(Use.ESR)

    await registering.accepted(director, kind)
    await registering.own.require(Use.ISSUING)


async def test_a_newer_version_does_not_give_more_time_for_one_whose_day_has_passed(
    registering: Registering,
) -> None:
    director = await registering.active()
    clock, kind = registering.office.clock, TermsKind.PASSPORT
    old = registering.terms.current(kind)
    today = clock.now.date()
    second = replace(
        old, version="2.0", published=today, accept_by=today + timedelta(days=3), digest="b" * 64
    )
    third = replace(
        second,
        version="3.0",
        published=today + timedelta(days=2),
        accept_by=today + timedelta(days=30),
        digest="c" * 64,
    )
    registering.texts = Texts({**registering.texts, kind: [old, second, third]})

    clock.pass_time(timedelta(days=3))
    await registering.own.require(Use.ISSUING)
    clock.pass_time(timedelta(days=1))
    assert await codes(registering.own.require(Use.ISSUING)) == ["passport_terms_not_accepted"]

    await registering.accepted(director, kind)
    await registering.own.require(Use.ISSUING)


async def test_what_the_operator_said_stays_when_it_says_something_else(registering: Registering) -> None:
    await registering.active()
    await registering.told(RegistrationState.SUSPENDED, reason="An incident.")

    kept = await Evidence(registering.office.store, registering.office.own.ods_code).of(
        registering.office.own.ods_code
    )

    states = [row.content["content"]["state"] for row in kept if row.kind == "operator's status"]
    assert states == ["approved", "suspended"]


async def test_the_address_that_was_proven_is_the_one_that_is_told(registering: Registering) -> None:
    director = await registering.submitted()
    second = await registering.office.joined("second", Role.HR_DIRECTOR, by=director)
    await registering.office.people.change(
        str(director.person), Changes(email="dele@office.example"), by=second
    )

    await registering.own.repeat_to_operator()

    _, told = registering.line.said[-1]
    assert told["application"]["registrant"]["email"] == "director@office.example"


async def test_new_terms_of_esr_close_esr_and_nothing_else(registering: Registering) -> None:
    await registering.active()
    kind = TermsKind.ESR
    old = registering.terms.current(kind)
    new = replace(old, version="2.0", published=date(2026, 1, 6), accept_by=date(2026, 1, 7), digest="b" * 64)
    registering.texts = Texts({**registering.texts, kind: [old, new]})

    assert await codes(registering.own.require(Use.ESR)) == ["esr_terms_not_accepted"]
    await registering.own.require(Use.ISSUING)


async def test_terms_are_accepted_only_as_they_were_read(registering: Registering) -> None:
    director = await registering.office.director()

    with pytest.raises(Conflict) as refused:
        await registering.terms.accept(
            TermsKind.ESR, digest="a" * 64, name="Dele", capacity=Capacity.HR_DIRECTOR, by=director
        )

    assert refused.value.code == "terms_changed"


async def test_who_accepted_which_text_and_when_stays(registering: Registering) -> None:
    director = await registering.office.director()
    await registering.accepted(director)

    kept = await registering.terms.acceptances()

    assert [(row.terms, row.version, row.name, row.accepted_by) for row in kept] == [
        ("passport", "1.0", "Dele Marchbanks", "director"),
        ("esr", "1.0", "Dele Marchbanks", "director"),
    ]
    assert kept[0].accepted_at == NOON
    assert {row.digest for row in kept} == {registering.terms.current(kind).digest for kind in TermsKind}


async def test_until_its_successor_takes_over_an_organisation_goes_on_and_then_it_stops(
    registering: Registering,
) -> None:
    await registering.active()
    clock = registering.office.clock
    today = clock.now.date()
    until = today + timedelta(days=30)
    succession = {
        "successor": "ZZSUC1",
        "on": (today + timedelta(days=2)).isoformat(),
        "credentials_until": until.isoformat(),
    }
    await registering.told(RegistrationState.SUCCEEDED, succession=succession)

    await registering.own.require(Use.ISSUING)
    clock.pass_time(timedelta(days=2))

    assert await codes(registering.own.require(Use.ISSUING)) == ["organisation_succeeded"]
    assert await registering.own.credentials_until() == until
