"""Entries of did:webvh logs (did:webvh 1.0): prepared where the DID is kept, signed where its update key is.

Preparing needs no key and signing needs no agent, so the update key may stay on a machine without network.
Every entry is signed by the key that the one before it announced, and announces another (pre-rotation).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from did_webvh.const import SCID_PLACEHOLDER
from did_webvh.core.state import DocumentState
from did_webvh.provision import provision_did

from signed_documents.did_documents import moved_document
from signed_documents.encoding import JsonObject, from_multikey, multihash_base58, multikey, strict_json
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.keys import Signer
from signed_documents.proofs import iso_utc, make_proof
from signed_documents.webvh_logs import VerifiedLog, verify_entries
from signed_documents.witnesses import WitnessRule

_TYPE = "staff-passport-did-change/1"
_SAID_BY_SIGNER = {"updateKeys", "nextKeyHashes", "method", "scid"}


@dataclass(frozen=True, slots=True)
class PreparedEntry:
    """What is to be said next of a DID: all but who says it, and so but the hash and the proof."""

    log: bytes
    """What was said before; empty of a DID that is yet to be made, whose document has a placeholder."""
    time: datetime
    parameters: JsonObject
    """Those that change, besides the update keys."""
    document: JsonObject

    def to_json(self) -> JsonObject:
        """As it is carried to where the update key is."""
        return {
            "type": _TYPE,
            "log": self.log.decode(),
            "versionTime": iso_utc(self.time),
            "parameters": self.parameters,
            "state": self.document,
        }

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Read what `to_json` wrote; it is verified when it is signed. Raises `DocumentRefused`."""
        try:
            match strict_json(text):
                case {
                    "type": "staff-passport-did-change/1",
                    "log": str(log),
                    "versionTime": str(time),
                    "parameters": dict(parameters),
                    "state": dict(document),
                }:
                    return cls(log.encode(), datetime.fromisoformat(time), parameters, document)
        except ValueError as error:
            raise DocumentRefused(Reason.MALFORMED, "this is no prepared change of a DID") from error
        raise DocumentRefused(Reason.MALFORMED, "this is no prepared change of a DID")

    def before(self) -> VerifiedLog | None:
        """What was said before, verified; None of a DID that is yet to be made."""
        return read_log(self.log, now=self.time) if self.log else None

    @property
    def deactivates(self) -> bool:
        return self.parameters.get("deactivated") is True

    def became(self, entry: JsonObject) -> bool:
        """Whether `entry`, which was verified, says this and nothing else."""
        parameters = {key: value for key, value in entry["parameters"].items() if key not in _SAID_BY_SIGNER}
        document = self.document
        if not self.log:
            scid = str(entry["parameters"]["scid"])
            document = json.loads(json.dumps(document).replace(SCID_PLACEHOLDER, scid))
        return bool(parameters == self.parameters and entry["state"] == document)


def prepare_new(
    host: str, path: tuple[str, ...], document: Callable[[str], JsonObject], *, created: datetime
) -> PreparedEntry:
    """The first entry of a new DID, which may move later. `document` is called with a placeholder."""
    placeholder = ":".join(("did", "webvh", SCID_PLACEHOLDER, host, *path))
    return PreparedEntry(b"", created.replace(microsecond=0), {"portable": True}, document(placeholder))


def prepare_next(log: VerifiedLog, document: JsonObject, *, created: datetime) -> PreparedEntry:
    """An entry with another document, or with the same when only the update key is to change."""
    return PreparedEntry(log.text, _after(log, created), {}, document)


def prepare_witnesses(log: VerifiedLog, rule: WitnessRule | None, *, created: datetime) -> PreparedEntry:
    """An entry that says who must approve entries from now on; None for nobody.

    The first witnesses approve this very entry; later ones are approved by those before them.
    """
    parameters: JsonObject = {"witness": {} if rule is None else rule.to_json()}
    return PreparedEntry(log.text, _after(log, created), parameters, log.document_json)


def prepare_move(log: VerifiedLog, to: WebvhDid, *, created: datetime) -> PreparedEntry:
    """An entry that takes the DID to another place; the former id is named in it (section 3.7.6).

    Raises `DocumentRefused` (BAD_MOVE) for a DID that was not made to move, and for another SCID.
    """
    if not log.portable or to.scid != log.did.scid:
        raise DocumentRefused(Reason.BAD_MOVE, "the DID was not made to move, or would be another")
    document = moved_document(log.document_json, str(log.did), to)
    return PreparedEntry(log.text, _after(log, created), {}, document)


def prepare_deactivation(log: VerifiedLog, *, created: datetime) -> PreparedEntry:
    """The last entry of a DID: it announces no key, so nothing can follow it.

    Pre-rotation ends in the same entry. Emptying `updateKeys` as well would need an entry before it, and
    says no more: readers refuse whatever follows a deactivation.
    """
    return PreparedEntry(log.text, _after(log, created), {"deactivated": True}, log.document_json)


async def sign_entry(prepared: PreparedEntry, update_key: Signer, next_key: bytes) -> bytes:
    """The whole entry. `update_key` is named as a did:key (`did_key_method`).

    `next_key` is the public key (32 bytes) that will sign the entry after it. Raises `DocumentRefused` for
    what is not prepared well; whether the key may sign is seen by `append_entry`.
    """
    parameters = {**prepared.parameters, **_rotation(update_key, next_key, last=prepared.deactivates)}
    log = prepared.before()
    state = _first(prepared, parameters) if log is None else _next(log.state, prepared, parameters)
    state.proofs.append(await make_proof(state.history_line(), update_key, created=prepared.time))
    return json.dumps(state.history_line(), separators=(",", ":")).encode()


def append_entry(log: VerifiedLog | None, entry: bytes, *, now: datetime) -> VerifiedLog:
    """`log` with one entry more, verified as a stranger would, so that we never publish what nobody can read.

    Only the witnesses are left aside: they approve it afterwards. Raises `DocumentRefused`.
    """
    entry = entry.rstrip(b"\n")
    if b"\n" in entry:
        raise DocumentRefused(Reason.MALFORMED, "this is more than one entry")
    before = log.text if log is not None else b""
    return verify_entries(before + entry + b"\n", claimed_did(entry), now=now, known=log)


def read_log(text: bytes, *, now: datetime) -> VerifiedLog:
    """A log, verified but for its witnesses, of whatever DID it says."""
    last = text.rstrip(b"\n").rpartition(b"\n")[2]
    return verify_entries(text, claimed_did(last), now=now)


def claimed_did(entry: bytes) -> WebvhDid:
    """The DID that an entry, yet to be verified, states. Raises `DocumentRefused`."""
    try:
        match strict_json(entry):
            case {"state": {"id": str(did)}}:
                return WebvhDid.parse(did)
    except ValueError as error:
        raise DocumentRefused(Reason.MALFORMED, "the entry is not JSON") from error
    raise DocumentRefused(Reason.BAD_LOG, "the entry states no DID document")


async def create_log(
    host: str,
    path: tuple[str, ...],
    document: Callable[[str], JsonObject],
    *,
    update_key: Signer,
    next_key: bytes,
    created: datetime,
) -> VerifiedLog:
    """The log of a new DID: `prepare_new`, signed and verified."""
    prepared = prepare_new(host, path, document, created=created)
    return append_entry(None, await sign_entry(prepared, update_key, next_key), now=prepared.time)


async def extend_log(
    log: VerifiedLog, document: JsonObject, *, update_key: Signer, next_key: bytes, created: datetime
) -> VerifiedLog:
    """`log` with one entry more: `prepare_next`, signed and verified."""
    prepared = prepare_next(log, document, created=created)
    return append_entry(log, await sign_entry(prepared, update_key, next_key), now=prepared.time)


def commitment(public_key: bytes) -> str:
    """What an entry says of the key that is to sign the next one: a hash of its Multikey."""
    return multihash_base58(multikey(public_key).encode())


def is_announced(log: VerifiedLog, public_key: bytes) -> bool:
    """Whether that key may sign the next entry."""
    return commitment(public_key) in log.next_key_hashes


def _first(prepared: PreparedEntry, parameters: JsonObject) -> DocumentState:
    if SCID_PLACEHOLDER not in str(prepared.document.get("id")):
        raise DocumentRefused(Reason.MALFORMED, "the document of a new DID has no place for its SCID")
    return provision_did(prepared.document, params=parameters, timestamp=prepared.time)


def _next(before: DocumentState, prepared: PreparedEntry, parameters: JsonObject) -> DocumentState:
    try:
        return before.create_next(prepared.document, params_update=parameters, timestamp=prepared.time)
    except ValueError as error:
        raise DocumentRefused(Reason.BAD_TIME, "the entry is not later than the one before it") from error


def _rotation(update_key: Signer, next_key: bytes, *, last: bool) -> JsonObject:
    """Who signs this entry, and the commitment to who may sign the next."""
    current = update_key.verification_method.partition("#")[2]
    from_multikey(current)  # a did:key and nothing else
    return {"updateKeys": [current], "nextKeyHashes": [] if last else [commitment(next_key)]}


def _after(log: VerifiedLog, moment: datetime) -> datetime:
    """`moment`, or the second after the last entry: no two have the same time."""
    return max(moment.replace(microsecond=0), log.updated + timedelta(seconds=1))
