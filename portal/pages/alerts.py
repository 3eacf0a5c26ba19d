"""What was accepted and stands otherwise since."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from portal.agent_client.alerts import Alert, AlertPage
from portal.forms.alerts import AlertFilter
from portal.pages.words import CREDENTIAL, STANDING, Word


@dataclass(frozen=True, slots=True)
class Row:
    """One alert."""

    alert: Alert
    what: str
    word: Word

    @property
    def href(self) -> str:
        """What was accepted."""
        return f"/reviews/{self.alert.review}/requests/{self.alert.request}"


@dataclass(frozen=True, slots=True)
class AlertList:
    """One page of the list, and the ways on from it."""

    rows: Sequence[Row]
    unseen: bool
    other: str
    """Where those are that this list does not have, or has not alone."""
    next: str | None
    first: str | None


def alert_list(page: AlertPage, chosen: AlertFilter) -> AlertList:
    """The page that was asked for."""
    rows = [Row(each, CREDENTIAL[each.type], STANDING[each.standing]) for each in page.alerts]
    return AlertList(
        rows,
        chosen.unseen,
        _address(chosen.review, not chosen.unseen, None),
        None if page.next is None else _address(chosen.review, chosen.unseen, page.next),
        None if chosen.cursor is None else _address(chosen.review, chosen.unseen, None),
    )


def _address(review: str | None, unseen: bool, cursor: str | None) -> str:  # noqa: FBT001  # as it is shown
    told = {"review": review, "show": None if unseen else "all", "cursor": cursor}
    query = urlencode({name: value for name, value in told.items() if value})
    return f"/alerts?{query}" if query else "/alerts"
