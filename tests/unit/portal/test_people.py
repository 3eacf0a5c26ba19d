"""People, as forms read them and pages show them."""

from datetime import UTC, datetime

import pytest

from agent.domain.actors import PERMISSIONS, Role
from portal.agent_client.paths import segment
from portal.agent_client.people import Person, PersonId, PersonPage, PersonStatus, PersonStep
from portal.errors import CannotBeRead, NotFound, Refusal, Refused
from portal.forms.fields import FieldError, of_agent, of_refusal
from portal.forms.people import AT_FIELDS, PeopleFilter, PersonForm
from portal.pages.people import (
    OFFERED_TO,
    POSSIBLE,
    ROLE_HINTS,
    ROLES,
    STATUS,
    STEPS,
    offered,
    people_list,
    record,
    role_items,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
INES = Person(
    id=PersonId("p-1"),
    user="ines@northmoor.example",
    name="Ines Tarrow",
    email="ines@northmoor.example",
    roles=(Role.VERIFIER,),
    status=PersonStatus.ACTIVE,
    employee_number="90100078",
    added_by="pelham@northmoor.example",
    added_at=NOON,
    changed_at=NOON,
    first_signed_in_at=NOON,
)


def test_every_role_status_and_step_has_its_words() -> None:
    assert ROLES.keys() == ROLE_HINTS.keys() == OFFERED_TO.keys() == set(Role)
    assert STATUS.keys() == POSSIBLE.keys() == set(PersonStatus)
    assert STEPS.keys() == set(PersonStep)


def test_a_form_is_read_whatever_spaces_are_in_it() -> None:
    form = PersonForm.read(
        {"name": " Ines ", "email": " i@n.example ", "role_verifier": "yes", "employee_number": "9010 0078"}
    )

    assert form.nomination == {
        "name": "Ines",
        "email": "i@n.example",
        "roles": ["verifier"],
        "employee_number": "90100078",
    }


def test_a_number_is_not_needed() -> None:
    form = PersonForm.read({"name": "Ines", "email": "i@n.example", "role_auditor": "yes"})

    assert form.errors == ()
    assert "employee_number" not in form.nomination


def test_everything_that_is_missing_is_named_at_once() -> None:
    assert [error.field for error in PersonForm.read({}).errors] == ["name", "email", "roles"]


def test_only_what_differs_is_changed() -> None:
    form = PersonForm.of(INES)

    assert form.changes(INES) == {}
    assert PersonForm("Ines", INES.email.upper(), form.roles, "", form.seen).changes(INES) == {
        "name": "Ines",
        "employee_number": None,
    }


def test_a_form_that_was_made_on_an_older_record_is_known() -> None:
    later = INES.model_copy(update={"changed_at": NOON.replace(hour=13)})

    assert PersonForm.of(INES).is_of(INES)
    assert not PersonForm.of(INES).is_of(later)


def test_roles_that_a_form_does_not_ask_about_are_kept() -> None:
    form = PersonForm("A", "a@b.example", frozenset({Role.VERIFIER}), "")

    kept = form.with_kept({Role.HR_DIRECTOR, Role.AUDITOR}, {Role.VERIFIER, Role.AUDITOR})

    assert kept.roles == {Role.VERIFIER, Role.HR_DIRECTOR}


def test_a_director_is_asked_about_directors_and_administrators_alone() -> None:
    held = PERMISSIONS[Role.HR_DIRECTOR]

    assert offered(held, at_operator=False) == (Role.HR_DIRECTOR, Role.ADMINISTRATOR)


def test_operators_are_offered_at_the_operator_alone() -> None:
    held = PERMISSIONS[Role.ADMINISTRATOR]

    assert Role.OPERATOR in offered(held, at_operator=True)
    assert Role.OPERATOR not in offered(held, at_operator=False)


def test_the_first_box_is_where_the_summary_of_errors_leads() -> None:
    items = role_items((Role.VERIFIER, Role.AUDITOR), {Role.AUDITOR})

    assert [(item["id"], item["checked"]) for item in items] == [("roles", False), ("roles-auditor", True)]


def test_nobody_is_led_to_change_their_own_record() -> None:
    own = record(INES, reader="ines@northmoor.example", done=None)
    anothers = record(INES, reader="pelham@northmoor.example", done="suspension")

    assert (own.is_oneself, list(own.steps)) == (True, [])
    assert [step.step for step in anothers.steps] == [PersonStep.SUSPENSION, PersonStep.REMOVAL]
    assert anothers.done == STEPS[PersonStep.SUSPENSION].done


def test_a_page_says_nothing_that_its_address_was_made_up_to_say() -> None:
    assert record(INES, reader="x", done="<b>made up</b>").done is None


def test_a_list_leads_on_within_its_filter() -> None:
    chosen = PeopleFilter(PersonStatus.ACTIVE, None, "In es", "here")

    shown = people_list(PersonPage(people=(INES,), next="on"), chosen)

    assert shown.next == "/people?status=active&name=In+es&cursor=on"
    assert shown.first == "/people?status=active&name=In+es"


@pytest.mark.parametrize("query", [{"status": "asleep"}, {"role": "king"}, {"cursor": "x" * 2_000}])
def test_a_filter_of_no_meaning_is_not_read(query: dict[str, str]) -> None:
    with pytest.raises(CannotBeRead):
        PeopleFilter.read(query)


@pytest.mark.parametrize("identifier", ["", ".", "..", "a/b", "a?b", "a b", "\u00e9", "x" * 121])
def test_an_agent_is_not_asked_about_what_can_be_no_identifier(identifier: str) -> None:
    with pytest.raises(NotFound):
        segment(identifier)


def test_a_refusal_says_who_can_put_it_right() -> None:
    refused = Refused(
        "policy_refused", refusals=(Refusal("two", "Two stay.", "another"), Refusal("x", "No."))
    )

    assert of_refusal(refused) == (
        FieldError(None, "Two stay. Who can put this right: another."),
        FieldError(None, "No."),
    )
    assert of_refusal(Refused("gone", ("It is gone.",))) == (FieldError(None, "It is gone."),)


def test_what_an_agent_cannot_read_is_said_at_the_forms_field() -> None:
    error = CannotBeRead("invalid", fields={"email": "is not an e-mail address", "roles.0": "x"})

    assert [each.field for each in of_agent(error, AT_FIELDS)] == ["email", "roles"]
    with pytest.raises(CannotBeRead):
        of_agent(CannotBeRead("invalid", fields={"body": "x"}), AT_FIELDS)
