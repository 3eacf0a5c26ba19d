"""What an issuer's lists say of a credential: each list is read once, and nobody's but its own counts."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from agent.domain.errors import Unavailable
from agent.domain.ports.status_lists import CredentialStatus, StatusEntryId, StatusSnapshot
from agent.webvh.bitstring_status import WebvhStatusLists
from signed_documents.bitstring_status_lists import (
    LONGEST_LIFE,
    SMALLEST,
    Bitstring,
    StatusListId,
    StatusPurpose,
    sign_status_list,
)
from signed_documents.errors import DocumentUnavailable
from signed_documents.identifiers import WebvhDid
from signed_documents.resolution import WebvhReader
from tests.support.signing import NOON, Clock, Publisher, Web, a_publisher
from tests.support.w3c import entries


class Registry:
    """A web with the lists of one organisation on it."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self.web, self.clock = Web(), Clock()
        self.web.publish(publisher)
        self.lists = WebvhStatusLists(WebvhReader(self.web, clock=self.clock))

    def list_of(self, purpose: StatusPurpose) -> StatusListId:
        return StatusListId.of(WebvhDid.parse(self.publisher.did), purpose, 1)

    async def publish(
        self, *, revoked: Iterable[int] = (), suspended: Iterable[int] = (), **other: Any
    ) -> None:
        """Put both lists there; `other` is how they differ from what their issuer would sign."""
        for purpose, bits in ((StatusPurpose.REVOCATION, revoked), (StatusPurpose.SUSPENSION, suspended)):
            told: dict[str, Any] = {
                "issuer": self.publisher.did,
                "signer": self.publisher.signer,
                "now": NOON,
                "life": LONGEST_LIFE,
            }
            document = await sign_status_list(Bitstring.of(bits), self.list_of(purpose), **told | other)
            self.web.pages[document["id"]] = json.dumps(document).encode()

    async def status(self, index: int = 7, snapshot: StatusSnapshot | None = None) -> CredentialStatus:
        entry = entries(self.publisher.did, index)
        return await (snapshot or self.lists.snapshot()).status(entry, self.publisher.did)

    async def unavailable(self) -> str:
        with pytest.raises(Unavailable) as unavailable:
            await self.status()
        return str(unavailable.value.code)


@pytest.fixture
async def registry() -> Registry:
    made = Registry(await a_publisher())
    await made.publish(revoked=[1, 3], suspended=[2, 3])
    return made


@pytest.mark.parametrize(
    ("index", "status"),
    [
        (0, CredentialStatus.VALID),
        (1, CredentialStatus.REVOKED),
        (2, CredentialStatus.SUSPENDED),
        (3, CredentialStatus.REVOKED),
        (SMALLEST - 1, CredentialStatus.VALID),
        (SMALLEST, CredentialStatus.NO_SUCH_ENTRY),
    ],
)
async def test_the_worst_that_the_lists_say_counts(
    registry: Registry, index: int, status: CredentialStatus
) -> None:
    assert await registry.status(index) is status


@pytest.mark.parametrize("told", [[], ["https://elsewhere.example/lists/1#7"], ["no address"]])
async def test_a_credential_that_points_nowhere_has_no_such_entry(
    registry: Registry, told: list[str]
) -> None:
    snapshot = registry.lists.snapshot()

    status = await snapshot.status([StatusEntryId(each) for each in told], registry.publisher.did)

    assert status is CredentialStatus.NO_SUCH_ENTRY


async def test_a_credential_needs_an_entry_for_each_purpose(registry: Registry) -> None:
    revocation, _ = entries(registry.publisher.did)

    status = await registry.lists.snapshot().status([revocation], registry.publisher.did)

    assert status is CredentialStatus.NO_SUCH_ENTRY


async def test_a_list_of_another_issuer_does_not_count(registry: Registry) -> None:
    other = await a_publisher("southmoor")

    status = await registry.lists.snapshot().status(entries(other.did), registry.publisher.did)

    assert status is CredentialStatus.OTHER_ISSUERS_LIST


async def test_a_list_that_another_organisation_signed_cannot_be_relied_on(registry: Registry) -> None:
    """It is signed well, and stands where the issuer's own should."""
    other = await a_publisher("southmoor")
    registry.web.publish(other)
    await registry.publish(issuer=other.did, signer=other.signer)

    assert await registry.unavailable() == "status_list_invalid"


async def test_a_list_whose_hour_has_passed_cannot_be_relied_on(registry: Registry) -> None:
    registry.clock.pass_time(LONGEST_LIFE)

    assert await registry.unavailable() == "status_list_expired"


async def test_a_list_that_nobody_answers_for_is_neither_yes_nor_no(registry: Registry) -> None:
    registry.web.pages[str(registry.list_of(StatusPurpose.REVOCATION))] = DocumentUnavailable("no answer")
    assert await registry.unavailable() == "status_list_unavailable"

    del registry.web.pages[str(registry.list_of(StatusPurpose.REVOCATION))]
    assert await registry.unavailable() == "status_list_unavailable"


async def test_a_snapshot_reads_each_list_once_however_many_ask(registry: Registry) -> None:
    snapshot = registry.lists.snapshot()

    for index in range(50):
        await registry.status(index, snapshot)

    asked = [url for url in registry.web.asked if "/status/" in url]
    assert asked == [str(registry.list_of(purpose)) for purpose in StatusPurpose]


async def test_a_snapshot_asks_a_silent_registry_once(registry: Registry) -> None:
    silent = str(registry.list_of(StatusPurpose.REVOCATION))
    registry.web.pages[silent] = DocumentUnavailable("no answer")
    snapshot = registry.lists.snapshot()

    for _ in range(3):
        with pytest.raises(Unavailable):
            await registry.status(7, snapshot)

    assert registry.web.asked.count(silent) == 1


async def test_a_new_snapshot_reads_anew(registry: Registry) -> None:
    before = await registry.status(7)
    await registry.publish(revoked=[7], now=NOON + timedelta(seconds=1))

    assert (before, await registry.status(7)) == (CredentialStatus.VALID, CredentialStatus.REVOKED)
