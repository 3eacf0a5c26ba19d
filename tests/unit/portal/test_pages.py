"""What pages say."""

from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from agent.domain.passport import PassportId, PassportState
from portal.agent_client.overview import Counts
from portal.agent_client.overview import Tasks as OpenTasks
from portal.agent_client.passports import Passport, PassportCounts, PassportKinds, PassportPage
from portal.agent_client.reviews import ReviewCounts
from portal.agent_client.search_alerts import SearchAlert, SearchAlertPage
from portal.agent_client.tasks import Task, TaskPage
from portal.errors import Faulty, NotFound, PageError, Refused, TooOften, Unavailable
from portal.forms.passports import PassportFilter
from portal.forms.tasks import TaskList, Whose
from portal.pages.errors import FAULT, error_page
from portal.pages.home import Line, areas, passport_areas, review_area, task_lists
from portal.pages.organisations import Choice
from portal.pages.passports import Choices, passport_list
from portal.pages.search_alerts import alert_list
from portal.pages.tasks import one_task, tasks_page
from portal.pages.words import PASSPORT
from portal.presenting import day

IDRIS = Passport(
    id=PassportId("p-1"),
    state=PassportState.INVITED,
    holder_name="Idris Calderford",
    assignment_number="90100011",
    created_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC),
)

KINDS = PassportKinds(staff_groups=("Medical and Dental",), employment_types=("Permanent",))
A_TASK = Task(
    id="t-1",
    kind="correction",
    passport=PassportId("p-1"),
    reason="incorrect",
    comment="My surname is spelled Calderforde",
    state="open",
    opened_at=datetime(2026, 6, 30, 12, tzinfo=UTC),
    assignee="ottilie@northmoor.example",
    closed_by=None,
    closed_at=None,
    note=None,
)


def test_every_state_of_a_passport_has_its_words() -> None:
    assert PASSPORT.keys() == set(PassportState)


def test_a_day_is_the_day_in_london() -> None:
    assert day(IDRIS.created_at) == "1 July 2026"


def test_an_area_leads_to_the_list_of_each_state() -> None:
    areas = passport_areas(PassportCounts(states={"invited": 1234, "offered": 2, "of a newer agent": 9}))

    assert [area.lines for area in areas] == [
        [
            Line("Invited", "1,234", "/passports?state=invited"),
            Line("Connected, not confirmed", "0", "/passports?state=connected"),
        ],
        [
            Line("Confirmed, not offered", "0", "/passports?state=confirmed"),
            Line("Offered, not accepted", "2", "/passports?state=offered"),
        ],
    ]


def test_reviews_are_counted_by_state_and_by_verdict() -> None:
    area = review_area(ReviewCounts(states={"invited": 3, "connected": 1}, verdicts={"accepted": 2}))

    assert area.lines == [
        Line("Invited", "3", "/reviews?state=invited"),
        Line("Connected", "1", "/reviews?state=connected"),
        Line("Checks passed", "2", "/verdicts?verdict=accepted"),
        Line("Refused", "0", "/verdicts?verdict=refused"),
    ]


def test_the_first_page_has_only_what_its_reader_may_read() -> None:
    reviews = ReviewCounts(states={}, verdicts={})

    assert areas(Counts()) == []
    assert [area.heading for area in areas(Counts(reviews=reviews))] == ["Reviews"]
    assert [area.heading for area in areas(Counts(passports=PassportCounts(states={}), reviews=reviews))] == [
        "Invitations and identity",
        "Waiting for an offer or an answer",
        "Reviews",
    ]
    assert task_lists(OpenTasks()) == []
    assert [
        each.heading for each in task_lists(OpenTasks(mine=TaskPage(tasks=()), others=TaskPage(tasks=())))
    ] == [
        "Your tasks",
        "Tasks of other people",
    ]


def test_a_list_leads_on_within_its_filters_and_back_to_its_beginning() -> None:
    chosen = PassportFilter("cal", PassportState.INVITED, "Students", None, "here")

    shown = passport_list(PassportPage(passports=(IDRIS,), next="a=b&c"), KINDS, chosen)

    assert [(row.name, row.word.text, row.href) for row in shown.rows] == [
        ("Idris Calderford", "Invited", "/passports/p-1")
    ]
    assert shown.next == "/passports?name=cal&state=invited&staff_group=Students&cursor=a%3Db%26c"
    assert shown.first == "/passports?name=cal&state=invited&staff_group=Students"
    assert selected(shown.states) == ["Invited"]
    assert selected(shown.employment_types) == ["All"]


def test_what_was_chosen_stays_chosen_when_there_is_none_like_it() -> None:
    shown = passport_list(PassportPage(passports=()), KINDS, PassportFilter(staff_group="Students"))

    assert selected(shown.staff_groups) == ["Students"]
    assert [choice["text"] for choice in shown.staff_groups] == ["All", "Students", "Medical and Dental"]


def test_the_only_page_of_a_list_leads_nowhere() -> None:
    shown = passport_list(PassportPage(passports=()), KINDS, PassportFilter())

    assert (shown.next, shown.first, shown.narrowed) == (None, None, False)


def selected(choices: Choices) -> list[object]:
    return [choice["text"] for choice in choices if choice["selected"]]


def test_a_list_of_tasks_leads_on_and_to_the_other_one() -> None:
    shown = tasks_page(TaskPage(tasks=(A_TASK,), next="a=b&c"), TaskList(Whose.OTHERS, "here"))

    assert [(line.href, line.text, line.detail) for line in shown.lines] == [
        ("/tasks/t-1", "A member of staff says that something is wrong", "Something in it is wrong")
    ]
    assert (shown.others, shown.first) == ("/tasks?whose=mine", "/tasks?whose=others")
    assert shown.next == "/tasks?whose=others&cursor=a%3Db%26c"


def test_a_task_says_whose_it_is_while_it_is_open() -> None:
    assert told(A_TASK, "Who looks at it") == "ottilie@northmoor.example"
    assert told(A_TASK.model_copy(update={"assignee": "kofi@northmoor.example"}), "Who looks at it") == "You"
    assert told(A_TASK.model_copy(update={"assignee": None}), "Who looks at it") == "Nobody yet"


def test_a_task_that_is_closed_says_what_came_of_it() -> None:
    closed = {"state": "dismissed", "closed_by": "ottilie", "closed_at": IDRIS.created_at, "note": "Spelt so"}
    task = A_TASK.model_copy(update=closed)

    assert told(task, "What came of it") == "There was nothing to do, says ottilie on 1 July 2026"
    assert told(task, "Note") == "Spelt so"
    assert told(task, "Who looks at it") is None


def told(task: Task, row: str) -> object:
    """What one row of the task's page says to Kofi."""
    rows: dict[str, object] = {
        each["key"]["text"]: each["value"]["text"] for each in one_task(task, "kofi@northmoor.example").rows
    }
    return rows.get(row)


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


def test_a_search_alert_says_who_has_seen_to_it() -> None:
    at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    open_one = SearchAlert(id="a", user="samir", misses=5, at=at, acknowledged_by=None, acknowledged_at=None)
    seen = open_one.model_copy(update={"acknowledged_by": "ada", "acknowledged_at": at})

    shown = alert_list(SearchAlertPage(alerts=(open_one, seen), next="a=b"))

    assert [row.seen_to for row in shown.rows] == ["", "ada, on 2 March 2026"]
    assert shown.next == "/search-alerts?cursor=a%3Db"
