"""The registration's steps, and the operator's queue, as forms read them and pages show them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.domain.actors import PERMISSIONS, Role
from agent.domain.registration import RegistrationState
from portal.agent_client.applications import Application, ApplicationState, Decision
from portal.agent_client.registration import Left, Organisation, Registration
from portal.agent_client.terms import TermsOverview
from portal.forms.applications import CallBackForm, InviteForm, ReasonForm
from portal.forms.registration import DetailsForm, InvitationForm
from portal.pages import applications
from portal.pages.our_organisation import notices
from portal.pages.registration import STATES, TaskList, task_list

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OWN = Organisation(ods_code="ZZCB1", name="Calder Bay", vpd="902", did=None)
NO_TERMS = TermsOverview(terms=(), acceptances=())
DIRECTOR = PERMISSIONS[Role.HR_DIRECTOR]
SAID = {
    "name": "Calder Bay",
    "region": "North West",
    "domains": "@Calder-Bay.example,\n other.example",
    "contact_name": "HR",
    "contact_email": "hr@calder-bay.example",
    "contact_phone": "+44 20 7946 0000",
    "capacity": "hr_director",
}
DEPUTY = {
    "capacity": "nominated_deputy",
    "director_name": "Morwenna Dray",
    "director_email": "m@calder-bay.example",
    "nominated_on[day]": "27",
    "nominated_on[month]": "3",
    "nominated_on[year]": "2026",
    "reference": "Letter 1",
}
UNREGISTERED = (
    "details_missing",
    "email_not_proven",
    "operator_not_connected",
    "not_submitted",
    "passport_terms_not_accepted",
    "administrators_not_nominated",
    "administrators_not_signed_in",
    "not_activated",
)


def a_registration(*left: str, state: RegistrationState = RegistrationState.DRAFT) -> Registration:
    missing = tuple(Left(code=code, sentence=f"{code}.", mended_by="somebody") for code in left)
    nothing = dict.fromkeys(Registration.model_fields)
    told = {"state": state, "active": not left, "missing": missing, "reason": "Nobody answers."}
    return Registration.model_validate(nothing | told)


def steps(*left: str, state: RegistrationState = RegistrationState.DRAFT) -> TaskList:
    return task_list(a_registration(*left, state=state), NO_TERMS, DIRECTOR, None)


def words(shown: TaskList) -> list[str]:
    return [task.word.text for task in shown.tasks]


def test_every_state_has_its_words() -> None:
    assert STATES.keys() == set(RegistrationState)
    assert applications.STATES.keys() == applications.POSSIBLE.keys() == set(ApplicationState)
    assert applications.CHOICES.keys() == set(Decision)


def test_at_the_beginning_only_what_can_be_begun_leads_on() -> None:
    shown = steps(*UNREGISTERED)

    begun = [task.text for task in shown.tasks if task.href is not None]
    assert begun[:2] == ["Organisation details", "The operator's invitation"]
    assert words(shown)[:5] == ["To do", "Cannot start yet", "To do", "Cannot start yet", "Cannot start yet"]
    assert len(shown.missing) == len(UNREGISTERED)


def test_what_was_prepared_is_sent() -> None:
    shown = steps("not_submitted", "not_activated")

    assert words(shown)[:4] == ["Done", "Done", "Done", "To do"]
    assert shown.tasks[3].href == "/registration/submission"


def test_while_the_operator_decides_there_is_nothing_to_send() -> None:
    shown = steps("not_approved", "not_activated", state=RegistrationState.SUBMITTED)

    assert words(shown)[3:5] == ["Done", "Waiting"]
    assert shown.tasks[3].href is None


def test_what_was_declined_says_why_and_can_be_sent_again() -> None:
    shown = steps("registration_declined", "not_activated", state=RegistrationState.DECLINED)

    assert shown.tasks[4].hint == "The reason: Nobody answers."
    assert shown.tasks[3].href == "/registration/submission"


def test_activation_comes_last() -> None:
    last = steps("not_activated", state=RegistrationState.APPROVED).tasks[-1]
    early = steps("administrators_not_signed_in", "not_activated", state=RegistrationState.APPROVED).tasks[-1]

    assert (last.word.text, last.href) == ("To do", "/registration/activation")
    assert (early.word.text, early.href) == ("Cannot start yet", None)


def test_an_auditor_reads_the_steps_and_takes_none() -> None:
    shown = task_list(a_registration(*UNREGISTERED), NO_TERMS, PERMISSIONS[Role.AUDITOR], None)

    assert {task.href for task in shown.tasks} == {None, "/terms/passport"}


def test_what_is_left_is_told_to_whoever_registers_until_it_is_done() -> None:
    assert [each.href for each in notices(a_registration("not_activated"), NO_TERMS)] == ["/registration"]
    assert notices(a_registration(), NO_TERMS) == []
    assert notices(None, NO_TERMS) == []


def test_details_are_of_the_organisation_for_which_the_agent_speaks() -> None:
    body = DetailsForm.read({**SAID, "ods": "ZZNM1"}).body(OWN)

    assert (body["ods_code"], body["vpd"], body["nomination"]) == ("ZZCB1", "902", None)
    assert body["email_domains"] == ["calder-bay.example", "other.example"]


def test_a_deputy_says_who_nominated_them() -> None:
    form = DetailsForm.read(SAID | DEPUTY)

    assert form.errors == ()
    assert form.body(OWN)["nomination"] == {
        "director_name": "Morwenna Dray",
        "director_email": "m@calder-bay.example",
        "nominated_on": "2026-03-27",
        "reference": "Letter 1",
    }
    without = DetailsForm.read(SAID | {"capacity": "nominated_deputy"}).errors
    assert [error.field for error in without] == [
        "director_name",
        "director_email",
        "nominated_on-day",
        "reference",
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "Mars"),
        ("domains", "no domain"),
        ("contact_phone", "call us"),
        ("name", "x" * 201),
        ("contact_email", "nobody"),
    ],
)
def test_a_detail_that_cannot_be_read_is_named(field: str, value: str) -> None:
    assert [error.field for error in DetailsForm.read(SAID | {field: value}).errors] == [field]


@pytest.mark.parametrize("day", ["31", "0", "one", "", "9" * 30])
def test_a_day_that_is_none_is_named(day: str) -> None:
    said = SAID | DEPUTY | {"nominated_on[month]": "2", "nominated_on[day]": day}

    assert [error.field for error in DetailsForm.read(said).errors] == ["nominated_on-day"]


def test_an_invitation_is_put_together_that_an_e_mail_program_broke() -> None:
    assert InvitationForm.read({"invitation": " https://op.example?oob=\n abc "}).invitation == (
        "https://op.example?oob=abc"
    )
    assert InvitationForm.read({"invitation": "hello"}).errors != ()


def test_a_call_back_is_read_and_what_is_missing_named() -> None:
    said = {"number": "020 7946 0000", "number_from": "a list", "spoke_to": "HR", "code": "1234 5678"}

    assert CallBackForm.read(said | {"confirmed": "no"}).said["confirmed"] is False
    assert CallBackForm.read(said | {"confirmed": "yes"}).said["code"] == "12345678"
    assert len(CallBackForm.read({}).errors) == 5


def test_a_reason_and_a_code_are_needed_and_codes_are_written_in_capitals() -> None:
    assert ReasonForm.read({"reason": "  "}).errors != ()
    assert ReasonForm.read({"reason": "x" * 501}).errors != ()
    assert (InviteForm.read({"ods": " zznm1 "}).ods, InviteForm.read({"ods": "?"}).errors == ()) == (
        "ZZNM1",
        False,
    )


def an_application(state: ApplicationState, **changed: Any) -> Application:
    nothing = dict.fromkeys(Application.model_fields)
    told = {
        "id": "a-1",
        "ods_code": "ZZCB1",
        "state": state,
        "invited_by": "olu",
        "invited_at": NOON,
        "invitation_expires_at": NOON,
    }
    return Application.model_validate(nothing | told | changed)


def test_only_what_is_to_be_decided_leads_to_a_decision() -> None:
    received = applications.shown(an_application(ApplicationState.RECEIVED), None)
    closed = applications.shown(an_application(ApplicationState.CLOSED, reason="Mistaken."), None)

    assert [choice.decision for choice in received.choices] == ["approval", "refusal", "closure"]
    assert received.calls_back
    assert (list(closed.choices), closed.calls_back) == ([], False)


def test_what_somebody_asked_to_restore_leads_to_the_second_persons_page() -> None:
    asked = {"restore_asked_by": "olu", "restore_asked_at": NOON}

    alone = applications.shown(an_application(ApplicationState.SUSPENDED), None)
    second = applications.shown(an_application(ApplicationState.SUSPENDED, **asked), None)

    assert [choice.decision for choice in alone.choices] == ["restoration-request"]
    assert [choice.decision for choice in second.choices] == ["restoration"]


def test_an_organisation_is_called_by_its_code_until_it_has_said_its_name() -> None:
    assert applications.name_of(an_application(ApplicationState.INVITED)) == "ZZCB1"
