"""The list behind the numbers of verdicts on the first page."""

from datetime import UTC, datetime

import pytest

from agent.domain.review import Decision, Verdict
from portal.agent_client.reviews import Judged, VerdictPage
from portal.errors import CannotBeRead
from portal.forms.verdicts import VerdictFilter
from portal.pages.verdicts import verdict_list
from portal.pages.words import DECISION, VERDICT

JUDGED = Judged.model_validate(
    {
        "id": "q-1",
        "review": "r-1",
        "purpose": "Starting work on Ward 4",
        "verdict": "refused",
        "requested_by": "wanjiru",
        "requested_at": datetime(2026, 6, 30, 11, 5, tzinfo=UTC),
        "decision": "rejected",
    }
)


def test_without_a_choice_what_passed_is_listed() -> None:
    assert VerdictFilter.read({}) == VerdictFilter(Verdict.ACCEPTED, None)


@pytest.mark.parametrize("query", [{"verdict": ""}, {"verdict": "<script>"}, {"cursor": "x" * 301}])
def test_a_verdict_that_there_is_not_cannot_be_read(query: dict[str, str]) -> None:
    with pytest.raises(CannotBeRead):
        VerdictFilter.read(query)


def test_a_row_leads_to_its_request_and_the_list_on_within_its_verdict() -> None:
    shown = verdict_list(
        VerdictPage(presentation_requests=(JUDGED,), next="a=b"), VerdictFilter(Verdict.REFUSED, "here")
    )

    assert shown.word == VERDICT[Verdict.REFUSED]
    assert [(row.href, row.decided) for row in shown.rows] == [
        ("/reviews/r-1/requests/q-1", DECISION[Decision.REJECTED])
    ]
    assert (shown.next, shown.first) == (
        "/verdicts?verdict=refused&cursor=a%3Db",
        "/verdicts?verdict=refused",
    )
    assert [choice["value"] for choice in shown.choices if choice["selected"]] == ["refused"]
    assert len(shown.choices) == len(Verdict)


def test_nobodys_decision_is_none() -> None:
    open_one = JUDGED.model_copy(update={"decision": None})
    shown = verdict_list(VerdictPage(presentation_requests=(open_one,)), VerdictFilter(Verdict.REFUSED, None))

    assert (shown.rows[0].decided, shown.next, shown.first) == (None, None, None)
