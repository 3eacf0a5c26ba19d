"""Who did what, and whether it stands as it was signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from portal.agent_client.audit import Act, Acts, ChainState, Entry, EntryPage
from portal.forms.audit import AuditSearch

OUTCOMES = {
    "done": "Done",
    "refused": "Refused",
    "declined": "Declined",
    "unavailable": "Could not be done",
    "failed": "Failed",
    "unknown": "Not known",
}
BEGUN = "Begun"


@dataclass(frozen=True, slots=True)
class AuditList:
    """One page of the audit, its state, and the ways on from it."""

    entries: Sequence[Entry]
    state: ChainState
    search: AuditSearch
    actions: list[dict[str, object]]
    """What can be looked for, as the design system's select takes it."""
    next: str | None
    first: str | None

    @property
    def table(self) -> str:
        """Where the same is had as a table."""
        return f"/audit/export?{urlencode({'format': 'csv', **self.search.told})}"

    @property
    def signed(self) -> str | None:
        """Where everything is had that was signed."""
        if self.state.signed is None:
            return None
        return f"/audit/export?{urlencode({'format': 'jsonl', 'length': self.state.signed})}"


def audit_list(
    page: EntryPage, state: ChainState, search: AuditSearch, actions: Sequence[str] = ()
) -> AuditList:
    """The page that was asked for."""
    onwards = None
    if page.next is not None:
        onwards = f"/audit?{urlencode({**search.told, 'after': page.next})}"
    back = None
    if search.after:
        back = f"/audit?{urlencode(search.told)}" if search.told else "/audit"
    return AuditList(page.entries, state, search, _choices(actions, search.action), onwards, back)


def _choices(actions: Sequence[str], chosen: str) -> list[dict[str, object]]:
    """Every action there is; one that somebody looks for and nobody did stands among them."""
    each = sorted({*actions, chosen} - {""})
    choices: list[dict[str, object]] = [
        {"value": one, "text": one[:1].upper() + one[1:], "selected": one == chosen} for one in each
    ]
    return [{"value": "", "text": "Anything", "selected": not chosen}, *choices]


@dataclass(frozen=True, slots=True)
class ActList:
    """One page of who did what with one thing, and the ways on from it."""

    acts: Sequence[Act]
    next: str | None
    first: str | None


def act_list(page: Acts, path: str, after: int) -> ActList:
    """The page that was asked for, of the list at `path`."""
    onwards = None if page.next is None else f"{path}?{urlencode({'after': page.next})}"
    return ActList(page.acts, onwards, path if after else None)


def outcome(entry_or_act: str | None) -> str:
    """What came of it, in a word."""
    return BEGUN if entry_or_act is None else OUTCOMES.get(entry_or_act, entry_or_act)
