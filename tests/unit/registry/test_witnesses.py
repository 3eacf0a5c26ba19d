"""A log that demands witnesses is taken with their proofs, which are put before it and never taken back."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.kinds import LOG, WITNESSES
from registry.outcomes import Outcome
from registry.problems import WriteConflict
from registry.publishing import Publications
from registry.store import Store
from signed_documents.encoding import multikey
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.proofs import make_proof
from signed_documents.webvh_logs import VerifiedLog, verify_entries
from signed_documents.witnesses import WitnessRule, witness_proof
from tests.support.signing import HOST, NOON, Clock, Publisher, a_publisher, public

NAMESPACE = "organisations/northmoor"


@dataclass
class Witness:
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def did(self) -> str:
        return f"did:key:{multikey(public(self.key))}"

    async def approves(self, log: VerifiedLog) -> dict[str, Any]:
        signer = SoftwareSigner(self.key, did_key_method(public(self.key)))
        return await witness_proof(log.version_id, signer, log.updated)


@dataclass
class Witnessed:
    """A DID that two of three witnesses must approve, from its second version on."""

    publisher: Publisher
    witnesses: list[Witness] = field(default_factory=lambda: [Witness() for _ in range(3)])

    async def version(self, number: int) -> VerifiedLog:
        log = verify_entries(self.publisher.log.text, self.publisher.log.did, now=NOON)
        for at in range(2, number + 1):
            rule = WitnessRule(2, tuple(witness.did for witness in self.witnesses)).to_json()
            key = self.publisher.next_key
            last = {"updateKeys": [multikey(public(key))], "nextKeyHashes": []}
            state = log.state.create_next(
                params_update={**last, "witness": rule} if at == 2 else {},
                timestamp=NOON + timedelta(minutes=at),
            )
            signer = SoftwareSigner(key, did_key_method(public(key)))
            state.proofs.append(await make_proof(state.history_line(), signer, created=state.timestamp))
            text = log.text + state.history_json().encode()
            log = verify_entries(text, log.did, now=NOON + timedelta(hours=1))
        return log

    async def proofs(self, log: VerifiedLog, *who: int) -> bytes:
        """The did-witness.json in which these witnesses approve the newest version of `log`."""
        return file_of((log, [await self.witnesses[each].approves(log) for each in who]))


def file_of(*approved: tuple[VerifiedLog, list[dict[str, Any]]]) -> bytes:
    return json.dumps([{"versionId": log.version_id, "proof": proofs} for log, proofs in approved]).encode()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def publications(store: Store) -> Publications:
    return Publications(store, f"https://{HOST}", Clock(NOON + timedelta(hours=1)))


@pytest.fixture
async def northmoor(publications: Publications) -> Witnessed:
    publisher = await a_publisher()
    publications.publish_log(NAMESPACE, publisher.log.text)
    return Witnessed(publisher)


def stored(store: Store) -> tuple[bytes | None, bytes | None]:
    log, proofs = (store.read(kind, namespace=NAMESPACE) for kind in (LOG, WITNESSES))
    return log.body if log else None, proofs.body if proofs else None


async def test_proofs_are_put_first_and_then_the_log_that_demands_them(
    publications: Publications, store: Store, northmoor: Witnessed
) -> None:
    second = await northmoor.version(2)
    proofs = await northmoor.proofs(second, 0, 2)

    assert publications.publish_witness_proofs(NAMESPACE, proofs) is Outcome.CREATED
    assert publications.publish_witness_proofs(NAMESPACE, proofs) is Outcome.UNCHANGED
    assert publications.publish_log(NAMESPACE, second.text) is Outcome.EXTENDED

    assert stored(store) == (second.text, proofs)


@pytest.mark.parametrize("who", [(), (1,), (1, 1)])
async def test_a_log_without_enough_proofs_is_refused(
    publications: Publications, store: Store, northmoor: Witnessed, who: tuple[int, ...]
) -> None:
    second = await northmoor.version(2)
    publications.publish_witness_proofs(NAMESPACE, await northmoor.proofs(second, *who))

    with pytest.raises(DocumentRefused) as refused:
        publications.publish_log(NAMESPACE, second.text)

    assert refused.value.reason is Reason.NEEDS_WITNESSES
    assert stored(store)[0] == northmoor.publisher.log.text


async def test_proofs_of_strangers_and_of_another_version_do_not_count(
    publications: Publications, northmoor: Witnessed
) -> None:
    second = await northmoor.version(2)
    stranger = await Witness().approves(second)
    late = await northmoor.witnesses[0].approves(second)
    early = await northmoor.witnesses[1].approves(northmoor.publisher.log)
    proofs = file_of((second, [stranger, late]), (northmoor.publisher.log, [early]))
    publications.publish_witness_proofs(NAMESPACE, proofs)

    with pytest.raises(DocumentRefused) as refused:
        publications.publish_log(NAMESPACE, second.text)

    assert refused.value.reason is Reason.NEEDS_WITNESSES


async def test_a_new_did_may_have_its_proofs_before_it_is_there(
    publications: Publications, store: Store
) -> None:
    elsewhere = Witnessed(await a_publisher())
    second = await elsewhere.version(2)
    proofs = await elsewhere.proofs(second, 0, 1)

    assert publications.publish_witness_proofs(NAMESPACE, proofs) is Outcome.CREATED
    assert publications.publish_log(NAMESPACE, second.text) is Outcome.CREATED

    assert stored(store) == (second.text, proofs)


async def test_no_approval_is_taken_back(publications: Publications, northmoor: Witnessed) -> None:
    second, third = await northmoor.version(2), await northmoor.version(3)
    publications.publish_witness_proofs(NAMESPACE, await northmoor.proofs(second, 0, 1))
    publications.publish_log(NAMESPACE, second.text)

    for lacking in (await northmoor.proofs(second, 0), await northmoor.proofs(third, 0), b"[]"):
        with pytest.raises(WriteConflict):
            publications.publish_witness_proofs(NAMESPACE, lacking)

    # Of the same number, and not of the log that is there: then nobody could read that any more.
    fork = await Witnessed(northmoor.publisher, [*northmoor.witnesses[:2], Witness()]).version(2)
    with pytest.raises(DocumentRefused) as refused:
        publications.publish_witness_proofs(NAMESPACE, await northmoor.proofs(fork, 0, 1))
    assert refused.value.reason is Reason.NEEDS_WITNESSES


async def test_proofs_of_the_next_version_stand_beside_those_of_the_last_until_it_is_there(
    publications: Publications, store: Store, northmoor: Witnessed
) -> None:
    second, third = await northmoor.version(2), await northmoor.version(3)
    first_two = [await northmoor.witnesses[each].approves(second) for each in (0, 1)]
    publications.publish_witness_proofs(NAMESPACE, file_of((second, first_two)))
    publications.publish_log(NAMESPACE, second.text)

    next_two = [await northmoor.witnesses[each].approves(third) for each in (0, 1)]
    only_next = file_of((third, next_two))
    with pytest.raises(DocumentRefused):
        publications.publish_witness_proofs(NAMESPACE, only_next)
    publications.publish_witness_proofs(NAMESPACE, file_of((second, first_two), (third, next_two)))
    publications.publish_log(NAMESPACE, third.text)

    assert publications.publish_witness_proofs(NAMESPACE, only_next) is Outcome.EXTENDED
    assert stored(store) == (third.text, only_next)


async def test_what_a_witnessed_did_signs_is_taken_while_its_proofs_are_there(
    publications: Publications, store: Store, northmoor: Witnessed
) -> None:
    second = await northmoor.version(2)
    publications.publish_witness_proofs(NAMESPACE, await northmoor.proofs(second, 0, 1))
    publications.publish_log(NAMESPACE, second.text)
    publisher = northmoor.publisher
    resources = [await publisher.resource(publisher.schema(version=version)) for version in ("1", "2")]
    first, other = ((each["metadata"]["resourceId"], json.dumps(each).encode()) for each in resources)

    assert publications.publish_resource(NAMESPACE, *first) is Outcome.CREATED

    store.remove(WITNESSES, namespace=NAMESPACE)
    with pytest.raises(DocumentRefused) as refused:
        publications.publish_resource(NAMESPACE, *other)
    assert refused.value.reason is Reason.NEEDS_WITNESSES


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'{"versionId": 1}',
        b'[{"versionId": "1-x", "proof": []}]',
        b'[{"versionId": "0-QmZcLskQxosbePyY5mk1mHyxPHKcDezrn9UWKVqjCEacpQ", "proof": []}]',
        b'[{"versionId": "1-QmZcLskQxosbePyY5mk1mHyxPHKcDezrn9UWKVqjCEacpQ", "proof": [{}]}]',
        b'[{"versionId": "1-QmZcLskQxosbePyY5mk1mHyxPHKcDezrn9UWKVqjCEacpQ", "proof": {}}]',
    ],
)
def test_what_are_no_proofs_is_refused(publications: Publications, store: Store, body: bytes) -> None:
    with pytest.raises(DocumentRefused):
        publications.publish_witness_proofs(NAMESPACE, body)

    assert stored(store)[1] is None


async def test_proofs_of_which_one_does_not_verify_are_refused(
    publications: Publications, store: Store, northmoor: Witnessed
) -> None:
    second, third = await northmoor.version(2), await northmoor.version(3)
    proofs = [await northmoor.witnesses[0].approves(second), await northmoor.witnesses[1].approves(third)]

    with pytest.raises(DocumentRefused) as refused:
        publications.publish_witness_proofs(NAMESPACE, file_of((second, proofs)))

    assert refused.value.reason is Reason.BAD_SIGNATURE
    assert stored(store)[1] is None
