"""The audit's tree, checkpoints and proofs, on a real PostgreSQL."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from agent.audit.chain import AuditChain
from agent.audit.checkpoints import AuditCheckpoints
from agent.audit.tree import AuditTree, TreeNode
from agent.domain.clock import utc_now
from agent.domain.errors import Conflict, InvalidInput, NotFound, Unavailable
from agent.domain.ports.audit import ChainState, CheckpointPublisher, CheckpointSigner
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from signed_documents.merkle import EMPTY_ROOT, Frontier, extends, includes, leaf_hash
from staff_passport.embedded_postgres import Databases

SALT = b"a salt of a test"
LONG = 600
"""More than two kept nodes, and a part of one."""


class Signing(CheckpointSigner):
    """Says what it was asked to sign."""

    async def checkpoint(self, size: int, root: bytes, *, at: datetime) -> bytes:
        return f"{size} {root.hex()} {at:%Y}".encode()


class Registry(CheckpointPublisher):
    """Takes what is shown to extend what it has, as the real one does."""

    def __init__(self) -> None:
        self.published_notes: list[bytes] = []
        self.is_down = False

    async def published(self) -> ChainState | None:
        self._require_up()
        return ChainState(*self._last()) if self.published_notes else None

    async def publish(self, note: bytes, *, after: int, proof: Sequence[bytes]) -> None:
        self._require_up()
        size, root, _ = note.decode().split()
        if after != self._last()[0] or not extends(self._last(), (int(size), bytes.fromhex(root)), proof):
            raise Conflict("Another was published.", code="registry_conflict")
        self.published_notes.append(note)

    def _last(self) -> tuple[int, bytes]:
        if not self.published_notes:
            return 0, EMPTY_ROOT
        size, root, _ = self.published_notes[-1].decode().split()
        return int(size), bytes.fromhex(root)

    def _require_up(self) -> None:
        if self.is_down:
            raise Unavailable("The registry does not answer.", code="registry_unavailable")


@pytest.fixture
def registry() -> Registry:
    return Registry()


def checkpoints_of(
    store: Store, organisation: str, registry: Registry, copies: Path | None = None
) -> AuditCheckpoints:
    return AuditCheckpoints(
        store=store, organisation=OdsCode(organisation), signer=Signing(), publisher=registry, copies=copies
    )


async def grown(store: Store, organisation: str, by: int) -> list[str]:
    """The hashes of a chain that was given so many more entries."""
    chain = AuditChain(store, OdsCode(organisation), SALT)
    async with store.unit(OdsCode(organisation)):
        for number in range(by):
            await chain.intend_within("search", actor="somebody", subject=str(number))
    return [entry.hash for entry in await chain.entries(limit=10_000)]


def roots(hashes: Sequence[str]) -> list[bytes]:
    """The root at each length, from none on."""
    tree, found = Frontier(), [EMPTY_ROOT]
    for hash_ in hashes:
        tree.append(leaf_hash(bytes.fromhex(hash_)))
        found.append(tree.root())
    return found


async def test_every_root_and_proof_is_what_the_rfc_makes_of_the_entries(store: Store) -> None:
    own = OdsCode("ZZTR1")
    hashes = await grown(store, own, LONG)
    root_at = roots(hashes)
    sizes = (1, 2, 255, 256, 257, 511, 512, 513, LONG)

    async with store.unit(own) as session:
        tree = AuditTree(session, own)
        await tree.grow(LONG)
        made = [await tree.root(size) for size in sizes]
        for index in (0, 255, 256, 511, 599):
            leaf, proof = leaf_hash(bytes.fromhex(hashes[index])), await tree.inclusion(index, LONG)
            assert includes(root_at[LONG], size=LONG, index=index, leaf=leaf, proof=proof)
        for size in sizes:
            proof = await tree.consistency(size, LONG)
            assert extends((size, root_at[size]), (LONG, root_at[LONG]), proof)

    assert made == [root_at[size] for size in sizes]


async def test_a_tree_that_grew_in_steps_is_the_one_that_grew_at_once(store: Store) -> None:
    own = OdsCode("ZZTR2")
    for step in (100, 300, 200):
        hashes = await grown(store, own, step)
        async with store.unit(own) as session:
            await AuditTree(session, own).grow(len(hashes))

    async with store.unit(own) as session:
        assert await AuditTree(session, own).root(600) == roots(hashes)[600]


async def test_a_root_beyond_what_the_tree_has_grown_to_is_refused_and_not_made_up(store: Store) -> None:
    own = OdsCode("ZZTR3")
    await grown(store, own, LONG)

    async with store.unit(own) as session:
        tree = AuditTree(session, own)
        await tree.grow(256)
        with pytest.raises(Conflict) as refused:
            await tree.inclusion(3, LONG)

    assert refused.value.code == "tree_not_whole"


async def test_a_checkpoint_covers_all_that_was_committed_and_is_made_once(
    store: Store, registry: Registry
) -> None:
    checkpoints = checkpoints_of(store, "ZZCP1", registry)
    assert await checkpoints.sign() is None

    hashes = await grown(store, "ZZCP1", 5)
    made, again = await checkpoints.sign(), await checkpoints.sign()
    await grown(store, "ZZCP1", 2)
    await checkpoints.sign()

    assert made is not None
    assert again is not None
    assert made.note == again.note == f"5 {roots(hashes)[5].hex()} {utc_now():%Y}"
    assert [row.size for row in await checkpoints.all()] == [5, 7]
    assert [row.size for row in await checkpoints.all(after=5)] == [7]
    assert [int(note.split()[0]) for note in registry.published_notes] == [5, 7]


async def test_many_who_sign_at_once_sign_one_after_the_other(store: Store, registry: Registry) -> None:
    await grown(store, "ZZCP7", 5)

    made = await asyncio.gather(*(checkpoints_of(store, "ZZCP7", registry).sign() for _ in range(4)))

    assert {row.note for row in made if row} == {registry.published_notes[0].decode()}
    assert len(registry.published_notes) == 1


async def test_nothing_is_signed_while_the_registry_is_down_and_all_of_it_when_it_is_back(
    store: Store, registry: Registry
) -> None:
    checkpoints = checkpoints_of(store, "ZZCP2", registry)
    await grown(store, "ZZCP2", 3)
    await checkpoints.sign()
    registry.is_down = True
    await grown(store, "ZZCP2", 4)
    with pytest.raises(Unavailable):
        await checkpoints.sign()
    assert [row.size for row in await checkpoints.all()] == [3]

    registry.is_down = False
    await checkpoints.sign()

    assert [int(note.split()[0]) for note in registry.published_notes] == [3, 7]


async def test_what_was_signed_and_did_not_get_out_is_published_by_the_next_round(
    store: Store, registry: Registry
) -> None:
    """As when the process was killed in between."""
    checkpoints = checkpoints_of(store, "ZZCP8", registry)
    await grown(store, "ZZCP8", 3)
    await checkpoints.sign()
    registry.published_notes.clear()

    await checkpoints.sign()

    assert [int(note.split()[0]) for note in registry.published_notes] == [3]


async def test_the_second_place_gets_what_it_lacks_once_it_is_there(
    store: Store, registry: Registry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    second = tmp_path / "second place"
    checkpoints = checkpoints_of(store, "ZZCP9", registry, second)
    for length in (3, 4):
        await grown(store, "ZZCP9", length)
        await checkpoints.sign()
    assert "the folder is not there" in caplog.text
    assert len(registry.published_notes) == 2

    second.mkdir()
    await checkpoints.sign()

    copies = {file.name: file.read_bytes() for file in second.iterdir()}
    names = [f"ZZCP9-{size:012}.checkpoint" for size in (3, 7)]
    assert copies == dict(zip(names, registry.published_notes, strict=True))


@pytest.mark.parametrize(("size", "code"), [(900, "audit_behind"), (3, "audit_forked"), (2, "audit_forked")])
async def test_a_chain_that_does_not_lead_on_from_what_was_published_is_not_signed(
    store: Store, registry: Registry, caplog: pytest.LogCaptureFixture, size: int, code: str
) -> None:
    """As after the restore of an old backup, or when somebody wrote all that is in the database anew."""
    organisation = f"ZF{size}"
    registry.published_notes.append(f"{size} {EMPTY_ROOT.hex()} 2026".encode())
    checkpoints = checkpoints_of(store, organisation, registry)
    await grown(store, organisation, 3)

    with pytest.raises(Conflict) as refused:
        await checkpoints.sign()

    assert refused.value.code == code
    assert await checkpoints.all() == []
    assert "The audit has" in caplog.text


async def test_of_a_chain_that_was_written_anew_the_tree_keeps_nothing(
    store: Store, registry: Registry
) -> None:
    """So that it is whole again once the true entries are back."""
    own = OdsCode("ZZTR4")
    registry.published_notes.append(f"3 {EMPTY_ROOT.hex()} 2026".encode())
    await grown(store, own, LONG)

    with pytest.raises(Conflict):
        await checkpoints_of(store, own, registry).sign()

    async with store.unit(own) as session:
        assert (await session.scalars(select(TreeNode).where(TreeNode.organisation == own))).all() == []


async def test_a_proof_is_of_an_entry_that_there_is_in_a_chain_that_is_so_long(
    store: Store, registry: Registry
) -> None:
    checkpoints = checkpoints_of(store, "ZZCP4", registry)
    hashes = await grown(store, "ZZCP4", 9)
    with pytest.raises(InvalidInput):
        await checkpoints.inclusion(4, 9)
    await checkpoints.sign()
    await grown(store, "ZZCP4", 1)

    proof = await checkpoints.inclusion(4, 9)

    assert (proof.sequence, proof.size, proof.entry_hash) == (4, 9, hashes[3])
    leaf = leaf_hash(bytes.fromhex(proof.entry_hash))
    assert includes(roots(hashes)[9], size=9, index=3, leaf=leaf, proof=proof.hashes)
    for sequence in (0, 10):
        with pytest.raises(NotFound):
            await checkpoints.inclusion(sequence, 9)
    with pytest.raises(InvalidInput):
        await checkpoints.inclusion(4, 10)
    for earlier, later in ((0, 9), (5, 4), (1, 10)):
        with pytest.raises(InvalidInput):
            await checkpoints.consistency(earlier, later)


async def test_another_organisations_audit_is_not_in_this_tree(store: Store, registry: Registry) -> None:
    own, other = await grown(store, "ZZCP5", 3), await grown(store, "ZZCP6", 300)

    made = await checkpoints_of(store, "ZZCP5", registry).sign()

    assert made is not None
    assert made.note.startswith(f"3 {roots(own)[3].hex()}")
    assert len(other) == 300


@pytest.mark.parametrize("table", ["tree_nodes", "checkpoints"])
@pytest.mark.parametrize("statement", ["UPDATE audit.{} SET organisation = 'x'", "DELETE FROM audit.{}"])
def test_the_agents_role_cannot_change_what_was_signed(
    databases: Databases, table: str, statement: str
) -> None:
    with psycopg.connect(databases.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(table))
