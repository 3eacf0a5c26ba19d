"""What states are called on pages, and in which colour."""

from dataclasses import dataclass
from datetime import date

from agent.domain.check_gaps import Lack
from agent.domain.credentials import (
    CredentialFormat,
    CredentialState,
    CredentialType,
    RejectionReason,
    RevocationReason,
)
from agent.domain.passport import PassportState
from agent.domain.ports.staff_records import Agreement
from agent.domain.review import Decision, ReviewState, Standing, Verdict
from agent.domain.workforce import CheckOutcome, CheckType


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
AGREEMENT = {
    Agreement.AGREES: Word("Agrees", "green"),
    Agreement.DIFFERS: Word("Differs", "red"),
    Agreement.NOT_GIVEN: Word("Not given", "grey"),
}
CHECK = {
    CheckType.IDENTITY: "Identity",
    CheckType.RIGHT_TO_WORK: "Right to work",
    CheckType.REGISTRATION: "Professional registration and qualifications",
    CheckType.HISTORY: "Employment history and references",
    CheckType.CRIMINAL_RECORD: "Criminal record",
    CheckType.WORK_HEALTH: "Work health assessment",
}
OUTCOME = {
    CheckOutcome.CLEAR: "Clear",
    CheckOutcome.NOT_REQUIRED: "Not required",
    CheckOutcome.PENDING: "Pending",
    CheckOutcome.NOT_CLEAR: "Not clear",
}
LACK = {
    Lack.ABSENT: Word("Missing", "red"),
    Lack.PENDING: Word("Pending", "yellow"),
    Lack.NOT_CLEAR: Word("Not clear", "red"),
    Lack.LAPSED: Word("Lapsed", "red"),
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
CREDENTIAL_STATE = {
    CredentialState.OFFERING: Word("Being offered", "blue"),
    CredentialState.PENDING: Word("Offered", "blue"),
    CredentialState.ISSUING: Word("Being issued", "blue"),
    CredentialState.ISSUED: Word("Sent", "blue"),
    CredentialState.ACTIVE: Word("Issued", "green"),
    CredentialState.REJECTED: Word("Declined", "red"),
    CredentialState.WITHDRAWN: Word("Withdrawn", "grey"),
    CredentialState.FAILED: Word("Failed", "red"),
    CredentialState.REVOKING: Word("Being revoked", "orange"),
    CredentialState.REVOKED: Word("Revoked", "grey"),
    CredentialState.EXPIRED: Word("Expired", "grey"),
}
REVOCATION = {
    RevocationReason.EMPLOYMENT_ENDED: "The employment has ended",
    RevocationReason.SUPERSEDED: "A newer passport takes its place",
    RevocationReason.ISSUED_IN_ERROR: "It was issued in error",
    RevocationReason.DEVICE_LOST: "The phone was lost or stolen",
    RevocationReason.HOLDER_ASKED: "The member of staff asked for it",
    RevocationReason.ORGANISATION_SUCCEEDED: "Another organisation has taken this one's place",
    RevocationReason.OTHER: "Another reason",
}
REJECTION = {
    RejectionReason.DUPLICATE: "They have it already.",
    RejectionReason.INCORRECT: "They say that something in it is wrong.",
    RejectionReason.NO_LONGER_WANTED: "They do not want it any more.",
    RejectionReason.OTHER: "They gave another reason.",
}
TASK_REASON = {
    "duplicate": "They have it already",
    "incorrect": "Something in it is wrong",
    "other": "Another reason",
}
"""Why somebody declined; what the staff record says is read as it is."""
FORMAT = {
    CredentialFormat.ANONCREDS: "AnonCreds",
    CredentialFormat.W3C: "W3C",
}


def written(day: date) -> str:
    """A day as people write it."""
    return f"{day.day} {day:%B %Y}"
