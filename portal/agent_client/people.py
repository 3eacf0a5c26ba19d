"""Who acts for the organisation."""

from dataclasses import dataclass

from agent.domain.actors import Permission
from portal.agent_client.calls import Answer, Calls


class Me(Answer):
    """What the person may do here, of what this release knows."""

    permissions: frozenset[str]

    @property
    def known(self) -> frozenset[Permission]:
        """Those that pages ask for; an agent may be newer than we are."""
        return frozenset(each for each in Permission if each.value in self.permissions)


@dataclass(frozen=True, slots=True)
class PeopleCalls:
    """Who acts for the organisation."""

    calls: Calls

    async def me(self) -> Me:
        """What the person may do. Raises `NotPermitted` where nobody knows them."""
        return await self.calls.read(Me, "/me")
