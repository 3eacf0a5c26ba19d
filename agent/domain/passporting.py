"""Which assignments may be passported at all: told when one is chosen, judged when one is attested."""

from dataclasses import dataclass
from datetime import date

from agent.domain.errors import Refusal
from agent.domain.policy import Policy
from agent.domain.workforce import Assignment, AssignmentStatus

PASSPORTED_STATUSES = frozenset(
    {
        AssignmentStatus.ACTIVE,
        AssignmentStatus.ACTING_UP,
        AssignmentStatus.INTERNAL_SECONDMENT,
        AssignmentStatus.EXTERNAL_SECONDMENT,
        AssignmentStatus.BANK,
    }
)
"""Who is at work, and may go to work elsewhere."""
OUT_OF_SCOPE_CATEGORIES = frozenset({"agency"})
_ESR = "the ESR team of the employing authority"


@dataclass(frozen=True, slots=True)
class Tenure:
    """An assignment on a day."""

    assignment: Assignment
    on: date


def assignment_is_current(tenure: Tenure) -> Refusal | None:
    """The assignment has started and has not ended; its last day is still part of it."""
    assignment, on = tenure.assignment, tenure.on
    ends = [end for end in (assignment.end, assignment.fixed_term_end) if end is not None]
    if assignment.start > on:
        sentence = f"The assignment starts on {assignment.start:%d %B %Y}."
        return Refusal("assignment_not_started", sentence, _ESR)
    if ends and min(ends) < on:
        return Refusal("assignment_ended", f"The assignment ended on {min(ends):%d %B %Y}.", _ESR)
    return None


def status_may_be_passported(tenure: Tenure) -> Refusal | None:
    """Nobody who is suspended, away or leaving is passported."""
    status = tenure.assignment.status
    if status in PASSPORTED_STATUSES:
        return None
    sentence = f"The assignment's status is “{status}”, which cannot be passported."
    return Refusal("assignment_status", sentence, _ESR)


def category_is_in_scope(tenure: Tenure) -> Refusal | None:
    """Agency staff have no employing authority that could attest them."""
    category = tenure.assignment.category
    if category.strip() and category.strip().lower() not in OUT_OF_SCOPE_CATEGORIES:
        return None
    return Refusal("assignment_category", f"The assignment category “{category}” is out of scope.", _ESR)


PASSPORTABLE = Policy(
    "choice of an assignment", (assignment_is_current, status_may_be_passported, category_is_in_scope)
)
