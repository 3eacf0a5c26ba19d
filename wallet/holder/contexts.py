"""The JSON-LD contexts that this wallet knows: the W3C's that ACA-Py carries, and what its settings pin."""

import asyncio
import json
from collections.abc import Mapping

from acapy_agent.vc.ld_proofs.document_downloader import StaticCacheJsonLdDownloader

from signed_documents.contexts import W3C_DIGESTS, require_digest
from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.fetching import GuardedFetcher
from signed_documents.linked_data_proofs import PinnedContexts


class KnownContexts:
    """Fetches each pinned context once. What has another hash than was pinned is as good as not there."""

    def __init__(self, fetcher: GuardedFetcher, pinned: Mapping[str, str]) -> None:
        self._fetcher = fetcher
        self._pinned = pinned
        self._fetched: dict[str, JsonObject] = {}
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> PinnedContexts:
        """All of them, before anything is signed or verified. Raises `SignedDocumentError`."""
        async with self._one_at_a_time:
            for url, digest in self._pinned.items():
                if url not in self._fetched:
                    self._fetched[url] = require_digest(url, await self._fetch(url), digest)
        return PinnedContexts({**_carried_by_acapy(), **self._fetched})

    async def _fetch(self, url: str) -> JsonObject:
        try:
            context = json.loads(await self._fetcher(url))
        except ValueError as error:
            raise DocumentRefused(Reason.MALFORMED, "the context is not JSON") from error
        if not isinstance(context, dict):
            raise DocumentRefused(Reason.MALFORMED, "the context is not a JSON object")
        return context


def _carried_by_acapy() -> dict[str, JsonObject]:
    bundled = StaticCacheJsonLdDownloader()
    return {
        url: require_digest(url, json.loads(bundled.load(url)["document"]), digest)
        for url, digest in W3C_DIGESTS.items()
    }
