"""What we ask of an entry of a did:webvh log beyond what the library `did_webvh` does, each with its reason.

The library 1.0.1 takes what the specification forbids, or what leaves room for two readings: see each rule.
"""

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from did_webvh.core.state import DocumentState

from signed_documents.encoding import JsonObject, from_multikey, multihash_base58, strict_json
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.proofs import claimed_method, verify_proof

MAX_ENTRY_BYTES = 256 * 1024
MAX_PROOFS = 4  # each costs as much as the entry is long
MAX_KEYS = 8  # the library compares every update key with every hash
METHOD = "did:webvh:1.0"
CLOCK_SKEW = timedelta(minutes=5)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DID_KEY = "did:key:"
_SHAPE = {"versionId": str, "versionTime": str, "parameters": dict, "state": dict, "proof": list}


def read_entry(text: bytes) -> JsonObject:
    """One line of a log as an object of the five properties, of the right types at the top."""
    if len(text) > MAX_ENTRY_BYTES:
        raise DocumentRefused(Reason.TOO_LARGE, "the entry is larger than any we accept")
    if not (text.startswith(b"{") and text.endswith(b"}")):  # so that equal logs are equal bytes
        raise DocumentRefused(Reason.BAD_LOG, "a line is not one JSON object and nothing else")
    try:
        line = strict_json(text)
    except ValueError as error:
        raise DocumentRefused(Reason.BAD_LOG, "a line is not JSON that all read alike") from error
    if isinstance(line, dict) and line.keys() == _SHAPE.keys():
        proofs, did = line["proof"], line["state"].get("id") if isinstance(line["state"], dict) else None
        fits = all(isinstance(line[name], kind) for name, kind in _SHAPE.items())
        if fits and isinstance(did, str) and all(isinstance(proof, dict) for proof in proofs):
            return line
    raise DocumentRefused(Reason.BAD_LOG, "a line is not an entry")


def require_rules(entry: JsonObject, previous: DocumentState | None, now: datetime) -> None:
    """Refuse an entry that may not follow `previous`, the verified one before it, if there is one."""
    parameters = entry["parameters"]
    if not entry["versionId"].startswith(f"{previous.version_number + 1 if previous else 1}-"):
        raise DocumentRefused(Reason.BAD_LOG, "the entry is not the next one")
    _require_method(parameters, previous)
    _require_time(entry["versionTime"], previous, now)
    _require_place(entry["state"], parameters, previous)
    _require_update_keys(parameters, previous)
    if type(parameters.get("deactivated", False)) is not bool:  # the library takes 1, too
        raise DocumentRefused(Reason.BAD_LOG, "`deactivated` is neither true nor false")


def require_proofs(entry: JsonObject, state: DocumentState, previous: DocumentState | None) -> None:
    """Refuse an entry unless each of its proofs is by a key that may sign it, and for that purpose.

    `state` is what the entry says. The library asks neither for the purpose nor for one way to write a key.
    """
    signers = state if previous is None or previous.next_key_hashes else previous
    if not 1 <= len(entry["proof"]) <= MAX_PROOFS:
        raise DocumentRefused(Reason.UNSUPPORTED_PROOF, f"an entry has one to {MAX_PROOFS} proofs")
    for proof in entry["proof"]:
        verify_proof(entry, proof, _signing_key(claimed_method(proof), signers.update_keys))


def _signing_key(method: str, authorised: Collection[str]) -> bytes:
    did, _, key = method.partition("#")
    if did != f"{_DID_KEY}{key}" or key not in authorised:
        raise DocumentRefused(Reason.KEY_NOT_AUTHORISED, "who signed the entry may not")
    return from_multikey(key)


def _require_method(parameters: JsonObject, previous: DocumentState | None) -> None:
    if parameters.get("method", previous and METHOD) != METHOD:
        raise DocumentRefused(Reason.UNKNOWN_METHOD, f"the log is not of the method {METHOD}")


def _require_time(text: str, previous: DocumentState | None, now: datetime) -> None:
    """The library reads more forms of time and puts each into this one before it makes the digest."""
    try:
        if not _TIME.fullmatch(text):
            raise ValueError("another form")
        time = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise DocumentRefused(Reason.BAD_TIME, "the time is not in UTC with whole seconds and a Z") from error
    if time > now + CLOCK_SKEW:
        raise DocumentRefused(Reason.BAD_TIME, "the entry is of a time to come")
    if previous is not None and time <= previous.timestamp:
        raise DocumentRefused(Reason.BAD_TIME, "the entry is not later than the one before")


def _require_place(state: JsonObject, parameters: JsonObject, previous: DocumentState | None) -> None:
    """That a DID which goes elsewhere may, and says from where: the library does not ask for the latter."""
    did = WebvhDid.parse(state["id"])
    if previous is None:
        return
    if parameters.get("portable") is True and not previous.portable:
        raise DocumentRefused(Reason.BAD_MOVE, "a DID cannot become portable later")
    if str(did) == previous.document_id:
        return
    if not previous.portable or did.scid != previous.scid:
        raise DocumentRefused(Reason.BAD_MOVE, "the DID is not portable, or became another's")
    former = state.get("alsoKnownAs")
    if not isinstance(former, list) or previous.document_id not in former:
        raise DocumentRefused(Reason.BAD_MOVE, "the document does not say what it was known as before")


def _require_update_keys(parameters: JsonObject, previous: DocumentState | None) -> None:
    """The library takes keys that nobody can use, and lists that end the log unsaid."""
    keys, hashes = parameters.get("updateKeys"), parameters.get("nextKeyHashes")
    committed = previous.next_key_hashes if previous is not None else None
    if committed and (keys is None or hashes is None):
        raise DocumentRefused(
            Reason.KEY_NOT_COMMITTED, "with pre-rotation every entry has both lists of keys"
        )
    if isinstance(hashes, list) and len(hashes) > MAX_KEYS:
        raise DocumentRefused(Reason.BAD_UPDATE_KEYS, f"more than {MAX_KEYS} next keys are announced")
    if keys is None and previous is not None:
        return
    usable = _usable(keys, ended=parameters.get("deactivated") is True)
    if committed and any(multihash_base58(key.encode()) not in committed for key in usable):
        raise DocumentRefused(Reason.KEY_NOT_COMMITTED, "the entry before did not announce the update key")


def _usable(keys: object, *, ended: bool) -> list[str]:
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise DocumentRefused(Reason.BAD_UPDATE_KEYS, "the update keys are not a list of keys")
    if not keys and not ended:
        raise DocumentRefused(Reason.BAD_UPDATE_KEYS, "nobody may sign the next entry, yet the DID goes on")
    if len(keys) > MAX_KEYS or len(set(keys)) != len(keys):
        raise DocumentRefused(
            Reason.BAD_UPDATE_KEYS, f"there are more than {MAX_KEYS} update keys, or one twice"
        )
    try:
        for key in keys:
            from_multikey(key)
    except ValueError as error:
        raise DocumentRefused(Reason.BAD_UPDATE_KEYS, "an update key is not an Ed25519 Multikey") from error
    return keys
