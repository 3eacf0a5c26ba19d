"""What an administrator chooses for the organisation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.domain.credentials import PASSPORT_TYPES, CredentialType
from portal.agent_client.local_settings import Days, LocalSettings
from portal.forms.fields import FieldError

PASSPORT, REVIEW = "passport_invitation_days", "review_invitation_days"
TYPES, WAIT = "usual_types", "usual_wait_hours"
TYPE_FIELD = "type_"
CHANGED = FieldError(
    None,
    "Somebody else has changed these settings since you opened them. What you entered is still here,"
    " and is not saved. See what counts at the moment, and save again if yours is to count instead",
)


@dataclass(frozen=True, slots=True)
class LocalSettingsForm:
    """Read, and not yet checked; nothing of what the organisation does not do."""

    passport_days: str
    review_days: str
    types: tuple[CredentialType, ...]
    wait: str
    version: str
    """Of the settings that it was made on."""

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "LocalSettingsForm":
        """Whatever was sent."""
        types = tuple(each for each in PASSPORT_TYPES if f"{TYPE_FIELD}{each}" in sent)
        passport, review = sent.get(PASSPORT, "").strip(), sent.get(REVIEW, "").strip()
        return cls(passport, review, types, sent.get(WAIT, ""), sent.get("version", ""))

    @classmethod
    def of(cls, known: LocalSettings) -> "LocalSettingsForm":
        """As it is shown before anything is changed."""
        passport, review = known.passport_invitation_days, known.review_invitation_days
        return cls(
            "" if passport is None else str(passport.value),
            "" if review is None else str(review.value),
            known.usual_types.value,
            str(known.usual_wait_hours.value),
            str(known.version),
        )

    def on(self, known: LocalSettings) -> "LocalSettingsForm":
        """The same choices, made on what is known by now."""
        return replace(self, version=str(known.version))

    def errors(self, known: LocalSettings) -> tuple[FieldError, ...]:
        """What cannot be chosen, and why."""
        no_reviews = known.review_invitation_days is None
        fits = {
            PASSPORT: _fits(self.passport_days, known.passport_invitation_days),
            REVIEW: _fits(self.review_days, known.review_invitation_days),
            TYPES: no_reviews or bool(self.types),
            WAIT: no_reviews or self.wait in map(str, known.usual_wait_hours.possible),
        }
        wrong = tuple(said for name, said in at_fields(known).items() if not fits[name])
        return wrong if _is_number(self.version) else (*wrong, CHANGED)

    def said(self, known: LocalSettings) -> dict[str, Any]:
        """As the agent takes it, of a form without errors; what it did not ask for stays as it is."""
        passport, review = known.passport_invitation_days, known.review_invitation_days
        return {
            PASSPORT: None if passport is None else int(self.passport_days),
            REVIEW: None if review is None else int(self.review_days),
            TYPES: known.usual_types.value if review is None else self.types,
            WAIT: known.usual_wait_hours.value if review is None else int(self.wait),
            "version": int(self.version),
        }


def at_fields(known: LocalSettings) -> dict[str, FieldError]:
    """What the form says of each of the API's fields."""
    return {
        PASSPORT: FieldError(PASSPORT, _enter_days("passports", known.passport_invitation_days)),
        REVIEW: FieldError(REVIEW, _enter_days("reviews", known.review_invitation_days)),
        TYPES: FieldError(TYPES, "Choose at least one thing to ask for"),
        WAIT: FieldError(WAIT, "Choose how long to wait"),
    }


def _enter_days(what: str, days: Days | None) -> str:
    return (
        "" if days is None else f"Enter a whole number of days for {what}, from {days.least} to {days.most}"
    )


def _fits(text: str, days: Days | None) -> bool:
    return days is None or (_is_number(text) and days.least <= int(text) <= days.most)


def _is_number(text: str) -> bool:
    return re.fullmatch("[0-9]{1,9}", text) is not None
