"""Who acts for the organisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from agent.domain.actors import Permission, Role
from portal.agent_client.calls import Answer, Calls
from portal.agent_client.paths import segment

PersonId = NewType("PersonId", str)


class PersonStatus(StrEnum):
    """Whether somebody may act now, as agents say it."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class PersonStep(StrEnum):
    """What is done to somebody, by the last word of its route."""

    INVITATION = "invitation"
    SUSPENSION = "suspension"
    RESTORATION = "restoration"
    REMOVAL = "removal"


class Me(Answer):
    """What the person may do here, of what this release knows."""

    permissions: frozenset[str]

    @property
    def known(self) -> frozenset[Permission]:
        """Those that pages ask for; an agent may be newer than we are."""
        return frozenset(each for each in Permission if each.value in self.permissions)


class Person(Answer):
    """Somebody who acts, or is to act, for the organisation."""

    id: PersonId
    user: str | None
    """What their sign-in calls them, once they have signed in."""
    name: str
    email: str
    roles: tuple[Role, ...]
    status: PersonStatus
    employee_number: str | None
    added_by: str
    added_at: datetime
    changed_at: datetime
    first_signed_in_at: datetime | None
    last_sent_at: datetime | None = None
    """When they were last sent a message; a list does not say."""


class PersonPage(Answer):
    """A page of people, and where the next one begins."""

    people: tuple[Person, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class PeopleCalls:
    """Who acts for the organisation."""

    calls: Calls

    async def me(self) -> Me:
        """What the person may do. Raises `NotPermitted` where nobody knows them."""
        return await self.calls.read(Me, "/me")

    async def page(
        self,
        *,
        status: PersonStatus | None = None,
        role: Role | None = None,
        name: str | None = None,
        cursor: str | None = None,
        limit: int = 25,
    ) -> PersonPage:
        """By name; only those of a status or role, or whose name begins so."""
        return await self.calls.read(
            PersonPage, "/people", status=status, role=role, name=name, cursor=cursor, limit=str(limit)
        )

    async def person(self, person: PersonId) -> Person:
        """One of them. Raises `NotFound`."""
        return await self.calls.read(Person, f"/people/{segment(person)}")

    async def nominate(self, said: Mapping[str, Any], *, key: str) -> Person:
        """Enter somebody, who is sent a link. Raises `Refused`, `CannotBeRead`."""
        return await self.calls.act(Person, "/people", said, key=key)

    async def change(self, person: PersonId, changes: Mapping[str, Any], *, key: str) -> Person:
        """Change what is said, and nothing else. Raises `Refused`, `CannotBeRead`."""
        return await self.calls.act(Person, f"/people/{segment(person)}/changes", changes, key=key)

    async def take(self, step: PersonStep, person: PersonId, *, key: str) -> Person:
        """Invite anew, suspend, restore or remove. Raises `Refused`."""
        return await self.calls.act(Person, f"/people/{segment(person)}/{step}", key=key)

    async def accept_invitation(self, token: str, *, key: str) -> Person:
        """Become the person for whom the link was made. Raises `NotFound` for one that cannot be used."""
        return await self.calls.act(Person, "/invitation-acceptances", {"token": token}, key=key)
