"""Each change of a DID, prepared without a key and signed without an agent, reads as a stranger reads it."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from did_webvh.core.resolver import ResolutionResult
from did_webvh.resolver import resolve_did
from hypothesis import given
from hypothesis import strategies as st

from signed_documents.did_documents import (
    assertion_key,
    did_web,
    next_credential_key_name,
    with_assertion_keys,
    with_audit_key,
    with_service,
    without_key,
    without_service,
)
from signed_documents.encoding import JsonObject, multikey
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.key_history import KeyUse, keys_in_document
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.webvh_entries import (
    PreparedEntry,
    append_entry,
    commitment,
    is_announced,
    prepare_deactivation,
    prepare_move,
    prepare_next,
    prepare_witnesses,
    read_log,
    sign_entry,
)
from signed_documents.webvh_logs import VerifiedLog, verify_history, verify_log
from signed_documents.witnesses import WitnessRule, add_witness_proof, witness_proof
from tests.support.signing import NOON, Publisher, a_publisher, public

LATER = NOON + timedelta(hours=1)
ELSEWHERE = ("did.northmoor.example", ("identity",))


@dataclass(frozen=True)
class Owner:
    """A DID's log, and the key that it announced."""

    log: VerifiedLog
    key: Ed25519PrivateKey

    @property
    def signer(self) -> SoftwareSigner:
        return SoftwareSigner(self.key, did_key_method(public(self.key)))

    async def after(self, prepared: PreparedEntry) -> "Owner":
        """Carried to the key as a file, signed there, carried back."""
        carried = PreparedEntry.parse(json.dumps(prepared.to_json()).encode())
        upcoming = Ed25519PrivateKey.generate()
        entry = await sign_entry(carried, self.signer, public(upcoming))
        assert prepared.became(json.loads(entry))
        return Owner(append_entry(self.log, entry, now=LATER), upcoming)

    async def with_document(self, document: JsonObject) -> "Owner":
        return await self.after(prepare_next(self.log, document, created=self.log.updated))


@pytest.fixture
async def publisher() -> Publisher:
    return await a_publisher()


@pytest.fixture
def owner(publisher: Publisher) -> Owner:
    return Owner(publisher.log, publisher.next_key)


async def resolved(log: VerifiedLog, folder: Path, witness_proofs: bytes | None = None) -> ResolutionResult:
    """What the library `did_webvh` alone makes of it, witnesses and all."""
    history = folder / "did.jsonl"
    history.write_bytes(log.text)
    (folder / "did-witness.json").write_bytes(witness_proofs or b"[]")
    return await resolve_did(str(log.did), local_history=history, add_implicit=False)


async def require_readable(log: VerifiedLog, folder: Path) -> None:
    """By us from its first byte on, and by the library."""
    assert verify_history(log.text, log.did, now=LATER).entries == log.entries
    found = await resolved(log, folder)
    assert found.document == log.document_json, found.resolution_metadata


def names(owner: Owner, member: str) -> list[str]:
    return [str(each).partition("#")[2] for each in owner.log.document_json[member]]


def reason(refused: pytest.ExceptionInfo[DocumentRefused]) -> Reason:
    return refused.value.reason


async def test_the_update_key_rotates_twice_and_nothing_else_changes(owner: Owner, tmp_path: Path) -> None:
    once = await owner.with_document(owner.log.document_json)
    twice = await once.with_document(once.log.document_json)

    await require_readable(twice.log, tmp_path)
    assert twice.log.document_json == owner.log.document_json
    parameters = [json.loads(entry)["parameters"] for entry in twice.log.entries]
    signed_by = [each["updateKeys"] for each in parameters]
    assert signed_by[1:] == [[multikey(public(owner.key))], [multikey(public(once.key))]]
    assert is_announced(twice.log, public(twice.key))
    assert parameters[2]["nextKeyHashes"] == [commitment(public(twice.key))]


async def test_new_assertion_keys_come_first_and_the_retired_ones_still_assert(
    owner: Owner, publisher: Publisher, tmp_path: Path
) -> None:
    credential, resource = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    before = owner.log.document_json
    name = next_credential_key_name(before)

    after = await owner.with_document(with_assertion_keys(before, name, public(credential), public(resource)))

    await require_readable(after.log, tmp_path)
    did = str(owner.log.did)
    old, new = multikey(public(publisher.resource_key)), multikey(public(resource))
    assert names(after, "assertionMethod") == ["key-2018-2", new, "key-2018", old]
    assert names(after, "authentication") == ["key-2018-2", new]
    assert after.log.document_json["verificationMethod"][0]["type"] == "Ed25519VerificationKey2018"
    assert assertion_key(after.log.document, f"{did}#{old}") == public(publisher.resource_key)
    assert assertion_key(after.log.document, f"{did}#key-2018-2") == public(credential)


async def test_no_name_of_a_key_is_given_twice(owner: Owner) -> None:
    document = owner.log.document_json
    for number in (2, 3):
        name = next_credential_key_name(document)
        assert name == f"key-2018-{number}"
        keys = [public(Ed25519PrivateKey.generate()) for _ in range(2)]
        document = with_assertion_keys(document, name, *keys)
        document = without_key(document, f"{document['id']}#key-2018")

    assert next_credential_key_name(without_key(document, f"{document['id']}#key-2018-2")) == "key-2018-4"


async def test_a_removed_key_asserts_nothing(owner: Owner, publisher: Publisher, tmp_path: Path) -> None:
    method = publisher.signer.verification_method
    after = await owner.with_document(without_key(owner.log.document_json, method))

    await require_readable(after.log, tmp_path)
    with pytest.raises(DocumentRefused) as refused:
        assertion_key(after.log.document, method)
    assert reason(refused) is Reason.KEY_NOT_ASSERTED


async def test_the_keys_tell_from_when_until_when_they_signed(owner: Owner, publisher: Publisher) -> None:
    document = with_audit_key(owner.log.document_json, public(Ed25519PrivateKey.generate()))
    keys = [public(Ed25519PrivateKey.generate()) for _ in range(2)]
    audited = await owner.with_document(document)
    rotated = await audited.with_document(with_assertion_keys(document, "key-2018-2", *keys))

    found = [(key.use, key.since, key.until) for key in keys_in_document(rotated.log)]

    first, second, third = NOON, audited.log.updated, rotated.log.updated
    assert found == [
        (KeyUse.CREDENTIAL, third, None),
        (KeyUse.RESOURCE, third, None),
        (KeyUse.CREDENTIAL, first, third),
        (KeyUse.RESOURCE, first, third),
        (KeyUse.AUDIT, first, second),
        (KeyUse.AUDIT, second, None),
    ]
    assert publisher.log.updated == first


async def test_a_service_is_put_in_replaced_and_taken_out(owner: Owner, tmp_path: Path) -> None:
    before = owner.log.document_json
    first = with_service(before, "trqp", "TRQP", "https://a.example/trqp")
    second = with_service(first, "trqp", "TRQP", "https://b.example/trqp")

    after = await owner.with_document(second)

    await require_readable(after.log, tmp_path)
    service = {"id": f"{before['id']}#trqp", "type": "TRQP", "serviceEndpoint": "https://b.example/trqp"}
    assert after.log.document_json["service"] == [service]
    assert without_service(second, "trqp") == before


async def test_a_did_that_moves_keeps_its_scid_and_names_where_it_was(owner: Owner, tmp_path: Path) -> None:
    here = owner.log.did
    there = WebvhDid(here.scid, *ELSEWHERE)

    moved = await owner.after(prepare_move(owner.log, there, created=NOON))
    back = await moved.after(prepare_move(moved.log, here, created=NOON))

    await require_readable(moved.log, tmp_path)
    await require_readable(back.log, tmp_path)
    document = moved.log.document_json
    assert document["alsoKnownAs"] == [did_web(str(there)), str(here)]
    assert str(here) not in json.dumps({**document, "alsoKnownAs": []})
    assert back.log.document_json["alsoKnownAs"] == [did_web(str(here)), str(there)]
    assert [key.since for key in keys_in_document(back.log)] == [NOON] * 3


async def test_a_place_whose_name_begins_like_the_former_is_not_mixed_up(owner: Owner) -> None:
    here = owner.log.did
    within = WebvhDid(here.scid, here.host, (*here.path, "did"))

    moved = await owner.after(prepare_move(owner.log, within, created=NOON))
    back = await moved.after(prepare_move(moved.log, here, created=NOON))

    assert back.log.document_json["alsoKnownAs"] == [did_web(str(here)), str(within)]


def test_nothing_moves_to_another_scid(owner: Owner) -> None:
    with pytest.raises(DocumentRefused) as refused:
        prepare_move(owner.log, WebvhDid("Qm" + "1" * 44, *ELSEWHERE), created=NOON)

    assert reason(refused) is Reason.BAD_MOVE


async def test_a_deactivated_did_stays_readable_and_takes_no_further_entry(
    owner: Owner, tmp_path: Path
) -> None:
    ended = await owner.after(prepare_deactivation(owner.log, created=NOON))

    assert verify_history(ended.log.text, ended.log.did, now=LATER).deactivated
    metadata = (await resolved(ended.log, tmp_path)).document_metadata
    assert metadata is not None
    assert metadata["deactivated"] is True
    with pytest.raises(DocumentRefused) as refused:
        verify_log(ended.log.text, ended.log.did, now=LATER)
    assert reason(refused) is Reason.DEACTIVATED
    with pytest.raises(DocumentRefused) as refused:
        await ended.with_document(ended.log.document_json)
    assert reason(refused) is Reason.DEACTIVATED


async def test_witnesses_approve_the_entry_that_names_them_and_those_after(
    owner: Owner, tmp_path: Path
) -> None:
    key = Ed25519PrivateKey.generate()
    witness = SoftwareSigner(key, did_key_method(public(key)))
    rule = WitnessRule(1, (f"did:key:{multikey(public(key))}",))

    witnessed = await owner.after(prepare_witnesses(owner.log, rule, created=NOON))
    rotated = await witnessed.with_document(witnessed.log.document_json)

    with pytest.raises(DocumentRefused) as refused:
        verify_history(rotated.log.text, rotated.log.did, now=LATER)
    assert reason(refused) is Reason.NEEDS_WITNESSES
    version = rotated.log.version_id
    proof = await witness_proof(version, witness, LATER)
    proofs = add_witness_proof(None, version, proof, published=rotated.log.version_ids)
    assert (
        verify_history(rotated.log.text, rotated.log.did, now=LATER, witness_proofs=proofs).witness_rule
        == rule
    )
    found = await resolved(rotated.log, tmp_path, proofs)
    assert found.document == rotated.log.document_json, found.resolution_metadata


async def test_an_entry_of_a_key_that_was_not_announced_is_not_appended(owner: Owner) -> None:
    stranger = replace(owner, key=Ed25519PrivateKey.generate())

    with pytest.raises(DocumentRefused) as refused:
        await stranger.with_document(owner.log.document_json)

    assert reason(refused) is Reason.KEY_NOT_COMMITTED
    assert not is_announced(owner.log, public(stranger.key))


async def test_an_entry_that_was_signed_before_another_one_is_not_appended(owner: Owner) -> None:
    prepared = prepare_next(owner.log, owner.log.document_json, created=NOON)
    late = await sign_entry(prepared, owner.signer, bytes(32))
    after = await owner.with_document(owner.log.document_json)

    with pytest.raises(DocumentRefused):
        append_entry(after.log, late, now=LATER)


async def test_two_entries_at_once_are_not_one(owner: Owner) -> None:
    prepared = prepare_next(owner.log, owner.log.document_json, created=NOON)
    entry = await sign_entry(prepared, owner.signer, bytes(32))

    with pytest.raises(DocumentRefused) as refused:
        append_entry(owner.log, entry + b"\n" + entry, now=LATER)

    assert reason(refused) is Reason.MALFORMED


@pytest.mark.parametrize("part", ["parameters", "state"])
async def test_an_entry_that_says_something_else_is_not_what_was_prepared(owner: Owner, part: str) -> None:
    prepared = prepare_next(owner.log, owner.log.document_json, created=NOON)
    other = replace(
        prepared,
        parameters={"deactivated": True} if part == "parameters" else {},
        document=with_service(prepared.document, "x", "X", "https://x.example")
        if part == "state"
        else prepared.document,
    )

    entry = json.loads(await sign_entry(other, owner.signer, bytes(32)))

    assert other.became(entry)
    assert not prepared.became(entry)


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[]", b"null", b"{", b"\xff", b'{"type":"staff-passport-did-change/1"}']
)
def test_what_is_no_prepared_change_is_refused(text: bytes) -> None:
    with pytest.raises(DocumentRefused) as refused:
        PreparedEntry.parse(text)

    assert reason(refused) is Reason.MALFORMED


@pytest.mark.parametrize("time", ["", "yesterday", "2026-11-02T12:00:00"])
def test_a_prepared_change_has_a_time(owner: Owner, time: str) -> None:
    said = prepare_next(owner.log, owner.log.document_json, created=NOON).to_json() | {"versionTime": time}

    with pytest.raises(DocumentRefused) as refused:
        PreparedEntry.parse(json.dumps(said).encode())

    assert reason(refused) is Reason.MALFORMED


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_no_text_makes_reading_a_log_crash(text: bytes) -> None:
    with pytest.raises(DocumentRefused):
        read_log(text, now=LATER)
