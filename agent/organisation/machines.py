"""Programs that act in their own name: each with a key, permissions and an end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.domain.actors import Actor, Permission
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import NotAuthenticated
from agent.domain.workforce import OdsCode

PREFIX = "machine:"
"""How the name begins under which a machine stands in the audit. No nominated user's does."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What one program may do, and until when."""

    permissions: frozenset[Permission]
    expires: datetime


@dataclass(frozen=True, slots=True)
class MachineClients:
    """One organisation's, by their names."""

    organisation: OdsCode
    machines: Mapping[str, Machine]
    clock: Clock = utc_now

    def __contains__(self, name: object) -> bool:
        return name in self.machines

    def actor(self, name: str, *, named: str) -> Actor:
        """The machine `name`, whose key says that `named` acts.

        Raises `NotAuthenticated` unless that is the machine itself, or when its time is over. It has no
        employee number: what ESR asks of a person no machine passes.
        """
        machine = self.machines[name]
        if named != PREFIX + name:
            raise NotAuthenticated("a machine's key speaks for somebody else")
        if self.clock() >= machine.expires:
            raise NotAuthenticated("the machine's key has expired")
        return Actor(named, self.organisation, machine.permissions, None)
