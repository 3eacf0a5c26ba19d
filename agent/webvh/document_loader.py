"""JSON-LD for ACA-Py: the national contexts and the W3C's, pinned by hash; nothing is ever fetched."""

import json
from collections.abc import Mapping
from typing import Any

from acapy_agent.core.profile import Profile
from acapy_agent.vc.ld_proofs.document_downloader import StaticCacheJsonLdDownloader
from acapy_agent.vc.ld_proofs.document_loader import DocumentLoader

import schemas
from signed_documents.contexts import DID_DOCUMENT_CONTEXTS, W3C_DIGESTS, require_digest
from signed_documents.encoding import JsonObject
from signed_documents.linked_data_proofs import PinnedContexts


def national_and_w3c_contexts(national_origin: str) -> PinnedContexts:
    """Every context that a credential of ours, a presentation of it, or a DID document may name.

    Raises `DocumentRefused` when ACA-Py carries another one under the same address.
    """
    national = schemas.national_contexts(national_origin, schemas.all_definitions())
    bundled = StaticCacheJsonLdDownloader()
    w3c = {
        url: require_digest(url, json.loads(bundled.load(url)["document"]), digest)
        for url, digest in W3C_DIGESTS.items()
    }
    return PinnedContexts({**DID_DOCUMENT_CONTEXTS, **w3c, **national})


class PinnedDocumentLoader(DocumentLoader):
    """ACA-Py's loader without its way to the web, and without its way to DID documents.

    That one needs a loop within the loop (see `staff_passport.launch`); whoever verifies a credential here
    resolves its issuer first.
    """

    def __init__(self, profile: Profile, contexts: PinnedContexts) -> None:
        super().__init__(profile)
        self._contexts = contexts

    def __call__(self, url: str, options: Mapping[str, Any]) -> JsonObject:  # noqa: ARG002 - PyLD's signature
        """Raises `DocumentRefused` for an address that is not pinned."""
        return self._contexts(url)
