"""Which employment checks are missing, unsettled or lapsed."""

from dataclasses import replace
from datetime import timedelta

from agent.domain.check_gaps import CheckGap, Lack, check_gaps
from agent.domain.workforce import CheckOutcome, CheckType, EmploymentCheck
from tests.support.esr import TODAY

COMPLETE = tuple(EmploymentCheck(kind, CheckOutcome.CLEAR, TODAY, "HR", None) for kind in CheckType)


def with_first(check: EmploymentCheck) -> tuple[EmploymentCheck, ...]:
    return (check, *COMPLETE[1:])


def test_six_settled_checks_have_no_gap() -> None:
    assert check_gaps(COMPLETE, on=TODAY) == ()
    assert check_gaps(with_first(replace(COMPLETE[0], outcome=CheckOutcome.NOT_REQUIRED)), on=TODAY) == ()


def test_an_absent_check_is_a_gap_and_never_a_success() -> None:
    assert check_gaps(COMPLETE[1:], on=TODAY) == (CheckGap(CheckType.IDENTITY, Lack.ABSENT),)
    assert len(check_gaps((), on=TODAY)) == 6


def test_a_pending_or_failed_check_is_a_gap() -> None:
    pending = with_first(replace(COMPLETE[0], outcome=CheckOutcome.PENDING))
    failed = with_first(replace(COMPLETE[0], outcome=CheckOutcome.NOT_CLEAR))
    assert check_gaps(pending, on=TODAY) == (CheckGap(CheckType.IDENTITY, Lack.PENDING),)
    assert check_gaps(failed, on=TODAY) == (CheckGap(CheckType.IDENTITY, Lack.NOT_CLEAR),)


def test_the_day_of_expiry_is_still_covered_and_the_next_is_not() -> None:
    checks = with_first(replace(COMPLETE[0], expires_on=TODAY))
    assert check_gaps(checks, on=TODAY) == ()
    assert check_gaps(checks, on=TODAY + timedelta(days=1)) == (CheckGap(CheckType.IDENTITY, Lack.LAPSED),)
