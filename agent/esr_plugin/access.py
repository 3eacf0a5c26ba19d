"""Whether somebody may use ESR now: three clauses, asked of ESR at every use, no answer kept."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agent.domain.actors import Actor
from agent.domain.errors import NotFound, Refusal
from agent.domain.policy import Policy
from agent.domain.ports.standing import OrganisationStanding, Use
from agent.domain.workforce import EmployeeNumber, Vpd
from agent.esr_plugin import mapping
from agent.esr_plugin.esr import Esr
from agent.esr_plugin.mapping import MalformedAnswer, UserAccess

LOGGER = logging.getLogger(__name__)

ADMINISTRATOR_ROLE = "Digital Passport Administrator"
_ESR_TEAM = "your organisation's ESR team"
_NOBODY = UserAccess(active=False, roles=frozenset())


@dataclass(frozen=True, slots=True)
class UseOfEsr:
    """Who wants to use an organisation's ESR; `access` is None when it could not be asked for."""

    vpd: Vpd
    employee_number: EmployeeNumber | None
    access: UserAccess | None


def employee_number_is_recorded(use: UseOfEsr) -> Refusal | None:
    """An administrator has recorded the user's own employee number."""
    if use.employee_number is not None:
        return None
    sentence = (
        "Your own ESR employee number is not recorded here, "
        "so ESR could not be asked whether your record is active and has the role."
    )
    return Refusal(
        "employee_number_not_recorded", sentence, "a local system administrator of your organisation"
    )


def record_is_active(use: UseOfEsr) -> Refusal | None:
    """The user's own ESR record is active."""
    if use.access is None or use.access.active:
        return None
    return Refusal("esr_record_inactive", "You have no active ESR record in this organisation.", _ESR_TEAM)


def has_the_role(use: UseOfEsr) -> Refusal | None:
    """The user has the supplementary role in this very organisation."""
    if use.access is None or (ADMINISTRATOR_ROLE, use.vpd) in use.access.roles:
        return None
    sentence = f"You do not have the supplementary role “{ADMINISTRATOR_ROLE}” in this organisation's ESR."
    return Refusal("esr_role_missing", sentence, _ESR_TEAM)


USE_OF_ESR = Policy("use of ESR", (employee_number_is_recorded, record_is_active, has_the_role))


class EsrAccess:
    """What ESR says of who wants to use it."""

    def __init__(self, esr: Esr, vpd: Vpd) -> None:
        self._esr = esr
        self._vpd = vpd

    async def require(self, actor: Actor) -> None:
        """Ask ESR about `actor`, now. Raises `PolicyRefused` naming each failed clause, or `Unavailable`."""
        number = actor.employee_number
        access = None if number is None else await self._access(number)
        USE_OF_ESR.require(UseOfEsr(self._vpd, number, access))

    async def _access(self, number: EmployeeNumber) -> UserAccess:
        try:
            answer = await self._esr.user_access(number)
        except NotFound:
            return _NOBODY
        if mapping.employee_number_of(answer) != number:
            raise MalformedAnswer("employeeNumber")
        return mapping.user_access(answer)


class EsrGate:
    """The gate before one organisation's ESR. It opens for one use, and shuts behind it."""

    def __init__(self, access: EsrAccess, standing: OrganisationStanding) -> None:
        self._access = access
        self._standing = standing

    @asynccontextmanager
    async def open_to(self, actor: Actor) -> AsyncIterator[None]:
        """Let `actor` in for the length of the block, if the ESR link is active and all clauses hold now.

        Raises `PolicyRefused` naming what does not, or `Unavailable`.
        """
        try:
            await self._standing.require(Use.ESR)
            await self._access.require(actor)
            yield
        except MalformedAnswer as malformed:
            LOGGER.error("ESR's answer is not in its contract, at %s", malformed.where)  # noqa: TRY400  # no values
            raise
