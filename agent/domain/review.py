"""A host's review of one person, and the verdict on what they present."""

from enum import StrEnum
from typing import NewType

ReviewId = NewType("ReviewId", str)


class ReviewState(StrEnum):
    """Where a review stands."""

    INVITED = "invited"
    CONNECTED = "connected"
    CLOSED = "closed"


class Verdict(StrEnum):
    """Where a presentation request stands; the last four are verdicts.

    Policy said no is *refused*, a person said no is *declined*, nothing answered is *unavailable*.
    """

    REQUESTING = "requesting"  # decided and recorded, not yet known to have been sent
    REQUESTED = "requested"
    JUDGING = "judging"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DECLINED = "declined"
    UNAVAILABLE = "unavailable"


class Decision(StrEnum):
    """What a person at the host decided once there was a verdict; the verdict itself stays as it is."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


OPEN = frozenset({Verdict.REQUESTING, Verdict.REQUESTED, Verdict.JUDGING})


class Standing(StrEnum):
    """Whether a credential that a host accepted still counts, when it was last asked about."""

    HOLDS = "holds"
    SUSPENDED = "suspended"
    REVOKED = "revoked"  # for good: it is not asked about any more
    ISSUER_NOT_TRUSTED = "issuer_not_trusted"  # the trust list no longer lets its issuer issue it
