"""What states are called on pages, and in which colour."""

from dataclasses import dataclass

from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.passport import PassportState
from agent.domain.review import Decision, ReviewState, Standing, Verdict


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
REVIEW = {
    ReviewState.INVITED: Word("Invited", "blue"),
    ReviewState.CONNECTED: Word("Connected", "green"),
    ReviewState.CLOSED: Word("Closed", "grey"),
}
VERDICT = {
    Verdict.REQUESTING: Word("Being sent", "blue"),
    Verdict.REQUESTED: Word("Waiting for the person", "blue"),
    Verdict.JUDGING: Word("Being checked", "yellow"),
    Verdict.ACCEPTED: Word("Checks passed", "green"),
    Verdict.REFUSED: Word("Refused", "red"),
    Verdict.DECLINED: Word("The person said no", "grey"),
    Verdict.UNAVAILABLE: Word("Nobody can tell", "orange"),
}
DECISION = {
    Decision.ACCEPTED: Word("Accepted", "green"),
    Decision.REJECTED: Word("Rejected", "red"),
}
STANDING = {
    Standing.HOLDS: Word("Counts", "green"),
    Standing.SUSPENDED: Word("Suspended by its issuer", "orange"),
    Standing.REVOKED: Word("Revoked by its issuer", "red"),
    Standing.ISSUER_NOT_TRUSTED: Word("Its issuer is not trusted any more", "red"),
}
CREDENTIAL = {
    CredentialType.IDENTITY: "Identity",
    CredentialType.EMPLOYMENT: "Employment",
    CredentialType.EMPLOYMENT_CHECKS: "Employment checks",
}
FORMAT = {
    CredentialFormat.ANONCREDS: "AnonCreds",
    CredentialFormat.W3C: "W3C",
}
