"""The operator: whom it approves, suspends, restores and lets be succeeded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from agent.audit.evidence import Evidence
from agent.comparison_code import comparison_code
from agent.domain.actors import Actor, Role
from agent.domain.errors import Conflict, InvalidInput, NotFound, PolicyRefused, Refused
from agent.domain.ports.connections import ConnectionId, ConnectionState
from agent.domain.ports.identity import Statement, StatementSigner, StatementVerifier
from agent.domain.ports.operator import OrganisationLink
from agent.domain.ports.personal_data import CategoryName, DataSubject
from agent.domain.registration import Succession
from agent.domain.workforce import EmployeeNumber, OdsCode
from agent.operator.personal_data import OperatorPersonalData
from agent.operator.records import ApplicationState
from agent.operator.requests import ToldApplication
from agent.operator.service import Applications, CallBack
from agent.registration_protocol import TRUST_STATEMENT
from tests.integration.organisation.conftest import Office
from tests.support.neighbours import Listed, Wallets

type Json = dict[str, Any]
APPLICANT = OdsCode("ZZNM1")
DID = "did:webvh:QmNorthmoor:registry.staff-passport.example:organisations:northmoor"


def an_application(**changes: Any) -> Json:
    details = {
        "ods_code": APPLICANT,
        "name": "Northmoor Teaching Hospitals",
        "vpd": "901",
        "region": "London",
        "email_domains": ["northmoor.example"],
        "contact": {"name": "The HR office", "email": "hr@northmoor.example", "phone": "+44 20 7946 0000"},
    }
    registrant = {
        "name": "Dele Marchbanks",
        "email": "director@northmoor.example",
        "capacity": "hr_director",
        "nomination": None,
    }
    return {
        "id": "application-1",
        "details": details | changes.pop("details", {}),
        "registrant": registrant | changes.pop("registrant", {}),
        "email_proven_at": "2026-11-01T12:00:00+00:00",
        "submitted_at": "2026-11-01T12:00:00+00:00",
        **changes,
    }


class Statements(StatementSigner, StatementVerifier):
    """Statements that verify unless they say that they are forged."""

    async def state(self, kind: str, content: Mapping[str, Any]) -> Json:
        return {"type": kind, "issuer": "did:operator", "content": dict(content)}

    async def verified(self, statement: object, kind: str) -> Statement:
        assert isinstance(statement, dict)
        if statement.get("forged"):
            raise InvalidInput("The statement does not verify.", code="statement_refused")
        return Statement(statement["issuer"], kind, statement["issued"], statement["content"])


@dataclass
class Heard(OrganisationLink):
    """What organisations were told."""

    said: list[Json] = field(default_factory=list)

    async def send(self, connection: ConnectionId, kind: str, content: Mapping[str, Any]) -> None:
        self.said.append(dict(content))


@dataclass
class Operator:
    """The operator's office, with two people in it."""

    office: Office
    wallets: Wallets = field(default_factory=Wallets)
    link: Heard = field(default_factory=Heard)
    trust: Listed = field(default_factory=Listed)

    @property
    def applications(self) -> Applications:
        office = self.office
        return Applications(
            store=office.store,
            organisation=office.own,
            audit=office.chain,
            evidence=Evidence(office.store, office.own.ods_code, office.clock),
            connections=self.wallets,
            link=self.link,
            users=office.people,
            trust=self.trust,
            statements=Statements(),
            verifier=Statements(),
            invitation_life=timedelta(days=14),
            clock=office.clock,
        )

    async def staff(self) -> tuple[Actor, Actor]:
        ada, _ = await self.office.two_administrators()
        olu = await self.office.joined("olu", Role.OPERATOR, by=ada)
        return olu, await self.office.joined("oona", Role.OPERATOR, by=ada)

    async def invited(self, by: Actor, code: OdsCode = APPLICANT) -> tuple[str, ConnectionId]:
        row = await self.applications.invite(code, by=by)
        connection = ConnectionId(row.connection)
        self.wallets.states[connection] = ConnectionState.COMPLETED
        await self.applications.connected(connection)
        return row.id, connection

    async def received(self, by: Actor, code: OdsCode = APPLICANT) -> tuple[str, ConnectionId]:
        application, connection = await self.invited(by, code)
        await self.applications.applied(connection, an_application(details={"ods_code": code}))
        return application, connection

    async def code(self, connection: ConnectionId) -> str:
        return comparison_code(await self.wallets.dids(connection))

    async def approved(self, by: Actor, code: OdsCode = APPLICANT) -> tuple[str, ConnectionId]:
        application, connection = await self.received(by, code)
        await self.applications.called_back(application, a_call(await self.code(connection)), by=by)
        await self.applications.approve(application, by=by)
        return application, connection


def a_call(code: str, *, confirmed: bool = True) -> CallBack:
    return CallBack("+44 20 7946 0000", "the national directory", "The HR office", code, confirmed)


@pytest.fixture
def operator(operators_office: Office) -> Operator:
    return Operator(operators_office)


async def refusals(attempt: object) -> list[str]:
    with pytest.raises(PolicyRefused) as refused:
        await attempt  # type: ignore[misc]  # a coroutine of any kind
    return [refusal.code for refusal in refused.value.refusals]


async def test_an_organisation_that_was_called_back_is_approved_and_told_so(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.approved(olu)

    row = await operator.applications.get(application)
    told = await operator.applications.enquired(connection)

    assert row.state == ApplicationState.APPROVED
    assert row.call_back is not None
    assert (row.call_back["by"], row.call_back["number_from"]) == ("olu", "the national directory")
    assert told["statement"]["content"]["state"] == "approved"
    assert operator.link.said[-1] == told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"details": {"ods_code": "ZZOTHR"}}, "other_organisation"),
        ({"registrant": {"email": "director@elsewhere.example"}}, "email_not_proven"),
        ({"registrant": {"capacity": "nominated_deputy"}}, "nomination_missing"),
    ],
)
async def test_an_application_that_does_not_hold_together_is_not_approved(
    operator: Operator, changes: Json, code: str
) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.invited(olu)
    await operator.applications.applied(connection, an_application(**changes))
    await operator.applications.called_back(application, a_call(await operator.code(connection)), by=olu)

    assert await refusals(operator.applications.approve(application, by=olu)) == [code]


async def test_nobody_is_approved_without_having_been_called_back(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.received(olu)
    assert await refusals(operator.applications.approve(application, by=olu)) == ["not_called_back"]

    unsure = a_call(await operator.code(connection), confirmed=False)
    await operator.applications.called_back(application, unsure, by=olu)

    assert await refusals(operator.applications.approve(application, by=olu)) == ["not_called_back"]


async def test_a_code_that_differs_shows_that_somebody_stands_in_between(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.received(olu)
    code = await operator.code(connection)
    wrong = f"{(int(code) + 1) % 10**8:08}"

    with pytest.raises(Refused, match="stand between"):
        await operator.applications.called_back(application, a_call(wrong), by=olu)

    assert (await operator.applications.get(application)).call_back is None


async def test_an_application_that_is_mended_is_called_back_anew(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.received(olu)
    await operator.applications.called_back(application, a_call(await operator.code(connection)), by=olu)
    await operator.applications.decline(application, "The region is wrong.", by=olu)

    told = await operator.applications.applied(connection, an_application(id="application-2"))

    assert told["statement"]["content"]["reason"] == "The region is wrong."
    assert await refusals(operator.applications.approve(application, by=olu)) == ["not_called_back"]


async def test_what_was_approved_is_not_changed_by_another_application(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.approved(olu)

    await operator.applications.applied(connection, an_application(id="application-2"))

    row = await operator.applications.get(application)
    assert row.state == ApplicationState.APPROVED
    assert row.application is not None
    assert row.application["id"] == "application-1"


async def test_an_organisation_has_one_open_application(operator: Operator) -> None:
    olu, _ = await operator.staff()
    await operator.invited(olu)

    with pytest.raises(Conflict) as refused:
        await operator.applications.invite(APPLICANT, by=olu)

    assert refused.value.code == "application_exists"


async def test_an_invitation_that_nobody_takes_up_is_closed_and_another_can_be_made(
    operator: Operator,
) -> None:
    olu, _ = await operator.staff()
    row = await operator.applications.invite(APPLICANT, by=olu)
    operator.office.clock.pass_time(timedelta(days=14))

    await operator.applications.catch_up()

    with pytest.raises(NotFound):
        await operator.applications.invitation(row.id)
    assert (await operator.applications.get(row.id)).state == ApplicationState.CLOSED
    await operator.applications.invite(APPLICANT, by=olu)


async def test_nobody_restores_what_they_asked_to_have_restored(operator: Operator) -> None:
    olu, oona = await operator.staff()
    application, _ = await operator.approved(olu)
    await operator.applications.suspend(application, "An incident.", by=olu)

    with pytest.raises(Conflict, match="Nobody has asked"):
        await operator.applications.restore(application, by=oona)
    await operator.applications.ask_to_restore(application, by=olu)
    assert await refusals(operator.applications.restore(application, by=olu)) == ["own_request"]

    restored = await operator.applications.restore(application, by=oona)

    assert restored.state == ApplicationState.APPROVED
    assert operator.link.said[-1]["statement"]["content"]["version"] == 3


async def test_a_second_sign_in_of_the_same_person_is_no_second_person(operator: Operator) -> None:
    ada, _ = await operator.office.two_administrators()
    olu = await operator.office.joined("olu", Role.OPERATOR, by=ada, number="90100001")
    twin = await operator.office.joined("olu-2", Role.OPERATOR, by=ada, number="90100001")
    assert olu.employee_number == EmployeeNumber("90100001")
    application, _ = await operator.approved(olu)
    await operator.applications.suspend(application, "An incident.", by=olu)
    await operator.applications.ask_to_restore(application, by=olu)

    assert await refusals(operator.applications.restore(application, by=twin)) == ["own_request"]


async def test_a_program_agrees_to_nothing(operator: Operator) -> None:
    olu, oona = await operator.staff()
    application, _ = await operator.approved(olu)
    await operator.applications.suspend(application, "An incident.", by=olu)
    await operator.applications.ask_to_restore(application, by=olu)
    machine = Actor("machine:x", oona.organisation, oona.permissions, None)

    assert await refusals(operator.applications.restore(application, by=machine)) == ["not_a_person"]


async def test_a_trust_request_counts_only_if_the_did_that_it_is_about_signed_it(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.approved(olu)
    now = operator.office.clock.now
    said = {"ods_code": APPLICANT, "did": DID, "name": "Northmoor", "may_issue": [], "may_ask": []}
    right = {"type": TRUST_STATEMENT, "issuer": DID, "issued": now, "content": said}

    for wrong in (
        {**right, "forged": True},
        {**right, "issuer": "did:webvh:QmSomebody:elsewhere.example"},
        {**right, "content": {**said, "ods_code": "ZZOTHR"}},
    ):
        with pytest.raises(InvalidInput):
            await operator.applications.trust_requested(connection, wrong)
    assert (await operator.applications.get(application)).did is None

    told = await operator.applications.trust_requested(connection, {**right, "issued": now.isoformat()})

    assert told["trust_request_taken"] is True
    assert (await operator.applications.get(application)).did == DID


async def test_nobody_asks_for_an_entry_before_they_are_approved(operator: Operator) -> None:
    olu, _ = await operator.staff()
    _, connection = await operator.received(olu)
    said = {"ods_code": APPLICANT, "did": DID}
    request = {"type": TRUST_STATEMENT, "issuer": DID, "issued": None, "content": said}

    with pytest.raises(Conflict, match="not approved"):
        await operator.applications.trust_requested(connection, request)


async def test_a_stranger_who_is_connected_otherwise_is_told_nothing(operator: Operator) -> None:
    with pytest.raises(NotFound):
        await operator.applications.enquired(ConnectionId("somebody's"))


async def test_an_organisation_is_succeeded_by_one_that_is_registered(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.approved(olu)
    today = operator.office.clock.now.date()
    succession = Succession(OdsCode("ZZSUC1"), today, today + timedelta(days=30))
    with pytest.raises(Conflict) as refused:
        await operator.applications.succeed(application, succession, by=olu)
    assert refused.value.code == "successor_not_approved"

    await operator.approved(olu, OdsCode("ZZSUC1"))
    await operator.applications.succeed(application, succession, by=olu)

    told = (await operator.applications.enquired(connection))["statement"]["content"]
    assert told["state"] == "succeeded"
    assert told["succession"] == {
        "successor": "ZZSUC1",
        "on": today.isoformat(),
        "credentials_until": (today + timedelta(days=30)).isoformat(),
    }


@pytest.mark.parametrize(("on", "until"), [(-1, 5), (3, 2)])
async def test_a_succession_begins_today_at_the_earliest_and_ends_no_earlier(
    operator: Operator, on: int, until: int
) -> None:
    olu, _ = await operator.staff()
    application, _ = await operator.approved(olu)
    today = operator.office.clock.now.date()
    succession = Succession(OdsCode("ZZSUC1"), today + timedelta(days=on), today + timedelta(days=until))

    with pytest.raises(InvalidInput):
        await operator.applications.succeed(application, succession, by=olu)


async def test_a_succession_that_has_begun_is_not_recorded_anew(operator: Operator) -> None:
    """It would be a way to have somebody act again, or issue for longer, without a second person."""
    olu, _ = await operator.staff()
    application, _ = await operator.approved(olu)
    await operator.approved(olu, OdsCode("ZZSUC1"))
    today = operator.office.clock.now.date()
    ahead = Succession(OdsCode("ZZSUC1"), today + timedelta(days=2), today + timedelta(days=30))
    await operator.applications.succeed(application, ahead, by=olu)
    later = Succession(OdsCode("ZZSUC1"), today + timedelta(days=3), today + timedelta(days=30))
    await operator.applications.succeed(application, later, by=olu)

    operator.office.clock.pass_time(timedelta(days=3))

    now = today + timedelta(days=3)
    again = Succession(OdsCode("ZZSUC1"), now, now + timedelta(days=40))
    with pytest.raises(Conflict) as refused:
        await operator.applications.succeed(application, again, by=olu)
    assert refused.value.code == "application_succeeded"
    await operator.applications.suspend(application, "An incident.", by=olu)
    with pytest.raises(Conflict):
        await operator.applications.succeed(application, again, by=olu)


async def test_what_two_people_restore_is_not_succeeded_any_more(operator: Operator) -> None:
    olu, oona = await operator.staff()
    application, _ = await operator.approved(olu)
    await operator.approved(olu, OdsCode("ZZSUC1"))
    today = operator.office.clock.now.date()
    succession = Succession(OdsCode("ZZSUC1"), today, today + timedelta(days=30))
    await operator.applications.succeed(application, succession, by=olu)
    await operator.applications.suspend(application, "It was a mistake.", by=olu)
    await operator.applications.ask_to_restore(application, by=olu)

    restored = await operator.applications.restore(application, by=oona)

    assert restored.status is not None
    assert restored.status["content"]["state"] == "approved"
    assert restored.status["content"]["succession"] is None
    await operator.applications.succeed(application, succession, by=olu)


async def test_people_of_an_application_are_forgotten_once_it_has_ended_and_its_versions_go_on(
    operator: Operator,
) -> None:
    olu, _ = await operator.staff()
    office = operator.office
    data = OperatorPersonalData(office.store, office.own, operator.wallets, office.clock)
    registrant = DataSubject(email="Director@northmoor.example")
    application, connection = await operator.approved(olu)
    await operator.approved(olu, OdsCode("ZZSUC1"))
    today = office.clock.now.date()
    succession = Succession(OdsCode("ZZSUC1"), today + timedelta(days=2), today + timedelta(days=30))
    await operator.applications.succeed(application, succession, by=olu)

    assert await data.erase(registrant) == 0
    office.clock.pass_time(timedelta(days=31))
    assert await data.erase(registrant) == 1
    assert await data.erase(registrant) == 0
    long_after = office.clock.now + timedelta(days=9_000)
    assert await data.due(CategoryName.APPLICATIONS, before=long_after) == 0

    row = await operator.applications.get(application)
    assert (row.application, row.call_back, row.status_version) == (None, None, 2)
    assert connection in operator.wallets.ended
    kept = await operator.applications.evidence.of(application)
    assert "The HR office" not in str([each.content for each in kept])
    assert await data.held_of(registrant) != []  # of the successor, which is registered


async def test_a_succession_is_no_way_round_a_suspension(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, _ = await operator.approved(olu)
    await operator.approved(olu, OdsCode("ZZSUC1"))
    await operator.applications.suspend(application, "An incident.", by=olu)
    today = operator.office.clock.now.date()
    ahead = Succession(OdsCode("ZZSUC1"), today + timedelta(days=2), today + timedelta(days=30))

    with pytest.raises(Conflict) as refused:
        await operator.applications.succeed(application, ahead, by=olu)

    assert refused.value.code == "application_suspended"


async def test_whoever_sits_at_the_other_end_is_closed_out_and_the_organisation_invited_anew(
    operator: Operator,
) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.received(olu)

    closed = await operator.applications.close(application, "Nobody there applied.", by=olu)
    again, _ = await operator.approved(olu)

    assert closed.state == ApplicationState.CLOSED
    assert connection in operator.wallets.ended
    assert closed.status is not None
    assert closed.status["content"]["state"] == "declined"
    status = (await operator.applications.get(again)).status
    assert status is not None
    assert status["content"]["version"] > closed.status["content"]["version"]


async def test_what_was_approved_is_not_simply_closed(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, _ = await operator.approved(olu)

    with pytest.raises(Conflict):
        await operator.applications.close(application, "A mistake.", by=olu)
    assert (await operator.applications.get(application)).state == ApplicationState.APPROVED


async def test_who_applies_again_and_again_is_not_heard_each_time(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.received(olu)

    with pytest.raises(Conflict) as refused:
        await operator.applications.applied(connection, an_application(id="application-2"))
    assert refused.value.code == "too_soon"
    operator.office.clock.pass_time(timedelta(seconds=30))
    await operator.applications.applied(connection, an_application(id="application-2"))

    row = await operator.applications.get(application)
    assert row.application is not None
    assert row.application["id"] == "application-2"


async def test_every_call_back_and_decision_is_kept_as_it_was(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.received(olu)
    call = a_call(await operator.code(connection))
    await operator.applications.called_back(application, call, by=olu)
    operator.office.clock.pass_time(timedelta(seconds=1))
    await operator.applications.approve(application, by=olu)
    operator.office.clock.pass_time(timedelta(seconds=1))
    await operator.applications.suspend(application, "An incident.", by=olu)

    kept = await operator.applications.evidence.of(application)

    assert [row.kind for row in kept] == ["call back", "status", "status"]
    assert kept[0].content["number_from"] == "the national directory"
    assert [row.content["content"]["state"] for row in kept[1:]] == ["approved", "suspended"]


@pytest.mark.parametrize(
    "changes",
    [
        {"registrant": {"name": "Dele\x00"}},
        {
            "details": {
                "contact": {"name": "HR", "email": "hr\x00@northmoor.example", "phone": "+44 20 7946 0000"}
            }
        },
        {"details": {"email_domains": ["northmoor.example\x00"]}},
        {"id": "application\x00"},
        {"unknown": "field"},
    ],
)
def test_what_could_not_be_kept_has_not_the_form_of_an_application(changes: Json) -> None:
    ToldApplication.model_validate_json(json.dumps(an_application()))

    with pytest.raises(ValidationError):
        ToldApplication.model_validate_json(json.dumps(an_application(**changes)))


async def test_a_did_that_is_longer_than_any_is_no_entry_in_the_trust_list(operator: Operator) -> None:
    olu, _ = await operator.staff()
    application, connection = await operator.approved(olu)
    did = f"{DID}:{'x' * 300}"
    said = {"ods_code": APPLICANT, "did": did}
    request = {"type": TRUST_STATEMENT, "issuer": did, "issued": "2026-11-01T12:00:00Z", "content": said}

    with pytest.raises(InvalidInput):
        await operator.applications.trust_requested(connection, request)
    assert (await operator.applications.get(application)).did is None
