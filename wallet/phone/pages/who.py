"""Who is at the other end, and how things stand: what stands on every page."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wallet.holder.credentials import Status
from wallet.holder.hosts import Host, Standing
from wallet.phone.words import harmless, short, title

type Issuers = Mapping[str, Host]
"""Who the list says has a DID."""


class Colour(StrEnum):
    """Of a tag, by its style."""

    GOOD = "good"
    BAD = "bad"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Tag:
    """One word on how something stands."""

    text: str
    colour: Colour


STATUS = {
    Status.VALID: Tag("Valid", Colour.GOOD),
    Status.REVOKED: Tag("Revoked", Colour.BAD),
    Status.SUSPENDED: Tag("Suspended", Colour.BAD),
    Status.UNKNOWN: Tag("Cannot be checked now", Colour.WAITING),
}
EXPLAINED = {
    Status.VALID: "The organisation that gave it to you says that it holds.",
    Status.REVOKED: "The organisation that gave it to you has taken it back. It counts no more.",
    Status.SUSPENDED: "The organisation that gave it to you has suspended it. It does not count for now.",
    Status.UNKNOWN: "Nobody can say at the moment whether it still holds. Look again in a minute.",
}


@dataclass(frozen=True, slots=True)
class Who:
    """An organisation as the trust list has it; of a stranger, no more than what it calls itself."""

    name: str
    ods_code: str | None
    known: bool
    calls_itself: str | None = None
    unavailable: bool = False

    @classmethod
    def of(cls, host: Host | None, calls_itself: str | None = None) -> "Who":
        """Of who invited or asks."""
        if host is not None and host.standing is Standing.REGISTERED and host.name:
            return cls(harmless(host.name), host.ods_code, known=True)
        unavailable = host is not None and host.standing is Standing.UNAVAILABLE
        return cls(
            "Unknown sender", None, known=False, calls_itself=short(calls_itself), unavailable=unavailable
        )


def style(kind: str | None) -> str:
    """The name of the colour of a kind of credential."""
    known = {"Identity": "identity", "Employment": "employment", "Employment checks": "checks"}
    return known.get(title(kind), "other")
