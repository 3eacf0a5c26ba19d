"""What a reader believes, keeps, and asks again."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.attested_resources import ResourceType, StatusListLink
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable, Reason
from signed_documents.identifiers import ResourceId
from signed_documents.resolution import DOCUMENT_LIFETIME, WebvhReader
from tests.support.signing import NOON, Clock, Publisher, Web, a_publisher

REGISTRY = ResourceType.REVOCATION_REGISTRY
LIST = ResourceType.STATUS_LIST
T0 = int(NOON.timestamp())


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON + timedelta(hours=1))


@pytest.fixture
def reader(web: Web, clock: Clock) -> WebvhReader:
    return WebvhReader(web, clock=clock)


@pytest.fixture
async def publisher() -> Publisher:
    return await a_publisher()


async def a_registry_with(
    publisher: Publisher, *revoked: tuple[int, ...], step: int = 10
) -> tuple[str, list[dict[str, Any]]]:
    """A registry with one status list for each of `revoked`, `step` seconds apart."""
    registry_id = (await publisher.resource(publisher.registry(), REGISTRY))["id"]
    lists, links = [], []
    for number, indexes in enumerate(revoked):
        timestamp = T0 + step * number
        lists.append(await publisher.resource(publisher.status_list(registry_id, timestamp, *indexes), LIST))
        links.append(StatusListLink(ResourceId.parse(lists[-1]["id"]), timestamp))
    registry = await publisher.resource(publisher.registry(), REGISTRY, links=tuple(links))
    return registry_id, [*lists, registry]


async def reason(awaitable: Any) -> Reason:
    with pytest.raises(DocumentRefused) as refused:
        await awaitable
    return refused.value.reason


async def test_a_schema_is_read_once_and_kept(reader: WebvhReader, web: Web, publisher: Publisher) -> None:
    resource = await publisher.resource(publisher.schema())
    web.publish(publisher, resource)

    first = await reader.resource(resource["id"], ResourceType.SCHEMA)
    second = await reader.resource(resource["id"], ResourceType.SCHEMA)

    assert first == second
    assert first.content == publisher.schema()
    assert len(web.asked) == 2  # the resource, and the log of its signer


async def test_a_resource_of_another_type_is_refused(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    resource = await publisher.resource(publisher.schema())
    web.publish(publisher, resource)

    assert await reason(reader.resource(resource["id"], REGISTRY)) is Reason.WRONG_TYPE


async def test_silence_is_unavailable_and_absence_is_not_found(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    with pytest.raises(DocumentNotFound):
        await reader.log(publisher.did)

    web.pages[publisher.log.did.log_url] = DocumentUnavailable("the host did not answer")
    with pytest.raises(DocumentUnavailable):
        await reader.log(publisher.did)


async def test_a_resource_is_not_believed_while_its_signers_log_does_not_answer(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    resource = await publisher.resource(publisher.schema())
    web.publish(publisher, resource)
    web.pages[publisher.log.did.log_url] = DocumentUnavailable("the host did not answer")

    with pytest.raises(DocumentUnavailable):
        await reader.resource(resource["id"], ResourceType.SCHEMA)


@pytest.mark.parametrize("answer", [b"", b"<html>", b"\xff", b"[" * 100_000])
async def test_an_answer_that_is_not_json_is_refused(
    reader: WebvhReader, web: Web, publisher: Publisher, answer: bytes
) -> None:
    resource = await publisher.resource(publisher.schema())
    web.publish(publisher, resource)
    web.pages[ResourceId.parse(resource["id"]).url] = answer

    assert await reason(reader.resource(resource["id"], ResourceType.SCHEMA)) is Reason.MALFORMED


async def test_a_document_is_read_again_after_its_lifetime(
    reader: WebvhReader, web: Web, clock: Clock, publisher: Publisher
) -> None:
    web.publish(publisher)
    await reader.log(publisher.did)
    await reader.log(publisher.did)
    assert len(web.asked) == 1

    clock.pass_time(DOCUMENT_LIFETIME)
    await reader.log(publisher.did)

    assert len(web.asked) == 2


async def test_a_log_that_lost_entries_is_refused(
    reader: WebvhReader, web: Web, clock: Clock, publisher: Publisher
) -> None:
    web.publish(await publisher.rotated(created=NOON + timedelta(minutes=1)))
    await reader.log(publisher.did)

    web.publish(publisher)
    clock.pass_time(DOCUMENT_LIFETIME)

    assert await reason(reader.log(publisher.did)) is Reason.ROLLED_BACK


async def test_a_resource_of_a_key_newer_than_the_kept_document_is_read(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    web.publish(publisher)
    await reader.log(publisher.did)
    rotated = await publisher.rotated(
        created=NOON + timedelta(minutes=1), resource_key=Ed25519PrivateKey.generate()
    )
    resource = await rotated.resource(rotated.schema())
    web.publish(rotated, resource)

    assert (await reader.resource(resource["id"], ResourceType.SCHEMA)).name == "a name"


async def test_the_status_list_that_holds_at_a_time_is_the_last_before_it(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    registry_id, resources = await a_registry_with(publisher, (), (2,), (2, 3))
    web.publish(publisher, *resources)

    assert (await reader.status_list(registry_id)).revoked == (False, False, True, True, False)
    assert (await reader.status_list(registry_id, at=T0 + 19)).revoked == (False, False, True, False, False)
    assert (await reader.status_list(registry_id, at=T0 + 10)).timestamp == T0 + 10
    assert (await reader.status_list(registry_id, at=T0)).revoked == (False,) * 5


async def test_before_the_first_status_list_there_is_none(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    registry_id, resources = await a_registry_with(publisher, ())
    web.publish(publisher, *resources)

    with pytest.raises(DocumentNotFound):
        await reader.status_list(registry_id, at=T0 - 1)


async def test_a_registry_is_never_kept(reader: WebvhReader, web: Web, publisher: Publisher) -> None:
    registry_id, resources = await a_registry_with(publisher, ())
    web.publish(publisher, *resources)
    assert not any((await reader.status_list(registry_id)).revoked)

    _, resources = await a_registry_with(publisher, (), (4,))
    web.publish(publisher, *resources)

    assert (await reader.status_list(registry_id)).revoked[4]


async def test_a_registry_that_lost_a_status_list_is_refused(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    registry_id, resources = await a_registry_with(publisher, (), (4,))
    web.publish(publisher, *resources)
    await reader.status_list(registry_id)

    _, resources = await a_registry_with(publisher, ())
    web.publish(publisher, *resources)

    assert await reason(reader.status_list(registry_id)) is Reason.ROLLED_BACK


async def test_a_registry_that_does_not_answer_is_unavailable_and_never_not_revoked(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    registry_id, resources = await a_registry_with(publisher, ())
    web.publish(publisher, *resources)
    await reader.status_list(registry_id)

    web.pages[ResourceId.parse(registry_id).url] = DocumentUnavailable("the host did not answer")

    with pytest.raises(DocumentUnavailable):
        await reader.status_list(registry_id)


@pytest.mark.parametrize(
    "changes",
    [
        {"timestamp": T0 + 1},
        {"revRegDefId": "did:webvh:another"},
        {"revocationList": "00000"},
        {"revocationList": [0, 2]},
        {"revocationList": [0, True]},
    ],
)
async def test_a_status_list_that_does_not_fit_its_registry_is_refused(
    reader: WebvhReader, web: Web, publisher: Publisher, changes: dict[str, Any]
) -> None:
    registry_id = (await publisher.resource(publisher.registry(), REGISTRY))["id"]
    content = {**publisher.status_list(registry_id, T0), **changes}
    status = await publisher.resource(content, LIST)
    links = (StatusListLink(ResourceId.parse(status["id"]), T0),)
    web.publish(publisher, status, await publisher.resource(publisher.registry(), REGISTRY, links=links))

    assert await reason(reader.status_list(registry_id)) is Reason.BAD_STATUS_LIST


async def test_a_page_with_another_resource_is_refused(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    wanted = await publisher.resource(publisher.schema())
    other = await publisher.resource(publisher.schema(version="2.0"))
    web.publish(publisher, wanted)
    web.pages[ResourceId.parse(wanted["id"]).url] = json.dumps(other).encode()

    assert await reason(reader.resource(wanted["id"], ResourceType.SCHEMA)) is Reason.OTHER_IDENTIFIER
