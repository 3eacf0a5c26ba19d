"""When a status list begins to hold, and when none is needed."""

from datetime import timedelta

import pytest

from agent.webvh.status_lists import covers, next_timestamp
from signed_documents.attested_resources import ResourceType, StatusListLink, VerifiedResource
from signed_documents.identifiers import ResourceId
from signed_documents.status_lists import StatusList
from tests.support.signing import NOON

DID = "did:webvh:QmRyAY5bGAXhqN3issft1WuXEQfqr999zkosi9fYXZTkJe:registry.staff-passport.example"
ID = ResourceId.parse(f"{DID}/resources/zQmcuHkbFapeJsF5HqKShKnw3zPS5SPZPhwNR8uprTQdL6e")
T0 = int(NOON.timestamp())


def a_registry(*stamps: int) -> VerifiedResource:
    links = tuple(StatusListLink(ID, stamp) for stamp in stamps)
    return VerifiedResource(ID, ResourceType.REVOCATION_REGISTRY, "0", {}, links, f"{DID}#key")


def a_list(*revoked: int) -> StatusList:
    return StatusList(ID, T0, tuple(bool(bit) for bit in revoked), {})


def test_the_first_status_list_holds_from_now_on() -> None:
    assert next_timestamp(a_registry(), NOON) == T0


def test_two_status_lists_never_share_a_second() -> None:
    assert next_timestamp(a_registry(T0), NOON + timedelta(milliseconds=900)) == T0 + 1
    assert next_timestamp(a_registry(T0 + 5), NOON) == T0 + 6


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([0, 0, 0], True),
        ([0, 1, 0], True),
        ([0, 0, 1], False),
        ([0, 1], False),
    ],
)
def test_a_list_is_needed_unless_all_its_revocations_are_published(
    wanted: list[int],
    expected: bool,  # noqa: FBT001 - a table of cases
) -> None:
    assert covers(a_list(0, 1, 0), wanted) is expected
