"""What a director says of the organisation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.domain.registration import Capacity, Region
from portal.agent_client.registration import Organisation, Registration
from portal.forms.fields import FieldError

LONGEST = 200
LONGEST_FIELD = 4_000
LONGEST_INVITATION = 8_000
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{6,24}")
ALWAYS = ("name", "region", "domains", "contact_name", "contact_email", "contact_phone", "capacity")
OF_A_DEPUTY = ("director_name", "director_email", "nominated_on", "reference")
SENTENCES = {
    "name": "Enter the organisation's name",
    "region": "Choose a region",
    "domains": "Enter the domain of your organisation's e-mail addresses, like northmoor.example",
    "contact_name": "Enter whom to ask for",
    "contact_email": "Enter the contact's e-mail address, like hr@northmoor.example",
    "contact_phone": "Enter a telephone number, like 020 7946 0000",
    "capacity": "Choose in what capacity you register",
    "director_name": "Enter the HR director's name",
    "director_email": "Enter the HR director's e-mail address",
    "nominated_on": "Enter the day of the nomination, like 27 3 2026",
    "reference": "Enter where the nomination stands, like the reference of a letter",
}
NOMINATED_ON = "nominated_on-day"
"""Where a summary of errors leads for the day, which has three fields."""
AT_FIELDS = {
    "name": FieldError("name", SENTENCES["name"]),
    "region": FieldError("region", SENTENCES["region"]),
    "email_domains": FieldError("domains", SENTENCES["domains"]),
    "contact.name": FieldError("contact_name", SENTENCES["contact_name"]),
    "contact.email": FieldError("contact_email", SENTENCES["contact_email"]),
    "contact.phone": FieldError("contact_phone", SENTENCES["contact_phone"]),
    "nomination.director_name": FieldError("director_name", SENTENCES["director_name"]),
    "nomination.director_email": FieldError("director_email", SENTENCES["director_email"]),
    "nomination.nominated_on": FieldError(NOMINATED_ON, SENTENCES["nominated_on"]),
    "nomination.reference": FieldError("reference", SENTENCES["reference"]),
    "ods_code": FieldError(None, "This organisation's agent speaks for another organisation"),
    "vpd": FieldError(None, "This organisation's agent speaks for another organisation"),
}
"""What the form says of each of the API's fields."""
NO_INVITATION = FieldError("invitation", "Paste the whole link that the operator gave you")


@dataclass(frozen=True, slots=True)
class DetailsForm:
    """Read, and not yet checked. `said` has every field by its name."""

    said: Mapping[str, str]

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "DetailsForm":
        """Whatever was sent."""
        return cls({name: value.strip() for name, value in sent.items()})

    @classmethod
    def of(cls, own: Organisation, registration: Registration) -> "DetailsForm":
        """As it is shown before anything is typed: with what was said before, or the name that is known."""
        told = registration.details
        if told is None:
            return cls({"name": own.name})
        said = {
            "name": told.name,
            "region": told.region,
            "domains": "\n".join(told.email_domains),
            "contact_name": told.contact.name,
            "contact_email": told.contact.email,
            "contact_phone": told.contact.phone,
            "capacity": str(registration.capacity or ""),
        }
        return cls(said | _nomination_of(registration))

    @property
    def domains(self) -> list[str]:
        """One a line, or parted by commas or spaces."""
        return [each.lower().lstrip("@") for each in re.split(r"[\s,;]+", self._at("domains")) if each]

    @property
    def is_deputys(self) -> bool:
        """Whether somebody registers in the director's place."""
        return self._at("capacity") == Capacity.NOMINATED_DEPUTY

    @property
    def nominated_on(self) -> date | None:
        """The day, if it is one."""
        try:
            year, month, day = (int(self._at(f"nominated_on[{part}]")) for part in ("year", "month", "day"))
            return date(year, month, day)
        except (ValueError, OverflowError):
            return None

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Which fields cannot be read, and why."""
        asked = (*ALWAYS, *OF_A_DEPUTY) if self.is_deputys else ALWAYS
        wrong = [name for name in asked if not self._fits(name)]
        places = {"nominated_on": NOMINATED_ON}
        return tuple(FieldError(places.get(name, name), SENTENCES[name]) for name in wrong)

    def _fits(self, name: str) -> bool:
        value = self._at(name)
        fits: Mapping[str, bool] = {
            "region": value in set(Region),
            "capacity": value in set(Capacity),
            "domains": bool(self.domains) and all("." in domain for domain in self.domains),
            "contact_phone": PHONE.fullmatch(value) is not None,
            "nominated_on": self.nominated_on is not None,
            "contact_email": "@" in value,
            "director_email": "@" in value,
        }
        return len(value) <= LONGEST_FIELD and fits.get(name, 0 < len(value) <= LONGEST)

    def body(self, own: Organisation) -> dict[str, Any]:
        """As the agent takes it: for the organisation that it speaks for, and no other."""
        return {
            "ods_code": own.ods_code,
            "name": self._at("name"),
            "vpd": own.vpd,
            "region": self._at("region"),
            "email_domains": self.domains,
            "contact": {name: self._at(f"contact_{name}") for name in ("name", "email", "phone")},
            "capacity": self._at("capacity"),
            "nomination": self._nomination if self.is_deputys else None,
        }

    @property
    def _nomination(self) -> dict[str, Any]:
        on = self.nominated_on
        told = {name: self._at(name) for name in ("director_name", "director_email", "reference")}
        return told | {"nominated_on": None if on is None else on.isoformat()}

    def _at(self, name: str) -> str:
        return self.said.get(name, "")


def _nomination_of(registration: Registration) -> dict[str, str]:
    told = registration.nomination
    if told is None:
        return {}
    return {
        "director_name": told.director_name,
        "director_email": told.director_email,
        "reference": told.reference,
        "nominated_on[day]": str(told.nominated_on.day),
        "nominated_on[month]": str(told.nominated_on.month),
        "nominated_on[year]": str(told.nominated_on.year),
    }


@dataclass(frozen=True, slots=True)
class InvitationForm:
    """The operator's link."""

    invitation: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "InvitationForm":
        """Whatever was sent; a link has no spaces, though e-mail programs put line breaks into one."""
        return cls("".join(sent.get("invitation", "").split()))

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether it can be a link."""
        fits = "://" in self.invitation and len(self.invitation) <= LONGEST_INVITATION
        return () if fits else (NO_INVITATION,)
