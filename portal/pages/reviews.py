"""Reviews, and what came of them."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from agent.domain.credentials import PASSPORT_TYPES, CredentialFormat
from agent.domain.review import OPEN, Decision, ReviewState, Verdict
from portal.agent_client.reviews import (
    Invitation,
    Presented,
    Reason,
    Request,
    RequestPage,
    Review,
    ReviewPage,
    TrustedOrganisation,
)
from portal.forms.reviews import ANY_FORMAT, WAITS, AskForm, ReviewFilter
from portal.pages.claims import CLAIMS, PROVENANCE
from portal.pages.words import CREDENTIAL, DECISION, FORMAT, REVIEW, STANDING, VERDICT, Word
from portal.presenting import moment

ADVICE = {
    Verdict.ACCEPTED: "Every check passed. Compare what was shown with the person before you, and decide.",
    Verdict.REFUSED: "At least one check failed. Each reason says who can mend it.",
    Verdict.DECLINED: "The person chose not to share. Talk to them, and ask again if they agree.",
    Verdict.UNAVAILABLE: "This is neither a yes nor a no. Ask again in a while.",
}
"""What a verdict means for the host."""
REPLACED = "Shown anew since, or too long ago"
WAIT_WORDS = {"1h": "One hour", "1d": "One day", "7d": "Seven days"}


@dataclass(frozen=True, slots=True)
class Row:
    """One review."""

    review: Review
    word: Word

    @property
    def href(self) -> str:
        """Where it is."""
        return f"/reviews/{self.review.id}"


@dataclass(frozen=True, slots=True)
class ReviewList:
    """One page of the list, and the ways on from it."""

    rows: Sequence[Row]
    choices: list[dict[str, object]]
    """The filter, as the design system's select takes it."""
    next: str | None
    first: str | None


def review_list(page: ReviewPage, chosen: ReviewFilter) -> ReviewList:
    """The page that was asked for."""
    rows = [Row(each, REVIEW[each.state]) for each in page.reviews]
    onwards = None if page.next is None else _address(chosen.state, page.next)
    back = None if chosen.cursor is None else _address(chosen.state, None)
    return ReviewList(rows, _choices(chosen.state), onwards, back)


def _choices(chosen: ReviewState | None) -> list[dict[str, object]]:
    states = [
        {"value": str(state), "text": word.text, "selected": state is chosen}
        for state, word in REVIEW.items()
    ]
    return [{"value": "", "text": "All", "selected": chosen is None}, *states]


def _address(state: ReviewState | None, cursor: str | None) -> str:
    told = {"state": state, "cursor": cursor}
    query = urlencode({name: str(value) for name, value in told.items() if value})
    return f"/reviews?{query}" if query else "/reviews"


@dataclass(frozen=True, slots=True)
class AskChoices:
    """What can be asked for, as the design system's macros take it."""

    types: list[dict[str, object]]
    formats: list[dict[str, object]]
    waits: list[dict[str, object]]


def ask_choices(form: AskForm) -> AskChoices:
    """With what is chosen; each type says what the host will see."""
    types: list[dict[str, object]] = [
        {
            "value": "yes",
            "name": f"ask_{each}",
            "id": f"ask_{each}",
            "text": CREDENTIAL[each],
            "checked": each in form.types,
            "hint": {"text": f"You will see: {', '.join(CLAIMS[each].values())}."},
        }
        for each in PASSPORT_TYPES
    ]
    formats: list[dict[str, object]] = [
        {"value": ANY_FORMAT, "text": "Whatever the wallet has", "checked": form.form == ANY_FORMAT},
        *(
            {"value": str(each), "text": f"{FORMAT[each]} only", "checked": form.form == each}
            for each in CredentialFormat
        ),
    ]
    waits: list[dict[str, object]] = [
        {"value": each, "text": WAIT_WORDS[each], "selected": each == form.wait} for each in WAITS
    ]
    return AskChoices(types, formats, waits)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request of a review, without what was presented."""

    request: Request
    word: Word
    asked: str
    advice: str | None
    decided: Word | None

    @property
    def href(self) -> str:
        """Where everything about it is."""
        return f"/reviews/{self.request.review}/requests/{self.request.id}"

    @property
    def reasons(self) -> Sequence[Reason]:
        """Why the verdict is what it is."""
        return self.request.reasons

    @property
    def waits(self) -> bool:
        """Whether there is no verdict yet."""
        return self.request.verdict in OPEN

    @property
    def may_be_decided(self) -> bool:
        """Whether it is a person's turn."""
        return not self.waits and self.request.decision is None


def request_line(request: Request) -> RequestLine:
    """How a request stands."""
    asked = ", ".join(CREDENTIAL[each].lower() for each in request.types)
    decided = None if request.decision is None else DECISION[request.decision.decision]
    return RequestLine(request, VERDICT[request.verdict], asked, ADVICE.get(request.verdict), decided)


@dataclass(frozen=True, slots=True)
class ReviewPageShown:
    """Everything about one review but what was presented."""

    review: Review
    word: Word
    requests: Sequence[RequestLine]
    """The newest first."""
    qr: str | None
    """The invitation as a picture, as an address that holds all of it."""
    link: str | None
    next: str | None

    @property
    def may_ask(self) -> bool:
        """Whether the person can be asked now."""
        waits = any(line.waits for line in self.requests)
        return self.review.state is ReviewState.CONNECTED and not waits

    @property
    def says(self) -> str:
        """What a screen reader says when it has changed."""
        newest = next(iter(self.requests), None)
        return f"The review is now: {newest.word.text if newest else self.word.text}"


def review_page(review: Review, page: RequestPage, invitation: Invitation | None) -> ReviewPageShown:
    """How a review stands."""
    lines = [request_line(each) for each in reversed(page.presentation_requests)]
    onwards = None
    if page.next is not None:
        onwards = f"/reviews/{review.id}?{urlencode({'cursor': page.next})}"
    return ReviewPageShown(
        review,
        REVIEW[review.state],
        lines,
        None if invitation is None else _picture(invitation.qr_svg),
        None if invitation is None else invitation.url,
        onwards,
    )


def _picture(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One credential that was presented and passed: who issued it, how it was checked, what it says."""

    heading: str
    checks: list[dict[str, object]]
    claims: list[dict[str, object]]
    provenance: list[dict[str, object]]


type Issuers = Mapping[str, TrustedOrganisation | None]
"""By DID, as the trust list has them; None where it does not say."""


def shown(presented: Presented, issuers: Issuers) -> Shown:
    """As the design system's summary lists take it."""
    claims, known_at = presented.claims, presented.checked_at
    return Shown(
        CREDENTIAL[presented.type],
        [
            _line("Issued by", issuer_name(issuers.get(presented.issuer))),
            _line("Issued on", claims.get("issuedOn", "")),
            _line("Signature", f"Checked against the key of {presented.issuer}"),
            _line("Status", STANDING[presented.standing].text if presented.standing else REPLACED),
            _line("Status last known", moment(known_at) if known_at else "Not asked about any more"),
            _line("Format", FORMAT[presented.format]),
        ],
        [_line(label, claims.get(name, "")) for name, label in CLAIMS[presented.type].items()],
        [_line(label, claims.get(name, "")) for name, label in PROVENANCE.items()],
    )


def issuer_name(issuer: TrustedOrganisation | None) -> str:
    """By name and code, as the trust list has it, and in no other way."""
    if issuer is None:
        return "The trust list does not say at the moment"
    return f"{issuer.name} ({issuer.ods_code})"


def _line(label: str, text: str) -> dict[str, object]:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        written = date.fromisoformat(text)
        text = f"{written.day} {written:%B %Y}"
    return {"key": {"text": label}, "value": {"text": text or "\N{EN DASH}", "classes": "portal-wide"}}


def decision_choices(request: Request, chosen: str) -> list[dict[str, object]]:
    """What can be decided, as the agent says."""
    may = [Decision.ACCEPTED, Decision.REJECTED] if request.may_be_accepted else [Decision.REJECTED]
    words = {Decision.ACCEPTED: "Accept", Decision.REJECTED: "Reject"}
    return [{"value": str(each), "text": words[each], "checked": chosen == each} for each in may]
