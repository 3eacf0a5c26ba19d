"""A status list says what its issuer signed, is valid now, and never goes back."""

import base64
import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from signed_documents.bitstring_status_lists import (
    LONGEST_LIFE,
    SMALLEST,
    Bitstring,
    SignedStatusList,
    StatusListEntry,
    StatusListId,
    StatusPurpose,
    require_current,
    sign_status_list,
    verify_status_list,
)
from signed_documents.errors import DocumentRefused, DocumentUnavailable, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.resolution import WebvhReader
from tests.support.signing import NOON, Clock, Publisher, Web, a_publisher

type Json = dict[str, Any]


@pytest.fixture
async def publisher() -> Publisher:
    return await a_publisher()


def list_of(publisher: Publisher, purpose: StatusPurpose = StatusPurpose.REVOCATION) -> StatusListId:
    return StatusListId.of(WebvhDid.parse(publisher.did), purpose, 1)


async def signed(publisher: Publisher, *set_bits: int, at: timedelta = timedelta(0), **other: Any) -> Json:
    told: Json = {
        "identifier": list_of(publisher),
        "issuer": publisher.did,
        "signer": publisher.signer,
        "life": LONGEST_LIFE,
        "now": NOON + at,
    }
    told |= other
    return await sign_status_list(Bitstring.of(set_bits), told.pop("identifier"), **told)


def verified(document: Json, publisher: Publisher) -> SignedStatusList:
    return verify_status_list(document, list_of(publisher), publisher.log.document)


async def test_a_list_says_which_bits_are_set_and_for_how_long(publisher: Publisher) -> None:
    status_list = verified(await signed(publisher, 0, 9, SMALLEST - 1), publisher)

    assert [index for index in range(SMALLEST) if status_list.bits[index]] == [0, 9, SMALLEST - 1]
    assert status_list.valid_until - status_list.valid_from == LONGEST_LIFE
    require_current(status_list, NOON)


def test_the_first_index_is_the_leftmost_bit() -> None:
    assert Bitstring.of([0, 9]).data[:2] == bytes([0b1000_0000, 0b0100_0000])


def test_the_encoding_is_that_of_the_recommendation() -> None:
    text = Bitstring.of([]).encode()

    packed = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
    assert (text[0], gzip.decompress(packed)) == ("u", bytes(SMALLEST // 8))


def test_what_was_encoded_is_decoded_whatever_is_set() -> None:
    chosen = range(3, SMALLEST, 13)

    assert Bitstring.decode(Bitstring.of(chosen).encode()) == Bitstring.of(chosen)


@pytest.mark.parametrize("index", [-1, SMALLEST])
def test_an_index_out_of_range_is_neither_set_nor_read(index: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        Bitstring.of([index])
    with pytest.raises(DocumentRefused) as refused:
        _ = Bitstring.of([])[index]
    assert refused.value.reason is Reason.BAD_STATUS_LIST


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "H4sIAAAAAAAA",
        "u!!",
        "uAAAA",
        "u" + base64.urlsafe_b64encode(gzip.compress(bytes(8), mtime=0)).decode(),
        "u" + base64.urlsafe_b64encode(gzip.compress(bytes(64 * 1024 * 1024), mtime=0)).decode(),
        Bitstring.of([]).encode()[:-8],
    ],
)
def test_a_list_that_is_none_or_too_short_or_a_bomb_is_refused(text: object) -> None:
    with pytest.raises(DocumentRefused) as refused:
        Bitstring.decode(text)
    assert refused.value.reason is Reason.BAD_STATUS_LIST


def _in_subject(name: str, value: object) -> Callable[[Json], None]:
    return lambda document: document["credentialSubject"].update({name: value})


def _in_document(name: str, value: object) -> Callable[[Json], None]:
    return lambda document: document.update({name: value})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_in_subject("encodedList", Bitstring.of([]).encode()), Reason.BAD_SIGNATURE),
        (_in_subject("statusPurpose", "suspension"), Reason.BAD_SIGNATURE),
        (_in_document("validUntil", "2030-01-01T00:00:00Z"), Reason.BAD_SIGNATURE),
        (_in_document("@context", ["https://www.w3.org/ns/credentials/v2", "x:y"]), Reason.BAD_SIGNATURE),
        (_in_document("id", "https://elsewhere.example/status/revocation/1"), Reason.OTHER_IDENTIFIER),
        (_in_document("type", ["VerifiableCredential"]), Reason.WRONG_TYPE),
        (_in_document("proof", None), Reason.UNSUPPORTED_PROOF),
    ],
)
async def test_a_tampered_list_is_refused_with_its_reason(
    publisher: Publisher, change: Callable[[Json], None], reason: Reason
) -> None:
    document = await signed(publisher, 5)
    change(document)

    with pytest.raises(DocumentRefused) as refused:
        verified(document, publisher)
    assert refused.value.reason is reason


async def test_nobody_publishes_a_list_for_another_issuer(publisher: Publisher) -> None:
    other = await a_publisher("southmoor")
    as_other = await signed(publisher, issuer=other.did)
    by_other = await signed(publisher, signer=other.signer)

    for document, reason in ((as_other, Reason.OTHER_ISSUER), (by_other, Reason.OTHER_SIGNER)):
        with pytest.raises(DocumentRefused) as refused:
            verified(document, publisher)
        assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("life", "at"),
    [
        (LONGEST_LIFE, LONGEST_LIFE),
        (LONGEST_LIFE, -timedelta(minutes=6)),
        (timedelta(hours=2), timedelta(0)),
    ],
)
async def test_a_list_that_ran_out_or_begins_later_or_lives_too_long_does_not_count(
    publisher: Publisher, life: timedelta, at: timedelta
) -> None:
    status_list = verified(await signed(publisher, life=life), publisher)

    with pytest.raises(DocumentRefused) as refused:
        require_current(status_list, NOON + at)
    assert refused.value.reason is Reason.EXPIRED


def test_an_entry_is_read_as_it_was_written() -> None:
    entry = StatusListEntry.parse("https://registry.example.test/organisations/a/status/revocation/1#94567")

    assert StatusListEntry.read(entry.to_json()) == entry
    assert entry.to_json() == {
        "id": "https://registry.example.test/organisations/a/status/revocation/1#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": "https://registry.example.test/organisations/a/status/revocation/1",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"statusListIndex": "94568"},
        {"statusListIndex": 94567},
        {"statusListIndex": "-1"},
        {"statusPurpose": "message"},
        {"statusPurpose": "suspension"},
        {"statusListCredential": "https://elsewhere.example/status/revocation/1"},
        {"statusListCredential": "https://elsewhere.example/lists/1"},
        {"type": "StatusList2021Entry"},
        {"statusSize": 2},
    ],
)
def test_an_entry_that_contradicts_itself_is_refused(change: Json) -> None:
    entry = StatusListEntry.parse("https://registry.example.test/status/revocation/1#94567").to_json()

    with pytest.raises(DocumentRefused):
        StatusListEntry.read(entry | change)


# Read off the web


async def published(web: Web, publisher: Publisher, *set_bits: int, **other: Any) -> None:
    document = await signed(publisher, *set_bits, **other)
    web.publish(publisher)
    web.pages[document["id"]] = json.dumps(document).encode()


async def test_a_list_is_read_anew_each_time(publisher: Publisher) -> None:
    web, clock = Web(), Clock()
    reader = WebvhReader(web, clock=clock)
    await published(web, publisher)
    before = await reader.bitstring_status_list(list_of(publisher), publisher.did)
    await published(web, publisher, 7, at=timedelta(seconds=1))

    after = await reader.bitstring_status_list(list_of(publisher), publisher.did)

    assert (before.bits[7], after.bits[7]) == (False, True)


async def test_an_older_list_than_one_seen_before_is_refused(publisher: Publisher) -> None:
    web = Web()
    reader = WebvhReader(web, clock=Clock())
    await published(web, publisher, 7, at=timedelta(seconds=1))
    await reader.bitstring_status_list(list_of(publisher), publisher.did)
    await published(web, publisher)

    with pytest.raises(DocumentRefused) as refused:
        await reader.bitstring_status_list(list_of(publisher), publisher.did)
    assert refused.value.reason is Reason.ROLLED_BACK


async def test_a_list_that_nobody_answers_for_is_unavailable(publisher: Publisher) -> None:
    web = Web()
    await published(web, publisher)
    web.pages[str(list_of(publisher))] = DocumentUnavailable("no answer")

    with pytest.raises(DocumentUnavailable):
        await WebvhReader(web, clock=Clock()).bitstring_status_list(list_of(publisher), publisher.did)


async def test_a_list_is_not_taken_for_one_of_another_issuer(publisher: Publisher) -> None:
    """A credential of one organisation that points to the list of another."""
    web, other = Web(), await a_publisher("southmoor")
    await published(web, publisher)
    web.publish(other)

    with pytest.raises(DocumentRefused) as refused:
        await WebvhReader(web, clock=Clock()).bitstring_status_list(list_of(publisher), other.did)
    assert refused.value.reason is Reason.OTHER_ISSUER
