"""What states are called on pages, and in which colour."""

from dataclasses import dataclass

from agent.domain.passport import PassportState
from agent.domain.review import ReviewState, Verdict


@dataclass(frozen=True, slots=True)
class Word:
    """A state in plain words; `colour` is one of the design system's tags."""

    text: str
    colour: str


PASSPORT = {
    PassportState.INVITED: Word("Invited", "blue"),
    PassportState.CONNECTED: Word("Connected, not confirmed", "yellow"),
    PassportState.CONFIRMED: Word("Confirmed, not offered", "yellow"),
    PassportState.OFFERED: Word("Offered, not accepted", "blue"),
    PassportState.ACTIVE: Word("Active", "green"),
    PassportState.DEACTIVATED: Word("Deactivated", "grey"),
    PassportState.CLOSED: Word("Closed", "grey"),
}
TASK = {
    "correction": "A member of staff says that something is wrong",
    "staff_change": "The staff record has changed",
}
TASK_REASON = {
    "duplicate": "They have it already",
    "incorrect": "Something in it is wrong",
    "other": "Another reason",
}
"""Why somebody declined; what the staff record says is read as it is."""
REVIEW = {ReviewState.INVITED: "Invited", ReviewState.CONNECTED: "Connected", ReviewState.CLOSED: "Closed"}
VERDICT = {Verdict.ACCEPTED: "Accepted", Verdict.REFUSED: "Refused"}
