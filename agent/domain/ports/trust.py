"""Who is a registered organisation, and what each may issue and ask for."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from agent.domain.clock import london_day
from agent.domain.credentials import CredentialType
from agent.domain.registration import Succession
from agent.domain.workforce import OdsCode


class OrganisationStatus(StrEnum):
    """How an organisation stands in the trust list at one moment."""

    REGISTERED = "registered"
    SUSPENDED = "suspended"
    SUCCEEDED = "succeeded"


@dataclass(frozen=True, slots=True)
class Authority:
    """That an organisation may issue, or ask for, one type of credential; the last day counts."""

    type: CredentialType
    valid_from: date
    valid_until: date | None = None

    def covers(self, on: date) -> bool:
        """Whether it holds on that day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True)
class SuspendedPeriod:
    """From when until when an organisation is suspended; it still is when there is no end."""

    since: datetime
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether it is at that moment."""
        return self.since <= at and (self.until is None or at < self.until)

    def covers_all_of(self, on: date) -> bool:
        """Whether it is from the beginning of that day to its end."""
        return london_day(self.since) < on and (self.until is None or on < london_day(self.until))


@dataclass(frozen=True, slots=True)
class TrustedOrganisation:
    """One entry of the trust list. `did` is the one of its DIDs that was asked for.

    `signs_as` is its newest did:webvh, under which all that it signs is found; None while it has none.
    """

    did: str
    ods_code: OdsCode
    name: str
    issuing: tuple[Authority, ...]
    asking: tuple[Authority, ...]
    suspensions: tuple[SuspendedPeriod, ...] = ()
    succession: Succession | None = None
    signs_as: str | None = None

    def status(self, at: datetime) -> OrganisationStatus:
        """How it stands at that moment."""
        if any(each.covers(at) for each in self.suspensions):
            return OrganisationStatus.SUSPENDED
        succeeded = self.succession is not None and self.succession.on <= london_day(at)
        return OrganisationStatus.SUCCEEDED if succeeded else OrganisationStatus.REGISTERED

    def may_issue(self, types: Iterable[CredentialType], at: datetime) -> bool:
        """Whether it may issue all of these at that moment."""
        return self._may(self.issuing, types, at)

    def may_ask(self, types: Iterable[CredentialType], at: datetime) -> bool:
        """Whether it may ask for all of these at that moment."""
        return self._may(self.asking, types, at)

    def _may(self, authorities: tuple[Authority, ...], types: Iterable[CredentialType], at: datetime) -> bool:
        today = london_day(at)
        covered = {each.type for each in authorities if each.covers(today)}
        return self.status(at) is OrganisationStatus.REGISTERED and covered.issuperset(types)

    def authorised(self, credential: CredentialType, on: date) -> bool:
        """Whether the list names it for this type on that day, whatever became of it otherwise."""
        return any(each.type is credential and each.covers(on) for each in self.issuing)

    def counts(self, credential: CredentialType, at: datetime) -> bool:
        """Whether its credentials of this type count at that moment.

        After a succession they count for a while, and then no more.
        """
        today = london_day(at)
        suspended = self.status(at) is OrganisationStatus.SUSPENDED
        over = self.succession is not None and self.succession.credentials_until < today
        return not (suspended or over) and self.authorised(credential, today)

    def could_issue(self, credential: CredentialType, on: date) -> bool:
        """Whether it had a moment on that day, as a credential states it, in which it might have issued.

        A suspension that began or ended on the day left one. Whoever issues states the day, so that being
        stricter would not keep out those who lie about it.
        """
        suspended = any(each.covers_all_of(on) for each in self.suspensions)
        succeeded = self.succession is not None and self.succession.on <= on
        return not suspended and not succeeded and self.authorised(credential, on)


class TrustList(ABC):
    """The list of registered organisations, recent enough for a verdict."""

    @abstractmethod
    async def organisation(self, did: str) -> TrustedOrganisation | None:
        """The entry for `did`, which may be its other one, on a ledger; None when there is none.

        Raises `Unavailable` when there is no valid list.
        """

    @abstractmethod
    async def operator(self) -> str:
        """The DID that owns the national schemas. Raises `Unavailable`."""
