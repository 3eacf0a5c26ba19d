"""W3C presentations: every form, context, signature and binding is checked here, from pinned contexts.

ACA-Py does not look at the domain, nor at whether who presents is whom the credentials are about.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydid import DIDDocument

import schemas
from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.errors import Unavailable
from agent.domain.ports.presentations import PresentedCredential, ProofFault, UnjudgedPresentation
from agent.domain.ports.status_lists import StatusEntryId
from agent.domain.ports.trust import TrustList
from agent.verifier.w3c_form import PresentationFault, ShownCredential, ShownPresentation, read_presentation
from signed_documents.did_documents import assertion_key
from signed_documents.encoding import from_multikey
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable, Reason
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.resolution import WebvhReader
from signed_documents.w3c_documents import DataModel, verify

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a presentation must be made for, and of what."""

    types: tuple[CredentialType, ...]
    challenge: str
    domain: str
    origin: str  # of the national contexts
    schema_ids: Mapping[CredentialType, str]


class W3cProofs:
    """Checks the W3C part of a presentation."""

    def __init__(self, reader: WebvhReader, contexts: PinnedContexts, trust: TrustList) -> None:
        self._reader = reader
        self._contexts = contexts
        self._trust = trust

    async def check(self, presentation: object, expected: Expected) -> UnjudgedPresentation:
        """What is proven. Raises `Unavailable` when an issuer's DID, or the trust list, cannot be had."""
        try:
            shown = read_presentation(
                presentation,
                contexts={model: schemas.credential_contexts(expected.origin, model) for model in DataModel},
                challenge=expected.challenge,
                domain=expected.domain,
                types=expected.types,
            )
            await self._require_registered_issuers(shown)
            await self._require_holders_signature(shown)
            for credential in shown.credentials:
                await self._require_issuers_signature(credential)
        except PresentationFault as fault:
            return UnjudgedPresentation(fault.fault, ())
        except (DocumentRefused, DocumentNotFound):
            return UnjudgedPresentation(ProofFault.INVALID, ())
        except DocumentUnavailable as error:
            raise Unavailable("A registry does not answer.", code="registry_unavailable") from error
        return UnjudgedPresentation(None, tuple(_presented(one, expected) for one in shown.credentials))

    async def _require_registered_issuers(self, shown: ShownPresentation) -> None:
        """Before anything of theirs is fetched or reckoned with: a stranger costs us nothing."""
        for issuer in {one.issuer for one in shown.credentials}:
            if await self._trust.organisation(issuer) is None:
                raise PresentationFault(ProofFault.UNKNOWN_ISSUER)

    async def _require_holders_signature(self, shown: ShownPresentation) -> None:
        """The holder's key is the DID itself: a `did:key`."""
        try:
            key = from_multikey(shown.holder.removeprefix("did:key:"))
        except ValueError as error:
            raise PresentationFault(ProofFault.INVALID) from error
        await self._verify(shown.document, key)

    async def _require_issuers_signature(self, credential: ShownCredential) -> None:
        try:
            key = assertion_key(await self._issuer(credential.issuer), credential.method)
        except DocumentRefused as refusal:
            if refusal.reason is not Reason.KEY_NOT_ASSERTED:
                raise
            # The key may be newer than the document that the reader kept.
            key = assertion_key(await self._issuer(credential.issuer, fresh=True), credential.method)
        await self._verify(credential.document, key)

    async def _verify(self, document: Json, key: bytes) -> None:
        """Canonicalising takes milliseconds: others need not wait for it."""
        await asyncio.to_thread(verify, document, key, load=self._contexts)

    async def _issuer(self, did: str, *, fresh: bool = False) -> DIDDocument:
        return (await self._reader.log(did, fresh=fresh)).document


def _presented(shown: ShownCredential, expected: Expected) -> PresentedCredential:
    """An absent claim is the empty text if it is optional; if not, it is missing, as the policy says."""
    claims = schemas.load(shown.credential).claims
    return PresentedCredential(
        credential=shown.credential,
        format=CredentialFormat.W3C,
        schema_id=expected.schema_ids[shown.credential],  # its contexts are the national ones
        issuer_did=shown.issuer,
        claims={
            claim.name: shown.claims.get(claim.name, "")
            for claim in claims
            if claim.name in shown.claims or not claim.required
        },
        status=tuple(map(StatusEntryId, shown.status)),
        proven_unrevoked=True,
        short_life=shown.short_life,
    )
