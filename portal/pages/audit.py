"""Who did what, and whether it stands as it was signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from portal.agent_client.audit import ChainState, Entry, EntryPage
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


def audit_list(page: EntryPage, state: ChainState, search: AuditSearch) -> AuditList:
    """The page that was asked for."""
    onwards = None
    if page.next is not None:
        onwards = f"/audit?{urlencode({**search.told, 'after': page.next})}"
    back = None
    if search.after:
        back = f"/audit?{urlencode(search.told)}" if search.told else "/audit"
    return AuditList(page.entries, state, search, onwards, back)


def outcome(entry_or_act: str | None) -> str:
    """What came of it, in a word."""
    return BEGUN if entry_or_act is None else OUTCOMES.get(entry_or_act, entry_or_act)
