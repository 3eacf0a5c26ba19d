"""A DID moves from one namespace to another: its whole log goes along, and stays where it was, too."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from did_webvh.core.state import DocumentState

from registry.kinds import LOG, TWIN
from registry.problems import WriteConflict
from registry.publishing import Outcome, Publications
from registry.store import Store
from signed_documents.encoding import multihash_base58, multikey
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.proofs import make_proof
from signed_documents.webvh_logs import VerifiedLog, verify_history
from tests.support.signing import HOST, NOON, Clock, a_publisher, public

OLD, NEW = "organisations/northmoor", "organisations/northmoor-and-calder"


@dataclass
class Mover:
    """A DID with pre-rotation, whose next entry may say that it is somewhere else."""

    log: VerifiedLog
    key: Ed25519PrivateKey

    async def to(self, place: str) -> "Mover":
        """The same with one entry more, which says that the DID is at `place`."""
        state = None
        for line in self.log.entries:
            state = DocumentState.load_history_json(line.decode(), state)
        assert state is not None
        following = Ed25519PrivateKey.generate()
        before = str(self.log.did)
        did = str(WebvhDid(self.log.did.scid, HOST, tuple(place.split("/"))))
        document = json.loads(json.dumps(self.log.document_json).replace(before, did))
        document["alsoKnownAs"] = [before]
        after = state.create_next(
            document,
            params_update={
                "updateKeys": [multikey(public(self.key))],
                "nextKeyHashes": [multihash_base58(multikey(public(following)).encode())],
            },
            timestamp=self.log.updated + timedelta(minutes=1),
        )
        signer = SoftwareSigner(self.key, did_key_method(public(self.key)))
        after.proofs.append(await make_proof(after.history_line(), signer, created=after.timestamp))
        text = self.log.text + after.history_json().encode()
        return Mover(verify_history(text, WebvhDid.parse(did), now=NOON + timedelta(hours=1)), following)

    @property
    def text(self) -> bytes:
        return self.log.text


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def publications(store: Store) -> Publications:
    return Publications(store, f"https://{HOST}", Clock(NOON + timedelta(hours=1)))


@pytest.fixture
async def mover(publications: Publications) -> Mover:
    publisher = await a_publisher()
    publications.publish_log(OLD, publisher.log.text)
    return Mover(publisher.log, publisher.next_key)


def log(store: Store, namespace: str) -> bytes:
    stored = store.read(LOG, namespace=namespace)
    assert stored is not None
    return stored.body


async def test_a_did_moves_with_its_whole_log_and_leaves_the_old_one(
    publications: Publications, store: Store, mover: Mover
) -> None:
    moved = (await mover.to(NEW)).text

    assert publications.publish_log(NEW, moved) is Outcome.CREATED
    assert publications.publish_log(NEW, moved) is Outcome.UNCHANGED

    assert log(store, NEW) == moved
    assert log(store, OLD) == mover.text
    twin = store.read(TWIN, namespace=NEW)
    assert twin is not None
    assert json.loads(twin.body)["id"] == f"did:web:{HOST}:{NEW.replace('/', ':')}"


async def test_what_moved_is_not_taken_at_the_old_place(publications: Publications, mover: Mover) -> None:
    moved = (await mover.to(NEW)).text

    with pytest.raises(DocumentRefused) as refused:
        publications.publish_log(OLD, moved)

    assert refused.value.reason is Reason.OTHER_IDENTIFIER


async def test_the_log_that_was_left_does_not_go_on_beside_the_one_that_moved(
    publications: Publications, store: Store, mover: Mover
) -> None:
    fork = await mover.to(OLD)
    publications.publish_log(NEW, (await mover.to(NEW)).text)

    with pytest.raises(WriteConflict):
        publications.publish_log(OLD, fork.text)

    assert publications.publish_log(OLD, mover.text) is Outcome.UNCHANGED
    assert log(store, OLD) == mover.text


async def test_a_log_that_leaves_out_what_the_old_place_has_is_not_taken(
    publications: Publications, mover: Mover
) -> None:
    moved = (await mover.to(NEW)).text
    publications.publish_log(OLD, (await mover.to(OLD)).text)

    with pytest.raises(WriteConflict):
        publications.publish_log(NEW, moved)


async def test_a_part_of_a_log_is_not_taken_at_the_new_place(
    publications: Publications, store: Store, mover: Mover
) -> None:
    moved = (await mover.to(NEW)).text

    with pytest.raises(DocumentRefused):
        publications.publish_log(NEW, moved.splitlines()[-1])

    assert store.read(LOG, namespace=NEW) is None


async def test_a_did_may_come_back(publications: Publications, store: Store, mover: Mover) -> None:
    moved = await mover.to(NEW)
    publications.publish_log(NEW, moved.text)
    returned = await moved.to(OLD)

    assert publications.publish_log(OLD, returned.text) is Outcome.EXTENDED
    assert publications.publish_log(OLD, (await returned.to(OLD)).text) is Outcome.EXTENDED

    elsewhere = await moved.to(NEW)
    with pytest.raises(WriteConflict):
        publications.publish_log(NEW, elsewhere.text)


async def test_nobody_closes_a_place_to_others_by_saying_that_they_were_there(
    publications: Publications,
) -> None:
    stranger = await a_publisher()  # which says that it begins at the old place, and is published at the new
    publications.publish_log(NEW, (await Mover(stranger.log, stranger.next_key).to(NEW)).text)

    rightful = await a_publisher()

    assert publications.publish_log(OLD, rightful.log.text) is Outcome.CREATED
