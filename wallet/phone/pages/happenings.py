"""What happens between the person and an organisation: what waits, and what became of the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wallet.holder.connections import Connection
from wallet.holder.offers import DECLINED, DeclineReason, Offer
from wallet.holder.requests import PresentationRequest
from wallet.phone.pages.credentials import OPEN_OFFER
from wallet.phone.pages.who import Colour, Tag, Who
from wallet.phone.words import harmless, moment, title

OPEN_REQUEST = "request-received"
"""The state of a request that waits for the person (RFC 0454)."""
COMPLETED = "completed"
"""The state of a connection that is there (RFC 0023)."""
_NO = "declined"
"""How a request's own record of a person's no begins."""

REASONS = {
    DeclineReason.INCORRECT: "Something in it is wrong",
    DeclineReason.DUPLICATE: "I have it already",
    DeclineReason.NO_LONGER_WANTED: "I do not want it any more",
    DeclineReason.OTHER: "Another reason",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, or goes on, with an organisation."""

    text: str
    tag: Tag
    at: str = ""
    sort: str = ""
    who: Who | None = None
    note: str | None = None
    href: str | None = None
    again: str | None = None
    """The offer that can be tried once more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the person: what, from whom, and where to answer."""

    sentence: str
    who: Who
    href: str
    action: str


def waiting(
    connections: Sequence[Connection], offers: Sequence[Offer], requests: Sequence[PresentationRequest]
) -> tuple[Waiting, ...]:
    """What the person has to decide, whoever it came from."""
    return (
        *(_offers_waiting(each, offers) for each in connections if _open_offers(each.id, offers)),
        *(_request_waiting(each, connections) for each in requests if each.state == OPEN_REQUEST),
    )


def _open_offers(connection: str, offers: Sequence[Offer]) -> list[Offer]:
    return [each for each in offers if each.connection_id == connection and each.state == OPEN_OFFER]


def _offers_waiting(connection: Connection, offers: Sequence[Offer]) -> Waiting:
    count = len(_open_offers(connection.id, offers))
    what = "a credential" if count == 1 else f"{count} credentials"
    path = f"/organisations/{connection.id}/offers"
    return Waiting(f"offers you {what}", Who.of(connection.host, connection.label), path, "Look at the offer")


def _request_waiting(request: PresentationRequest, connections: Sequence[Connection]) -> Waiting:
    calls_itself = next((each.label for each in connections if each.id == request.connection_id), None)
    who = Who.of(request.host, calls_itself)
    return Waiting("asks to see something", who, f"/requests/{request.id}", "See what they ask for")


@dataclass(frozen=True, slots=True)
class Meeting:
    """How it stands with one organisation."""

    id: str
    who: Who
    connected: bool
    failed: bool
    code: str | None
    unproven: bool
    waiting: tuple[Waiting, ...]
    lines: tuple[Line, ...]

    @property
    def asks_for_code(self) -> bool:
        """Whether nothing has come yet: the other end may want to be sure first that it is this person."""
        return self.connected and not self.waiting and not self.lines


def meeting(
    connection: Connection,
    offers: Sequence[Offer],
    requests: Sequence[PresentationRequest],
) -> Meeting:
    """One connection, with all that came over it."""
    theirs = [each for each in offers if each.connection_id == connection.id]
    asked = [each for each in requests if each.connection_id == connection.id]
    lines = (*map(offer_line, theirs), *map(request_line, asked))
    return Meeting(
        id=connection.id,
        who=Who.of(connection.host, connection.label),
        connected=connection.state == COMPLETED,
        failed=connection.state == "abandoned" or connection.error is not None,
        code=None if connection.comparison_code is None else _grouped(connection.comparison_code),
        unproven=connection.sender_unproven,
        waiting=waiting([connection], theirs, asked),
        lines=newest_first(line for line in lines if line is not None),
    )


def _grouped(code: str) -> str:
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"


def offer_line(offer: Offer) -> Line | None:
    """How an offer stands that waits for nobody's decision; None while it waits for the person's."""
    if offer.state == OPEN_OFFER:
        return None
    tag, note = _stands(offer)
    came = offer.state == "credential-received"
    return Line(
        text=title(offer.type),
        tag=tag,
        at=moment(offer.changed_at),
        sort=offer.changed_at,
        note=note,
        href=f"/credentials/{offer.credential_id}" if offer.state == "done" else None,
        again=offer.id if came and offer.error else None,
    )


def _stands(offer: Offer) -> tuple[Tag, str | None]:
    match offer.state:
        case "done":
            return Tag("In your wallet", Colour.GOOD), None
        case "request-sent":
            note = "They check everything once more before they send it."
            return Tag("On its way", Colour.WAITING), note
        case "credential-received":
            return Tag("Not kept yet", Colour.WAITING), "It came, and could not be checked yet."
    said = offer.error or ""
    if said.startswith(DECLINED):
        return Tag("You rejected it", Colour.BAD), _declined(said.removeprefix(DECLINED))
    return Tag("Withdrawn", Colour.BAD), None


def _declined(said: str) -> str:
    reason, _, comment = said.partition(": ")
    known = {str(each): words for each, words in REASONS.items()}
    return ": ".join(filter(None, (known.get(reason, harmless(reason)), harmless(comment))))


def request_line(request: PresentationRequest) -> Line | None:
    """What became of a request; None while it waits for the person."""
    if request.state == OPEN_REQUEST:
        return None
    return Line(
        text="They asked to see something",
        tag=_became(request),
        at=moment(request.changed_at),
        sort=request.changed_at,
        href=f"/requests/{request.id}",
    )


def _became(request: PresentationRequest) -> Tag:
    if (request.error or "").startswith(_NO):
        return Tag("Not shared", Colour.BAD)
    if request.state in ("presentation-sent", "done"):
        return Tag("Shared", Colour.GOOD)
    return Tag("Ended", Colour.WAITING)


def newest_first(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Several lines, in the order of a diary that is read from its end."""
    return tuple(sorted(lines, key=lambda line: line.sort.replace(" ", "T"), reverse=True))
