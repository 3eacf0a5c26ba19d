"""What witnesses of a log must have approved, whose approval counts, and what stands in did-witness.json."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable, Reason
from signed_documents.proofs import ProofPurpose, make_proof
from signed_documents.resolution import DOCUMENT_LIFETIME, WebvhReader
from signed_documents.webvh_logs import verify_entries, verify_history
from signed_documents.witnesses import (
    MAX_WITNESS_BYTES,
    MAX_WITNESSES,
    WitnessRule,
    add_witness_proof,
    read_witness_proofs,
    verify_witness_proof,
    witness_proof,
)
from tests.support.scribe import Scribe, name_of, signer_of
from tests.support.signing import NOON, Clock, Web

LATER = NOON + timedelta(hours=1)
ADA, BEA, CID, MALLORY = (Ed25519PrivateKey.generate() for _ in range(4))


def did_of(key: Ed25519PrivateKey) -> str:
    return f"did:key:{name_of(key)}"


def rule(threshold: int, *keys: Ed25519PrivateKey) -> dict[str, Any]:
    return WitnessRule(threshold, tuple(map(did_of, keys))).to_json()


async def approved(scribe: Scribe, *approvals: tuple[int, Ed25519PrivateKey]) -> bytes:
    """The did-witness.json with the approvals of versions, by number, none of them pruned."""
    proofs: dict[str, list[Any]] = {}
    for number, key in approvals:
        version_id = scribe.version_ids[number - 1]
        proofs.setdefault(version_id, []).append(await witness_proof(version_id, signer_of(key), NOON))
    return written(proofs)


def written(proofs: dict[str, list[Any]]) -> bytes:
    return json.dumps(
        [{"versionId": version, "proof": listed} for version, listed in proofs.items()]
    ).encode()


def reason(scribe: Scribe, proofs: bytes | None) -> Reason:
    with pytest.raises(DocumentRefused) as refused:
        verify_history(scribe.text, scribe.did, now=LATER, witness_proofs=proofs)
    return refused.value.reason


def verify(scribe: Scribe, proofs: bytes | None) -> int:
    return verify_history(scribe.text, scribe.did, now=LATER, witness_proofs=proofs).version_number


# Who must approve


async def test_a_log_with_witnesses_is_taken_once_enough_of_them_approved() -> None:
    scribe = await Scribe.begun(witness=rule(2, ADA, BEA, CID))

    assert reason(scribe, None) is Reason.NEEDS_WITNESSES
    assert reason(scribe, await approved(scribe, (1, ADA))) is Reason.NEEDS_WITNESSES
    assert verify(scribe, await approved(scribe, (1, ADA), (1, CID))) == 1


async def test_who_approves_an_entry_approves_all_before_it() -> None:
    scribe = await (await (await Scribe.begun(witness=rule(1, ADA))).add()).add()

    assert verify(scribe, await approved(scribe, (3, ADA))) == 3


async def test_the_newest_entry_must_be_approved_too() -> None:
    scribe = await (await Scribe.begun(witness=rule(1, ADA))).add()

    assert reason(scribe, await approved(scribe, (1, ADA))) is Reason.NEEDS_WITNESSES


async def test_approvals_of_different_entries_count_together_for_those_before_both() -> None:
    scribe = await (await Scribe.begun(witness=rule(2, ADA, BEA))).add(witness={})
    await scribe.add()

    assert verify(scribe, await approved(scribe, (2, ADA), (3, BEA))) == 3
    assert reason(scribe, await approved(scribe, (1, ADA), (3, BEA))) is Reason.NEEDS_WITNESSES


async def test_the_entry_that_first_names_witnesses_needs_their_approval() -> None:
    """Stricter than did_webvh 1.0.1, which asks them for the next entry only."""
    scribe = await (await Scribe.begun()).add(witness=rule(1, ADA))

    assert reason(scribe, None) is Reason.NEEDS_WITNESSES
    assert verify(scribe, await approved(scribe, (2, ADA))) == 2


async def test_the_entry_that_changes_the_witnesses_is_approved_by_those_before() -> None:
    scribe = await (await Scribe.begun(witness=rule(1, ADA))).add(witness=rule(1, BEA))

    assert reason(scribe, await approved(scribe, (2, BEA))) is Reason.NEEDS_WITNESSES
    assert verify(scribe, await approved(scribe, (2, ADA))) == 2


async def test_after_a_change_the_new_witnesses_approve_and_the_old_ones_approval_stays_needed() -> None:
    scribe = await (await Scribe.begun(witness=rule(1, ADA))).add(witness=rule(1, BEA))
    await scribe.add()

    assert reason(scribe, await approved(scribe, (2, ADA))) is Reason.NEEDS_WITNESSES
    assert reason(scribe, await approved(scribe, (3, BEA))) is Reason.NEEDS_WITNESSES
    assert verify(scribe, await approved(scribe, (2, ADA), (3, BEA))) == 3


async def test_the_entry_that_ends_witnessing_is_the_last_that_needs_them() -> None:
    scribe = await (await Scribe.begun(witness=rule(1, ADA))).add(witness={})
    assert reason(scribe, await approved(scribe, (1, ADA))) is Reason.NEEDS_WITNESSES

    await scribe.add()

    log = verify_history(scribe.text, scribe.did, now=LATER, witness_proofs=await approved(scribe, (2, ADA)))
    assert log.witness_rule is None


async def test_deactivating_needs_the_witnesses_too() -> None:
    scribe = await (await Scribe.begun(witness=rule(1, ADA))).add(deactivated=True)

    assert reason(scribe, await approved(scribe, (1, ADA))) is Reason.NEEDS_WITNESSES
    assert verify(scribe, await approved(scribe, (2, ADA))) == 2


async def test_what_is_known_is_asked_about_again_with_the_new_entries() -> None:
    scribe = await Scribe.begun(witness=rule(1, ADA))
    known = verify_entries(scribe.text, scribe.did, now=LATER)
    await scribe.add()

    log = verify_entries(scribe.text, scribe.did, now=LATER, known=known)

    assert log == verify_entries(scribe.text, scribe.did, now=LATER)
    assert [demand.number for demand in log.demands] == [2]
    with pytest.raises(DocumentRefused):
        log.require_witnesses(await approved(scribe, (1, ADA)))


# Rules that cannot stand


@pytest.mark.parametrize(
    "value",
    [
        {"threshold": 1, "witnesses": []},
        {"threshold": 0, "witnesses": []},
        {"threshold": 0, "witnesses": [{"id": did_of(ADA)}]},
        {"threshold": -1, "witnesses": [{"id": did_of(ADA)}]},
        {"threshold": 2, "witnesses": [{"id": did_of(ADA)}]},
        {"threshold": 2, "witnesses": [{"id": did_of(ADA)}, {"id": did_of(ADA)}]},
        {"threshold": 1, "witnesses": [{"id": did_of(ADA)}, {"id": did_of(ADA)}]},
        {"threshold": True, "witnesses": [{"id": did_of(ADA)}]},
        {"threshold": "1", "witnesses": [{"id": did_of(ADA)}]},
        {"threshold": 1.0, "witnesses": [{"id": did_of(ADA)}]},
        {"threshold": 1},
        {"witnesses": [{"id": did_of(ADA)}]},
        {"threshold": 1, "witnesses": {"id": did_of(ADA)}},
        {"threshold": 1, "witnesses": [did_of(ADA)]},
        {"threshold": 1, "witnesses": [{"id": did_of(ADA), "weight": 5}]},
        {"threshold": 1, "witnesses": [{"id": 1}]},
        {"threshold": 1, "witnesses": [{"id": name_of(ADA)}]},
        {"threshold": 1, "witnesses": [{"id": "did:web:witness.example"}]},
        {"threshold": 1, "witnesses": [{"id": did_of(ADA) + " "}]},
        {"threshold": 1, "witnesses": [{"id": f"{did_of(ADA)}#{name_of(ADA)}"}]},
        {"threshold": 1, "witnesses": [{"id": "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc"}]},
        {"threshold": 1, "witnesses": [{"id": f"did:key:z6Mk{n}"} for n in range(MAX_WITNESSES + 1)]},
        {"threshold": 1, "witnesses": [{"id": did_of(ADA)}], "else": 1},
        None,
        [],
        "",
        0,
        False,
    ],
)
async def test_a_rule_that_cannot_be_kept_or_asks_less_than_it_seems_is_refused(value: Any) -> None:
    first = await Scribe.begun(witness=value)
    later = await (await Scribe.begun()).add(witness=value)

    assert {reason(first, None), reason(later, None)} == {Reason.BAD_WITNESSES}


# Whose approval counts


async def test_the_approval_of_an_unknown_witness_does_not_count() -> None:
    scribe = await Scribe.begun(witness=rule(1, ADA))

    assert reason(scribe, await approved(scribe, (1, MALLORY))) is Reason.NEEDS_WITNESSES


async def test_a_witness_who_approves_twice_counts_once() -> None:
    scribe = await (await Scribe.begun(witness=rule(2, ADA, BEA))).add()

    proofs = await approved(scribe, (2, ADA), (2, ADA), (1, ADA), (1, BEA))

    assert reason(scribe, proofs) is Reason.NEEDS_WITNESSES


async def test_an_approval_of_a_version_that_is_not_in_the_log_does_not_count_and_does_no_harm() -> None:
    scribe = await Scribe.begun(witness=rule(1, ADA))
    fork = Scribe(scribe.key, list(scribe.entries), scribe.document, scribe.last)
    await scribe.add(ttl=1)
    await fork.add(ttl=2)

    assert reason(scribe, await approved(fork, (2, ADA))) is Reason.NEEDS_WITNESSES
    both = read_witness_proofs(await approved(fork, (2, ADA))) | read_witness_proofs(
        await approved(scribe, (2, ADA))
    )
    assert verify(scribe, written(both)) == 2


async def test_an_approval_of_what_is_yet_to_be_published_does_not_count_for_what_is() -> None:
    scribe = await Scribe.begun(witness=rule(1, ADA))
    ahead = Scribe(scribe.key, list(scribe.entries), scribe.document, scribe.last)
    await ahead.add()

    assert reason(scribe, await approved(ahead, (2, ADA))) is Reason.NEEDS_WITNESSES


async def test_an_approval_of_another_dids_log_does_not_count() -> None:
    scribe, other = await Scribe.begun(witness=rule(1, ADA)), await Scribe.begun(witness=rule(1, ADA), ttl=9)

    assert reason(scribe, await approved(other, (1, ADA))) is Reason.NEEDS_WITNESSES


async def _for_another_purpose(version: str) -> dict[str, Any]:
    purpose = ProofPurpose.AUTHENTICATION
    return await make_proof({"versionId": version}, signer_of(ADA), created=NOON, purpose=purpose)


async def _over_more_than_the_version(version: str) -> dict[str, Any]:
    return await make_proof({"versionId": version, "and": 1}, signer_of(ADA), created=NOON)


async def _of_another_version(version: str) -> dict[str, Any]:
    return await witness_proof(version + "1", signer_of(ADA), NOON)


async def _in_her_name(version: str) -> dict[str, Any]:
    method = signer_of(ADA).verification_method
    return {**await witness_proof(version, signer_of(MALLORY), NOON), "verificationMethod": method}


async def _under_two_names(version: str) -> dict[str, Any]:
    method = f"{did_of(ADA)}#{name_of(MALLORY)}"
    return {**await witness_proof(version, signer_of(MALLORY), NOON), "verificationMethod": method}


@pytest.mark.parametrize(
    "forge",
    [_for_another_purpose, _over_more_than_the_version, _of_another_version, _in_her_name, _under_two_names],
)
async def test_a_proof_that_is_no_approval_does_not_count_and_does_no_harm(forge: Any) -> None:
    scribe = await Scribe.begun(witness=rule(1, ADA))
    version = scribe.version_ids[0]
    forged = await forge(version)

    assert reason(scribe, written({version: [forged]})) is Reason.NEEDS_WITNESSES
    with pytest.raises(DocumentRefused):
        verify_witness_proof(version, forged)
    honest = await witness_proof(version, signer_of(ADA), NOON)
    assert verify(scribe, written({version: [forged, {}, honest]})) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", Reason.NEEDS_WITNESSES),
        (b"[]", Reason.NEEDS_WITNESSES),
        (b"{}", Reason.MALFORMED),
        (b"null", Reason.MALFORMED),
        (b"not json", Reason.MALFORMED),
        (b"\xff", Reason.MALFORMED),
        (b"[" * 100_000, Reason.MALFORMED),
        (b"[null]", Reason.MALFORMED),
        (b'[{"versionId":1,"proof":[]}]', Reason.MALFORMED),
        (b'[{"versionId":"1-Qm","proof":{}}]', Reason.MALFORMED),
        (b'[{"versionId":"1-Qm","proof":[1]}]', Reason.MALFORMED),
        (b'[{"versionId":"1-Qm"}]', Reason.MALFORMED),
        (b" " * (MAX_WITNESS_BYTES + 1), Reason.TOO_LARGE),
    ],
)
async def test_a_file_that_is_none_is_refused(text: bytes, expected: Reason) -> None:
    assert reason(await Scribe.begun(witness=rule(1, ADA)), text) is expected


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["versionId", "proof", "type", "x"]), inner, max_size=3)
        ),
    )
)
@settings(max_examples=100, deadline=None)
def test_whatever_stands_in_the_file_nobody_has_approved(watched: Scribe, value: Any) -> None:
    with pytest.raises(DocumentRefused):
        verify_history(watched.text, watched.did, now=LATER, witness_proofs=json.dumps([value]).encode())


@pytest.fixture(scope="module")
async def watched() -> Scribe:
    return await Scribe.begun(witness=rule(1, ADA))


# The file


async def test_a_file_keeps_of_each_witness_the_newest_approval_and_what_is_yet_to_be_published() -> None:
    scribe = await (await Scribe.begun(witness=rule(2, ADA, BEA))).add()
    published = list(scribe.version_ids)
    await scribe.add()
    file: bytes | None = None

    for number, key in [(2, ADA), (1, BEA), (1, ADA), (3, ADA), (3, ADA)]:
        version_id = scribe.version_ids[number - 1]
        proof = await witness_proof(version_id, signer_of(key), NOON)
        file = add_witness_proof(file, version_id, proof, published=published)

    assert file is not None
    kept = {
        version: [verify_witness_proof(version, proof) for proof in proofs]
        for version, proofs in read_witness_proofs(file).items()
    }
    assert kept == {
        scribe.version_ids[0]: [did_of(BEA)],
        scribe.version_ids[1]: [did_of(ADA)],
        scribe.version_ids[2]: [did_of(ADA)],
    }


async def test_a_proof_that_does_not_verify_is_not_added() -> None:
    scribe = await Scribe.begun(witness=rule(1, ADA))
    version = scribe.version_ids[0]

    with pytest.raises(DocumentRefused) as refused:
        add_witness_proof(None, version, await _in_her_name(version), published=[])

    assert refused.value.reason is Reason.BAD_SIGNATURE


# Reading both off the web


def _published(web: Web, scribe: Scribe, proofs: bytes | None) -> None:
    web.pages[scribe.did.log_url] = scribe.text
    web.pages[scribe.did.witness_url] = proofs or DocumentNotFound("the host has no such document")


async def test_a_reader_asks_for_the_proofs_beside_the_log_if_it_demands_them() -> None:
    web, scribe = Web(), await Scribe.begun(witness=rule(1, ADA))
    _published(web, scribe, await approved(scribe, (1, ADA)))

    await WebvhReader(web, clock=Clock(LATER)).log(str(scribe.did))

    assert web.asked == [scribe.did.log_url, scribe.did.witness_url]
    assert scribe.did.witness_url == scribe.did.log_url.replace("did.jsonl", "did-witness.json")


async def test_a_reader_asks_for_no_proofs_of_a_log_without_witnesses() -> None:
    web, scribe = Web(), await Scribe.begun()
    _published(web, scribe, None)

    await WebvhReader(web, clock=Clock(LATER)).log(str(scribe.did))

    assert web.asked == [scribe.did.log_url]


async def test_a_reader_refuses_a_log_whose_proofs_are_not_there_and_waits_for_those_that_do_not_answer() -> (
    None
):
    web, scribe = Web(), await Scribe.begun(witness=rule(1, ADA))
    reader = WebvhReader(web, clock=Clock(LATER))
    _published(web, scribe, None)
    with pytest.raises(DocumentRefused) as refused:
        await reader.log(str(scribe.did))
    assert refused.value.reason is Reason.NEEDS_WITNESSES

    web.pages[scribe.did.witness_url] = DocumentUnavailable("the host did not answer")
    with pytest.raises(DocumentUnavailable):
        await reader.log(str(scribe.did))


async def test_a_reader_keeps_to_what_was_approved_when_a_new_entry_is_not() -> None:
    web, clock, scribe = Web(), Clock(LATER), await Scribe.begun(witness=rule(1, ADA))
    reader = WebvhReader(web, clock=clock)
    _published(web, scribe, await approved(scribe, (1, ADA)))
    first = await reader.log(str(scribe.did))

    await scribe.add()
    web.pages[scribe.did.log_url] = scribe.text
    clock.pass_time(DOCUMENT_LIFETIME)
    with pytest.raises(DocumentRefused):
        await reader.log(str(scribe.did))

    web.pages[scribe.did.witness_url] = await approved(scribe, (2, ADA))
    second = await reader.log(str(scribe.did))
    assert second.extends(first)
    assert second.version_number == 2
