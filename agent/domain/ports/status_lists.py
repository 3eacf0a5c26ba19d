"""Where strangers read whether a credential still holds: lists that an issuer signs, one bit a credential."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

StatusEntryId = NewType("StatusEntryId", str)
"""The address of one bit: `{list}#{index}`."""


class StatusPurpose(StrEnum):
    """What a set bit means; there is a list for each."""

    REVOCATION = "revocation"  # for good
    SUSPENSION = "suspension"  # until it is taken back


class CredentialStatus(StrEnum):
    """What the lists say of a credential now."""

    VALID = "valid"
    NONE = "none"  # it has no status, and ends by itself
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    OTHER_ISSUERS_LIST = "other_issuers_list"  # it points to a list that its issuer does not sign
    NOT_ASKED = "not_asked"  # its issuer is nobody whom we ask
    NO_SUCH_ENTRY = "no_such_entry"  # it points nowhere, or beyond the end of the list


@dataclass(frozen=True, slots=True)
class StatusPosition:
    """A list's number, and an index in it that is used once; the same in the lists of all purposes."""

    number: int
    index: int


class StatusListPublisher(ABC):
    """Publishes this organisation's lists."""

    @abstractmethod
    async def entries(self, position: StatusPosition) -> Sequence[StatusEntryId]:
        """The entries of a position, one for each purpose. Raises `Conflict` while we have no DID."""

    @abstractmethod
    async def publish(self, purpose: StatusPurpose, number: int, indices: Iterable[int]) -> datetime:
        """Publish a version in which exactly `indices` are set; until when it is valid.

        Raises `Unavailable`, and `Conflict` when a newer version is there.
        """


class StatusSnapshot(ABC):
    """What lists say at one moment: each is read once, when it is first asked for, however many ask."""

    @abstractmethod
    async def status(self, entries: Sequence[StatusEntryId], issuer: str) -> CredentialStatus:
        """What the lists of the DID `issuer` say at `entries`; the worst of it.

        Raises `Unavailable` when a list cannot be had, ran out, or does not verify: neither yes nor no.
        """


class StatusLists(ABC):
    """Reads any issuer's lists."""

    @abstractmethod
    def snapshot(self) -> StatusSnapshot:
        """Read anew from now on: make one for each verdict or round, as a status is only good while fresh."""
