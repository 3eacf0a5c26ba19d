"""What a reader believes, keeps, and asks again."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.attested_resources import ResourceType, StatusListLink
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable, Reason
from signed_documents.identifiers import ResourceId
from signed_documents.resolution import DOCUMENT_LIFETIME, WebvhReader
from tests.support.scribe import PLACE, Scribe
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


async def test_a_log_that_did_not_change_is_not_verified_again(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    web.publish(publisher)
    first = await reader.log(publisher.did)

    assert await reader.log(publisher.did, fresh=True) is first
    assert len(web.asked) == 2


async def test_a_deactivated_did_stays_so_whatever_its_host_says_later(
    reader: WebvhReader, web: Web, clock: Clock, publisher: Publisher
) -> None:
    web.publish(publisher)
    await reader.log(publisher.did)
    web.pages[publisher.log.did.log_url] = await publisher.log_with_one_more_entry(deactivated=True)
    clock.pass_time(DOCUMENT_LIFETIME)
    assert await reason(reader.log(publisher.did)) is Reason.DEACTIVATED
    assert await reason(reader.log(publisher.did)) is Reason.DEACTIVATED

    web.publish(publisher)
    clock.pass_time(DOCUMENT_LIFETIME)

    assert await reason(reader.log(publisher.did)) is Reason.ROLLED_BACK


async def test_a_log_whose_last_entry_was_replaced_is_refused(
    reader: WebvhReader, web: Web, clock: Clock, publisher: Publisher
) -> None:
    web.publish(await publisher.rotated(created=NOON + timedelta(minutes=1)))
    await reader.log(publisher.did)

    web.publish(await publisher.rotated(created=NOON + timedelta(minutes=2)))
    clock.pass_time(DOCUMENT_LIFETIME)

    assert await reason(reader.log(publisher.did)) is Reason.ROLLED_BACK


@dataclass
class Slow:
    """A web of which one answer, the first at a URL, arrives only when it is let through."""

    web: Web
    url: str
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    let_through: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, url: str) -> bytes:
        answer = await self.web(url)
        if url == self.url and not self.asked.is_set():
            self.asked.set()
            await self.let_through.wait()
        return answer


async def test_an_answer_that_was_overtaken_by_a_newer_one_is_not_taken_for_a_roll_back(
    web: Web, clock: Clock, publisher: Publisher
) -> None:
    slow = Slow(web, publisher.log.did.log_url)
    reader = WebvhReader(slow, clock=clock)
    web.publish(publisher)
    overtaken = asyncio.create_task(reader.log(publisher.did))
    await slow.asked.wait()
    web.publish(await publisher.rotated(created=NOON + timedelta(minutes=1)))
    newer = await reader.log(publisher.did)
    slow.let_through.set()

    assert await overtaken is newer
    assert await reader.log(publisher.did) is newer


async def test_a_registry_read_before_it_grew_is_no_roll_back_and_is_not_forgotten_to_have_grown(
    web: Web, clock: Clock, publisher: Publisher
) -> None:
    registry_id, before = await a_registry_with(publisher, ())
    _, after = await a_registry_with(publisher, (), (4,))
    slow = Slow(web, ResourceId.parse(registry_id).url)
    reader = WebvhReader(slow, clock=clock)
    web.publish(publisher, *before)
    overtaken = asyncio.create_task(reader.status_list(registry_id))
    await slow.asked.wait()
    web.publish(publisher, *after)
    assert (await reader.status_list(registry_id)).revoked[4]
    slow.let_through.set()
    assert not (await overtaken).revoked[4]

    web.publish(publisher, *before)

    assert await reason(reader.status_list(registry_id)) is Reason.ROLLED_BACK


async def test_two_answers_at_once_that_contradict_each_other_are_refused(
    web: Web, clock: Clock, publisher: Publisher
) -> None:
    slow = Slow(web, publisher.log.did.log_url)
    reader = WebvhReader(slow, clock=clock)
    web.publish(await publisher.rotated(created=NOON + timedelta(minutes=1)))
    first = asyncio.create_task(reader.log(publisher.did))
    await slow.asked.wait()
    web.publish(await publisher.rotated(created=NOON + timedelta(minutes=2)))
    await reader.log(publisher.did)
    slow.let_through.set()

    assert await reason(first) is Reason.FORKED


@pytest.mark.parametrize("asked", [(0, 1), (1, 0), (0, 2, 1), (2, 0, 1)])
async def test_a_revocation_taken_back_is_refused_in_whatever_order_the_lists_are_asked_for(
    reader: WebvhReader, web: Web, publisher: Publisher, asked: tuple[int, ...]
) -> None:
    registry_id, resources = await a_registry_with(publisher, (2,), (), (2,))
    web.publish(publisher, *resources)
    *before, last = asked

    for number in before:
        await reader.status_list(registry_id, at=T0 + 10 * number)

    assert await reason(reader.status_list(registry_id, at=T0 + 10 * last)) is Reason.ROLLED_BACK


async def test_a_status_list_of_another_length_than_before_is_refused(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    registry_id = (await publisher.resource(publisher.registry(), REGISTRY))["id"]
    lists = [
        await publisher.resource(publisher.status_list(registry_id, T0 + size, size=size), LIST)
        for size in (5, 6)
    ]
    links = tuple(StatusListLink(ResourceId.parse(one["id"]), one["content"]["timestamp"]) for one in lists)
    web.publish(publisher, *lists, await publisher.resource(publisher.registry(), REGISTRY, links=links))
    await reader.status_list(registry_id, at=T0 + 5)

    assert await reason(reader.status_list(registry_id)) is Reason.ROLLED_BACK


async def test_a_credential_definition_stands_on_another_organisations_schema(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    operator = await a_publisher("operator")
    schema = await operator.resource(operator.schema())
    content = {"issuerId": publisher.did, "schemaId": schema["id"], "type": "CL", "tag": "1", "value": {}}
    definition = await publisher.resource(content, ResourceType.CREDENTIAL_DEFINITION)
    web.publish(operator, schema)
    web.publish(publisher, definition)

    read = await reader.resource(definition["id"], ResourceType.CREDENTIAL_DEFINITION)

    assert (await reader.resource(read.content["schemaId"], ResourceType.SCHEMA)).did == operator.log.did
    assert read.did == publisher.log.did


async def test_a_credential_definition_published_under_the_schemas_issuer_is_refused(
    reader: WebvhReader, web: Web, publisher: Publisher
) -> None:
    """As the public plugin for ACA-Py does: who signs is then not whose name it has."""
    operator = await a_publisher("operator")
    schema = await operator.resource(operator.schema())
    content = {"issuerId": operator.did, "schemaId": schema["id"], "type": "CL", "tag": "1", "value": {}}
    definition = await publisher.resource(content, ResourceType.CREDENTIAL_DEFINITION)
    web.publish(operator, schema, definition)
    web.publish(publisher)

    refusal = await reason(reader.resource(definition["id"], ResourceType.CREDENTIAL_DEFINITION))
    assert refusal is Reason.OTHER_SIGNER


async def test_what_strangers_say_at_length_pushes_out_only_what_was_not_used_for_longest(
    web: Web, clock: Clock, publisher: Publisher
) -> None:
    reader = WebvhReader(web, clock=clock, remembered_bytes=2 * len(publisher.log.text) + 100)
    others = [await a_publisher(f"other{number}") for number in range(2)]
    for each in (publisher, *others):
        web.publish(each)
        await reader.log(each.did)
        await reader.log(publisher.did)

    assert web.asked.count(publisher.log.did.log_url) == 1
    await reader.log(others[0].did)
    assert web.asked.count(others[0].log.did.log_url) == 2


async def test_a_did_that_moved_is_read_at_its_new_place_and_as_it_was_at_the_old(
    reader: WebvhReader, web: Web, clock: Clock
) -> None:
    scribe = await Scribe.begun(portable=True)
    old, frozen = scribe.did, scribe.text
    web.pages[old.log_url] = frozen
    await reader.log(str(old))
    await scribe.moved(f"elsewhere.example:{PLACE}")
    web.pages[scribe.did.log_url] = scribe.text

    assert (await reader.log(str(scribe.did))).document_json["alsoKnownAs"] == [str(old)]
    clock.pass_time(DOCUMENT_LIFETIME)
    assert (await reader.log(str(old))).text == frozen

    # Whose place it was may not answer for the new name under the old one.
    web.pages[old.log_url] = scribe.text
    assert await reason(reader.log(str(old), fresh=True)) is Reason.OTHER_IDENTIFIER
