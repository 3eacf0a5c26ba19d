"""Why a sign-in at a provider came to nothing."""

from enum import StrEnum


class Reason(StrEnum):
    """For the log; what the person reads of it stands in `portal.pages.sign_in`."""

    CANCELLED = "cancelled_at_provider"
    NOT_BEGUN_HERE = "not_begun_in_this_browser"
    UNAVAILABLE = "provider_unavailable"
    NOT_UNDERSTOOD = "provider_not_understood"
    TOO_WEAK = "assurance_not_accepted"
    NO_EMAIL = "email_missing"
    EMAIL_NOT_PROVEN = "email_not_verified"
    ANOTHER_SUBJECT = "email_of_another_subject"


class NotSignedInThere(Exception):
    """Nobody was signed in. `detail` is a code for the log, and has nothing of the person."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
