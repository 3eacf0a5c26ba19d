"""The logs of DIDs, the proofs of their witnesses and their did:web twins: what may follow what."""

import logging
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from threading import Lock

from registry.kinds import LOG, NAMESPACE, TWIN, WITNESSES
from registry.outcomes import Outcome, json_object
from registry.problems import WriteConflict
from registry.store import Store
from registry.twins import did_web_twin
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.webvh_logs import VerifiedLog, verify_entries
from signed_documents.witnesses import read_witness_proofs, verify_witness_proof

LOGGER = logging.getLogger(__name__)

_KNOWN = 32
"""Of how many logs only the new entries are verified: the others are verified whole when they are used."""
_VERSION = re.compile(r"([1-9][0-9]{0,5})-[1-9A-HJ-NP-Za-km-z]{20,128}")


class Logs:
    """Every method blocks, and raises `DocumentRefused` or `WriteConflict`."""

    def __init__(self, store: Store, origin: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._origin = origin
        self._clock = clock
        self._known: OrderedDict[str, VerifiedLog] = OrderedDict()
        self._lock = Lock()

    def publish(self, namespace: str, text: bytes) -> Outcome:
        """Create the DID of `namespace`, take more entries of its log, or the whole log of one that moves in.

        The last entry may deactivate it: then strangers can read that, and nothing follows it here. A DID
        that moves within this registry leaves its log behind, to which nothing is added. Approvals that the
        log demands must be there before it.
        """
        did = _claimed_did(text)
        if did.log_url != f"{self._origin}/{namespace}/did.jsonl":
            raise DocumentRefused(Reason.OTHER_IDENTIFIER, "the DID does not lead to where its log was put")
        log = self._verified(namespace, text, did)
        left = self._places_left(log, namespace)
        with self._store.writing(namespace, *left):
            stored = self._store.read(LOG, namespace=namespace)
            if stored is not None and stored.body == log.text:
                self._put_twin(namespace, log)  # perhaps the process that put the log died before
                return Outcome.UNCHANGED
            self._require_continuity(log, namespace, *left)
            log.require_witnesses(self._witness_proofs(namespace))
            for place in left:
                self._store.freeze(place, moved_to=namespace)
            self._store.put(LOG, log.text, namespace=namespace)
            self._store.thaw(namespace)
            self._put_twin(namespace, log)
        self._remember(namespace, log)
        return Outcome.CREATED if stored is None else Outcome.EXTENDED

    def publish_witness_proofs(self, namespace: str, body: bytes) -> Outcome:
        """Take the did-witness.json of `namespace`, whose proofs may be of a version that is yet to be put.

        No approval is taken back: the log that is there keeps what it needs, and each witness the newest
        version that it approved.
        """
        approved = _approved(body)
        with self._store.writing(namespace):
            stored = self._store.read(WITNESSES, namespace=namespace)
            if stored is not None and stored.body == body:
                return Outcome.UNCHANGED
            before = {} if stored is None else _approved(stored.body)
            if any(approved.get(witness, 0) < number for witness, number in before.items()):
                raise WriteConflict("there are proofs of witnesses that this file lacks")
            if (log := self._current(namespace)) is not None:
                log.require_witnesses(body)
            self._store.put(WITNESSES, body, namespace=namespace)
        return Outcome.CREATED if stored is None else Outcome.EXTENDED

    def in_use(self, namespace: str, did: WebvhDid) -> VerifiedLog:
        """The log of `did`, which is the DID of `namespace` and was not deactivated; within `writing`."""
        stored = self._store.read(LOG, namespace=namespace)
        if stored is None:
            raise DocumentRefused(Reason.OTHER_SIGNER, "no DID has been published there yet")
        log = self._verified(namespace, stored.body, did)
        log.require_witnesses(self._witness_proofs(namespace))
        self._remember(namespace, log)
        log.require_in_use()
        return log

    def mend(self) -> None:
        """Make the twins that are older than their logs: whoever put the log died before it put the twin."""
        for document in self._store.published(LOG):
            namespace = document.fields["namespace"]
            if not self._store.is_older(TWIN, LOG, namespace=namespace):
                continue
            with self._store.writing(namespace):
                try:
                    if (log := self._current(namespace)) is not None:
                        self._put_twin(namespace, log)
                except DocumentRefused as refused:
                    LOGGER.warning("the log of %s is no more what was verified: %s", namespace, refused)

    def _current(self, namespace: str) -> VerifiedLog | None:
        stored = self._store.read(LOG, namespace=namespace)
        return None if stored is None else self._verified(namespace, stored.body, _claimed_did(stored.body))

    def _verified(self, namespace: str, text: bytes, did: WebvhDid) -> VerifiedLog:
        return verify_entries(text, did, now=self._clock(), known=self._known.get(namespace))

    def _remember(self, namespace: str, log: VerifiedLog) -> None:
        with self._lock:
            self._known[namespace] = log
            self._known.move_to_end(namespace)
            if len(self._known) > _KNOWN:
                self._known.popitem(last=False)

    def _witness_proofs(self, namespace: str) -> bytes | None:
        stored = self._store.read(WITNESSES, namespace=namespace)
        return None if stored is None else stored.body

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
        urls = {WebvhDid.parse(str(json_object(entry)["state"]["id"])).base_url for entry in log.entries}
        places = {url.removeprefix(f"{self._origin}/") for url in urls if url.startswith(f"{self._origin}/")}
        return tuple(sorted(place for place in places - {namespace} if self._has_log(place)))

    def _has_log(self, place: str) -> bool:
        return bool(re.fullmatch(NAMESPACE, place)) and self._store.read(LOG, namespace=place) is not None

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
    state = json_object(log.rstrip(b"\n").rpartition(b"\n")[2]).get("state") if lines else None
    if not isinstance(state, dict):
        raise DocumentRefused(Reason.BAD_LOG, "the last entry states no DID document")
    return WebvhDid.parse(str(state.get("id")))


def _approved(body: bytes) -> dict[str, int]:
    """The number of the newest version that each witness approved. Every proof must verify."""
    approved: dict[str, int] = {}
    for version, proofs in read_witness_proofs(body).items():
        if (match := _VERSION.fullmatch(version)) is None:
            raise DocumentRefused(Reason.MALFORMED, "the proofs are of something that is not a version")
        for proof in proofs:
            witness = verify_witness_proof(version, proof)
            approved[witness] = max(approved.get(witness, 0), int(match[1]))
    return approved
