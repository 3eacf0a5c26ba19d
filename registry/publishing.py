"""What may be published: every document is verified again, here, before a stranger can read it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from pydid import DIDDocument

from registry.kinds import (
    CHECKPOINT,
    CONTEXT,
    DID_CONFIGURATION,
    RESOURCE,
    REVOCATION_REGISTRY,
    STATUS_LIST,
)
from registry.logs import Logs
from registry.outcomes import Outcome, json_object
from registry.problems import NoRoomLeft, WriteConflict
from registry.store import Store, StoredDocument
from signed_documents.attested_resources import (
    ResourceType,
    StatusListLink,
    VerifiedResource,
    stored_resource,
    verify_resource,
)
from signed_documents.bitstring_status_lists import (
    SignedStatusList,
    StatusListId,
    StatusPurpose,
    require_current,
    stored_status_list,
    verify_status_list,
)
from signed_documents.checkpoints import Checkpoint, Extension, claimed, verify_checkpoint
from signed_documents.did_configurations import (
    claimed_linkage,
    configuration,
    linkages,
    verify_linkage,
)
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import ResourceId, WebvhDid
from signed_documents.merkle import EMPTY_ROOT, extends
from signed_documents.status_lists import StatusList

CLOCK_SKEW = timedelta(minutes=5)
_DID_CONFIGURATION = "did_configuration"
"""The right to write the one file in which all namespaces stand; no namespace is called so."""


class Publications:
    """Every method blocks, raises `DocumentRefused` or `WriteConflict`, and takes names already checked."""

    def __init__(self, store: Store, origin: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._origin = origin
        self._clock = clock
        self._logs = Logs(store, origin, clock)

    def publish_log(self, namespace: str, text: bytes) -> Outcome:
        """See `Logs.publish`."""
        return self._logs.publish(namespace, text)

    def publish_witness_proofs(self, namespace: str, body: bytes) -> Outcome:
        """See `Logs.publish_witness_proofs`."""
        return self._logs.publish_witness_proofs(namespace, body)

    def mend(self) -> None:
        """See `Logs.mend`."""
        self._logs.mend()

    def publish_resource(self, namespace: str, digest: str, body: bytes) -> Outcome:
        """Take a resource that the DID of `namespace` signed."""
        document = json_object(body)
        identifier = ResourceId.parse(str(document.get("id")))
        self._require_place(identifier.url, f"{namespace}/resources/{digest}")
        with self._store.writing(namespace):
            resource = verify_resource(document, identifier, self._signer(namespace, identifier.did))
            if resource.type is ResourceType.REVOCATION_REGISTRY:
                return self._put_registry(namespace, resource, body)
            return self._put_resource(namespace, resource, body)

    def publish_status_list(self, namespace: str, purpose: str, number: str, body: bytes) -> Outcome:
        """Take a bitstring status list that the DID of `namespace` signed, if it is newer than the last."""
        identifier = StatusListId(f"{self._origin}/{namespace}", StatusPurpose(purpose), int(number))
        names = {"namespace": namespace, "purpose": purpose, "number": number}
        with self._store.writing(namespace):
            status_list = self._verified_status_list(namespace, identifier, body)
            require_current(status_list, self._clock())
            stored = self._store.read(STATUS_LIST, **names)
            if stored is not None and stored.body == body:
                return Outcome.UNCHANGED
            if stored is not None:
                self._require_newer(status_list, stored_status_list(json_object(stored.body), identifier))
            self._store.put(STATUS_LIST, body, **names)
        return Outcome.CREATED if stored is None else Outcome.EXTENDED

    def _verified_status_list(
        self, namespace: str, identifier: StatusListId, body: bytes
    ) -> SignedStatusList:
        document = json_object(body)
        did = WebvhDid.parse(str(document.get("issuer")))
        return verify_status_list(document, identifier, self._signer(namespace, did))

    def _require_newer(self, status_list: SignedStatusList, stored: SignedStatusList) -> None:
        if status_list.valid_from <= stored.valid_from:
            raise WriteConflict("a newer version of the status list was published")
        if len(status_list.bits) != len(stored.bits):
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "the status list has another length than before")
        if status_list.id.purpose is StatusPurpose.REVOCATION and not status_list.bits.covers(stored.bits):
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "a revocation cannot be taken back")

    def publish_checkpoint(self, namespace: str, body: bytes) -> Outcome:
        """Take a checkpoint of an audit, if it is shown to extend the one that is there: nobody goes back."""
        extension = Extension.parse(body)
        with self._store.writing(namespace):
            did = WebvhDid.parse(claimed(extension.note).did)
            checkpoint = verify_checkpoint(extension.note, self._signer(namespace, did))
            stored = self._store.read(CHECKPOINT, namespace=namespace)
            if stored is not None and stored.body == extension.note:
                return Outcome.UNCHANGED
            before = None if stored is None else claimed(stored.body)
            self._require_extended(checkpoint, extension, before)
            self._store.put(CHECKPOINT, extension.note, namespace=namespace)
        return Outcome.CREATED if stored is None else Outcome.EXTENDED

    def _require_extended(
        self, checkpoint: Checkpoint, extension: Extension, before: Checkpoint | None
    ) -> None:
        size, root = (0, EMPTY_ROOT) if before is None else (before.size, before.root)
        if extension.after != size:
            raise WriteConflict(f"the checkpoint that is there covers {size} entries")
        if not extends((size, root), (checkpoint.size, checkpoint.root), extension.proof):
            raise DocumentRefused(Reason.FORKED, "the checkpoint is not shown to extend the one before it")

    def publish_context(self, name: str, version: str, body: bytes) -> Outcome:
        """Take a JSON-LD context. Credentials are signed over it, so a version never changes."""
        if "@context" not in json_object(body):
            raise DocumentRefused(Reason.MALFORMED, "this is not a JSON-LD context")
        with self._store.writing("contexts"):
            stored = self._store.read(CONTEXT, context=name, version=version)
            if stored is not None and stored.body != body:
                raise WriteConflict("that version of the context was published with another content")
            if stored is None:
                self._store.put(CONTEXT, body, context=name, version=version)
        return Outcome.CREATED if stored is None else Outcome.UNCHANGED

    def publish_linkage(self, namespace: str, body: bytes) -> Outcome:
        """Take the credential by which the DID of `namespace` says that this registry's origin is its own.

        It takes the place of the one before it; what has expired leaves the file with it.
        """
        token = _text(body)
        claimed = claimed_linkage(token)
        did = WebvhDid.parse(claimed.did)
        self._require_place(did.log_url, f"{namespace}/did.jsonl")
        with self._store.writing(namespace, _DID_CONFIGURATION):
            now = self._clock()
            verify_linkage(token, self._signer(namespace, did), origin=self._origin, now=now)
            linked = self._linkages()
            before = linked.pop(did, None)
            if before == token:
                return Outcome.UNCHANGED
            if before is not None and claimed_linkage(before).valid_from > claimed.valid_from:
                raise WriteConflict("a newer linkage of the DID was published")
            current = {did: each for did, each in linked.items() if claimed_linkage(each).valid_until > now}
            self._put_linkages({**current, did: token})
        return Outcome.CREATED if before is None else Outcome.EXTENDED

    def withdraw_linkage(self, namespace: str) -> Outcome:
        """Take the DIDs of `namespace` out of the file."""
        place = f"{self._origin}/{namespace}"
        with self._store.writing(namespace, _DID_CONFIGURATION):
            linked = self._linkages()
            others = {did: token for did, token in linked.items() if did.base_url != place}
            if len(others) == len(linked):
                return Outcome.UNCHANGED
            self._put_linkages(others)
        return Outcome.REMOVED

    def _linkages(self) -> dict[WebvhDid, str]:
        """The credentials that are published, by DID."""
        stored = self._store.read(DID_CONFIGURATION)
        tokens = () if stored is None else linkages(stored.body)
        return {WebvhDid.parse(claimed_linkage(token).did): token for token in tokens}

    def _put_linkages(self, linked: Mapping[WebvhDid, str]) -> None:
        if not linked:
            self._store.remove(DID_CONFIGURATION)
            return
        body = configuration([linked[did] for did in sorted(linked, key=str)])
        if len(body) > DID_CONFIGURATION.max_bytes:
            raise NoRoomLeft("the DID configuration of this registry is full")
        self._store.put(DID_CONFIGURATION, body)

    def _put_resource(self, namespace: str, resource: VerifiedResource, body: bytes) -> Outcome:
        stored = self._stored(namespace, resource.id)
        if stored is not None and stored.signed_by == resource.signed_by:
            return Outcome.UNCHANGED  # the digest says that the content is the same
        self._store.put(RESOURCE, body, namespace=namespace, digest=resource.id.digest)
        return Outcome.CREATED if stored is None else Outcome.EXTENDED

    def _put_registry(self, namespace: str, registry: VerifiedResource, body: bytes) -> Outcome:
        stored = self._stored(namespace, registry.id)
        before = stored.links if stored else ()
        if registry.links[: len(before)] != before:
            raise WriteConflict("the revocation registry has status lists that this one lacks")
        if stored is not None and registry.links == before and stored.signed_by == registry.signed_by:
            return Outcome.UNCHANGED
        self._require_growth(namespace, registry, registry.links[max(len(before) - 1, 0) :])
        self._store.put(REVOCATION_REGISTRY, body, namespace=namespace, digest=registry.id.digest)
        return Outcome.CREATED if stored is None else Outcome.EXTENDED

    def _require_growth(
        self, namespace: str, registry: VerifiedResource, links: tuple[StatusListLink, ...]
    ) -> None:
        """Refuse status lists that take a revocation back, or claim to hold from a later time than now."""
        lists = [StatusList.of(self._linked(namespace, link), registry, link) for link in links]
        if any(not later.follows(earlier) for earlier, later in pairwise(lists)):
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "a revocation cannot be taken back")
        if lists and lists[-1].timestamp > (self._clock() + CLOCK_SKEW).timestamp():
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "the status list is of a time to come")

    def _linked(self, namespace: str, link: StatusListLink) -> VerifiedResource:
        resource = self._stored(namespace, link.id)
        if resource is None:
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "a link leads to a status list not yet published")
        return resource

    def _stored(self, namespace: str, identifier: ResourceId) -> VerifiedResource | None:
        stored = self._resource(namespace, identifier)
        return None if stored is None else stored_resource(json_object(stored.body), identifier)

    def _resource(self, namespace: str, identifier: ResourceId) -> StoredDocument | None:
        names = {"namespace": namespace, "digest": identifier.digest}
        return self._store.read(RESOURCE, **names) or self._store.read(REVOCATION_REGISTRY, **names)

    def _signer(self, namespace: str, did: WebvhDid) -> DIDDocument:
        """The document of the DID in `namespace`: it alone may sign there, unless it was deactivated."""
        return self._logs.in_use(namespace, did).document

    def _require_place(self, url: str, path: str) -> None:
        if url != f"{self._origin}/{path}":
            raise DocumentRefused(
                Reason.OTHER_IDENTIFIER, "the document's id does not lead to where it was put"
            )


def _text(body: bytes) -> str:
    try:
        return body.decode("ascii")
    except UnicodeDecodeError as error:
        raise DocumentRefused(Reason.MALFORMED, "this is not a JSON Web Token") from error
