"""Who stands around an agent's use cases, in memory: wallets and their connections, trust, status lists."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from agent.domain.actors import Actor
from agent.domain.clock import utc_now
from agent.domain.credentials import CredentialExchangeId, CredentialFormat, CredentialType, W3cDataModel
from agent.domain.errors import NotFound, NotPermitted, Unavailable
from agent.domain.ports.connections import ConnectionDids, ConnectionId, Connections, ConnectionState
from agent.domain.ports.exchanges import (
    CredentialExchanges,
    CredentialOffer,
    CredentialProposal,
    Exchange,
    ExchangeState,
    StatusEntry,
)
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.invitation_lives import InvitationLives, Invited
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.presentations import (
    AcceptedCredential,
    PresentationLookup,
    PresentationRequestId,
    Presentations,
    PresentationState,
    UnjudgedPresentation,
)
from agent.domain.ports.staff_records import (
    Match,
    SearchCriteria,
    SearchId,
    StaffRecords,
    StaffRecordsBatch,
)
from agent.domain.ports.standing import OrganisationStanding, Use
from agent.domain.ports.status_lists import (
    CredentialStatus,
    StatusEntryId,
    StatusListPublisher,
    StatusLists,
    StatusPosition,
    StatusPurpose,
    StatusSnapshot,
)
from agent.domain.ports.tasks import NewTask, Tasks
from agent.domain.ports.trust import TrustedOrganisation, TrustList
from agent.domain.ports.trust_register import TrustRegister
from agent.domain.registration import Succession
from agent.domain.second_person import Asker
from agent.domain.workforce import AssignmentNumber, EmployeeNumber, OdsCode, StaffRecord

OPERATOR = "did:webvh:QmT7sSfPQ9y4hW8uJc3eKxVbNm:registry.staff-passport.example:organisations:operator"


@dataclass
class Wallets(Connections):
    """Connections by id, in the states in which their wallets left them."""

    states: dict[ConnectionId, ConnectionState] = field(default_factory=dict)
    ended: list[ConnectionId] = field(default_factory=list)
    answer: bool = True

    async def invite(self, goal: str) -> ConnectionId:
        if not self.answer:
            raise Unavailable("The invitation could not be made.", code="invitation_unavailable")
        made = ConnectionId(f"connection-{len(self.states) + len(self.ended)}")
        self.states[made] = ConnectionState.INVITED
        return made

    async def invitation_url(self, connection: ConnectionId, *, until: datetime) -> str:
        return f"https://agent.example?oob={connection}"

    async def state(self, connection: ConnectionId) -> ConnectionState:
        return self.states.get(connection, ConnectionState.ABANDONED)

    async def accept(self, connection: ConnectionId) -> None:
        self.states[connection] = ConnectionState.ANSWERED

    async def refuse(self, connection: ConnectionId) -> None:
        self.states[connection] = ConnectionState.ABANDONED

    async def dids(self, connection: ConnectionId) -> ConnectionDids:
        return ConnectionDids(f"did:peer:ours-{connection}", f"did:peer:theirs-{connection}")

    async def ask_what_it_binds(self, connection: ConnectionId) -> None:
        """Nobody is asked."""

    async def w3c_data_models(self, connection: ConnectionId) -> frozenset[W3cDataModel]:
        return frozenset()

    async def tell(self, connection: ConnectionId, sentence: str) -> None:
        """Nobody reads it."""

    async def end(self, connection: ConnectionId) -> None:
        self.states.pop(connection, None)
        self.ended.append(connection)


@dataclass(frozen=True)
class OpenFor(InvitationLives):
    """Invitations that are all open for as long."""

    always: timedelta

    async def life(self, of: Invited) -> timedelta:
        return self.always


class NobodyOnRecord(StaffRecords):
    """Staff records in which nobody is found."""

    async def search(self, criteria: SearchCriteria, *, by: Actor) -> Match:
        raise NotFound("There is no such person.")

    async def chosen(self, search: SearchId, number: AssignmentNumber, *, by: Actor) -> StaffRecord:
        raise NotFound("There is no such search.")

    async def found(self, search: SearchId, *, by: Actor) -> Match:
        raise NotFound("There is no such search.")

    async def record(self, person: EmployeeNumber, number: AssignmentNumber, *, by: Actor) -> StaffRecord:
        raise NotFound("There is no such person.")

    def batch(self, *, by: Actor) -> AbstractAsyncContextManager[StaffRecordsBatch]:
        raise NotFound("There is nobody to be found in it.")


@dataclass(frozen=True)
class OnRecord(NobodyOnRecord):
    """Staff records in which everyone is this one person."""

    everyone: StaffRecord

    async def record(self, person: EmployeeNumber, number: AssignmentNumber, *, by: Actor) -> StaffRecord:
        return self.everyone


@dataclass(frozen=True)
class Nominated(NominatedUsers):
    """One organisation with one nominated user."""

    user: Actor

    async def actor(self, user_id: str, *, signed_in_at: datetime | None = None) -> Actor:
        if user_id != self.user.id:
            raise NotPermitted("Nobody nominated them.")
        return self.user

    async def asker(self, user_id: str | None, person: str | None) -> Asker | None:
        return None if user_id is None else Asker(user_id, person, None)


@dataclass
class Accepting(CredentialExchanges):
    """Exchanges with a wallet that accepts every offer; `meanwhile` comes to pass as soon as it has one."""

    meanwhile: Callable[[CredentialExchangeId], Awaitable[None]]
    offers: dict[CredentialExchangeId, CredentialOffer] = field(default_factory=dict)
    signed: list[CredentialExchangeId] = field(default_factory=list)
    sent: list[CredentialExchangeId] = field(default_factory=list)
    withdrawn: list[CredentialExchangeId] = field(default_factory=list)

    async def offer(self, exchange: CredentialExchangeId, to: ConnectionId, offer: CredentialOffer) -> None:
        self.offers[exchange] = offer
        await self.meanwhile(exchange)

    async def proposed(self, exchange: CredentialExchangeId) -> CredentialProposal:
        raise NotFound("Nobody proposed that.")

    async def answer(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> None:
        raise NotFound("Nobody proposed that.")

    async def look_up(self, exchange: CredentialExchangeId) -> Exchange:
        formats = frozenset({CredentialFormat.ANONCREDS})
        offered = self.offers[exchange].claims
        return Exchange(ExchangeState.REQUESTED, requested=formats, offered=offered)

    async def sign(self, exchange: CredentialExchangeId, *, subject: str | None) -> StatusEntry | None:
        self.signed.append(exchange)
        return StatusEntry(f"registry-of-{exchange}", 1)

    async def send(self, exchange: CredentialExchangeId) -> None:
        self.sent.append(exchange)

    async def erase(self, exchange: CredentialExchangeId) -> None:
        self.offers.pop(exchange, None)

    async def withdraw(self, exchange: CredentialExchangeId, code: str) -> None:
        self.withdrawn.append(exchange)

    async def revoke(self, entry: StatusEntry) -> None:
        """Nobody reads it."""


@dataclass
class Presented(Presentations):
    """What wallets presented, by request; what is an error breaks whoever looks at it.

    `meanwhile` comes to pass while somebody looks.
    """

    shown: dict[PresentationRequestId, UnjudgedPresentation | Exception] = field(default_factory=dict)
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def request(
        self,
        request: PresentationRequestId,
        of: ConnectionId,
        types: tuple[CredentialType, ...],
        formats: frozenset[CredentialFormat],
        purpose: str,
        *,
        until: datetime,
    ) -> None:
        """Nobody is asked."""

    async def look_up(self, request: PresentationRequestId) -> PresentationLookup:
        came = request in self.shown
        return PresentationLookup(PresentationState.PRESENTED if came else PresentationState.REQUESTED)

    async def check(self, request: PresentationRequestId) -> UnjudgedPresentation:
        shown = self.shown[request]
        if self.meanwhile is not None:
            await self.meanwhile()
        if isinstance(shown, Exception):
            raise shown
        return shown

    async def presented(self, request: PresentationRequestId) -> tuple[AcceptedCredential, ...]:
        return ()

    async def erase(self, request: PresentationRequestId) -> None:
        """Nothing is kept."""

    async def abandon(self, request: PresentationRequestId, code: str) -> None:
        """Nobody is told."""


@dataclass(frozen=True)
class Registered(TrustList):
    """A trust list with these organisations, by DID."""

    organisations: Mapping[str, TrustedOrganisation] = field(default_factory=dict)

    async def organisation(self, did: str) -> TrustedOrganisation | None:
        return self.organisations.get(did)

    async def operator(self) -> str:
        return OPERATOR


@dataclass
class Listed(TrustRegister):
    """How organisations came to stand in the trust list, and how much of it was published."""

    stood: list[tuple[str, str]] = field(default_factory=list)
    published: int = 0

    async def suspended(self, ods_code: OdsCode) -> None:
        self.stood.append(("suspended", ods_code))

    async def restored(self, ods_code: OdsCode) -> None:
        self.stood.append(("restored", ods_code))

    async def succeeded(self, ods_code: OdsCode, succession: Succession) -> None:
        self.stood.append((f"succeeded by {succession.successor}", ods_code))

    async def publish_standing(self) -> None:
        self.published = len(self.stood)


@dataclass(frozen=True)
class KnownAs(OrganisationIdentity):
    """An organisation with a DID."""

    known_as: str

    async def did(self) -> str | None:
        return self.known_as

    async def ensure(self) -> str:
        return self.known_as


@dataclass
class PublishedLists(StatusListPublisher):
    """The lists that were published, each version after the last; `meanwhile` comes to pass during each."""

    meanwhile: Callable[[], Awaitable[None]] | None = None
    versions: list[tuple[StatusPurpose, int, frozenset[int]]] = field(default_factory=list)

    async def entries(self, position: StatusPosition) -> Sequence[StatusEntryId]:
        return [StatusEntryId(f"https://registry.example/{each}/{position.number}") for each in StatusPurpose]

    async def publish(self, purpose: StatusPurpose, number: int, indices: Iterable[int]) -> datetime:
        said = frozenset(indices)
        if self.meanwhile is not None:
            await self.meanwhile()
        self.versions.append((purpose, number, said))
        return utc_now() + timedelta(hours=1)


@dataclass(frozen=True)
class SaidOf(StatusLists, StatusSnapshot):
    """Lists that say the same of every entry. Whoever may not be asked is not there."""

    status_of: Mapping[str, CredentialStatus] = field(default_factory=dict)  # by the issuer's DID

    def snapshot(self) -> StatusSnapshot:
        return self

    async def status(self, entries: Sequence[StatusEntryId], issuer: str) -> CredentialStatus:
        if issuer not in self.status_of:
            raise NotFound("Nobody is to ask that issuer's lists.")
        return self.status_of[issuer]


@dataclass
class InGoodStanding(OrganisationStanding):
    """An organisation that may do everything; perhaps its credentials count up to a day."""

    until: date | None = None

    async def require(self, use: Use) -> None:
        """Nothing is missing."""

    async def credentials_until(self) -> date | None:
        return self.until


@dataclass
class TaskList(Tasks):
    """The tasks that were opened."""

    opened: list[NewTask] = field(default_factory=list)

    async def open(self, task: NewTask) -> None:
        self.opened.append(task)

    async def forget_about(self, passport: str) -> int:
        left = [task for task in self.opened if task.passport != passport]
        gone, self.opened = len(self.opened) - len(left), left
        return gone
