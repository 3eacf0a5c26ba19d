"""Nominated users as an organisation's own file lists them."""

from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.domain.actors import PERMISSIONS, Actor, Role
from agent.domain.errors import NotPermitted, Unavailable
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.workforce import EmployeeNumber, OdsCode
from agent.edited_file import EditedFile


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
    """Looks at the file at every look-up: a user who was suspended a second ago is suspended."""

    def __init__(self, path: Path, organisation: OdsCode) -> None:
        self._users = EditedFile(path, lambda text: UserFile.model_validate(yaml.safe_load(text)))
        self._organisation = organisation

    async def actor(self, user_id: str) -> Actor:
        """The user with this id as the file has them now. Raises `Unavailable` when it cannot be read."""
        user = self._file().users.get(user_id)
        if user is None:
            raise NotPermitted("You are not a nominated user of this organisation.", code="not_nominated")
        if user.status is not UserStatus.ACTIVE:
            raise NotPermitted(
                "Your nomination is suspended; an administrator can restore it.", code="user_suspended"
            )
        permissions = frozenset().union(*(PERMISSIONS[role] for role in user.roles))
        number = EmployeeNumber(user.employee_number) if user.employee_number else None
        return Actor(user_id, self._organisation, permissions, number)

    def _file(self) -> UserFile:
        try:
            return self._users.now()
        except (OSError, yaml.YAMLError, ValidationError) as error:
            raise Unavailable(
                "The list of nominated users cannot be read.", code="users_unavailable"
            ) from error
