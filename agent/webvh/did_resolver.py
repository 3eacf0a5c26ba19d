"""did:webvh for ACA-Py, verified and guarded."""

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.profile import Profile
from acapy_agent.resolver.base import BaseDIDResolver, ResolverError, ResolverType

from agent.domain.errors import Unavailable
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable
from signed_documents.resolution import WebvhReader

_DID = re.compile(r"^did:webvh:[^/?#]+$")


class WebvhDids(BaseDIDResolver):
    """Never raises `DIDNotFound`: ACA-Py would then ask its own resolver, which has no guard."""

    DEFAULT_TTL = 30  # seconds in ACA-Py's cache; the reader below keeps what it verified

    def __init__(self, reader: WebvhReader) -> None:
        super().__init__(ResolverType.NATIVE)
        self._reader = reader

    async def setup(self, context: InjectionContext) -> None:
        """Nothing to do: this is made ready."""

    @property
    def supported_did_regex(self) -> re.Pattern[str]:
        return _DID

    async def _resolve(
        self, _profile: Profile, did: str, _service_accept: Sequence[str] | None = None
    ) -> dict[str, Any]:
        try:
            return deepcopy((await self._reader.log(did)).document_json)
        except DocumentUnavailable as error:
            raise Unavailable("A registry does not answer.", code="registry_unavailable") from error
        except (DocumentNotFound, DocumentRefused) as error:
            raise ResolverError(f"{did} does not resolve: {error}") from error
