"""AnonCreds revocation status lists: which one holds at a time, and that they only ever grow."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from signed_documents.attested_resources import ResourceType, StatusListLink, VerifiedResource
from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentNotFound, DocumentRefused, Reason
from signed_documents.identifiers import ResourceId

_REMEMBERED = 8  # a list has a bit for every credential of its registry


@dataclass(frozen=True, slots=True)
class StatusList:
    """Which credentials of one registry were revoked from `timestamp` (seconds, Unix) on."""

    registry: ResourceId
    timestamp: int
    revoked: tuple[bool, ...]  # by index; index 0 is never a credential's
    content: JsonObject

    @classmethod
    def of(cls, resource: VerifiedResource, registry: VerifiedResource, link: StatusListLink) -> Self:
        """Read the status list that `link` of `registry` names.

        Raises `DocumentRefused` when it is another registry's, of another time or another size.
        """
        content = resource.content
        if resource.type is not ResourceType.STATUS_LIST or content["revRegDefId"] != str(registry.id):
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "this is not a status list of that registry")
        if content["timestamp"] != link.timestamp:
            raise DocumentRefused(Reason.BAD_STATUS_LIST, "the status list is of another time than its link")
        return cls(registry.id, link.timestamp, _bits(content["revocationList"]), content)

    def follows(self, earlier: Self) -> bool:
        """Whether every credential revoked in `earlier` still is: revocation cannot be taken back."""
        return len(self.revoked) == len(earlier.revoked) and all(
            now or not before for before, now in zip(earlier.revoked, self.revoked, strict=True)
        )


def with_one_more(seen: tuple[StatusList, ...], status_list: StatusList) -> tuple[StatusList, ...]:
    """The lists of one registry that a reader saw, in the order of time, with `status_list` among them.

    Only the last few stay. Raises `DocumentRefused` (ROLLED_BACK) when a later one takes a revocation back.
    """
    if any(status_list.timestamp == earlier.timestamp for earlier in seen):
        return seen  # a registry's links never change, and neither does what they lead to
    ordered = sorted((*seen, status_list), key=lambda one: one.timestamp)
    if any(not later.follows(earlier) for earlier, later in pairwise(ordered)):
        raise DocumentRefused(Reason.ROLLED_BACK, "a revocation was taken back")
    return tuple(ordered[-_REMEMBERED:])


def link_at(registry: VerifiedResource, moment: int | None) -> StatusListLink:
    """The link that holds at `moment` (seconds, Unix), the last one when it is None.

    Raises `DocumentNotFound` when the registry had no status list yet.
    """
    links = [link for link in registry.links if moment is None or link.timestamp <= moment]
    if not links:
        raise DocumentNotFound("the revocation registry had no status list at that time")
    return links[-1]


def _bits(value: object) -> tuple[bool, ...]:
    if not isinstance(value, list) or any(type(bit) is not int or bit not in (0, 1) for bit in value):
        raise DocumentRefused(Reason.BAD_STATUS_LIST, "the list is not of zeros and ones")
    return tuple(bit == 1 for bit in value)
