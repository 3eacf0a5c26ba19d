"""W3C credentials, signed with the keys of the organisation's did:webvh."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from acapy_agent.core.profile import Profile

from agent.domain.errors import Conflict
from agent.domain.ports.identity import CredentialSigner
from agent.webvh.identity import StoredIdentity
from signed_documents.errors import DocumentRefused
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.w3c_documents import ANYBODY, DataModel, signed


class WebvhCredentialSigner(CredentialSigner):
    """Each data model has its key: a stock wallet knows JSON-LD signatures by the older type alone."""

    def __init__(self, profile: Profile, contexts: PinnedContexts, clock: Callable[[], datetime]) -> None:
        self._profile = profile
        self._contexts = contexts
        self._clock = clock

    async def signed(self, credential: Mapping[str, Any]) -> dict[str, Any]:
        identity = await StoredIdentity.in_use(self._profile)
        document = dict(credential)
        try:
            in_json = DataModel.of(document) is DataModel.V2_0
            signer = (identity.resource_signer if in_json else identity.credential_signer)(self._profile)
            return await signed(document, signer, ANYBODY, created=self._clock(), load=self._contexts)
        except DocumentRefused as refusal:
            raise Conflict("The credential has no canonical form.", code="no_canonical_form") from refusal
