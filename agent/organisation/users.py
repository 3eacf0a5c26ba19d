"""Nominated users as an organisation's own file lists them."""

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from agent.domain.actors import PERMISSIONS, Actor, Role
from agent.domain.errors import NotPermitted
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.workforce import EmployeeNumber, OdsCode
from agent.parsed_file import ParsedFile


class UserStatus(StrEnum):
    """Whether a user may act now."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class UserEntry(BaseModel):
    """One user in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: tuple[Role, ...] = Field(min_length=1)
    status: UserStatus
    employee_number: str | None = Field(default=None, pattern=r"^\d{8}$")


class UserFile(BaseModel):
    """The file: user id → user."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    users: dict[str, UserEntry]


class ConfiguredUsers(NominatedUsers):
    """The file as it is at every look-up: a user who was suspended a second ago is suspended."""

    def __init__(self, path: Path, organisation: OdsCode) -> None:
        self._file = ParsedFile(
            path, UserFile, called="The list of nominated users", code="users_unavailable"
        )
        self._organisation = organisation

    async def actor(self, user_id: str) -> Actor:
        """The user with this id as the file has them now. Raises `Unavailable` when it cannot be read."""
        user = (await self._file.read()).users.get(user_id)
        if user is None:
            raise NotPermitted("You are not a nominated user of this organisation.", code="not_nominated")
        if user.status is not UserStatus.ACTIVE:
            raise NotPermitted(
                "Your nomination is suspended; an administrator can restore it.", code="user_suspended"
            )
        permissions = frozenset().union(*(PERMISSIONS[role] for role in user.roles))
        number = EmployeeNumber(user.employee_number) if user.employee_number else None
        return Actor(user_id, self._organisation, permissions, number)
