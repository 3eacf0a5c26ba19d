"""Every hostile log is refused with its reason: never a crash, never a success."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from did_webvh.core.state import DocumentState
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.proofs import make_proof
from signed_documents.webvh_logs import MAX_LOG_BYTES, verify_history, verify_log
from tests.support.signing import HOST, NOON, Publisher, a_publisher, public

LATER = NOON + timedelta(hours=1)


@pytest.fixture(scope="module")
async def publisher() -> Publisher:
    return await a_publisher()


@pytest.fixture(scope="module")
async def rotated(publisher: Publisher) -> Publisher:
    return await publisher.rotated(created=NOON + timedelta(minutes=1))


def reason(text: bytes, publisher: Publisher) -> Reason:
    with pytest.raises(DocumentRefused) as refused:
        verify_log(text, publisher.log.did, now=LATER)
    return refused.value.reason


def test_a_new_did_is_portable_and_commits_to_its_next_key(publisher: Publisher) -> None:
    log = verify_log(publisher.log.text, publisher.log.did, now=LATER)

    assert log == publisher.log
    assert log.portable
    parameters = json.loads(log.entries[0])["parameters"]
    assert len(parameters["updateKeys"]) == len(parameters["nextKeyHashes"]) == 1


def test_the_document_has_the_2018_key_first_and_loads_no_remote_context(publisher: Publisher) -> None:
    document = publisher.log.document_json
    did = publisher.did

    assert did.endswith(f":{HOST}:organisations:northmoor")
    assert document["@context"] == [
        "https://www.w3.org/ns/did/v1",
        "https://w3id.org/security/suites/ed25519-2018/v1",
    ]
    assert [method["type"] for method in document["verificationMethod"]] == [
        "Ed25519VerificationKey2018",
        "Multikey",
        "Multikey",
    ]
    names = [f"{did}#key-2018", publisher.signer.verification_method]
    assert document["assertionMethod"] == document["authentication"] == names


def test_a_log_grows_by_entries_of_the_announced_key(publisher: Publisher, rotated: Publisher) -> None:
    assert rotated.log.version_number == 2
    assert rotated.log.extends(publisher.log)
    assert not publisher.log.extends(rotated.log)


async def test_an_entry_of_a_key_that_was_not_announced_is_refused(publisher: Publisher) -> None:
    stranger = await a_publisher("northmoor")
    usurper = replace(publisher, next_key=stranger.next_key)

    with pytest.raises(DocumentRefused) as refused:
        await usurper.rotated(created=LATER)

    assert refused.value.reason is Reason.KEY_NOT_COMMITTED


async def test_an_entry_of_an_earlier_time_is_refused(rotated: Publisher) -> None:
    entries = [json.loads(entry) for entry in rotated.log.entries]
    entries[1]["versionTime"] = "2020-01-01T00:00:00Z"

    assert reason(b"\n".join(json.dumps(entry).encode() for entry in entries), rotated) is Reason.BAD_TIME


async def test_a_log_from_the_future_is_refused_until_then() -> None:
    publisher = await a_publisher(created=LATER + timedelta(minutes=10))

    assert reason(publisher.log.text, publisher) is Reason.BAD_TIME
    verify_log(publisher.log.text, publisher.log.did, now=LATER + timedelta(minutes=10))


async def test_the_log_of_another_did_is_refused(publisher: Publisher) -> None:
    other = await a_publisher("northmoor")

    assert reason(other.log.text, publisher) is Reason.OTHER_IDENTIFIER


async def test_a_document_that_cannot_be_read_is_refused() -> None:
    def broken(did: str) -> JsonObject:
        return {"@context": [], "id": did, "verificationMethod": [{"id": "#nothing"}]}

    with pytest.raises(DocumentRefused) as refused:
        await a_publisher(document=broken)

    assert refused.value.reason is Reason.MALFORMED


@pytest.mark.parametrize(
    "text", [b"", b"\n\n", b"{}", b"[]", b"null", b"not json", b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_log_is_refused(publisher: Publisher, text: bytes) -> None:
    assert reason(text, publisher) is Reason.BAD_LOG


def test_a_huge_log_is_refused_unread(publisher: Publisher) -> None:
    assert reason(b"x" * (MAX_LOG_BYTES + 1), publisher) is Reason.TOO_LARGE


def test_a_truncated_log_is_refused(rotated: Publisher) -> None:
    assert reason(rotated.log.text[:-50], rotated) is Reason.BAD_LOG


def test_a_log_that_lost_its_first_entry_is_refused(rotated: Publisher) -> None:
    assert reason(rotated.log.entries[1], rotated) is Reason.BAD_LOG


async def test_a_deactivated_did_is_refused(publisher: Publisher) -> None:
    ended = await publisher.log_with_one_more_entry(deactivated=True)

    assert reason(ended, publisher) is Reason.DEACTIVATED
    assert verify_history(ended, publisher.log.did, now=LATER).deactivated


async def test_nothing_follows_the_entry_that_deactivates_a_did(publisher: Publisher) -> None:
    ended = await publisher.log_with_one_more_entry(deactivated=True)
    before = DocumentState.load_history_json(publisher.log.entries[0].decode(), None)
    last = DocumentState.load_history_json(ended.splitlines()[1].decode(), before)
    revived = last.create_next(params_update={"deactivated": False}, timestamp=LATER)
    key = SoftwareSigner(publisher.next_key, did_key_method(public(publisher.next_key)))
    revived.proofs.append(await make_proof(revived.history_line(), key, created=LATER))
    text = ended + b"\n" + revived.history_json().encode()

    with pytest.raises(DocumentRefused) as refused:
        verify_history(text, publisher.log.did, now=LATER)

    assert refused.value.reason is Reason.DEACTIVATED


async def test_a_log_that_demands_witnesses_is_refused_without_their_proofs(publisher: Publisher) -> None:
    witness = {
        "threshold": 1,
        "witnesses": [{"id": "did:key:z6MkvMKg5XaToQAQazw5Lo24qTXBqgEttdopG4d68fpwa1Ju"}],
    }

    assert (
        reason(await publisher.log_with_one_more_entry(witness=witness), publisher) is Reason.NEEDS_WITNESSES
    )


async def test_an_entry_that_only_ends_pre_rotation_is_taken(publisher: Publisher) -> None:
    log = verify_log(await publisher.log_with_one_more_entry(), publisher.log.did, now=LATER)

    assert log.version_number == 2


def test_an_entry_that_stands_twice_is_refused(publisher: Publisher) -> None:
    assert reason(publisher.log.text * 2, publisher) is Reason.BAD_LOG


def _set(*path: Any) -> Callable[[Any], None]:
    *parents, last, value = path

    def change(entry: Any) -> None:
        for parent in parents:
            entry = entry[parent]
        entry[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_set("versionId", "1-QmElse"), Reason.WRONG_DIGEST),
        (_set("versionId", 1), Reason.BAD_LOG),
        (_set("versionId", "1"), Reason.BAD_LOG),
        (_set("versionTime", "yesterday"), Reason.BAD_TIME),
        (_set("versionTime", "2026-11-02T11:59:59Z"), Reason.WRONG_DIGEST),
        (_set("parameters", None), Reason.BAD_LOG),
        (_set("parameters", "method", "did:webvh:9.9"), Reason.UNKNOWN_METHOD),
        (_set("parameters", "scid", "QmElse"), Reason.WRONG_DIGEST),
        (_set("parameters", "scid", None), Reason.BAD_LOG),
        (_set("parameters", "updateKeys", []), Reason.BAD_UPDATE_KEYS),
        (_set("parameters", "updateKeys", [None]), Reason.BAD_UPDATE_KEYS),
        (_set("parameters", "nextKeyHashes", ["not base58 0OIl"]), Reason.WRONG_DIGEST),
        (_set("parameters", "nextKeyHashes", 7), Reason.BAD_LOG),
        (_set("parameters", "portable", "yes"), Reason.BAD_LOG),
        (_set("parameters", "witness", {"threshold": 0, "witnesses": "x"}), Reason.BAD_WITNESSES),
        (_set("parameters", "unheard", True), Reason.BAD_LOG),
        (_set("state", {}), Reason.BAD_LOG),
        (_set("state", "id", "did:webvh:QmElse:registry.staff-passport.example"), Reason.BAD_IDENTIFIER),
        (_set("state", "id", 7), Reason.BAD_LOG),
        (_set("state", "assertionMethod", []), Reason.WRONG_DIGEST),
        (_set("proof", []), Reason.UNSUPPORTED_PROOF),
        (_set("proof", [{}]), Reason.UNSUPPORTED_PROOF),
        (_set("proof", None), Reason.BAD_LOG),
        (_set("proof", 0, "verificationMethod", None), Reason.UNSUPPORTED_PROOF),
        (_set("proof", 0, "verificationMethod", "did:key:zBad#zBad"), Reason.KEY_NOT_AUTHORISED),
        (_set("proof", 0, "proofValue", "zBad"), Reason.BAD_SIGNATURE),
        (_set("proof", 0, "proofValue", None), Reason.BAD_SIGNATURE),
        (_set("proof", 0, "proofValue", ""), Reason.BAD_SIGNATURE),
        (_set("proof", 0, "cryptosuite", "eddsa-rdfc-2022"), Reason.UNSUPPORTED_PROOF),
        (_set("proof", 0, "created", "never"), Reason.BAD_SIGNATURE),
        (_set("extra", 1), Reason.BAD_LOG),
    ],
)
def test_a_changed_entry_is_refused(
    publisher: Publisher, change: Callable[[Any], None], expected: Reason
) -> None:
    entry = json.loads(publisher.log.entries[0])

    change(entry)

    assert reason(json.dumps(entry).encode(), publisher) is expected


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_PLACES = st.sampled_from(
    [
        ("versionId",),
        ("versionTime",),
        ("parameters",),
        ("state",),
        ("proof",),
        ("proof", 0),
        *(
            ("parameters", name)
            for name in ("scid", "updateKeys", "nextKeyHashes", "method", "witness", "ttl")
        ),
        *(("proof", 0, name) for name in ("type", "verificationMethod", "proofValue", "created")),
        *(("state", name) for name in ("id", "verificationMethod", "@context")),
    ]
)


@given(place=_PLACES, value=_JSON)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_a_log_it_is_refused_and_never_a_crash(
    publisher: Publisher, place: tuple[str | int, ...], value: Any
) -> None:
    entry = json.loads(publisher.log.entries[0])
    _set(*place, value)(entry)

    with pytest.raises(DocumentRefused):
        verify_log(json.dumps(entry).encode(), publisher.log.did, now=LATER)
