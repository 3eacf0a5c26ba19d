"""What pages say."""

from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from agent.domain.passport import PassportId, PassportState
from agent.domain.review import ReviewState
from portal.agent_client.passports import Passport, PassportPage
from portal.agent_client.reviews import ReviewPage
from portal.errors import Faulty, NotFound, PageError, Refused, TooOften, Unavailable
from portal.forms.passports import PassportFilter
from portal.pages.errors import FAULT, error_page
from portal.pages.home import IN_PROGRESS, Line, counted, passport_area, review_area
from portal.pages.organisations import Choice
from portal.pages.passports import passport_list
from portal.pages.words import PASSPORT
from portal.presenting import day

IDRIS = Passport(
    id=PassportId("p-1"),
    state=PassportState.INVITED,
    holder_name="Idris Calderford",
    assignment_number="90100011",
    created_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC),
)


def test_every_state_of_a_passport_has_its_words() -> None:
    assert PASSPORT.keys() == set(PassportState)


def test_a_day_is_the_day_in_london() -> None:
    assert day(IDRIS.created_at) == "1 July 2026"


def test_a_count_that_goes_on_says_so() -> None:
    assert (counted(50, more=True), counted(50, more=False)) == ("50 or more", "50")


def test_an_area_leads_to_the_list_of_each_state() -> None:
    pages = {
        PassportState.INVITED: PassportPage(passports=(IDRIS,)),
        PassportState.CONNECTED: PassportPage(passports=()),
    }

    area = passport_area("Invitations", IN_PROGRESS, pages)

    assert area.lines == [
        Line("Invited", "1", "/passports?state=invited"),
        Line("Connected, not confirmed", "0", "/passports?state=connected"),
    ]


def test_reviews_are_counted_by_state() -> None:
    area = review_area({ReviewState.INVITED: ReviewPage(reviews=(), next="on")})

    assert area.lines == [Line("Invited", "0 or more")]


def test_a_list_leads_on_within_its_filter_and_back_to_its_beginning() -> None:
    chosen = PassportFilter(PassportState.INVITED, "here")

    shown = passport_list(PassportPage(passports=(IDRIS,), next="a=b&c"), chosen)

    assert [(row.name, row.word.text) for row in shown.rows] == [("Idris Calderford", "Invited")]
    assert shown.next == "/passports?state=invited&cursor=a%3Db%26c"
    assert shown.first == "/passports?state=invited"
    assert [choice["text"] for choice in shown.choices if choice["selected"]] == ["Invited"]


def test_the_only_page_of_a_list_leads_nowhere() -> None:
    shown = passport_list(PassportPage(passports=()), PassportFilter(None, None))

    assert (shown.next, shown.first) == (None, None)


@pytest.mark.parametrize(
    ("choice", "only"),
    [
        (Choice({"ZZNM1": "Northmoor"}, []), "ZZNM1"),
        (Choice({"ZZNM1": "Northmoor"}, ["Calder Bay"]), None),  # whose agent may know the person too
        (Choice({"ZZNM1": "Northmoor", "ZZCB1": "Calder Bay"}, []), None),
        (Choice({}, []), None),
    ],
)
def test_one_organisation_is_no_choice_unless_another_did_not_answer(
    choice: Choice, only: str | None
) -> None:
    assert choice.only == only


@pytest.mark.parametrize("kind", [NotFound, Refused, TooOften, Unavailable])
def test_an_error_page_says_what_happened_and_what_to_do(kind: type[PageError]) -> None:
    page = error_page(kind("code", ("The passport is closed.",)))

    assert page.heading != FAULT[0]
    assert page.advice.endswith(".")
    assert page.sentences == ("The passport is closed.",)


def test_what_nobody_foresaw_is_our_fault() -> None:
    error = Faulty("internal_error ValueError at somewhere")

    assert error.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert error_page(error).heading == FAULT[0]
    assert "ValueError" not in error_page(error).advice
