"""The operator's DID says where the trust list answers questions: anybody finds it from the DID alone."""

from collections.abc import Callable
from datetime import datetime

from acapy_agent.core.profile import Profile

from agent.domain.errors import Conflict
from agent.domain.ports.trust import TrustList
from agent.webvh.identity import Standing, StoredIdentity
from agent.webvh.own_log import Change, OwnLog
from signed_documents.did_documents import without_service
from signed_documents.encoding import JsonObject
from signed_documents.identifiers import WebvhDid
from signed_documents.services import TRUST_REGISTRY_NAME, trust_registry_service
from signed_documents.webvh_entries import prepare_next
from signed_documents.webvh_logs import VerifiedLog


class TrustRegistryAdvertisement:
    """One wallet's, which must be the operator's."""

    def __init__(
        self, profile: Profile, log: OwnLog, trust: TrustList, clock: Callable[[], datetime]
    ) -> None:
        self._profile = profile
        self._log = log
        self._trust = trust
        self._clock = clock

    async def ensure(self) -> Standing:
        """Add the service to the DID's document, unless it is there; how the last change stands.

        Raises `Conflict` unless we are the operator, and while another change is under way.
        """
        identity = await StoredIdentity.in_use(self._profile)
        if identity.did != await self._trust.operator():
            raise Conflict("Only the operator has a trust registry.", code="not_the_operator")
        log = identity.verified_log(self._clock())
        if log is not None and _service(identity.did) in log.document_json.get("service", []):
            return await self._log.publish()
        return await self._log.add(self._advertised)

    def _advertised(self, _identity: StoredIdentity, log: VerifiedLog) -> Change:
        return Change(prepare_next(log, advertised(log.document_json), created=self._clock()))


def advertised(document: JsonObject) -> JsonObject:
    """`document` with the service, in place of what was called so."""
    others = without_service(document, TRUST_REGISTRY_NAME).get("service", [])
    return document | {"service": [*others, _service(document["id"])]}


def _service(did: str) -> JsonObject:
    return trust_registry_service(did, f"https://{WebvhDid.parse(did).host}")
