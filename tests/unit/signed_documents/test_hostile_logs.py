"""Logs that somebody made to be misread: each is refused with its reason, also if digests and signatures fit.

What the library `did_webvh` 1.0.1 takes nevertheless is marked; we are stricter there.
"""

import copy
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from did_webvh.core.state import DocumentState, verify_state_proofs
from did_webvh.verify import WebvhVerifier
from hypothesis import given, settings
from hypothesis import strategies as st

from signed_documents.encoding import base58btc
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.proofs import ProofPurpose, make_proof
from signed_documents.webvh_logs import (
    MAX_ENTRIES,
    MAX_LOG_BYTES,
    VerifiedLog,
    verify_entries,
    verify_history,
)
from signed_documents.webvh_rules import MAX_ENTRY_BYTES, MAX_KEYS, MAX_PROOFS
from tests.support.scribe import PLACE, Scribe, hash_of, joined, name_of, signer_of
from tests.support.signing import HOST, NOON

LATER = NOON + timedelta(hours=1)
STRANGER = Ed25519PrivateKey.generate()
NEXT, AFTER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def refused(text: bytes, did: WebvhDid) -> Reason:
    with pytest.raises(DocumentRefused) as refusal:
        verify_history(text, did, now=LATER)
    return refusal.value.reason


def by_the_library(text: bytes) -> dict[str, Any]:
    """The document that `did_webvh` alone reads from a log. Raises what it raises."""
    verifier, state = WebvhVerifier(verify_proofs=False), None
    for line in text.splitlines():
        previous, state = state, DocumentState.load_history_json(line.decode(), state)
        state.check_version_id()
        verifier.verify_state(state, previous, is_final=False)
        verify_state_proofs(state, previous)
    if state is None:
        raise ValueError("an empty log")
    return state.document_copy()


def taken_by_the_library(text: bytes) -> bool:
    try:
        by_the_library(text)
    except Exception:  # noqa: BLE001 - it raises whatever it stumbles over
        return False
    return True


type Maker = Callable[[], Awaitable[Scribe]]


async def a_log() -> Scribe:
    return await (await Scribe.begun()).add()


async def an_entry_with(**parameters: Any) -> Scribe:
    return await (await Scribe.begun()).add(**parameters)


async def announced(**parameters: Any) -> Scribe:
    """A log with pre-rotation, whose second entry says `parameters` and is signed by the announced key."""
    return await (await Scribe.begun(nextKeyHashes=[hash_of(NEXT)])).add(by=NEXT, **parameters)


async def moved(*, portable: bool = True, place: str = f"elsewhere.example:{PLACE}", **also: Any) -> Scribe:
    return await (await Scribe.begun(portable=portable)).moved(place, **also)


async def at(time: str) -> Scribe:
    return await (await Scribe.begun()).add(at=time)


async def with_other_scid(*, portable: bool) -> Scribe:
    scribe, other = await Scribe.begun(portable=portable), await Scribe.begun(ttl=7)
    return await scribe.add(state={"id": str(other.did), "alsoKnownAs": [scribe.document["id"]]})


async def of_a_former_key() -> Scribe:
    scribe = await (await Scribe.begun()).add(updateKeys=[name_of(NEXT)])
    return await scribe.add()


async def signed_for_another_purpose() -> Scribe:
    scribe = await Scribe.begun()
    entry, purpose = scribe.entries[-1], ProofPurpose.AUTHENTICATION
    entry["proof"] = [await make_proof(entry, signer_of(scribe.key), created=NOON, purpose=purpose)]
    return scribe


async def with_proofs(count: int) -> Scribe:
    scribe = await Scribe.begun()
    scribe.entries[-1]["proof"] *= count
    return scribe


async def with_one_proof_of_a_stranger() -> Scribe:
    scribe = await Scribe.begun()
    entry = scribe.entries[-1]
    entry["proof"].append(await make_proof(entry, signer_of(STRANGER), created=NOON))
    return scribe


async def with_the_key_of_another_name() -> Scribe:
    """The proof names a key that may sign in the fragment, and another before it."""
    scribe = await Scribe.begun()
    proof = scribe.entries[-1]["proof"][0]
    proof["verificationMethod"] = f"did:key:{name_of(STRANGER)}#{name_of(scribe.key)}"
    return scribe


async def going_on_after_its_end() -> Scribe:
    return await (await an_entry_with(deactivated=True)).add()


def a_p256_key() -> str:
    point = (
        generate_private_key(SECP256R1())
        .public_key()
        .public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    )
    return base58btc(b"\x80\x24" + point)


def a_key_of(length: int, codec: bytes = b"\xed\x01") -> str:
    return base58btc(codec + b"\x07" * length)


async def _given_up() -> Scribe:
    scribe = await (await Scribe.begun(portable=True)).add(portable=False)
    return await scribe.moved(f"elsewhere.example:{PLACE}", portable=True)


MADE: dict[str, tuple[Maker, Reason, bool]] = {
    # who may sign
    "signed by a stranger": (lambda: _add(by=STRANGER), Reason.KEY_NOT_AUTHORISED, False),
    "signed by a former key": (of_a_former_key, Reason.KEY_NOT_AUTHORISED, False),
    "signed by the key that it only now names": (
        lambda: _add(by=NEXT, updateKeys=[name_of(NEXT)]),
        Reason.KEY_NOT_AUTHORISED,
        False,
    ),
    "with a second proof by a stranger": (with_one_proof_of_a_stranger, Reason.KEY_NOT_AUTHORISED, False),
    "signed by a key with two names": (with_the_key_of_another_name, Reason.KEY_NOT_AUTHORISED, False),
    "signed for another purpose": (signed_for_another_purpose, Reason.UNSUPPORTED_PROOF, True),
    "without proof": (lambda: with_proofs(0), Reason.UNSUPPORTED_PROOF, False),
    "with too many proofs": (lambda: with_proofs(MAX_PROOFS + 1), Reason.UNSUPPORTED_PROOF, True),
    # pre-rotation
    "an update key that was not announced": (
        lambda: announced(updateKeys=[name_of(AFTER)], nextKeyHashes=[]),
        Reason.KEY_NOT_COMMITTED,
        False,
    ),
    "one of two update keys was not announced": (
        lambda: announced(updateKeys=[name_of(NEXT), name_of(AFTER)], nextKeyHashes=[]),
        Reason.KEY_NOT_COMMITTED,
        False,
    ),
    "update keys not said under pre-rotation": (
        lambda: announced(nextKeyHashes=[]),
        Reason.KEY_NOT_COMMITTED,
        False,
    ),
    "next keys not said under pre-rotation": (
        lambda: announced(updateKeys=[name_of(NEXT)]),
        Reason.KEY_NOT_COMMITTED,
        True,
    ),
    # update keys
    "nobody may sign the next": (lambda: an_entry_with(updateKeys=[]), Reason.BAD_UPDATE_KEYS, True),
    "no update keys at all": (lambda: Scribe.begun(without=("updateKeys",)), Reason.BAD_UPDATE_KEYS, False),
    "update keys are null": (lambda: an_entry_with(updateKeys=[None]), Reason.BAD_UPDATE_KEYS, False),
    "an update key is no list": (
        lambda: an_entry_with(updateKeys=name_of(NEXT)),
        Reason.BAD_UPDATE_KEYS,
        False,
    ),
    "an update key twice": (
        lambda: an_entry_with(updateKeys=[name_of(NEXT)] * 2),
        Reason.BAD_UPDATE_KEYS,
        True,
    ),
    "an update key too short": (
        lambda: an_entry_with(updateKeys=[a_key_of(31)]),
        Reason.BAD_UPDATE_KEYS,
        True,
    ),
    "an update key too long": (
        lambda: an_entry_with(updateKeys=[a_key_of(33)]),
        Reason.BAD_UPDATE_KEYS,
        True,
    ),
    "an update key of another codec": (
        lambda: an_entry_with(updateKeys=[a_key_of(32, b"\xec\x01")]),
        Reason.BAD_UPDATE_KEYS,
        True,
    ),
    "an update key on P-256": (
        lambda: an_entry_with(updateKeys=[a_p256_key()]),
        Reason.BAD_UPDATE_KEYS,
        True,
    ),
    "an update key with white space": (
        lambda: an_entry_with(updateKeys=[f"{name_of(NEXT)} "]),
        Reason.BAD_UPDATE_KEYS,
        True,
    ),
    "an update key in base64": (
        lambda: an_entry_with(updateKeys=["m" + name_of(NEXT)[1:]]),
        Reason.BAD_UPDATE_KEYS,
        True,
    ),
    "an update key as a did:key": (
        lambda: an_entry_with(updateKeys=[f"did:key:{name_of(NEXT)}"]),
        Reason.BAD_UPDATE_KEYS,
        True,
    ),
    "more update keys than anybody has": (
        lambda: an_entry_with(
            updateKeys=[name_of(Ed25519PrivateKey.generate()) for _ in range(MAX_KEYS + 1)]
        ),
        Reason.BAD_UPDATE_KEYS,
        True,
    ),
    "more next keys than anybody has": (
        lambda: an_entry_with(
            nextKeyHashes=[hash_of(Ed25519PrivateKey.generate()) for _ in range(MAX_KEYS + 1)]
        ),
        Reason.BAD_UPDATE_KEYS,
        True,
    ),
    # time
    "time goes back": (lambda: at("2026-11-02T11:59:59Z"), Reason.BAD_TIME, False),
    "time stands still": (lambda: at("2026-11-02T12:00:00Z"), Reason.BAD_TIME, False),
    "time to come": (lambda: at("2026-11-02T13:05:01Z"), Reason.BAD_TIME, True),
    "time in another zone": (lambda: at("2026-11-02T13:01:00+01:00"), Reason.BAD_TIME, True),
    "time without a zone": (lambda: at("2026-11-02T12:01:00"), Reason.BAD_TIME, False),
    "time as a week": (lambda: at("2026-W45-1T12:01:00Z"), Reason.BAD_TIME, False),
    "time with fractions": (lambda: at("2026-11-02T12:01:00.5Z"), Reason.BAD_TIME, False),
    "time in other digits": (lambda: at("\uff12026-11-02T12:01:00Z"), Reason.BAD_TIME, False),
    "time that is none": (lambda: at("2026-11-31T12:01:00Z"), Reason.BAD_TIME, False),
    # the method
    "another method": (lambda: Scribe.begun(method="did:webvh:0.5"), Reason.UNKNOWN_METHOD, False),
    "no method": (lambda: Scribe.begun(without=("method",)), Reason.UNKNOWN_METHOD, False),
    "another method midway": (lambda: an_entry_with(method="did:webvh:1.1"), Reason.UNKNOWN_METHOD, False),
    "an older method midway": (lambda: an_entry_with(method="did:webvh:0.5"), Reason.UNKNOWN_METHOD, False),
    "a method of nothing": (lambda: an_entry_with(method=None), Reason.UNKNOWN_METHOD, False),
    # moving
    "portable later": (lambda: an_entry_with(portable=True), Reason.BAD_MOVE, False),
    "moved though not portable": (lambda: moved(portable=False), Reason.BAD_MOVE, False),
    "moved without saying from where": (lambda: moved(known_as=False), Reason.BAD_MOVE, True),
    "moved while giving portability up": (_given_up, Reason.BAD_MOVE, False),
    "became another SCID's": (lambda: with_other_scid(portable=True), Reason.BAD_MOVE, False),
    "became another SCID's though not portable": (
        lambda: with_other_scid(portable=False),
        Reason.BAD_MOVE,
        False,
    ),
    # where it stands
    "came by a port": (lambda: moved(place="elsewhere.example%3A8443:x"), Reason.BAD_IDENTIFIER, True),
    "came by an escaped host": (lambda: moved(place="127%2E0%2E0%2E1:x"), Reason.BAD_IDENTIFIER, False),
    "came by dots": (lambda: moved(place="elsewhere.example:..:x"), Reason.BAD_IDENTIFIER, True),
    "came by escaped dots": (lambda: moved(place="elsewhere.example:%2e%2e:x"), Reason.BAD_IDENTIFIER, True),
    # the end
    "goes on after its end": (going_on_after_its_end, Reason.DEACTIVATED, True),
    "ended by a number": (lambda: an_entry_with(deactivated=1), Reason.BAD_LOG, True),
    # parameters
    "a number as a string": (lambda: an_entry_with(ttl="3600"), Reason.BAD_LOG, False),
    "a parameter that nobody knows": (lambda: an_entry_with(surprise=True), Reason.BAD_LOG, False),
    "portable as a string": (lambda: an_entry_with(portable="false"), Reason.BAD_LOG, False),
    "another scid midway": (lambda: an_entry_with(scid="Qm" + "1" * 44), Reason.BAD_LOG, False),
    "a scid that is not the digest": (lambda: Scribe.begun(scid="Qm" + "1" * 44), Reason.WRONG_DIGEST, False),
}


async def _add(**said: Any) -> Scribe:
    return await (await Scribe.begun()).add(**said)


@pytest.mark.parametrize("name", MADE)
async def test_a_log_made_to_be_misread_is_refused_for_what_it_does(name: str) -> None:
    made, reason, lax = MADE[name]
    scribe = await made()

    # The place where it was last right: nobody asks for a DID that no log may have.
    did = WebvhDid.parse(scribe.entries[0]["state"]["id"])
    assert refused(scribe.text, did) is reason
    assert taken_by_the_library(scribe.text) is lax, "what the library takes has changed: is our rule needed?"


def _without(index: int) -> Callable[[list[Any]], list[Any]]:
    return lambda entries: entries[:index] + entries[index + 1 :]


def _changed(change: Callable[[dict[str, Any]], Any]) -> Callable[[list[Any]], list[Any]]:
    def changed(entries: list[Any]) -> list[Any]:
        change(entries[1])
        return entries

    return changed


def _forged(entries: list[Any]) -> list[Any]:
    entries[1]["proof"] = entries[0]["proof"]
    return entries


CHANGED: dict[str, tuple[Callable[[list[Any]], list[Any]], Reason]] = {
    "the first removed": (_without(0), Reason.BAD_LOG),
    "the middle removed": (_without(1), Reason.BAD_LOG),
    "two exchanged": (lambda entries: [entries[0], entries[2], entries[1]], Reason.BAD_LOG),
    "one repeated": (lambda entries: [*entries, entries[2]], Reason.BAD_LOG),
    "the document changed": (_changed(lambda one: one["state"].update(name="Mallory")), Reason.WRONG_DIGEST),
    "the parameters changed": (_changed(lambda one: one["parameters"].update(ttl=1)), Reason.WRONG_DIGEST),
    "the digest changed": (
        _changed(lambda one: one.update(versionId="2-Qm" + "1" * 44)),
        Reason.WRONG_DIGEST,
    ),
    "the number as a number": (_changed(lambda one: one.update(versionId=2)), Reason.BAD_LOG),
    "the number with a sign": (
        _changed(lambda one: one.update(versionId="+" + one["versionId"])),
        Reason.BAD_LOG,
    ),
    "the proof of the entry before": (_forged, Reason.BAD_SIGNATURE),
    "an empty signature": (
        _changed(lambda one: one["proof"][0].update(proofValue="z")),
        Reason.BAD_SIGNATURE,
    ),
    "another suite": (
        _changed(lambda one: one["proof"][0].update(cryptosuite="ecdsa-jcs-2019")),
        Reason.UNSUPPORTED_PROOF,
    ),
    "the proof as an object": (_changed(lambda one: one.update(proof=one["proof"][0])), Reason.BAD_LOG),
}


@pytest.mark.parametrize("name", CHANGED)
async def test_a_log_that_was_changed_is_refused(name: str) -> None:
    change, reason = CHANGED[name]
    scribe = await (await a_log()).add()

    assert refused(joined(change(copy.deepcopy(scribe.entries))), scribe.did) is reason


SPELT: dict[str, Callable[[bytes], bytes]] = {
    "carriage returns": lambda text: text.replace(b"\n", b"\r\n"),
    "a blank line": lambda text: text.replace(b"\n", b"\n\n", 1),
    "a blank line at the end": lambda text: text + b"\n",
    "a blank line first": lambda text: b"\n" + text,
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "UTF-16": lambda text: text.decode().encode("utf-16"),
    "a space before": lambda text: b" " + text,
    "a space after": lambda text: text[:-1] + b" \n",
    "not UTF-8": lambda text: text.replace(b"organisations", b"organis\xffations"),
    "a lone surrogate": lambda text: text.replace(b'"state":{', b'"state":{"name":"\\ud800",'),
    "a name twice": lambda text: text.replace(b'"state":{', b'"state":{"id":"did:example:mallory",'),
    "not a number": lambda text: text.replace(b'"parameters":{', b'"parameters":{"ttl":NaN,'),
    "infinity": lambda text: text.replace(b'"parameters":{', b'"parameters":{"ttl":1e999,'),
    "a number beyond 2^53": lambda text: text.replace(b'"state":{', b'"state":{"n":9007199254740993,'),
    "a number of ten thousand digits": lambda text: text.replace(
        b'"state":{', b'"state":{"n":' + b"9" * 10_000 + b","
    ),
    "deeper than any document": lambda text: text.replace(
        b'"state":{', b'"state":{"deep":' + b"[" * 70 + b"]" * 70 + b","
    ),
    "deeper than the stack": lambda text: text.replace(
        b'"state":{', b'"state":{"deep":' + b"[" * 50_000 + b"]" * 50_000 + b","
    ),
    "two objects on a line": lambda text: text.replace(b"\n", b"", 1),
    "an array of entries": lambda text: b"[" + text.replace(b"\n", b",", 1).strip() + b"]",
    "a zero byte": lambda text: text.replace(b"\n", b"\0\n", 1),
}


@pytest.mark.parametrize("name", SPELT)
async def test_a_log_that_two_readers_could_read_differently_is_refused(name: str) -> None:
    scribe = await a_log()

    assert refused(SPELT[name](scribe.text), scribe.did) is Reason.BAD_LOG


async def test_a_log_without_its_last_line_feed_is_the_same() -> None:
    scribe = await a_log()

    assert verify_history(scribe.text[:-1], scribe.did, now=LATER) == verify_history(
        scribe.text, scribe.did, now=LATER
    )


async def test_a_huge_log_is_refused_unread() -> None:
    scribe = await Scribe.begun()

    assert refused(b"x" * (MAX_LOG_BYTES + 1), scribe.did) is Reason.TOO_LARGE


async def test_a_log_of_too_many_entries_is_refused_unread() -> None:
    scribe = await Scribe.begun()

    assert refused(b"{}\n" * (MAX_ENTRIES + 1), scribe.did) is Reason.TOO_LARGE


async def test_too_many_entries_after_those_that_are_known_are_refused() -> None:
    scribe = await Scribe.begun()
    known = verify_entries(scribe.text, scribe.did, now=LATER)

    with pytest.raises(DocumentRefused) as refusal:
        verify_entries(scribe.text + b"{}\n" * MAX_ENTRIES, scribe.did, now=LATER, known=known)

    assert refusal.value.reason is Reason.TOO_LARGE


async def test_a_huge_document_is_refused() -> None:
    scribe = await (await Scribe.begun()).add(state={"name": "x" * MAX_ENTRY_BYTES})

    assert refused(scribe.text, scribe.did) is Reason.TOO_LARGE


async def test_the_log_of_another_did_is_refused() -> None:
    scribe, other = await a_log(), await Scribe.begun(ttl=7)

    assert refused(other.text, scribe.did) is Reason.OTHER_IDENTIFIER


async def test_a_log_that_went_over_into_another_dids_is_refused() -> None:
    scribe, other = await a_log(), await (await Scribe.begun(ttl=7)).add()

    assert refused(joined([scribe.entries[0], other.entries[1]]), scribe.did) is Reason.BAD_MOVE


@pytest.mark.parametrize(
    "did",
    [
        "did:webvh:{scid}:127.0.0.1",
        "did:webvh:{scid}:127%2E0%2E0%2E1",
        "did:webvh:{scid}:localhost",
        f"did:webvh:{{scid}}:{HOST}%3A8443",
        f"did:webvh:{{scid}}:{HOST}%3a8443",
        f"did:webvh:{{scid}}:{HOST}:8443:..",
        f"did:webvh:{{scid}}:{HOST}:..:..:etc",
        f"did:webvh:{{scid}}:{HOST}:%2e%2e",
        f"did:webvh:{{scid}}:{HOST}:.",
        f"did:webvh:{{scid}}:{HOST}:",
        f"did:webvh:{{scid}}:{HOST}:a/b",
        f"did:webvh:{{scid}}:{HOST}#key",
        f"did:webvh:{{scid}}:{HOST}?versionId=1",
        f"did:webvh:{{scid}}:user@{HOST}",
        f"did:webvh:{{scid}}:{HOST}\n",
        "did:webvh:{scid}:reg\u0456stry.example",  # a Cyrillic letter
        "did:webvh:{scid}",
        f"did:webvh::{HOST}",
        f"did:webvh:{{scid}}0OIl:{HOST}",
        f"did:web:{HOST}",
        f"DID:webvh:{{scid}}:{HOST}",
    ],
)
def test_an_identifier_that_leads_elsewhere_is_refused_before_anybody_is_asked(did: str) -> None:
    with pytest.raises(DocumentRefused) as refusal:
        WebvhDid.parse(did.format(scid="Qm" + "1" * 44))

    assert refusal.value.reason is Reason.BAD_IDENTIFIER


async def test_a_refusal_says_which_entry_it_is_about() -> None:
    scribe = await (await a_log()).add(by=STRANGER)

    with pytest.raises(DocumentRefused, match="entry 3: who signed the entry may not"):
        verify_history(scribe.text, scribe.did, now=LATER)


# Moving, as it may be


async def test_a_did_that_moved_is_found_under_its_new_name_and_frozen_under_the_old() -> None:
    scribe = await Scribe.begun(portable=True)
    old, frozen = scribe.did, scribe.text
    await scribe.moved(f"elsewhere.example:{PLACE}")
    await scribe.add()

    new = verify_history(scribe.text, scribe.did, now=LATER)

    assert (new.did.scid, new.did.host) == (old.scid, "elsewhere.example")
    assert new.document_json["alsoKnownAs"] == [str(old)]
    assert str(verify_history(frozen, old, now=LATER).document.id) == str(old)
    assert refused(scribe.text, old) is Reason.OTHER_IDENTIFIER


async def test_a_did_may_end_with_nobody_who_could_go_on() -> None:
    scribe = await an_entry_with(deactivated=True, updateKeys=[])

    assert verify_history(scribe.text, scribe.did, now=LATER).deactivated


async def test_a_did_may_end_by_its_announced_key() -> None:
    scribe = await announced(updateKeys=[name_of(NEXT)], nextKeyHashes=[], deactivated=True)

    assert verify_history(scribe.text, scribe.did, now=LATER).deactivated


# What is known is not verified again


async def test_of_a_log_that_grew_only_new_entries_are_verified() -> None:
    scribe = await a_log()
    known = verify_entries(scribe.text, scribe.did, now=LATER)
    # Its first entry has no right signature, which is not looked at again: bytes are compared.
    entries = [scribe.entries[0] | {"proof": []}, scribe.entries[1]]
    distorted = _with_entries(known, entries)
    await scribe.add()

    grown = verify_entries(
        joined(entries) + joined(scribe.entries[2:]), scribe.did, now=LATER, known=distorted
    )

    assert grown.version_ids == tuple(scribe.version_ids)
    assert grown.document_json == scribe.document


def _with_entries(log: VerifiedLog, entries: list[dict[str, Any]]) -> VerifiedLog:
    return replace(log, entries=tuple(joined(entries).splitlines()))


async def test_a_log_read_in_parts_is_the_log_read_at_once() -> None:
    scribe = await Scribe.begun(nextKeyHashes=[hash_of(NEXT)])
    known = verify_entries(scribe.text, scribe.did, now=LATER)
    await scribe.add(by=NEXT, updateKeys=[name_of(NEXT)], nextKeyHashes=[hash_of(AFTER)])
    await scribe.add(by=AFTER, updateKeys=[name_of(AFTER)], nextKeyHashes=[])
    await scribe.add(by=AFTER)

    whole = verify_entries(scribe.text, scribe.did, now=LATER)

    assert verify_entries(scribe.text, scribe.did, now=LATER, known=known) == whole
    assert verify_entries(scribe.text, scribe.did, now=LATER, known=whole) == whole
    assert (whole.update_keys, whole.next_key_hashes) == ((name_of(AFTER),), ())


async def test_new_entries_are_verified_as_strictly_as_in_a_whole_log() -> None:
    scribe = await Scribe.begun(nextKeyHashes=[hash_of(NEXT)])
    known = verify_entries(scribe.text, scribe.did, now=LATER)
    await scribe.add(by=NEXT, updateKeys=[name_of(AFTER)], nextKeyHashes=[])

    with pytest.raises(DocumentRefused) as refusal:
        verify_entries(scribe.text, scribe.did, now=LATER, known=known)

    assert refusal.value.reason is Reason.KEY_NOT_COMMITTED


async def test_what_was_known_of_another_log_is_no_help() -> None:
    scribe, other = await a_log(), await (await Scribe.begun(ttl=7)).add()
    known = verify_entries(other.text, other.did, now=LATER)

    assert verify_entries(scribe.text, scribe.did, now=LATER, known=known).did == scribe.did


# Whatever else


@pytest.fixture(scope="module")
async def honest() -> Scribe:
    scribe = await Scribe.begun(nextKeyHashes=[hash_of(NEXT)], portable=True)
    await scribe.add(by=NEXT, updateKeys=[name_of(NEXT)], nextKeyHashes=[hash_of(AFTER)])
    await scribe.add(by=AFTER, updateKeys=[name_of(AFTER)], nextKeyHashes=[])
    return scribe


async def test_an_honest_log_is_read_as_the_library_reads_it(honest: Scribe) -> None:
    assert verify_history(honest.text, honest.did, now=LATER).document_json == by_the_library(honest.text)


_JUNK = st.sampled_from(
    [b"", b"\n", b"\r", b"\0", b" ", b"{", b"}", b'"', b"\\u0000", b"\xff", b"0", b"-", b"e9", b","]
)
_BYTES = _JUNK | st.binary(max_size=4)


@given(edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), _BYTES), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_a_log_whose_bytes_were_changed_is_refused_or_says_the_same(
    honest: Scribe, edits: list[tuple[float, int, bytes]]
) -> None:
    text = honest.text
    for place, removed, put in edits:
        start = int(place * len(text))
        text = text[:start] + put + text[start + removed :]

    _refused_or_the_same(text, honest)


@given(order=st.lists(st.integers(0, 2), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_log_whose_entries_were_shuffled_is_refused_or_says_the_same(
    honest: Scribe, order: list[int]
) -> None:
    text = joined([honest.entries[index] for index in order])
    if order and text != honest.text and order == list(range(len(order))):
        return  # an older state of it, whose roll-back is for those to notice who saw more

    _refused_or_the_same(text, honest)


def _refused_or_the_same(text: bytes, honest: Scribe) -> None:
    try:
        log = verify_history(text, honest.did, now=LATER)
    except DocumentRefused:
        return
    assert log.version_number < len(honest.entries) or log.document_json == honest.document


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_PARAMETER = st.sampled_from(
    [
        "updateKeys",
        "nextKeyHashes",
        "witness",
        "watchers",
        "ttl",
        "portable",
        "deactivated",
        "method",
        "scid",
        "",
    ]
)
_MEMBER = st.sampled_from(["alsoKnownAs", "controller", "verificationMethod", "service", "@context", "x"])


@given(
    parameters=st.dictionaries(_PARAMETER, _JSON, max_size=2),
    state=st.dictionaries(_MEMBER, _JSON, max_size=2),
)
@settings(max_examples=200, deadline=None)
def test_whatever_a_stranger_signs_is_taken_only_if_the_library_takes_it_too(
    signing: Callable[[dict[str, Any], dict[str, Any]], Scribe],
    parameters: dict[str, Any],
    state: dict[str, Any],
) -> None:
    try:
        scribe = signing(parameters, state)
    except Exception:  # noqa: BLE001 - what has no canonical form nobody can sign
        return

    try:
        log = verify_entries(scribe.text, scribe.did, now=LATER)
    except DocumentRefused:
        return
    assert log.document_json == by_the_library(scribe.text)


@pytest.fixture(scope="module")
async def signing() -> Callable[[dict[str, Any], dict[str, Any]], Scribe]:
    begun = await Scribe.begun()

    def sign(parameters: dict[str, Any], state: dict[str, Any]) -> Scribe:
        scribe = Scribe(begun.key, list(begun.entries), begun.document)
        steps = scribe.add(state=state, **parameters)
        try:
            steps.send(None)  # nothing in it waits: a key in memory signs at once
        except StopIteration:
            return scribe
        raise AssertionError("signing waits for something")

    return sign
