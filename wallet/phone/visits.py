"""One request as a view gets it, and what a view answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from acapy_agent.core.profile import Profile

from wallet.holder.connections import Connections
from wallet.holder.credentials import HeldCredentials
from wallet.holder.events import EventLog
from wallet.holder.hosts import Host, Hosts
from wallet.holder.offers import Offers
from wallet.holder.requests import PresentationRequests
from wallet.holder.sharing import SharingDiary
from wallet.phone.forms import Sent

FINE, CANNOT_BE_TAKEN = 200, 422


@dataclass(frozen=True, slots=True)
class Wallet:
    """The wallet's use cases: the same that its control API has."""

    connections: Connections
    offers: Offers
    credentials: HeldCredentials
    requests: PresentationRequests
    diary: SharingDiary
    hosts: Hosts
    events: EventLog

    @classmethod
    def of(cls, profile: Profile) -> "Wallet":
        """Of the one person whose wallet this process is."""
        return cls(
            Connections(profile),
            Offers(profile),
            HeldCredentials(profile),
            PresentationRequests(profile),
            SharingDiary(profile),
            profile.inject(Hosts),
            profile.inject(EventLog),
        )

    async def issuers(self, dids: set[str]) -> Mapping[str, Host]:
        """Who the list says has these DIDs."""
        return {did: await self.hosts.listed(did) for did in sorted(dids)}


@dataclass(frozen=True, slots=True)
class Visit:
    """What was asked for: `id` is of the thing that the path names."""

    wallet: Wallet
    id: str
    query: Mapping[str, str]
    sent: Sent


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be shown. One that `waits` shows what has changed by itself."""

    template: str
    title: str
    status: int = FINE
    waits: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GoOn:
    """Where the person goes next, after something was done."""

    path: str


type View = Callable[[Visit], Awaitable[Page | GoOn]]
