"""What may be published: every document is verified again, here, before a stranger can read it."""

import json
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from pydid import DIDDocument

from registry.kinds import (
    CHECKPOINT,
    CONTEXT,
    LOG,
    NAMESPACE,
    RESOURCE,
    REVOCATION_REGISTRY,
    STATUS_LIST,
    TWIN,
)
from registry.problems import WriteConflict
from registry.store import Store, StoredDocument
from registry.twins import did_web_twin
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
from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import ResourceId, WebvhDid
from signed_documents.merkle import EMPTY_ROOT, extends
from signed_documents.status_lists import StatusList
from signed_documents.webvh_logs import VerifiedLog, verify_history, verify_log

LOGGER = logging.getLogger(__name__)

CLOCK_SKEW = timedelta(minutes=5)


class Outcome(StrEnum):
    """What a write did. Each may come twice: the second finds the document as it should be."""

    CREATED = "created"
    EXTENDED = "extended"
    UNCHANGED = "unchanged"


class Publications:
    """Every method blocks, raises `DocumentRefused` or `WriteConflict`, and takes names already checked."""

    def __init__(self, store: Store, origin: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._origin = origin
        self._clock = clock

    def publish_log(self, namespace: str, text: bytes) -> Outcome:
        """Create the DID of `namespace`, take more entries of its log, or the whole log of one that moves in.

        The last entry may deactivate it: then strangers can read that, and nothing follows it here. A DID
        that moves within this registry leaves its log behind, to which nothing is added.
        """
        did = _claimed_did(text)
        self._require_place(did.log_url, f"{namespace}/did.jsonl")
        log = verify_history(text, did, now=self._clock())
        left = self._places_left(log, namespace)
        with self._store.writing(namespace, *left):
            stored = self._store.read(LOG, namespace=namespace)
            if stored is not None and stored.body == log.text:
                self._put_twin(namespace, log)  # perhaps the process that put the log died before
                return Outcome.UNCHANGED
            self._require_continuity(log, namespace, *left)
            for place in left:
                self._store.freeze(place, moved_to=namespace)
            self._store.put(LOG, log.text, namespace=namespace)
            self._store.thaw(namespace)
            self._put_twin(namespace, log)
        return Outcome.CREATED if stored is None else Outcome.EXTENDED

    def mend(self) -> None:
        """Make the twins that are older than their logs: whoever put the log died before it put the twin."""
        for document in self._store.published(LOG):
            if self._store.is_older(TWIN, LOG, **document.fields):
                self._mend_twin(document.fields["namespace"])

    def _mend_twin(self, namespace: str) -> None:
        with self._store.writing(namespace):
            stored = self._store.read(LOG, namespace=namespace)
            if stored is None:
                return
            try:
                log = verify_history(stored.body, _claimed_did(stored.body), now=self._clock())
                self._put_twin(namespace, log)
            except DocumentRefused as refused:
                LOGGER.warning("the log of %s is no more what was verified: %s", namespace, refused)

    def _put_twin(self, namespace: str, log: VerifiedLog) -> None:
        """A did:web is deactivated by its document's being gone (did:web, "Deactivate")."""
        if log.deactivated:
            self._store.remove(TWIN, namespace=namespace)
            return
        twin, stored = did_web_twin(log), self._store.read(TWIN, namespace=namespace)
        if stored is None or stored.body != twin:
            self._store.put(TWIN, twin, namespace=namespace)

    def _places_left(self, log: VerifiedLog, namespace: str) -> tuple[str, ...]:
        """The other namespaces of this registry in which the log says that the DID was, and there is one."""
        urls = {WebvhDid.parse(str(_object(entry)["state"]["id"])).base_url for entry in log.entries}
        places = {url.removeprefix(f"{self._origin}/") for url in urls if url.startswith(f"{self._origin}/")}
        return tuple(sorted(place for place in places - {namespace} if self._has_log(place)))

    def _has_log(self, place: str) -> bool:
        return bool(re.fullmatch(NAMESPACE, place)) and self._store.read(LOG, namespace=place) is not None

    def publish_resource(self, namespace: str, digest: str, body: bytes) -> Outcome:
        """Take a resource that the DID of `namespace` signed."""
        document = _object(body)
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
                self._require_newer(status_list, stored_status_list(_object(stored.body), identifier))
            self._store.put(STATUS_LIST, body, **names)
        return Outcome.CREATED if stored is None else Outcome.EXTENDED

    def _verified_status_list(
        self, namespace: str, identifier: StatusListId, body: bytes
    ) -> SignedStatusList:
        document = _object(body)
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
        if "@context" not in _object(body):
            raise DocumentRefused(Reason.MALFORMED, "this is not a JSON-LD context")
        with self._store.writing("contexts"):
            stored = self._store.read(CONTEXT, context=name, version=version)
            if stored is not None and stored.body != body:
                raise WriteConflict("that version of the context was published with another content")
            if stored is None:
                self._store.put(CONTEXT, body, context=name, version=version)
        return Outcome.CREATED if stored is None else Outcome.UNCHANGED

    def _put_resource(self, namespace: str, resource: VerifiedResource, body: bytes) -> Outcome:
        if self._resource(namespace, resource.id) is not None:
            return Outcome.UNCHANGED  # the digest says that the content is the same
        self._store.put(RESOURCE, body, namespace=namespace, digest=resource.id.digest)
        return Outcome.CREATED

    def _put_registry(self, namespace: str, registry: VerifiedResource, body: bytes) -> Outcome:
        stored = self._stored(namespace, registry.id)
        before = stored.links if stored else ()
        if registry.links[: len(before)] != before:
            raise WriteConflict("the revocation registry has status lists that this one lacks")
        if stored is not None and registry.links == before:
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
        return None if stored is None else stored_resource(_object(stored.body), identifier)

    def _resource(self, namespace: str, identifier: ResourceId) -> StoredDocument | None:
        names = {"namespace": namespace, "digest": identifier.digest}
        return self._store.read(RESOURCE, **names) or self._store.read(REVOCATION_REGISTRY, **names)

    def _signer(self, namespace: str, did: WebvhDid) -> DIDDocument:
        """The document of the DID in `namespace`: it alone may sign there, unless it was deactivated."""
        stored = self._store.read(LOG, namespace=namespace)
        if stored is None:
            raise DocumentRefused(Reason.OTHER_SIGNER, "no DID has been published there yet")
        return verify_log(stored.body, did, now=self._clock()).document

    def _require_place(self, url: str, path: str) -> None:
        if url != f"{self._origin}/{path}":
            raise DocumentRefused(
                Reason.OTHER_IDENTIFIER, "the document's id does not lead to where it was put"
            )

    def _require_continuity(self, log: VerifiedLog, namespace: str, *left: str) -> None:
        """Refuse a log that leaves out, or replaces, entries that strangers have read here."""
        if self._store.frozen(namespace) not in {None, *left}:
            raise WriteConflict("the DID has moved away from here")
        for place in (namespace, *left):
            stored = self._store.read(LOG, namespace=place)
            entries = () if stored is None else tuple(stored.body.splitlines())
            if log.entries[: len(entries)] != entries:
                raise WriteConflict("the log has entries that this one lacks")


def _claimed_did(log: bytes) -> WebvhDid:
    """The DID that the last entry states, which is yet to be verified."""
    lines = log.split()
    state = _object(log.rstrip(b"\n").rpartition(b"\n")[2]).get("state") if lines else None
    if not isinstance(state, dict):
        raise DocumentRefused(Reason.BAD_LOG, "the last entry states no DID document")
    return WebvhDid.parse(str(state.get("id")))


def _object(text: bytes) -> JsonObject:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentRefused(Reason.MALFORMED, "this is not JSON") from error
    if not isinstance(document, dict):
        raise DocumentRefused(Reason.MALFORMED, "this is not a JSON object")
    return document
