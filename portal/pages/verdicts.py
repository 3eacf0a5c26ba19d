"""What was asked for in any review, by its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from agent.domain.review import Verdict
from portal.agent_client.reviews import Judged, VerdictPage
from portal.forms.verdicts import VerdictFilter
from portal.pages.words import DECISION, VERDICT, Word


@dataclass(frozen=True, slots=True)
class Row:
    """One request."""

    request: Judged
    decided: Word | None

    @property
    def href(self) -> str:
        """Where everything about it is."""
        return f"/reviews/{self.request.review}/requests/{self.request.id}"


@dataclass(frozen=True, slots=True)
class VerdictList:
    """One page of the list, and the ways on from it."""

    word: Word
    rows: Sequence[Row]
    choices: list[dict[str, object]]
    """The filter, as the design system's select takes it."""
    next: str | None
    first: str | None


def verdict_list(page: VerdictPage, chosen: VerdictFilter) -> VerdictList:
    """The page that was asked for."""
    rows = [
        Row(each, None if each.decision is None else DECISION[each.decision])
        for each in page.presentation_requests
    ]
    choices: list[dict[str, object]] = [
        {"value": str(verdict), "text": word.text, "selected": verdict is chosen.verdict}
        for verdict, word in VERDICT.items()
    ]
    onwards = None if page.next is None else verdict_address(chosen.verdict, page.next)
    back = None if chosen.cursor is None else verdict_address(chosen.verdict)
    return VerdictList(VERDICT[chosen.verdict], rows, choices, onwards, back)


def verdict_address(verdict: Verdict, cursor: str | None = None) -> str:
    """Where the requests with a verdict are listed."""
    told = {"verdict": str(verdict)} | ({} if cursor is None else {"cursor": cursor})
    return f"/verdicts?{urlencode(told)}"
