"""What the registry takes, and why it takes nothing else."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.kinds import LOG, REVOCATION_REGISTRY
from registry.problems import WriteConflict
from registry.publishing import Outcome, Publications
from registry.store import Store
from signed_documents.attested_resources import ResourceType, StatusListLink
from signed_documents.bitstring_status_lists import (
    LONGEST_LIFE,
    SMALLEST,
    Bitstring,
    StatusListId,
    StatusPurpose,
    sign_status_list,
)
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import ResourceId
from tests.support.signing import HOST, NOON, Clock, Publisher, a_publisher

NAMESPACE = "organisations/northmoor"
REGISTRY = ResourceType.REVOCATION_REGISTRY
LIST = ResourceType.STATUS_LIST
T0 = int(NOON.timestamp())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def publications(store: Store) -> Publications:
    return Publications(store, f"https://{HOST}", Clock(NOON + timedelta(hours=1)))


@pytest.fixture
async def publisher(publications: Publications) -> Publisher:
    made = await a_publisher()
    publications.publish_log(NAMESPACE, made.log.text)
    return made


def reason(write: Callable[[], Outcome]) -> Reason:
    with pytest.raises(DocumentRefused) as refused:
        write()
    return refused.value.reason


class Writing:
    """One organisation's writes, for tests that make many."""

    def __init__(self, publications: Publications, publisher: Publisher) -> None:
        self.publications = publications
        self.publisher = publisher

    def put(self, resource: dict[str, Any]) -> Outcome:
        digest = ResourceId.parse(resource["id"]).digest
        return self.publications.publish_resource(NAMESPACE, digest, json.dumps(resource).encode())

    async def status_list(self, timestamp: int, *revoked: int, size: int = 5) -> StatusListLink:
        registry_id = (await self.publisher.resource(self.publisher.registry(), REGISTRY))["id"]
        content = self.publisher.status_list(registry_id, timestamp, *revoked, size=size)
        resource = await self.publisher.resource(content, LIST)
        self.put(resource)
        return StatusListLink(ResourceId.parse(resource["id"]), timestamp)

    async def registry(self, *links: StatusListLink) -> dict[str, Any]:
        return await self.publisher.resource(self.publisher.registry(), REGISTRY, links=links)


@pytest.fixture
def writing(publications: Publications, publisher: Publisher) -> Writing:
    return Writing(publications, publisher)


async def test_a_log_is_taken_once_and_may_come_twice(publications: Publications) -> None:
    made = await a_publisher()

    assert publications.publish_log(NAMESPACE, made.log.text) is Outcome.CREATED
    assert publications.publish_log(NAMESPACE, made.log.text) is Outcome.UNCHANGED


async def test_a_log_may_grow(publications: Publications, publisher: Publisher, store: Store) -> None:
    rotated = await publisher.rotated(created=NOON + timedelta(minutes=1))

    assert publications.publish_log(NAMESPACE, rotated.log.text) is Outcome.EXTENDED

    stored = store.read(LOG, namespace=NAMESPACE)
    assert stored is not None
    assert stored.body == rotated.log.text


async def test_of_two_writers_of_one_log_the_second_is_told_of_the_conflict(
    publications: Publications, publisher: Publisher, store: Store
) -> None:
    mine = await publisher.rotated(created=NOON + timedelta(minutes=1))
    theirs = await publisher.rotated(created=NOON + timedelta(minutes=2))
    publications.publish_log(NAMESPACE, mine.log.text)

    with pytest.raises(WriteConflict):
        publications.publish_log(NAMESPACE, theirs.log.text)

    stored = store.read(LOG, namespace=NAMESPACE)
    assert stored is not None
    assert stored.body == mine.log.text


async def test_a_log_cannot_be_shortened(publications: Publications, publisher: Publisher) -> None:
    rotated = await publisher.rotated(created=NOON + timedelta(minutes=1))
    publications.publish_log(NAMESPACE, rotated.log.text)

    with pytest.raises(WriteConflict):
        publications.publish_log(NAMESPACE, publisher.log.text)


async def test_another_did_cannot_take_the_place_of_one(
    publications: Publications, publisher: Publisher
) -> None:
    usurper = await a_publisher()

    with pytest.raises(WriteConflict):
        publications.publish_log(NAMESPACE, usurper.log.text)
    assert usurper.did != publisher.did


async def test_a_log_stands_only_where_its_did_leads(publications: Publications) -> None:
    made = await a_publisher("calder-bay")

    assert reason(lambda: publications.publish_log(NAMESPACE, made.log.text)) is Reason.OTHER_IDENTIFIER


@pytest.mark.parametrize("text", [b"", b"null", b"{}", b'{"state": {"id": 7}}', b"\xff"])
async def test_what_is_no_log_is_refused(publications: Publications, text: bytes) -> None:
    assert reason(lambda: publications.publish_log(NAMESPACE, text)) in {
        Reason.BAD_LOG,
        Reason.MALFORMED,
        Reason.BAD_IDENTIFIER,
    }


async def test_a_did_may_be_deactivated_and_nothing_is_taken_from_it_afterwards(
    publications: Publications, publisher: Publisher, store: Store, writing: Writing
) -> None:
    ended = await publisher.log_with_one_more_entry(deactivated=True)
    schema = await publisher.resource(publisher.schema())

    assert publications.publish_log(NAMESPACE, ended) is Outcome.EXTENDED
    assert publications.publish_log(NAMESPACE, ended) is Outcome.UNCHANGED

    stored = store.read(LOG, namespace=NAMESPACE)
    assert stored is not None
    assert stored.body.splitlines() == ended.splitlines()
    assert reason(lambda: writing.put(schema)) is Reason.DEACTIVATED
    with pytest.raises(DocumentRefused) as refused:
        await put_bits(publications, publisher)
    assert refused.value.reason is Reason.DEACTIVATED


async def test_a_resource_is_taken_and_may_come_twice(writing: Writing) -> None:
    resource = await writing.publisher.resource(writing.publisher.schema())

    assert writing.put(resource) is Outcome.CREATED
    assert writing.put(resource) is Outcome.UNCHANGED


async def test_a_tampered_resource_is_refused(writing: Writing) -> None:
    resource = await writing.publisher.resource(writing.publisher.schema())
    resource["metadata"]["resourceName"] = "another name"

    assert reason(lambda: writing.put(resource)) is Reason.BAD_SIGNATURE


async def test_a_resource_of_a_did_that_was_not_published_is_refused(publications: Publications) -> None:
    writing = Writing(publications, await a_publisher())
    resource = await writing.publisher.resource(writing.publisher.schema())

    assert reason(lambda: writing.put(resource)) is Reason.OTHER_SIGNER


async def test_a_resource_of_another_did_of_that_place_is_refused(
    publications: Publications, publisher: Publisher
) -> None:
    usurper = await a_publisher()
    resource = await usurper.resource(usurper.schema())

    assert reason(lambda: Writing(publications, usurper).put(resource)) is Reason.OTHER_IDENTIFIER
    assert usurper.did != publisher.did


async def test_a_resource_stands_only_where_its_id_leads(writing: Writing) -> None:
    resource = await writing.publisher.resource(writing.publisher.schema())
    digest = ResourceId.parse(resource["id"]).digest
    body = json.dumps(resource).encode()

    refused = reason(lambda: writing.publications.publish_resource(NAMESPACE, f"{digest}x", body))

    assert refused is Reason.OTHER_IDENTIFIER


async def test_status_lists_are_appended_and_nothing_else_changes(writing: Writing, store: Store) -> None:
    first, second = await writing.status_list(T0), await writing.status_list(T0 + 10, 2)

    assert writing.put(await writing.registry()) is Outcome.CREATED
    assert writing.put(await writing.registry(first)) is Outcome.EXTENDED
    assert writing.put(await writing.registry(first, second)) is Outcome.EXTENDED
    assert writing.put(await writing.registry(first, second)) is Outcome.UNCHANGED

    registry = await writing.registry(first, second)
    digest = ResourceId.parse(registry["id"]).digest
    stored = store.read(REVOCATION_REGISTRY, namespace=NAMESPACE, digest=digest)
    assert stored is not None
    assert json.loads(stored.body)["links"] == registry["links"]


async def test_of_two_who_append_a_status_list_the_second_is_told_of_the_conflict(writing: Writing) -> None:
    first = await writing.status_list(T0)
    mine, theirs = await writing.status_list(T0 + 10, 1), await writing.status_list(T0 + 20, 2)
    writing.put(await writing.registry(first, mine))
    late = await writing.registry(first, theirs)

    with pytest.raises(WriteConflict):
        writing.put(late)


async def test_a_status_list_cannot_be_taken_away(writing: Writing) -> None:
    first, second = await writing.status_list(T0), await writing.status_list(T0 + 10, 2)
    writing.put(await writing.registry(first, second))
    shorter = await writing.registry(first)

    with pytest.raises(WriteConflict):
        writing.put(shorter)


async def test_a_revocation_cannot_be_taken_back(writing: Writing) -> None:
    first, second = await writing.status_list(T0, 2), await writing.status_list(T0 + 10, 3)
    writing.put(await writing.registry(first))
    taken_back = await writing.registry(first, second)

    assert reason(lambda: writing.put(taken_back)) is Reason.BAD_STATUS_LIST


async def test_a_status_list_of_another_size_is_refused(writing: Writing) -> None:
    first, second = await writing.status_list(T0), await writing.status_list(T0 + 10, size=4)
    resized = await writing.registry(first, second)

    assert reason(lambda: writing.put(resized)) is Reason.BAD_STATUS_LIST


async def test_a_status_list_of_a_time_to_come_is_refused(writing: Writing) -> None:
    premature = await writing.registry(await writing.status_list(T0 + 2 * 3600))

    assert reason(lambda: writing.put(premature)) is Reason.BAD_STATUS_LIST


async def test_a_link_to_a_status_list_that_nobody_can_read_is_refused(
    writing: Writing, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = Publications(
        Store(tmp_path_factory.mktemp("other")), f"https://{HOST}", Clock(NOON + timedelta(hours=1))
    )
    elsewhere.publish_log(NAMESPACE, writing.publisher.log.text)
    link = await Writing(elsewhere, writing.publisher).status_list(T0)
    dangling = await writing.registry(link)

    assert reason(lambda: writing.put(dangling)) is Reason.BAD_STATUS_LIST


def test_a_context_never_changes_under_its_version(publications: Publications) -> None:
    body = json.dumps({"@context": {"employer": "https://registry.example.test/vocab#employer"}}).encode()

    assert publications.publish_context("staff", "v1", body) is Outcome.CREATED
    assert publications.publish_context("staff", "v1", body) is Outcome.UNCHANGED
    with pytest.raises(WriteConflict):
        publications.publish_context("staff", "v1", b'{"@context": {}}')
    assert publications.publish_context("staff", "v2", b'{"@context": {}}') is Outcome.CREATED


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>"])
def test_what_is_no_context_is_refused(publications: Publications, body: bytes) -> None:
    assert reason(lambda: publications.publish_context("staff", "v1", body)) is Reason.MALFORMED


# Bitstring status lists

NOW = NOON + timedelta(hours=1)


async def put_bits(
    publications: Publications,
    publisher: Publisher,
    *set_bits: int,
    at: timedelta = timedelta(0),
    purpose: StatusPurpose = StatusPurpose.REVOCATION,
    length: int = SMALLEST,
    life: timedelta = LONGEST_LIFE,
) -> Outcome:
    document = await sign_status_list(
        Bitstring.of(set_bits, length=length),
        StatusListId.of(publisher.log.did, purpose, 1),
        issuer=publisher.did,
        signer=publisher.signer,
        now=NOW + at,
        life=life,
    )
    return publications.publish_status_list(NAMESPACE, purpose, "1", json.dumps(document).encode())


async def test_a_newer_version_of_a_status_list_takes_the_place_of_the_last(
    publications: Publications, publisher: Publisher
) -> None:
    first = await put_bits(publications, publisher, 5)
    second = await put_bits(publications, publisher, 5, 6, at=timedelta(microseconds=1))

    assert (first, second) == (Outcome.CREATED, Outcome.EXTENDED)


async def test_an_older_version_of_a_status_list_is_refused(
    publications: Publications, publisher: Publisher
) -> None:
    await put_bits(publications, publisher, 5)

    with pytest.raises(WriteConflict):
        await put_bits(publications, publisher, 5, 6, at=-timedelta(seconds=1))


async def test_a_revocation_cannot_be_taken_back_and_a_suspension_can(
    publications: Publications, publisher: Publisher
) -> None:
    for purpose in StatusPurpose:
        await put_bits(publications, publisher, 5, purpose=purpose)
    later = timedelta(seconds=1)

    with pytest.raises(DocumentRefused) as refused:
        await put_bits(publications, publisher, at=later)
    assert refused.value.reason is Reason.BAD_STATUS_LIST
    assert (
        await put_bits(publications, publisher, at=later, purpose=StatusPurpose.SUSPENSION)
        is Outcome.EXTENDED
    )


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"at": timedelta(minutes=6)}, Reason.EXPIRED),
        ({"at": -LONGEST_LIFE}, Reason.EXPIRED),
        ({"life": timedelta(days=1)}, Reason.EXPIRED),
        ({"length": SMALLEST * 2, "at": timedelta(seconds=1)}, Reason.BAD_STATUS_LIST),
    ],
)
async def test_a_status_list_of_another_time_or_length_is_refused(
    publications: Publications, publisher: Publisher, wrong: dict[str, Any], reason: Reason
) -> None:
    await put_bits(publications, publisher)

    with pytest.raises(DocumentRefused) as refused:
        await put_bits(publications, publisher, **wrong)
    assert refused.value.reason is reason


async def test_nobody_publishes_a_status_list_in_another_namespace(
    publications: Publications, publisher: Publisher
) -> None:
    stranger = await a_publisher("southmoor")

    with pytest.raises(DocumentRefused):
        await put_bits(publications, stranger)


# A key that was taken out


@pytest.fixture
async def renewed(publisher: Publisher) -> Publisher:
    """The organisation once it has taken its old key out of its DID document."""
    return await publisher.rotated(
        created=NOON + timedelta(minutes=1), resource_key=Ed25519PrivateKey.generate()
    )


async def test_what_a_key_signed_that_was_taken_out_keeps_nobody_from_publishing_status_lists(
    publications: Publications, publisher: Publisher, renewed: Publisher
) -> None:
    await put_bits(publications, publisher, 5)
    publications.publish_log(NAMESPACE, renewed.log.text)
    later = timedelta(seconds=1)

    with pytest.raises(DocumentRefused) as old_key:
        await put_bits(publications, publisher, 5, 6, at=later)
    with pytest.raises(DocumentRefused) as taken_back:
        await put_bits(publications, renewed, 6, at=later)

    assert await put_bits(publications, renewed, 5, 6, at=later) is Outcome.EXTENDED
    assert old_key.value.reason is Reason.KEY_NOT_ASSERTED
    assert taken_back.value.reason is Reason.BAD_STATUS_LIST


async def test_what_a_key_signed_that_was_taken_out_keeps_nobody_from_appending_to_a_registry(
    publications: Publications, writing: Writing, renewed: Publisher
) -> None:
    first = await writing.status_list(T0, 2)
    writing.put(await writing.registry(first))
    publications.publish_log(NAMESPACE, renewed.log.text)
    again = Writing(publications, renewed)
    taken_back = await again.registry(first, await again.status_list(T0 + 10, 3))
    second = await again.status_list(T0 + 20, 2, 3)

    assert reason(lambda: again.put(taken_back)) is Reason.BAD_STATUS_LIST
    assert again.put(await again.registry(first, second)) is Outcome.EXTENDED
