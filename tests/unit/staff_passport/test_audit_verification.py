"""Whatever is done to an exported audit, by whoever owns the database, is found from the folder alone."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from signed_documents.audit_chains import GENESIS, entry_hash, exported
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.merkle import Frontier, leaf_hash
from signed_documents.witnesses import WitnessRule, add_witness_proof, witness_proof
from staff_passport.audit_verification import AuditRefused, VerifiedAudit, verify
from staff_passport.cli import app
from tests.support.signing import NOON, Publisher, a_publisher, public

type Json = dict[str, Any]
type Change = Callable[[list[Json]], object]
LENGTH, SIGNED_AT = 20, (7, 15, 20)


def an_entry(sequence: int, previous: str, actor: str = "robin@northmoor.example") -> Json:
    entry: Json = {
        "organisation": "ZZNM1",
        "sequence": sequence,
        "intent": "an intent",
        "phase": "intent",
        "action": "offer credential",
        "actor": actor,
        "subject": "a reference",
        "outcome": None,
        "code": None,
        "request": "-",
        "at": NOON.isoformat(),
        "previous": previous,
    }
    return entry | {"hash": entry_hash(entry)}


def chained(entries: Sequence[Json]) -> list[Json]:
    """The same things said in a chain that holds, as whoever owns the database could write it anew."""
    chain: list[Json] = []
    for number, entry in enumerate(entries, start=1):
        said = entry | {"sequence": number, "previous": chain[-1]["hash"] if chain else GENESIS}
        chain.append(said | {"hash": entry_hash(said)})
    return chain


def root(entries: Sequence[Json]) -> bytes:
    tree = Frontier()
    for entry in entries:
        tree.append(leaf_hash(bytes.fromhex(entry["hash"])))
    return tree.root()


@dataclass(frozen=True)
class Evidence:
    """An exported audit, and who signed it."""

    folder: Path
    publisher: Publisher
    entries: list[Json]

    def write(self, entries: Sequence[Json]) -> None:
        (self.folder / "entries.jsonl").write_bytes(b"".join(map(exported, entries)))

    async def sign(self, entries: Sequence[Json], size: int) -> Path:
        """A checkpoint of the first `size`."""
        file = self.folder / "checkpoints" / f"{size:012}"
        file.write_bytes(await self.publisher.checkpoint(size, root(entries[:size])))
        return file


@pytest.fixture
async def evidence(tmp_path: Path) -> Evidence:
    said = [an_entry(number, GENESIS, f"user-{number}") for number in range(1, LENGTH + 1)]
    made = Evidence(tmp_path, await a_publisher(), chained(said))
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "did.jsonl").write_bytes(made.publisher.log.text)
    made.write(made.entries)
    for size in SIGNED_AT:
        await made.sign(made.entries, size)
    return made


def first_bad(evidence: Evidence, against: Path | None = None) -> tuple[int | None, str]:
    with pytest.raises(AuditRefused) as refusal:
        verify(evidence.folder, against)
    return refusal.value.entry, str(refusal.value)


def test_an_audit_that_nobody_touched_holds(evidence: Evidence) -> None:
    log = evidence.publisher.log
    assert verify(evidence.folder) == VerifiedAudit(str(log.did), log.version_id, LENGTH, 3, NOON)


def altered(entries: list[Json]) -> None:
    entries[9]["actor"] = "somebody else"


def dropped(entries: list[Json]) -> None:
    del entries[9]


def swapped(entries: list[Json]) -> None:
    entries[9], entries[10] = entries[10], entries[9]


def inserted(entries: list[Json]) -> None:
    entries.insert(9, an_entry(10, entries[8]["hash"], "somebody else"))


def truncated(entries: list[Json]) -> None:
    del entries[12:]


def appended(entries: list[Json]) -> None:
    entries.append(an_entry(LENGTH + 1, entries[-1]["hash"]))


@pytest.mark.parametrize(
    ("change", "entry"),
    [(altered, 10), (dropped, 10), (swapped, 10), (inserted, 11), (truncated, 13), (appended, 21)],
)
def test_what_was_done_to_the_entries_is_found_where_it_was_done(
    evidence: Evidence, change: Change, entry: int
) -> None:
    entries = [dict(each) for each in evidence.entries]
    change(entries)
    evidence.write(entries)

    assert first_bad(evidence)[0] == entry


@pytest.mark.parametrize("change", [altered, dropped, inserted])
def test_who_writes_the_whole_chain_anew_is_found_by_what_was_signed(
    evidence: Evidence, change: Change
) -> None:
    """Every hash is right, so only the checkpoints tell: the first seven entries are as they were signed."""
    entries = [dict(each) for each in evidence.entries]
    change(entries)
    evidence.write(chained(entries))

    assert first_bad(evidence) == (8, "the entries from here on are not those that were signed")


async def test_a_fork_that_its_organisation_signed_is_found_by_who_kept_a_checkpoint(
    evidence: Evidence, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The organisation itself has its key: then only what others kept tells."""
    kept = tmp_path_factory.mktemp("kept") / "checkpoint"
    kept.write_bytes((evidence.folder / "checkpoints" / f"{15:012}").read_bytes())
    forked = [dict(each) for each in evidence.entries]
    altered(forked)
    forked = chained(forked)
    evidence.write(forked)
    for size in SIGNED_AT:
        await evidence.sign(forked, size)

    assert verify(evidence.folder).entries == LENGTH
    assert first_bad(evidence, kept) == (None, "forked: a checkpoint of 15 entries was signed over others")


async def test_an_audit_that_went_back_is_found_by_who_kept_a_checkpoint(
    evidence: Evidence, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kept = tmp_path_factory.mktemp("kept") / "checkpoint"
    (evidence.folder / "checkpoints" / f"{20:012}").rename(kept)
    evidence.write(evidence.entries[:15])

    assert verify(evidence.folder).entries == 15
    assert first_bad(evidence, kept) == (16, "rolled back: a checkpoint of 20 entries was signed")


def test_an_audit_holds_against_every_checkpoint_that_led_to_it(evidence: Evidence) -> None:
    for file in (evidence.folder / "checkpoints").iterdir():
        assert verify(evidence.folder, file).entries == LENGTH


async def test_another_organisations_checkpoint_says_nothing_of_this_audit(
    evidence: Evidence, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("kept") / "checkpoint"
    other.write_bytes(await (await a_publisher("calder-bay")).checkpoint(LENGTH, root(evidence.entries)))

    assert first_bad(evidence, other) == (
        None,
        "checkpoint 'checkpoint' does not verify: the checkpoint is another organisation's",
    )


def altered_checkpoint(folder: Path) -> None:
    file = folder / "checkpoints" / f"{20:012}"
    file.write_bytes(file.read_bytes().replace(b"\n20\n", b"\n19\n"))


def without_checkpoints(folder: Path) -> None:
    for file in (folder / "checkpoints").iterdir():
        file.unlink()


def without_did(folder: Path) -> None:
    (folder / "did.jsonl").unlink()


def with_another_key(folder: Path) -> None:
    """Who puts their own key into the document breaks the log, whose first entry the DID is a digest of."""
    file = folder / "did.jsonl"
    file.write_bytes(file.read_bytes().replace(b"#audit-z6Mk", b"#audit-z6Ml"))


def not_json(folder: Path) -> None:
    file = folder / "entries.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:4], b"[" * 100_000 + b"\n", *lines[5:]]))


def cut_off(folder: Path) -> None:
    file = folder / "entries.jsonl"
    file.write_bytes(file.read_bytes()[:-2])


def twice_said(folder: Path) -> None:
    """What a reader finds first is not what a parser keeps."""
    lines = (folder / "entries.jsonl").read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].replace(b"{", b'{"actor": "somebody else", ', 1)
    (folder / "entries.jsonl").write_bytes(b"".join(lines))


def without_end(folder: Path) -> None:
    file = folder / "checkpoints" / f"{20:012}"
    file.unlink()
    file.symlink_to("/dev/zero")


def huge(folder: Path) -> None:
    with (folder / "did.jsonl").open("r+b") as file:
        file.truncate(2**40)


def a_folder_that_draws_on_the_terminal(folder: Path) -> None:
    (folder / "checkpoints" / "0\x1b[2K\rnorthmoor: fine").mkdir()


@pytest.mark.parametrize(
    ("change", "entry", "said"),
    [
        (twice_said, 5, "it is not an entry as it was exported"),
        (without_end, None, "is not there, or is no file"),
        (huge, None, "larger than any we read"),
        (a_folder_that_draws_on_the_terminal, None, r"'0\x1b[2K\rnorthmoor: fine' is not there"),
        (altered_checkpoint, None, "checkpoint '000000000020' does not verify"),
        (without_checkpoints, None, "no signed checkpoint"),
        (without_did, None, "'did.jsonl' is not there, or is no file"),
        (with_another_key, None, "'did.jsonl' does not verify"),
        (not_json, 5, "it is not an entry"),
        (cut_off, 20, "it is not an entry"),
    ],
)
def test_evidence_that_is_incomplete_or_made_up_is_no_evidence(
    evidence: Evidence, change: Callable[[Path], None], entry: int | None, said: str
) -> None:
    change(evidence.folder)

    found, why = first_bad(evidence)

    assert found == entry
    assert said in why


@pytest.mark.parametrize("name", ["actor", "code", "hash", "more"])
def test_an_entry_says_exactly_what_an_entry_says(evidence: Evidence, name: str) -> None:
    entries = [dict(each) for each in evidence.entries]
    if name == "more":
        entries[4]["more"] = "said"
    else:
        del entries[4][name]
    evidence.write(entries)

    assert first_bad(evidence) == (5, "it does not say what an entry says")


def test_the_program_says_what_it_found_and_ends_with_0(evidence: Evidence) -> None:
    ended = CliRunner().invoke(app, ["audit", "verify", str(evidence.folder)])

    assert ended.exit_code == 0
    assert "20 entries as they were signed, in 3 checkpoints" in ended.output
    assert evidence.publisher.did in ended.output


def test_the_program_names_the_first_bad_entry_and_ends_with_1(evidence: Evidence) -> None:
    entries = [dict(each) for each in evidence.entries]
    altered(entries)
    evidence.write(entries)

    ended = CliRunner().invoke(app, ["audit", "verify", str(evidence.folder)])

    assert ended.exit_code == 1
    assert ended.stderr == f"staff-passport: {evidence.folder.name}: entry 10: it was altered\n"


async def test_of_a_did_with_witnesses_their_approval_is_in_the_folder_too(evidence: Evidence) -> None:
    witness = Ed25519PrivateKey.generate()
    signer = SoftwareSigner(witness, did_key_method(public(witness)))
    rule = WitnessRule(1, (signer.verification_method.partition("#")[0],))
    text = await evidence.publisher.log_with_one_more_entry(witness=rule.to_json())
    (evidence.folder / "did.jsonl").write_bytes(text)
    with pytest.raises(AuditRefused, match="version 2 has 0 of the 1 approvals it needs"):
        verify(evidence.folder)

    version = json.loads(text.splitlines()[-1])["versionId"]
    proof = await witness_proof(version, signer, NOON)
    (evidence.folder / "did-witness.json").write_bytes(
        add_witness_proof(None, version, proof, published=[version])
    )

    assert verify(evidence.folder).did_version == version
