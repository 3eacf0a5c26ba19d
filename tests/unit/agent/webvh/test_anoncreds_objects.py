"""When the lists of a revocation registry on did:webvh began to hold."""

from typing import cast

import pytest

from agent.domain.errors import Unavailable
from agent.domain.ports.anoncreds_objects import RevocationLists
from agent.webvh.anoncreds_objects import WebvhObjects
from signed_documents.attested_resources import ResourceType, StatusListLink, VerifiedResource
from signed_documents.identifiers import ResourceId
from signed_documents.resolution import WebvhReader
from tests.support.anoncreds_objects import unasked

DID = (
    "did:webvh:QmRyAY5bGAXhqN3issft1WuXEQfqr999zkosi9fYXZTkJe:registry.staff-passport.example"
    ":organisations:northmoor"
)
ID = ResourceId.parse(f"{DID}/resources/zQmeYMQ2mBqvUTnZdJPy5jQxrHoqZ2Mbrq2CgKwsf5Ro8J9")
DEFINITION = f"{DID}/resources/definition"


class OneRegistry:
    """A registry with a status list from each of these times on."""

    def __init__(self, *lists_from: int) -> None:
        links = tuple(StatusListLink(ID, moment) for moment in lists_from)
        content = {"credDefId": DEFINITION}
        self._found = VerifiedResource(ID, ResourceType.REVOCATION_REGISTRY, "", content, links, f"{DID}#key")

    async def resource(self, identifier: str, expected: ResourceType) -> VerifiedResource:
        assert (identifier, expected) == (str(ID), ResourceType.REVOCATION_REGISTRY)
        return self._found


def objects_of(registry: OneRegistry) -> WebvhObjects:
    return WebvhObjects(unasked(), unasked(), cast("WebvhReader", registry))


async def test_each_moment_has_the_list_that_began_last_before_it() -> None:
    lists = await objects_of(OneRegistry(100, 200, 300)).lists_at(str(ID), (150, 250, None))

    assert lists == RevocationLists(DEFINITION, (100, 200, 300))


async def test_nothing_is_known_of_a_time_before_the_first_list() -> None:
    with pytest.raises(Unavailable):
        await objects_of(OneRegistry(100)).lists_at(str(ID), (50,))
