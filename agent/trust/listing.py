"""The trust list as verdicts ask it: distributed by TUF, and never older than it may be."""

from datetime import timedelta

from agent.domain.credentials import CredentialType
from agent.domain.errors import Unavailable
from agent.domain.ports.trust import Authority, SuspendedPeriod, TrustedOrganisation, TrustList
from agent.domain.registration import Succession
from agent.domain.workforce import OdsCode
from signed_documents.errors import DocumentRefused, SignedDocumentError
from signed_documents.trust_distribution import TrustListExpired, TrustListReader
from signed_documents.trust_lists import Authority as ListedAuthority
from signed_documents.trust_lists import ListedOrganisation, Successor, TrustListing

_TYPES = frozenset(CredentialType)


class DistributedTrustList(TrustList):
    """Asks for the list anew when the copy is older than `refetch_after`."""

    def __init__(self, reader: TrustListReader, refetch_after: timedelta) -> None:
        self._reader = reader
        self._refetch_after = refetch_after

    async def organisation(self, did: str) -> TrustedOrganisation | None:
        """The entry for `did`, whatever its status."""
        found = (await self._listing()).organisation(did)
        return None if found is None else _trusted(did, found)

    async def operator(self) -> str:
        """The operator's DID."""
        return (await self._listing()).operator

    async def _listing(self) -> TrustListing:
        try:
            return await self._reader.current(self._refetch_after)
        except SignedDocumentError as error:
            raise _unavailable(error) from error


def _unavailable(error: SignedDocumentError) -> Unavailable:
    """No list that is valid is no list; the code tells why."""
    if isinstance(error, DocumentRefused):
        return Unavailable(f"The trust list does not verify: {error.reason}.", code="trust_list_refused")
    if isinstance(error, TrustListExpired):
        return Unavailable("The trust list has expired.", code="trust_list_expired")
    return Unavailable(f"The trust list cannot be had: {error}.", code="trust_unavailable")


def _trusted(did: str, listed: ListedOrganisation) -> TrustedOrganisation:
    return TrustedOrganisation(
        did=did,
        ods_code=OdsCode(listed.ods_code),
        name=listed.name,
        issuing=_authorities(listed.may_issue),
        asking=_authorities(listed.may_ask),
        suspensions=tuple(SuspendedPeriod(each.since, each.until) for each in listed.suspensions),
        succession=_succession(listed.successor),
        signs_as=next((each for each in reversed(listed.dids) if each.startswith("did:webvh:")), None),
    )


def _authorities(listed: tuple[ListedAuthority, ...]) -> tuple[Authority, ...]:
    """Those for types that we know; a list may name types of a time to come."""
    return tuple(
        Authority(CredentialType(each.type), each.valid_from, each.valid_until)
        for each in listed
        if each.type in _TYPES
    )


def _succession(listed: Successor | None) -> Succession | None:
    if listed is None:
        return None
    return Succession(OdsCode(listed.ods_code), listed.on, listed.credentials_until)
