"""Which employment checks are not as they should be, and in what way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from agent.domain.workforce import CheckOutcome, CheckType, EmploymentCheck


class Lack(StrEnum):
    """What is the matter with a check."""

    ABSENT = "absent"  # ESR has no such check
    PENDING = "pending"
    NOT_CLEAR = "not_clear"
    LAPSED = "lapsed"  # its expiry or next date has passed


@dataclass(frozen=True, slots=True)
class CheckGap:
    """One check that is not as it should be."""

    type: CheckType
    lack: Lack


def check_gaps(checks: Iterable[EmploymentCheck], *, on: date) -> tuple[CheckGap, ...]:
    """The gaps on a day, in the order of the standards. The day of expiry is still covered."""
    known = {check.type: check for check in checks}
    lacks = ((kind, _lack(known.get(kind), on)) for kind in CheckType)
    return tuple(CheckGap(kind, lack) for kind, lack in lacks if lack is not None)


def _lack(check: EmploymentCheck | None, on: date) -> Lack | None:
    if check is None:
        return Lack.ABSENT
    if check.outcome is CheckOutcome.PENDING:
        return Lack.PENDING
    if check.outcome is CheckOutcome.NOT_CLEAR:
        return Lack.NOT_CLEAR
    return Lack.LAPSED if check.expires_on is not None and check.expires_on < on else None
