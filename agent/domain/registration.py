"""How an organisation becomes one whose word counts, and how it ends."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from agent.domain.errors import Conflict
from agent.domain.workforce import OdsCode, Vpd


class RegistrationState(StrEnum):
    """Where a registration stands. Only the operator moves it beyond `submitted`."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"  # the organisation is a registered data controller
    DECLINED = "declined"  # with a reason; it may be mended and submitted again
    SUSPENDED = "suspended"
    SUCCEEDED = "succeeded"  # another organisation has taken its place


NEXT: dict[RegistrationState, frozenset[RegistrationState]] = {
    RegistrationState.DRAFT: frozenset({RegistrationState.SUBMITTED}),
    RegistrationState.SUBMITTED: frozenset(
        # A draft again by another invitation, where the connection of the first leads nowhere any more.
        {RegistrationState.APPROVED, RegistrationState.DECLINED, RegistrationState.DRAFT}
    ),
    RegistrationState.DECLINED: frozenset({RegistrationState.SUBMITTED}),
    RegistrationState.APPROVED: frozenset({RegistrationState.SUSPENDED, RegistrationState.SUCCEEDED}),
    RegistrationState.SUSPENDED: frozenset({RegistrationState.APPROVED, RegistrationState.SUCCEEDED}),
    RegistrationState.SUCCEEDED: frozenset({RegistrationState.SUSPENDED, RegistrationState.SUCCEEDED}),
}
EDITABLE = frozenset({RegistrationState.DRAFT, RegistrationState.DECLINED})


def moved(state: RegistrationState, to: RegistrationState) -> RegistrationState:
    """The next state. Raises `Conflict` when a registration's life does not lead there."""
    if to not in NEXT[state]:
        raise Conflict(
            f"The registration is {state}, so it cannot become {to}.", code=f"registration_{state}"
        )
    return to


class Capacity(StrEnum):
    """In what capacity somebody registers their organisation."""

    HR_DIRECTOR = "hr_director"
    NOMINATED_DEPUTY = "nominated_deputy"


class Region(StrEnum):
    """The regions of NHS England, and the other nations."""

    EAST_OF_ENGLAND = "East of England"
    LONDON = "London"
    MIDLANDS = "Midlands"
    NORTH_EAST_AND_YORKSHIRE = "North East and Yorkshire"
    NORTH_WEST = "North West"
    SOUTH_EAST = "South East"
    SOUTH_WEST = "South West"
    NORTHERN_IRELAND = "Northern Ireland"
    SCOTLAND = "Scotland"
    WALES = "Wales"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the operator calls back, by a number that it looks up itself."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Nomination:
    """With what an HR director nominated the deputy who registers in their place."""

    director_name: str
    director_email: str
    nominated_on: date
    reference: str  # of the letter or the minute in which it stands


@dataclass(frozen=True, slots=True)
class Details:
    """What an organisation says of itself."""

    ods_code: OdsCode
    name: str
    vpd: Vpd | None
    region: Region
    email_domains: tuple[str, ...]
    contact: Contact


@dataclass(frozen=True, slots=True)
class Succession:
    """What becomes of an organisation that another takes over.

    From `on` it issues nothing. Its credentials count to the end of `credentials_until`, so that the
    successor has time to issue its own; what is left then is revoked.
    """

    successor: OdsCode
    on: date
    credentials_until: date


def read_succession(told: Mapping[str, Any] | None) -> Succession | None:
    """A succession as JSON has it. Raises `KeyError`, `TypeError` or `ValueError` for what is none."""
    if told is None:
        return None
    return Succession(
        OdsCode(told["successor"]),
        date.fromisoformat(told["on"]),
        date.fromisoformat(told["credentials_until"]),
    )


_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"({_LABEL}\.)+{_LABEL}")
EMAIL = re.compile(r"[^@\s\x00-\x1f<>\"(),:;\\\[\]]{1,64}@(?P<domain>[A-Za-z0-9.-]{3,190})")


def domain_of(email: str) -> str | None:
    """The domain of an e-mail address, in lower case; None for what is none."""
    found = EMAIL.fullmatch(email)
    domain = found["domain"].lower() if found else ""
    return domain if DOMAIN.fullmatch(domain) else None
