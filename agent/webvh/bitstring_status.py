"""Bitstring status lists beside a did:webvh: this organisation's own published, anybody's read."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from acapy_agent.core.profile import Profile

from agent.domain.errors import Unavailable
from agent.domain.ports.status_lists import (
    CredentialStatus,
    StatusEntryId,
    StatusListPublisher,
    StatusLists,
    StatusPosition,
    StatusPurpose,
    StatusSnapshot,
)
from agent.webvh.identity import StoredIdentity
from agent.webvh.publisher import RegistryPublisher
from signed_documents import bitstring_status_lists as bitstrings
from signed_documents.bitstring_status_lists import LONGEST_LIFE, Bitstring, StatusListEntry, StatusListId
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.resolution import WebvhReader

_SET = {
    bitstrings.StatusPurpose.REVOCATION: CredentialStatus.REVOKED,
    bitstrings.StatusPurpose.SUSPENSION: CredentialStatus.SUSPENDED,
}


class WebvhStatusListPublisher(StatusListPublisher):
    """Signs with the key of attested resources, and publishes where the organisation's DID lives."""

    def __init__(self, profile: Profile, publisher: RegistryPublisher, clock: Callable[[], datetime]) -> None:
        self._profile = profile
        self._publisher = publisher
        self._clock = clock

    async def entries(self, position: StatusPosition) -> Sequence[StatusEntryId]:
        did = WebvhDid.parse((await self._identity()).did)
        lists = [StatusListId.of(did, purpose, position.number) for purpose in bitstrings.StatusPurpose]
        return tuple(StatusEntryId(str(StatusListEntry(each, position.index))) for each in lists)

    async def publish(self, purpose: StatusPurpose, number: int, indices: Iterable[int]) -> datetime:
        """What was issued before the DID moved has its status where it was."""
        bits, now = Bitstring.of(indices), self._clock()
        for identity in (await self._identity()).with_former:
            signed = await bitstrings.sign_status_list(
                bits,
                StatusListId.of(WebvhDid.parse(identity.did), bitstrings.StatusPurpose(purpose), number),
                issuer=identity.did,
                signer=identity.resource_signer(self._profile),
                now=now,
                life=LONGEST_LIFE,
            )
            await self._publisher.status_list(signed)
        return now + LONGEST_LIFE

    async def _identity(self) -> StoredIdentity:
        return await StoredIdentity.in_use(self._profile)


class WebvhStatusLists(StatusLists):
    """The lists beside anybody's did:webvh."""

    def __init__(self, reader: WebvhReader) -> None:
        self._reader = reader

    def snapshot(self) -> StatusSnapshot:
        return WebvhStatusSnapshot(self._reader)


class WebvhStatusSnapshot(StatusSnapshot):
    """Remembers what it read, and what it could not read: a registry that is down is asked once."""

    def __init__(self, reader: WebvhReader) -> None:
        self._reader = reader
        self._read: dict[tuple[StatusListId, str], Bitstring | Unavailable] = {}

    async def status(self, entries: Sequence[StatusEntryId], issuer: str) -> CredentialStatus:
        found = CredentialStatus.VALID
        try:
            issuing, parsed = WebvhDid.parse(issuer), [StatusListEntry.parse(entry) for entry in entries]
        except DocumentRefused:
            return CredentialStatus.NO_SUCH_ENTRY
        if {entry.list.purpose for entry in parsed} != set(bitstrings.StatusPurpose):
            return CredentialStatus.NO_SUCH_ENTRY
        if any(entry.list.base_url != issuing.base_url for entry in parsed):
            return CredentialStatus.OTHER_ISSUERS_LIST
        for entry in parsed:
            bits = await self._bits(entry.list, issuer)
            if entry.index >= len(bits):
                return CredentialStatus.NO_SUCH_ENTRY
            if bits[entry.index] and found is not CredentialStatus.REVOKED:
                found = _SET[entry.list.purpose]
        return found

    async def _bits(self, identifier: StatusListId, issuer: str) -> Bitstring:
        key = (identifier, issuer)
        if key not in self._read:
            self._read[key] = await self._bits_or_why_not(identifier, issuer)
        known = self._read[key]
        if isinstance(known, Unavailable):
            raise known
        return known

    async def _bits_or_why_not(self, identifier: StatusListId, issuer: str) -> Bitstring | Unavailable:
        try:
            return (await self._reader.bitstring_status_list(identifier, issuer)).bits
        except (DocumentUnavailable, DocumentNotFound):
            return Unavailable("A status list cannot be had.", code="status_list_unavailable")
        except DocumentRefused as error:
            code = "status_list_expired" if error.reason is Reason.EXPIRED else "status_list_invalid"
            return Unavailable("A status list cannot be relied on.", code=code)
