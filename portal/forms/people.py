"""Whom somebody looks for, nominates or changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agent.domain.actors import Role
from portal.agent_client.people import Person, PersonStatus
from portal.errors import CannotBeRead
from portal.forms.fields import FieldError

LONGEST_CURSOR = 1200
LONGEST_NAME = 200
LONGEST_EMAIL = 254
AT_FIELDS = {
    "name": FieldError("name", "Enter a name of up to 200 characters"),
    "email": FieldError("email", "Enter an e-mail address, like name@example.org"),
    "roles": FieldError("roles", "Choose at least one role"),
    "employee_number": FieldError("employee_number", "Enter the eight digits of the ESR employee number"),
}
"""What the form says of each of the API's fields."""
EXISTS = FieldError("email", "Somebody with this e-mail address is nominated already")
CHANGED = FieldError(
    None, "Somebody else has changed this record since you opened it. Open it again before you change it"
)
ROLE_FIELD = "role_"


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Of which status, with which role, called how, and from where on."""

    status: PersonStatus | None
    role: Role | None
    name: str | None
    cursor: str | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "PeopleFilter":
        """What a page's address says. Raises `CannotBeRead`."""
        name, cursor = query.get("name", "").strip(), query.get("cursor", "")
        if len(cursor) > LONGEST_CURSOR or len(name) > LONGEST_NAME:
            raise CannotBeRead("filter_too_long")
        return cls(_of(PersonStatus, query, "status"), _of(Role, query, "role"), name or None, cursor or None)


@dataclass(frozen=True, slots=True)
class PersonForm:
    """Read, and not yet checked."""

    name: str
    email: str
    roles: frozenset[Role]
    employee_number: str
    seen: str = ""
    """Of a change: when the record that it was made on had last been changed."""

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "PersonForm":
        """Whatever was sent."""
        name, email = sent.get("name", "").strip(), sent.get("email", "").strip()
        roles = frozenset(role for role in Role if f"{ROLE_FIELD}{role}" in sent)
        number = "".join(sent.get("employee_number", "").split())
        return cls(name, email, roles, number, sent.get("seen", ""))

    @classmethod
    def of(cls, person: Person) -> "PersonForm":
        """As it is shown before anything is changed."""
        number = person.employee_number or ""
        return cls(person.name, person.email, frozenset(person.roles), number, person.changed_at.isoformat())

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Which fields cannot be read, and why."""
        fit = {
            "name": 0 < len(self.name) <= LONGEST_NAME,
            "email": "@" in self.email and len(self.email) <= LONGEST_EMAIL,
            "roles": bool(self.roles),
        }
        return tuple(AT_FIELDS[field] for field, fits in fit.items() if not fits)

    @property
    def nomination(self) -> dict[str, Any]:
        """As the agent takes it."""
        number = {"employee_number": self.employee_number} if self.employee_number else {}
        return {"name": self.name, "email": self.email, "roles": sorted(self.roles)} | number

    def with_kept(self, held: Collection[Role], offered: Collection[Role]) -> "PersonForm":
        """The same, with the roles that the form did not ask about."""
        kept = frozenset(held) - frozenset(offered)
        return PersonForm(self.name, self.email, self.roles | kept, self.employee_number, self.seen)

    def changes(self, person: Person) -> dict[str, Any]:
        """What is to be different, as the agent takes it."""
        before = PersonForm.of(person)
        told: dict[str, Any] = {}
        if self.name != before.name:
            told["name"] = self.name
        if self.email.lower() != before.email.lower():
            told["email"] = self.email
        if self.roles != before.roles:
            told["roles"] = sorted(self.roles)
        if self.employee_number != before.employee_number:
            told["employee_number"] = self.employee_number or None
        return told

    def is_of(self, person: Person) -> bool:
        """Whether the record is still the one that the form was made on."""
        return self.seen == person.changed_at.isoformat()


def _of[E: StrEnum](kind: type[E], query: Mapping[str, str], name: str) -> E | None:
    said = query.get(name, "")
    if said and said not in set(kind):
        raise CannotBeRead("filter_unknown")
    return kind(said) if said else None
