"""What people send, parsed once."""

import pytest

from agent.domain.passport import PassportState
from portal.errors import CannotBeRead
from portal.forms.fields import FieldError, by_field, summary
from portal.forms.organisations import ChoiceForm
from portal.forms.passports import PassportFilter
from portal.forms.sign_in import SignInForm
from portal.forms.tasks import CompletionForm, TaskList, Whose


def test_an_address_counts_however_it_is_written() -> None:
    form = SignInForm.read({"email": " Ottilie@Northmoor.example ", "password": " p ", "code": " 123 456 "})

    assert (form.email, form.password, form.code) == ("ottilie@northmoor.example", " p ", "123 456")
    assert form.errors == ()


def test_every_empty_field_is_named_at_once() -> None:
    errors = SignInForm.read({}).errors

    assert [error.field for error in errors] == ["email", "password", "code"]


def test_a_field_that_is_too_long_is_refused() -> None:
    errors = SignInForm.read({"email": "a" * 10_000, "password": "p", "code": "1"}).errors

    assert errors == (FieldError("email", "This is longer than it can be"),)


def test_an_error_stands_at_its_field_and_in_the_summary() -> None:
    errors = ChoiceForm.read({}).errors

    assert by_field(errors) == {"organisation": {"text": "Choose the organisation that you act for"}}
    assert summary(errors) == [{"text": "Choose the organisation that you act for", "href": "#organisation"}]


def test_a_list_is_of_every_state_unless_one_is_said() -> None:
    assert PassportFilter.read({"state": "", "cursor": ""}) == PassportFilter()
    assert PassportFilter.read({"state": "active", "name": " Zoë ", "cursor": "x"}) == PassportFilter(
        name="Zoë", state=PassportState.ACTIVE, cursor="x"
    )


@pytest.mark.parametrize("query", [{"state": "<script>"}, {"cursor": "x" * 301}, {"name": "x" * 201}])
def test_what_no_page_of_ours_asks_for_cannot_be_read(query: dict[str, str]) -> None:
    with pytest.raises(CannotBeRead):
        PassportFilter.read(query)


@pytest.mark.parametrize("query", [{"whose": "everybodys"}, {"cursor": "x" * 301}])
def test_tasks_are_mine_or_other_peoples(query: dict[str, str]) -> None:
    assert TaskList.read({}) == TaskList(Whose.MINE, None)
    with pytest.raises(CannotBeRead):
        TaskList.read(query)


@pytest.mark.parametrize(
    ("sent", "at"),
    [
        ({"outcome": "done"}, []),
        ({"outcome": "dismissed", "note": "Spelt so in the register"}, []),
        ({}, ["outcome"]),
        ({"outcome": "reopened"}, ["outcome"]),
        ({"outcome": "done", "note": "x" * 501}, ["note"]),
    ],
)
def test_closing_a_task_says_what_came_of_it(sent: dict[str, str], at: list[str]) -> None:
    assert [error.field for error in CompletionForm.read(sent).errors] == at
