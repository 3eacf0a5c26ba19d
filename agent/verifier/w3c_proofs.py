"""W3C presentations: every form, context, signature and binding is checked here, from pinned contexts.

ACA-Py does not look at the domain, nor at whether who presents is whom the credentials are about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydid import DIDDocument

import schemas
from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.errors import Unavailable
from agent.domain.ports.presentations import PresentedCredential, ProofFault, UnjudgedPresentation
from agent.domain.ports.status_lists import StatusEntryId
from agent.verifier.w3c_form import PresentationFault, ShownCredential, ShownPresentation, read_presentation
from signed_documents.did_documents import assertion_key
from signed_documents.encoding import from_multikey
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable, Reason
from signed_documents.linked_data_proofs import PinnedContexts, verify_linked_data_proof
from signed_documents.resolution import WebvhReader

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

    def __init__(self, reader: WebvhReader, contexts: PinnedContexts) -> None:
        self._reader = reader
        self._contexts = contexts

    async def check(self, presentation: object, expected: Expected) -> UnjudgedPresentation:
        """What is proven. Raises `Unavailable` when an issuer's DID cannot be had."""
        try:
            shown = read_presentation(
                presentation,
                contexts=schemas.credential_contexts(expected.origin),
                challenge=expected.challenge,
                domain=expected.domain,
                types=expected.types,
            )
            self._require_holders_signature(shown)
            for credential in shown.credentials:
                await self._require_issuers_signature(credential)
        except PresentationFault as fault:
            return UnjudgedPresentation(fault.fault, ())
        except (DocumentRefused, DocumentNotFound):
            return UnjudgedPresentation(ProofFault.INVALID, ())
        except DocumentUnavailable as error:
            raise Unavailable("A registry does not answer.", code="registry_unavailable") from error
        return UnjudgedPresentation(None, tuple(_presented(one, expected) for one in shown.credentials))

    def _require_holders_signature(self, shown: ShownPresentation) -> None:
        """The holder's key is the DID itself: a `did:key`."""
        try:
            key = from_multikey(shown.holder.removeprefix("did:key:"))
        except ValueError as error:
            raise PresentationFault(ProofFault.INVALID) from error
        verify_linked_data_proof(shown.document, key, load=self._contexts)

    async def _require_issuers_signature(self, credential: ShownCredential) -> None:
        try:
            key = assertion_key(await self._issuer(credential.issuer), credential.method)
        except DocumentRefused as refusal:
            if refusal.reason is not Reason.KEY_NOT_ASSERTED:
                raise
            # The key may be newer than the document that the reader kept.
            key = assertion_key(await self._issuer(credential.issuer, fresh=True), credential.method)
        verify_linked_data_proof(credential.document, key, load=self._contexts)

    async def _issuer(self, did: str, *, fresh: bool = False) -> DIDDocument:
        return (await self._reader.log(did, fresh=fresh)).document


def _presented(shown: ShownCredential, expected: Expected) -> PresentedCredential:
    names = schemas.load(shown.credential).claim_names
    return PresentedCredential(
        credential=shown.credential,
        format=CredentialFormat.W3C,
        schema_id=expected.schema_ids[shown.credential],  # its contexts are the national ones
        issuer_did=shown.issuer,
        claims={name: shown.claims.get(name, "") for name in names},
        status=tuple(map(StatusEntryId, shown.status)),
        proven_unrevoked=True,
        short_life=shown.short_life,
    )
