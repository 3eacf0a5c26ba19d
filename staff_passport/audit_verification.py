"""Checks an exported audit from what is in its folder alone: no database, no network, nothing of the agent.

entries.jsonl      every entry, one a line
checkpoints/       signed notes, the newest of which covers the last entry
did.jsonl          the log of the organisation's DID, whose document has the key that signed them
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from signed_documents.audit_chains import ChainReader
from signed_documents.checkpoints import Checkpoint, claimed, verify_checkpoint
from signed_documents.errors import DocumentRefused
from signed_documents.identifiers import WebvhDid
from signed_documents.merkle import Frontier, leaf_hash
from signed_documents.webvh_logs import VerifiedLog, verify_history

ENTRIES, CHECKPOINTS, DID_LOG = "entries.jsonl", "checkpoints", "did.jsonl"
LONGEST_LINE = 16 * 1024  # bytes; an entry has less than one kilobyte


@dataclass(frozen=True, slots=True)
class VerifiedAudit:
    """An audit in which nothing was changed, from the first entry to the last."""

    did: str
    entries: int
    checkpoints: int
    signed_at: datetime


class AuditRefused(Exception):
    """The audit does not hold; `entry` is the first that cannot be relied on, where that can be told."""

    def __init__(self, why: str, entry: int | None = None) -> None:
        super().__init__(why)
        self.entry = entry


def verify(folder: Path, against: Path | None = None) -> VerifiedAudit:
    """Raises `AuditRefused` unless chain, tree and signatures hold, and lead on from checkpoint `against`."""
    notes = [_read(file) for file in sorted((folder / CHECKPOINTS).glob("*"))]
    if not notes:
        raise AuditRefused(f"there is no signed checkpoint in {CHECKPOINTS}/")
    log = _did_log(folder / DID_LOG, notes)
    signed = sorted((_verified(note, log) for note in notes), key=lambda each: each.size)
    kept = None if against is None else _verified(_read(against), log)
    if kept is not None and kept.size > signed[-1].size:
        raise AuditRefused(
            f"rolled back: a checkpoint of {kept.size} entries was signed", signed[-1].size + 1
        )
    length = _follow(_entries(folder / ENTRIES), signed, kept)
    if length > signed[-1].size:
        raise AuditRefused("no checkpoint covers it", signed[-1].size + 1)
    return VerifiedAudit(signed[-1].did, length, len(signed), signed[-1].at)


def _follow(
    entries: Iterator[Mapping[str, object]], signed: Sequence[Checkpoint], kept: Checkpoint | None
) -> int:
    """Go through chain and tree together; how many entries there are."""
    chain, tree, agreed, waiting = ChainReader(), Frontier(), 0, list(signed)
    for entry in entries:
        if found := chain.follow(entry):
            raise AuditRefused(found.why, found.sequence)
        tree.append(leaf_hash(bytes.fromhex(str(entry["hash"]))))
        if kept is not None and kept.size == tree.size and kept.root != tree.root():
            raise AuditRefused(f"forked: a checkpoint of {kept.size} entries was signed over others")
        while waiting and waiting[0].size == tree.size:
            if waiting.pop(0).root != tree.root():
                raise AuditRefused("the entries from here on are not those that were signed", agreed + 1)
            agreed = tree.size
    if waiting:
        raise AuditRefused("an entry is missing", tree.size + 1)
    return tree.size


def _entries(file: Path) -> Iterator[Mapping[str, object]]:
    """One entry a line, of which only one is in memory."""
    number = 0
    try:
        with file.open("rb") as lines:
            while line := lines.readline(LONGEST_LINE):
                number += 1
                yield _entry(line, number)
    except OSError as error:
        raise AuditRefused(f"{file.name} cannot be read: {error.strerror}") from error


def _entry(line: bytes, number: int) -> Mapping[str, object]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict) or not line.endswith(b"\n"):
        raise AuditRefused("it is not an entry", number)
    return entry


def _did_log(file: Path, notes: Sequence[bytes]) -> VerifiedLog:
    """The DID's log, verified: the DID stands in the checkpoints, and a DID says which log is its own."""
    try:
        did = WebvhDid.parse(claimed(notes[0]).did)
        return verify_history(_read(file), did, now=datetime.now(UTC))
    except DocumentRefused as refusal:
        raise AuditRefused(f"{file.name} does not verify: {refusal.detail}") from refusal


def _verified(note: bytes, log: VerifiedLog) -> Checkpoint:
    try:
        return verify_checkpoint(note, log.document)
    except DocumentRefused as refusal:
        raise AuditRefused(f"a checkpoint does not verify: {refusal.detail}") from refusal


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise AuditRefused(f"{file.name} cannot be read: {error.strerror}") from error
