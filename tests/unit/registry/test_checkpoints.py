"""An audit's checkpoint is taken if it is shown to lead on from the one that is there, and else never."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from registry.kinds import CHECKPOINT
from registry.problems import WriteConflict
from registry.publishing import Outcome, Publications
from registry.store import Store
from signed_documents.checkpoints import Checkpoint, Extension, sign_checkpoint
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.merkle import Frontier, consistency_ranges, leaf_hash
from tests.support.signing import HOST, NOON, Clock, Publisher, a_publisher, public

NAMESPACE = "organisations/northmoor"
LEAVES = [leaf_hash(f"entry {number}".encode()) for number in range(20)]
FORKED = [*LEAVES[:3], leaf_hash(b"forked"), *LEAVES[4:]]


def range_root(leaves: list[bytes], start: int, end: int) -> bytes:
    tree = Frontier()
    for leaf in leaves[start:end]:
        tree.append(leaf)
    return tree.root()


@dataclass
class Auditing:
    """One organisation that publishes checkpoints of its audit."""

    publications: Publications
    store: Store
    publisher: Publisher

    async def extension(self, after: int, size: int, leaves: list[bytes] = LEAVES) -> bytes:
        note = await self.publisher.checkpoint(size, range_root(leaves, 0, size))
        proof = [range_root(leaves, *each) for each in consistency_ranges(after, size)]
        return Extension(note, after, tuple(proof)).encoded()

    async def put(self, after: int, size: int, leaves: list[bytes] = LEAVES) -> Outcome:
        body = await self.extension(after, size, leaves)
        return self.publications.publish_checkpoint(NAMESPACE, body)

    def stored(self) -> bytes | None:
        found = self.store.read(CHECKPOINT, namespace=NAMESPACE)
        return None if found is None else found.body


@pytest.fixture
async def audit(tmp_path: Path) -> Auditing:
    store = Store(tmp_path)
    publications = Publications(store, f"https://{HOST}", Clock(NOON + timedelta(hours=1)))
    publisher = await a_publisher()
    publications.publish_log(NAMESPACE, publisher.log.text)
    return Auditing(publications, store, publisher)


def refused(write: Callable[[], Outcome]) -> Reason:
    with pytest.raises(DocumentRefused) as refusal:
        write()
    return refusal.value.reason


async def test_the_first_is_taken_and_so_is_each_that_leads_on(audit: Auditing) -> None:
    outcomes = [await audit.put(0, 5), await audit.put(5, 12), await audit.put(12, 20)]

    assert outcomes == [Outcome.CREATED, Outcome.EXTENDED, Outcome.EXTENDED]
    assert audit.stored() == await audit.publisher.checkpoint(20, range_root(LEAVES, 0, 20))


async def test_the_same_may_come_twice(audit: Auditing) -> None:
    assert [await audit.put(0, 5), await audit.put(0, 5)] == [Outcome.CREATED, Outcome.UNCHANGED]


async def test_nobody_goes_back(audit: Auditing) -> None:
    await audit.put(0, 12)
    before = audit.stored()

    with pytest.raises(WriteConflict, match="covers 12 entries"):
        await audit.put(0, 5)
    shorter = Extension(await audit.publisher.checkpoint(5, range_root(LEAVES, 0, 5)), 12, ()).encoded()
    assert refused(lambda: audit.publications.publish_checkpoint(NAMESPACE, shorter)) is Reason.FORKED
    assert audit.stored() == before


@pytest.mark.parametrize("size", [12, 13])
async def test_a_fork_is_refused_though_its_organisation_signed_it(audit: Auditing, size: int) -> None:
    await audit.put(0, 12)
    body = await audit.extension(12, size, FORKED)

    assert refused(lambda: audit.publications.publish_checkpoint(NAMESPACE, body)) is Reason.FORKED


async def test_another_organisations_checkpoint_has_no_place_here(audit: Auditing) -> None:
    other = await a_publisher("calder-bay")
    body = Extension(await other.checkpoint(5, range_root(LEAVES, 0, 5)), 0, ()).encoded()

    with pytest.raises(DocumentRefused):
        audit.publications.publish_checkpoint(NAMESPACE, body)
    assert audit.stored() is None


async def test_a_key_that_is_not_the_audits_publishes_none(audit: Auditing) -> None:
    own = audit.publisher
    checkpoint = Checkpoint(own.did, 5, range_root(LEAVES, 0, 5), NOON)
    note = await sign_checkpoint(checkpoint, own.signer, public(own.resource_key))

    with pytest.raises(DocumentRefused) as refusal:
        audit.publications.publish_checkpoint(NAMESPACE, Extension(note, 0, ()).encoded())
    assert refusal.value.reason is Reason.OTHER_SIGNER


@pytest.mark.parametrize(
    "change",
    [
        lambda _body: b"",
        lambda body: body.replace(b"old 0", b"old -1"),
        lambda body: body.replace(b"old 0\n", b""),
        lambda body: body.replace(b"old 0\n", b"old 0\nnot base64!\n"),
        lambda body: body.replace(b"old 0\n", b"old 0\n" + b"QUFB\n" * 200),
        lambda body: body + b"more",
    ],
)
async def test_what_is_no_extension_is_refused_as_malformed(
    audit: Auditing, change: Callable[[bytes], bytes]
) -> None:
    body = change(await audit.extension(0, 5))

    assert refused(lambda: audit.publications.publish_checkpoint(NAMESPACE, body)) is Reason.MALFORMED


async def test_before_there_is_a_did_there_is_no_audit(tmp_path: Path, audit: Auditing) -> None:
    empty = Publications(Store(tmp_path / "empty"), f"https://{HOST}", Clock(NOON + timedelta(hours=1)))
    body = await audit.extension(0, 5)

    assert refused(lambda: empty.publish_checkpoint(NAMESPACE, body)) is Reason.OTHER_SIGNER
