"""Witnesses of a did:webvh log (did:webvh 1.0): who must approve its entries, and their proofs.

A witness approves a version, and with it all that came before. Its proofs stand in a file beside the log.
"""

import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from signed_documents.encoding import JsonObject, from_multikey, strict_json
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.keys import Signer
from signed_documents.proofs import claimed_method, make_proof, verify_proof

MAX_WITNESS_BYTES = 1024 * 1024
MAX_WITNESSES = 100
NO_PROOFS = b"[]"
_DID_KEY = "did:key:"


@dataclass(frozen=True, slots=True)
class WitnessRule:
    """How many of which witnesses (did:key, Ed25519) must approve an entry."""

    threshold: int
    witnesses: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.witnesses or len(self.witnesses) > MAX_WITNESSES:
            raise _bad_rule(f"a rule names one to {MAX_WITNESSES} witnesses")
        if len(set(self.witnesses)) != len(self.witnesses):
            raise _bad_rule("a witness is named twice, so one would count for two")
        if type(self.threshold) is not int or not 1 <= self.threshold <= len(self.witnesses):
            raise _bad_rule("the threshold is not between one and the number of witnesses")
        for witness in self.witnesses:
            witness_key(witness)

    @classmethod
    def parse(cls, value: object) -> Self | None:
        """The parameter `witness` of a log entry: None for `{}`, which asks nobody.

        Raises `DocumentRefused` (BAD_WITNESSES) for a rule that cannot be kept, or asks less than it seems.
        """
        if value == {}:
            return None
        if not isinstance(value, dict) or value.keys() != {"threshold", "witnesses"}:
            raise _bad_rule("it is not a threshold and a list of witnesses")
        if not isinstance(value["witnesses"], list):
            raise _bad_rule("the witnesses are not a list")
        return cls(value["threshold"], tuple(_named(entry) for entry in value["witnesses"]))

    def to_json(self) -> JsonObject:
        return {"threshold": self.threshold, "witnesses": [{"id": witness} for witness in self.witnesses]}


@dataclass(frozen=True, slots=True)
class Demand:
    """That the witnesses of `rule` have approved version `number` of a log, or a later one."""

    number: int
    rule: WitnessRule


def witness_key(witness: str) -> bytes:
    """The Ed25519 public key of a witness's did:key. Raises `DocumentRefused` (BAD_WITNESSES)."""
    try:
        if not witness.startswith(_DID_KEY):
            raise ValueError("not a did:key")
        return from_multikey(witness.removeprefix(_DID_KEY))
    except ValueError as error:
        raise _bad_rule("a witness is not a did:key for Ed25519") from error


def require_approvals(
    demands: Collection[Demand], version_ids: Sequence[str], witness_proofs: bytes | None
) -> None:
    """Refuse (NEEDS_WITNESSES) unless `witness_proofs`, the did-witness.json, meet all `demands` of a log.

    `version_ids` are the log's, from the first. As the specification says, proofs do not count that are of
    other versions, of strangers, or do not verify. None is a file that is not there.
    """
    if not demands:
        return
    witnesses = {witness for demand in demands for witness in demand.rule.witnesses}
    approved = _approved(read_witness_proofs(witness_proofs or NO_PROOFS), version_ids, witnesses)
    for demand in demands:
        approvals = sum(approved.get(witness, 0) >= demand.number for witness in demand.rule.witnesses)
        if approvals < demand.rule.threshold:
            raise DocumentRefused(
                Reason.NEEDS_WITNESSES,
                f"version {demand.number} has {approvals} of the {demand.rule.threshold} approvals it needs",
            )


async def witness_proof(version_id: str, signer: Signer, created: datetime) -> JsonObject:
    """The approval of a version, and of all before it, by a witness whose `signer` is named as a did:key.

    Whoever calls this has verified the log (`verify_entries`) and that it extends the one approved before.
    """
    return await make_proof({"versionId": version_id}, signer, created=created)


def verify_witness_proof(version_id: str, proof: JsonObject) -> str:
    """The witness (did:key) whose approval of that version `proof` is. Raises `DocumentRefused`."""
    witness = _claimed_witness(proof)
    verify_proof({"versionId": version_id}, proof, witness_key(witness))
    return witness


def add_witness_proof(
    witness_proofs: bytes | None, version_id: str, proof: JsonObject, *, published: Sequence[str]
) -> bytes:
    """The did-witness.json with one proof more, which is verified, without those that need not be there.

    `published` are the version ids of the log that strangers read now. Of every witness there stay the proof
    of the newest of them, and those of versions that are yet to be published.
    """
    verify_witness_proof(version_id, proof)
    proofs = read_witness_proofs(witness_proofs or NO_PROOFS)
    proofs.setdefault(version_id, []).append(proof)
    entries = [
        {"versionId": version, "proof": list(kept.values())}
        for version, kept in _needed(proofs, published).items()
        if kept
    ]
    return json.dumps(entries, separators=(",", ":")).encode()


def read_witness_proofs(text: bytes) -> dict[str, list[JsonObject]]:
    """The unverified proofs in a did-witness.json, by the version id that they are said to approve."""
    if len(text) > MAX_WITNESS_BYTES:
        raise DocumentRefused(Reason.TOO_LARGE, "the witnesses' proofs are larger than any we accept")
    try:
        entries = strict_json(text)
    except ValueError as error:
        raise DocumentRefused(Reason.MALFORMED, "the witnesses' proofs are not JSON") from error
    proofs: dict[str, list[JsonObject]] = {}
    for entry in entries if isinstance(entries, list) else [entries]:
        match entry:
            case {"versionId": str(version_id), "proof": [*listed]} if _are_objects(listed):
                proofs.setdefault(version_id, []).extend(listed)
            case _:
                raise DocumentRefused(Reason.MALFORMED, "expected versions, each with a list of proofs")
    return proofs


def _approved(
    proofs: dict[str, list[JsonObject]], version_ids: Sequence[str], witnesses: Collection[str]
) -> dict[str, int]:
    """The number of the newest version that each of `witnesses` approved."""
    approved: dict[str, int] = {}
    for number, version_id in reversed(list(enumerate(version_ids, start=1))):
        for proof in proofs.get(version_id, ()):
            # "A resolver MAY ignore any proofs that fail verification."
            with suppress(DocumentRefused):
                witness = _claimed_witness(proof)
                if witness in witnesses and witness not in approved:
                    verify_witness_proof(version_id, proof)
                    approved[witness] = number
    return approved


def _claimed_witness(proof: JsonObject) -> str:
    did, _, fragment = claimed_method(proof).partition("#")
    if did != f"{_DID_KEY}{fragment}":
        raise DocumentRefused(Reason.OTHER_SIGNER, "the proof's key is not a did:key")
    return did


def _needed(
    proofs: dict[str, list[JsonObject]], published: Sequence[str]
) -> dict[str, dict[str, JsonObject]]:
    """By version and witness, those that must stay in the file."""
    valid = {version_id: _valid(version_id, listed) for version_id, listed in proofs.items()}
    seen: set[str] = set()
    for version_id in reversed(published):
        approvals = valid.get(version_id, {})
        valid[version_id] = {witness: approvals[witness] for witness in approvals.keys() - seen}
        seen |= approvals.keys()
    return valid


def _are_objects(values: list[object]) -> bool:
    return all(isinstance(value, dict) for value in values)


def _valid(version_id: str, proofs: Sequence[JsonObject]) -> dict[str, JsonObject]:
    valid: dict[str, JsonObject] = {}
    for proof in proofs:
        with suppress(DocumentRefused):
            valid.setdefault(verify_witness_proof(version_id, proof), proof)
    return valid


def _named(entry: object) -> str:
    if isinstance(entry, dict) and entry.keys() == {"id"} and isinstance(entry["id"], str):
        return entry["id"]
    raise _bad_rule("a witness has no id, or more than an id")


def _bad_rule(detail: str) -> DocumentRefused:
    return DocumentRefused(Reason.BAD_WITNESSES, f"the rule for witnesses cannot stand: {detail}")
