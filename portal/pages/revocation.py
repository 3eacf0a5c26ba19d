"""What will happen when something is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.domain.credentials import RevocationReason
from portal.forms.revocation import REASONS
from portal.pages.passport import HELD, UNDER_WAY, CredentialLine, PassportPart
from portal.pages.words import REVOCATION

FOR_GOOD = "This cannot be undone."
HOSTS = "Hosts that accepted it are told within minutes that it does not count any more, and not why."

HOSTS_OF_ALL = (
    "Hosts that accepted them are told within minutes that they do not count any more, and not why."
)


@dataclass(frozen=True, slots=True)
class TakingBack:
    """One act, before it is done."""

    heading: str
    consequences: Sequence[str]
    button: str
    asks_for_reason: bool = True
    is_warning: bool = True


def ending(passport: PassportPart) -> TakingBack:
    """Of a whole passport."""
    states = [each.state for each in passport.credentials]
    held = sum(state in HELD for state in states)
    offered = sum(state in UNDER_WAY - HELD for state in states)
    if not held and not offered:
        return _withdrawal()
    told = [
        _counted(held, "credential is revoked", "credentials are revoked"),
        _counted(offered, "offer is taken back", "offers are taken back"),
        HOSTS_OF_ALL if held else "",
        "For the same assignment you can make a new passport afterwards.",
        FOR_GOOD,
    ]
    return TakingBack("End the passport", [each for each in told if each], "End the passport")


def _withdrawal() -> TakingBack:
    return TakingBack(
        "Withdraw the passport",
        [
            "The invitation does not work any more, and the connection to a wallet is not used.",
            "Nothing of it is on anybody's phone, so nothing is revoked.",
            "For the same assignment you can make a new passport afterwards.",
        ],
        "Withdraw the passport",
    )


def revocation(credential: CredentialLine) -> TakingBack:
    """Of one credential."""
    return TakingBack(
        f"Revoke: {credential.title}",
        ["It stays on the phone, and does not count any more.", HOSTS, FOR_GOOD],
        "Revoke",
    )


def suspension(credential: CredentialLine) -> TakingBack:
    """Of one credential, for a while."""
    told = [
        "No host accepts it until you reinstate it.",
        "Hosts that accepted it are told within minutes that it is suspended.",
    ]
    return TakingBack(f"Suspend: {credential.title}", told, "Suspend", asks_for_reason=False)


def reinstatement(credential: CredentialLine) -> TakingBack:
    """Of one credential that was suspended."""
    told = ["It counts again, as it did before.", "Hosts see it within minutes."]
    return TakingBack(
        f"Reinstate: {credential.title}", told, "Reinstate", asks_for_reason=False, is_warning=False
    )


def reasons(chosen: RevocationReason | None) -> list[dict[str, object]]:
    """As the design system's radios take them."""
    return [{"value": str(each), "text": REVOCATION[each], "checked": each is chosen} for each in REASONS]


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}." if number else ""
