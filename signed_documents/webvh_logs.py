"""did:webvh logs (did:webvh 1.0): the first entry of a new DID, further entries, and their verification.

The library `did_webvh` judges chain and parameters. Ours are stricter rules (`webvh_rules`), proofs,
witnesses, that what was verified is not verified again, and that a hostile log is refused, never a crash.
"""

from dataclasses import dataclass, field
from datetime import datetime

from did_webvh.core.state import DocumentState, InvalidDocumentState
from did_webvh.verify import WebvhVerifier
from pydid import DIDDocument

from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.webvh_rules import read_entry, require_proofs, require_rules
from signed_documents.witnesses import Demand, WitnessRule, require_approvals

MAX_LOG_BYTES = 4 * 1024 * 1024
MAX_ENTRIES = 4096
_VERIFIER = WebvhVerifier(verify_proofs=False)  # it would leave proofs to an executor
_REASONS = {  # by the library's type of problem
    "hash-chain-broken": Reason.WRONG_DIGEST,
    "scid-verification-failed": Reason.WRONG_DIGEST,
}


@dataclass(frozen=True, slots=True)
class VerifiedLog:
    """A log whose every entry was verified, and the document that its last entry states."""

    did: WebvhDid
    document: DIDDocument
    document_json: JsonObject
    entries: tuple[bytes, ...]
    version_id: str
    updated: datetime
    portable: bool
    deactivated: bool
    version_ids: tuple[str, ...]
    witness_rule: WitnessRule | None
    """Who must approve the next entry."""
    demands: tuple[Demand, ...]
    """Whose approval of these entries is needed."""
    state: DocumentState = field(repr=False, compare=False)
    """The last entry as the library reads it, from which the next is made or verified. Not to be changed."""

    @property
    def update_keys(self) -> tuple[str, ...]:
        """Who may sign the next entry (Multikeys), unless the keys for that were announced by hashes."""
        return tuple(self.state.update_keys)

    @property
    def next_key_hashes(self) -> tuple[str, ...]:
        """Whose keys may sign the next entry: pre-rotation, if there are any."""
        return tuple(self.state.next_key_hashes or ())

    @property
    def version_number(self) -> int:
        return len(self.entries)

    @property
    def text(self) -> bytes:
        return b"".join(entry + b"\n" for entry in self.entries)

    def extends(self, earlier: "VerifiedLog") -> bool:
        """Whether this log is `earlier` and perhaps more entries: nothing changed or taken away."""
        return self.entries[: len(earlier.entries)] == earlier.entries

    def require_witnesses(self, witness_proofs: bytes | None) -> None:
        """Refuse (NEEDS_WITNESSES) unless the did-witness.json has all approvals that the log demands."""
        require_approvals(self.demands, self.version_ids, witness_proofs)

    def require_in_use(self) -> None:
        """Refuse (DEACTIVATED) a DID whose owner ended it."""
        if self.deactivated:
            raise DocumentRefused(Reason.DEACTIVATED, "the DID was deactivated by its owner")


def verify_log(
    text: bytes,
    did: WebvhDid,
    *,
    now: datetime,
    known: VerifiedLog | None = None,
    witness_proofs: bytes | None = None,
) -> VerifiedLog:
    """Verify every entry of a log and its witnesses' approval, and that it is `did`'s, which is still in use.

    Blocks for about a millisecond an entry. Raises `DocumentRefused` with the reason, whatever is wrong.
    For `known` and `witness_proofs` see `verify_history`.
    """
    log = verify_history(text, did, now=now, known=known, witness_proofs=witness_proofs)
    log.require_in_use()
    return log


def verify_history(
    text: bytes,
    did: WebvhDid,
    *,
    now: datetime,
    known: VerifiedLog | None = None,
    witness_proofs: bytes | None = None,
) -> VerifiedLog:
    """The same, also of a DID that was deactivated, for whoever keeps logs. Nothing may follow that entry.

    `witness_proofs` are the did-witness.json beside the log, None if there is none.
    """
    log = verify_entries(text, did, now=now, known=known)
    log.require_witnesses(witness_proofs)
    return log


def verify_entries(
    text: bytes, did: WebvhDid, *, now: datetime, known: VerifiedLog | None = None
) -> VerifiedLog:
    """The same without the witnesses' approval: for the owner who has yet to ask them, and whom they ask.

    `known` is what was verified before: of a log that begins with it, only what follows is verified.
    """
    if len(text) > MAX_LOG_BYTES:
        raise DocumentRefused(Reason.TOO_LARGE, "the log is larger than any we accept")
    text = text if text.endswith(b"\n") else text + b"\n"
    if known is not None and not text.startswith(known.text):
        known = None
    new = text[len(known.text) if known else 0 :]
    entries = tuple(new.split(b"\n")[:-1])
    if (len(known.entries) if known else 0) + len(entries) > MAX_ENTRIES:
        raise DocumentRefused(Reason.TOO_LARGE, "the log has more entries than any we accept")
    walk = _Walk(known, now)
    for entry in entries:
        walk.take(entry)
    return _verified_log(walk, (*(known.entries if known else ()), *entries), did)


class _Walk:
    """Goes through a log entry by entry, from its start or from where a verified one ends."""

    def __init__(self, known: VerifiedLog | None, now: datetime) -> None:
        self._now = now
        self.state = known.state if known else None
        self.version_ids = list(known.version_ids) if known else []
        self.witness_rule = known.witness_rule if known else None
        self.demands = list(known.demands) if known else []

    def take(self, entry: bytes) -> None:
        """Verify the next entry. Raises `DocumentRefused`."""
        try:
            self._take(entry)
        except DocumentRefused as refusal:
            raise self._refused(refusal.reason, refusal.detail) from refusal
        except InvalidDocumentState as error:
            reason = _REASONS.get(error.problem_details.type.partition("#")[2], Reason.BAD_LOG)
            raise self._refused(reason, "the entry does not lead on from what was before it") from error
        except Exception as error:  # did_webvh 1.0.1 raises whatever a hostile log makes it stumble over
            detail = f"the entry does not verify ({type(error).__name__})"
            raise self._refused(Reason.BAD_LOG, detail) from error

    def _take(self, entry: bytes) -> None:
        previous = self.state
        if previous is not None and previous.deactivated:
            raise DocumentRefused(Reason.DEACTIVATED, "the log goes on after its DID was deactivated")
        line = read_entry(entry)
        require_rules(line, previous, self._now)
        self._demand(line["parameters"])
        state = DocumentState.load_history_line(line, previous)
        state.check_version_id()
        _VERIFIER.verify_state(state, previous, is_final=False)
        require_proofs(line, state, previous)
        self.state = state
        self.version_ids.append(state.version_id)

    def _demand(self, parameters: JsonObject) -> None:
        """Who must approve this entry: the witnesses until now, or else the first ones that are named."""
        before = self.witness_rule
        if "witness" in parameters:
            self.witness_rule = WitnessRule.parse(parameters["witness"])
        if rule := before or self.witness_rule:
            if self.demands and self.demands[-1].rule == rule:
                self.demands.pop()  # who approves this entry approves those before it
            self.demands.append(Demand(len(self.version_ids) + 1, rule))

    def _refused(self, reason: Reason, detail: str) -> DocumentRefused:
        return DocumentRefused(reason, f"entry {len(self.version_ids) + 1}: {detail}")


def _verified_log(walk: _Walk, entries: tuple[bytes, ...], did: WebvhDid) -> VerifiedLog:
    state = walk.state
    if state is None:
        raise DocumentRefused(Reason.BAD_LOG, "the log is empty")
    if state.document_id != str(did) or state.scid != did.scid:
        raise DocumentRefused(Reason.OTHER_IDENTIFIER, "the log is another DID's")
    try:
        document = DIDDocument.deserialize(state.document)
    except Exception as error:  # pydid raises ValueError, and others from its indexing
        raise DocumentRefused(Reason.MALFORMED, "the DID document cannot be read") from error
    return VerifiedLog(
        did,
        document,
        state.document_copy(),
        entries,
        state.version_id,
        state.timestamp,
        state.portable,
        state.deactivated,
        tuple(walk.version_ids),
        walk.witness_rule,
        tuple(walk.demands),
        state,
    )
