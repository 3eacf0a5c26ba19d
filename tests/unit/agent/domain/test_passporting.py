"""Which assignments may be passported, told when one is chosen."""

from datetime import timedelta
from typing import Any

import pytest

from agent.domain.passporting import PASSPORTABLE, PASSPORTED_STATUSES, Tenure
from agent.domain.workforce import AssignmentStatus
from tests.support.staff import TODAY, an_assignment

DAY = timedelta(days=1)


def refusals(**changed: Any) -> list[str]:
    return [each.code for each in PASSPORTABLE.refusals(Tenure(an_assignment(**changed), TODAY))]


def test_the_last_day_of_an_assignment_is_current() -> None:
    assert refusals(end=TODAY) == []
    assert refusals(end=TODAY - DAY) == ["assignment_ended"]
    assert refusals(fixed_term_end=TODAY - DAY) == ["assignment_ended"]


def test_so_is_the_first() -> None:
    assert refusals(start=TODAY) == []
    assert refusals(start=TODAY + DAY) == ["assignment_not_started"]


@pytest.mark.parametrize("status", sorted(set(AssignmentStatus) - PASSPORTED_STATUSES))
def test_nobody_who_is_suspended_away_or_leaving_is_passported(status: AssignmentStatus) -> None:
    assert refusals(status=status) == ["assignment_status"]


@pytest.mark.parametrize("category", ["Agency", " agency ", ""])
def test_agency_staff_are_out_of_scope(category: str) -> None:
    assert refusals(category=category) == ["assignment_category"]


def test_every_reason_is_told_at_once() -> None:
    terminated = AssignmentStatus.TERMINATING
    assert refusals(end=TODAY - DAY, status=terminated, category="Agency") == [
        "assignment_ended",
        "assignment_status",
        "assignment_category",
    ]
