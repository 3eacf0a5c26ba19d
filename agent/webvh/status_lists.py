"""When a new status list begins to hold, and whether one is needed."""

from collections.abc import Sequence
from datetime import datetime

from signed_documents.attested_resources import VerifiedResource
from signed_documents.status_lists import StatusList


def next_timestamp(registry: VerifiedResource, now: datetime) -> int:
    """Now in seconds, or the second after the last list: a timestamp names one list only."""
    last = registry.links[-1].timestamp if registry.links else 0
    return max(int(now.timestamp()), last + 1)


def covers(latest: StatusList, revoked: Sequence[int]) -> bool:
    """Whether `latest` already says of everything in `revoked` (zeros and ones by index) that it is."""
    return len(latest.revoked) == len(revoked) and all(
        published or not wanted for published, wanted in zip(latest.revoked, revoked, strict=True)
    )
