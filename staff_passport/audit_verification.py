"""Checks an exported audit from what is in its folder alone: no database, no network, nothing of the agent.

entries.jsonl      every entry, one a line
checkpoints/       signed notes, the newest of which covers the last entry
did.jsonl          the log of the organisation's DID, whose document has the key that signed them
did-witness.json   its witnesses' approval, if the log demands any
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from signed_documents.audit_chains import ChainReader, exported
from signed_documents.checkpoints import MAX_CHECKPOINT_BYTES, Checkpoint, claimed, verify_checkpoint
from signed_documents.errors import DocumentRefused
from signed_documents.identifiers import LOG_FILE, WITNESS_FILE, WebvhDid
from signed_documents.merkle import Frontier, leaf_hash
from signed_documents.webvh_logs import MAX_LOG_BYTES, VerifiedLog, verify_history
from signed_documents.witnesses import MAX_WITNESS_BYTES

ENTRIES, CHECKPOINTS, DID_LOG, WITNESSES = "entries.jsonl", "checkpoints", LOG_FILE, WITNESS_FILE
LONGEST_LINE = 16 * 1024  # bytes; an entry has less than one kilobyte


@dataclass(frozen=True, slots=True)
class VerifiedAudit:
    """An audit in which nothing was changed, from the first entry to the last."""

    did: str
    did_version: str  # of the log that was in the folder; the registry may have a later one
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
    files = sorted((folder / CHECKPOINTS).glob("*"))
    if not files:
        raise AuditRefused(f"there is no signed checkpoint in {CHECKPOINTS}/")
    log = _did_log(folder / DID_LOG, files[0])
    signed = sorted((_verified(file, log) for file in files), key=lambda each: each.size)
    kept = None if against is None else _verified(against, log)
    if kept is not None and kept.size > signed[-1].size:
        raise AuditRefused(
            f"rolled back: a checkpoint of {kept.size} entries was signed", signed[-1].size + 1
        )
    length = _follow(_entries(folder / ENTRIES), signed, kept)
    if length > signed[-1].size:
        raise AuditRefused("no checkpoint covers it", signed[-1].size + 1)
    return VerifiedAudit(signed[-1].did, log.version_id, length, len(signed), signed[-1].at)


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
    with _opened(file) as lines:
        while line := lines.readline(LONGEST_LINE):
            number += 1
            yield _entry(line, number)


def _entry(line: bytes, number: int) -> Mapping[str, object]:
    """The entry, if the line is written as it was exported: what people read there is what is checked."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict) or line != exported(entry):
        raise AuditRefused("it is not an entry as it was exported", number)
    return entry


def _did_log(file: Path, checkpoint: Path) -> VerifiedLog:
    """The DID's log, verified: the DID stands in the checkpoints, and a DID says which log is its own."""
    try:
        did = WebvhDid.parse(claimed(_read(checkpoint, MAX_CHECKPOINT_BYTES)).did)
        witnesses = file.with_name(WITNESSES)
        proofs = _read(witnesses, MAX_WITNESS_BYTES) if witnesses.exists() else None
        log = _read(file, MAX_LOG_BYTES)
        return verify_history(log, did, now=datetime.now(UTC), witness_proofs=proofs)
    except DocumentRefused as refusal:
        raise AuditRefused(f"{file.name!a} does not verify: {refusal.detail}") from refusal


def _verified(checkpoint: Path, log: VerifiedLog) -> Checkpoint:
    try:
        return verify_checkpoint(_read(checkpoint, MAX_CHECKPOINT_BYTES), log.document)
    except DocumentRefused as refusal:
        name = ascii(checkpoint.name)
        raise AuditRefused(f"checkpoint {name} does not verify: {refusal.detail}") from refusal


def _read(file: Path, most: int) -> bytes:
    with _opened(file) as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise AuditRefused(f"{file.name!a} is larger than any we read")
    return content


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """A regular file: nothing that never ends, or waits for somebody."""
    try:
        if not file.is_file():
            raise AuditRefused(f"{file.name!a} is not there, or is no file")
        with file.open("rb") as opened:
            yield opened
    except OSError as error:
        raise AuditRefused(f"{file.name!a} cannot be read: {error.strerror}") from error
