"""Whom somebody looks for, whom ESR has, and what their passport would say."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from agent.domain.check_gaps import Lack
from agent.domain.ports.staff_records import Agreement, MatchStrength, SearchState
from agent.domain.workforce import CheckOutcome, CheckType
from portal.agent_client.esr import (
    AnsweredRefusal,
    ComparedField,
    FoundAssignment,
    FoundCheck,
    FoundGap,
    FoundPerson,
    Match,
)
from portal.agent_client.passports import Preview, PreviewedClaim, PreviewedCredential
from portal.errors import CannotBeRead, Refusal, Refused, Unavailable
from portal.forms.fields import FieldError
from portal.forms.issue import AT_FIELDS, AssignmentForm, SearchForm
from portal.pages.errors import again_in, at_the_form, status_of
from portal.pages.issue import check_lines, check_page, match_page, waiting_page

IDRIS = {
    "surname": "Calderford",
    "forenames": "Idris",
    "day": "2",
    "month": "9",
    "year": "1988",
    "ni_number": "SA 30 51 18 D",
}
PERSON = FoundPerson(
    employee_number="90100011",
    legal_first_name="Idris",
    middle_names="",
    legal_surname="Calderford",
    preferred_name="",
    date_of_birth=date(1988, 9, 2),
    leaving_date=None,
)


def born(day: str, month: str, year: str) -> SearchForm:
    return SearchForm.read(IDRIS | {"day": day, "month": month, "year": year})


def an_assignment(number: str = "90100011", *refusals: str, **changed: Any) -> FoundAssignment:
    known: dict[str, Any] = {
        "number": number,
        "primary": True,
        "status": "Active Assignment",
        "category": "Permanent",
        "fte": "1.00",
        "start": date(2023, 8, 2),
        "end": None,
        "fixed_term_end": None,
        "position_title": "Specialty Registrar",
        "department": "Cardiology",
        "staff_group": "Medical and Dental",
        "pay_band": "",
        "refusals": tuple(AnsweredRefusal(sentence=each, mended_by="the ESR team") for each in refusals),
    }
    return FoundAssignment(**known | changed)


def a_match(*assignments: FoundAssignment, **changed: Any) -> Match:
    fields = {
        "surname": Agreement.AGREES,
        "forenames": Agreement.AGREES,
        "date_of_birth": Agreement.AGREES,
        "ni_number": Agreement.AGREES,
        "number": Agreement.NOT_GIVEN,
    }
    known: dict[str, Any] = {
        "search": "s-1",
        "state": SearchState.FOUND,
        "strength": MatchStrength.STRONG,
        "fields": tuple(ComparedField(name=name, agreement=how) for name, how in fields.items()),
        "expires_at": datetime(2026, 11, 23, 10, 30, tzinfo=UTC),
        "person": PERSON,
        "assignments": assignments,
        "checks": (),
        "gaps": (),
    }
    return Match(**known | changed)


def test_what_was_typed_is_said_as_the_agent_takes_it() -> None:
    form = SearchForm.read(IDRIS)

    assert form.errors == ()
    assert form.said == {
        "surname": "Calderford",
        "forenames": "Idris",
        "date_of_birth": "1988-09-02",
        "ni_number": "SA 30 51 18 D",
        "number": None,
    }


@pytest.mark.parametrize("month", ["9", "09", "Sep", "september", "SEPT"])
def test_a_month_may_be_named(month: str) -> None:
    assert born("2", month, "1988").date_of_birth == date(1988, 9, 2)


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [("31", "2", "1980"), ("29", "2", "1983"), ("0", "1", "1980"), ("1", "13", "1980"), ("x", "y", "1980")],
)
def test_a_day_that_there_was_not_is_no_date(day: str, month: str, year: str) -> None:
    errors = born(day, month, year).errors

    assert errors == (FieldError("date_of_birth-day", "Date of birth must be a real date"),)


def test_the_29th_of_february_of_a_leap_year_is_a_date() -> None:
    assert born("29", "2", "1984").errors == ()


@pytest.mark.parametrize("year", ["80", "19", "198", "nineteen"])
def test_a_year_has_four_numbers(year: str) -> None:
    assert born("1", "2", year).errors == (FieldError("date_of_birth-year", "Year must include 4 numbers"),)


def test_a_part_of_the_date_that_is_missing_is_named_and_led_to() -> None:
    assert born("1", "", "").errors == (
        FieldError("date_of_birth-month", "Date of birth must include a month and year"),
    )


def test_digits_of_other_scripts_are_no_date() -> None:
    assert born("٢", "٩", "١٩٨٨").date_of_birth is None


@pytest.mark.parametrize(
    "name",
    ["O'Hartfield-Siôn", "d\N{RIGHT SINGLE QUOTATION MARK}Arcy", "van der Berg", "Nguyễn", "李", "Ó Briain"],
)
def test_a_name_is_whatever_people_are_called(name: str) -> None:
    form = SearchForm.read(IDRIS | {"surname": f"  {name} "})

    assert form.errors == ()
    assert form.surname == name


def test_every_empty_field_is_named_from_the_top_down() -> None:
    assert [error.field for error in SearchForm.read({}).errors] == [
        "surname",
        "forenames",
        "date_of_birth-day",
    ]


def test_fields_have_an_end() -> None:
    form = SearchForm.read(IDRIS | {"surname": "a" * 101, "ni_number": "b" * 21, "number": "9" * 21})

    assert [error.field for error in form.errors] == ["surname", "ni_number", "number"]


def test_what_the_agent_says_of_a_field_stands_at_it() -> None:
    error = CannotBeRead("invalid_input", fields={"date_of_birth": "Too young.", "other": "Wrong."})

    assert at_the_form(error, AT_FIELDS) == (
        FieldError("date_of_birth-day", "Too young."),
        FieldError(None, "Wrong."),
    )


def test_every_clause_that_failed_is_said_with_who_can_put_it_right() -> None:
    refusals = (Refusal("a", "You have no role.", "your ESR team"), Refusal("b", "It is shut."))

    told = at_the_form(Refused("refused", ("You have no role.", "It is shut."), refusals=refusals))

    assert told == (
        FieldError(None, "You have no role. Who can put this right: your ESR team."),
        FieldError(None, "It is shut."),
    )


def test_an_esr_that_does_not_answer_says_when_to_try_again() -> None:
    error = Unavailable("esr_unavailable", ("ESR does not answer.",), retry_after=61)

    assert [each.sentence for each in at_the_form(error)] == [
        "ESR does not answer.",
        "Try again in 2 minutes.",
    ]
    assert (status_of(error), status_of(Refused("x"))) == (503, 422)
    assert (again_in(None), again_in(5)) == ("Try again in a few minutes.", "Try again in 1 minute.")


def test_each_field_stands_beside_what_esr_says_but_for_the_ni_number() -> None:
    page = match_page(a_match(an_assignment()), PERSON, SearchForm.read(IDRIS))

    assert [(row.typed, row.recorded, row.word.text) for row in page.rows] == [
        ("Calderford", "Calderford", "Agrees"),
        ("Idris", "Idris", "Agrees"),
        ("2 September 1988", "2 September 1988", "Agrees"),
        ("SA 30 51 18 D", "Compared, and never shown", "Agrees"),
        ("Not given", "90100011", "Not given"),
    ]


def test_what_was_typed_and_is_not_known_any_more_is_said_to_be_so() -> None:
    page = match_page(a_match(), PERSON, SearchForm())

    assert {row.typed for row in page.rows} == {"Not kept", "Not given"}


def test_an_assignment_that_may_not_be_passported_cannot_be_chosen_and_says_why() -> None:
    barred = an_assignment("90100011-2", "The assignment ended on 1 May 2026.")

    page = match_page(a_match(an_assignment(), barred), PERSON, SearchForm.read(IDRIS))

    assert [choice["value"] for choice in page.choices] == ["90100011"]
    assert [each.reasons for each in page.barred] == [
        ["The assignment ended on 1 May 2026. Who can put this right: the ESR team."]
    ]


def test_nothing_is_chosen_for_anybody() -> None:
    page = match_page(a_match(an_assignment()), PERSON, SearchForm.read(IDRIS))

    assert not any("checked" in choice for choice in page.choices)
    assert AssignmentForm.read({}).errors != ()


def test_of_whom_a_second_person_has_to_confirm_nothing_of_esr_is_shown() -> None:
    match = a_match(person=None, state=SearchState.AWAITING, strength=MatchStrength.WEAK)

    page = waiting_page(match, SearchForm.read(IDRIS))

    assert not page.refused
    assert {row.recorded for row in page.rows} == {""}


def test_a_check_that_is_missing_stands_among_the_others() -> None:
    identity = FoundCheck(
        type=CheckType.IDENTITY,
        outcome=CheckOutcome.CLEAR,
        checked_on=date(2024, 1, 2),
        expires_on=date(2026, 1, 2),
    )
    gaps = (
        FoundGap(type=CheckType.IDENTITY, lack=Lack.LAPSED),
        FoundGap(type=CheckType.WORK_HEALTH, lack=Lack.ABSENT),
    )

    first, *_, last = check_lines(a_match(checks=(identity,), gaps=gaps))

    assert first.told == "Clear, checked on 2 January 2024, good until 2 January 2026"
    assert first.gap is not None
    assert first.gap.text == "Lapsed"
    assert (last.label, last.told) == ("Work health assessment", "No record in ESR")


def test_a_preview_says_what_is_said_as_people_write_it_and_nothing_of_what_is_not() -> None:
    claims = (
        PreviewedClaim(label="Born", type="date", value="1988-09-02"),
        PreviewedClaim(label="Middle names", type="string", value=""),
        PreviewedClaim(label="Barred", type="boolean", value="false"),
    )
    preview = Preview(
        credentials=(PreviewedCredential(type="identity", title="Staff identity", claims=claims),),
        refusals=(AnsweredRefusal(sentence="Checks with gaps.", mended_by="HR"),),
    )

    page = check_page(a_match(), PERSON, an_assignment(), preview)

    (identity,) = page.credentials
    assert [(row["key"], row["value"]) for row in identity.rows] == [
        ({"text": "Born"}, {"text": "2 September 1988", "classes": "portal-wide"}),
        ({"text": "Barred"}, {"text": "No", "classes": "portal-wide"}),
    ]
    assert page.obstacles == ["Checks with gaps. Who can put this right: HR."]
