"""What each page shows, from what the wallet's use cases answer. Nothing is decided here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wallet.holder.connections import Connection
from wallet.holder.credentials import Format, HeldCredential, Status
from wallet.holder.hosts import Host, Standing
from wallet.holder.offers import DECLINED, STATUS_ATTRIBUTE, DeclineReason, Offer
from wallet.holder.requests import Answer, PresentationRequest
from wallet.holder.selection import Predicate, plain_name
from wallet.phone.words import Claims, harmless, label, listed, moment, short, title

type Issuers = Mapping[str, Host]
"""Who the list says has a DID."""

OPEN_OFFER, ASKED_FOR, CAME, KEPT = "offer-received", "request-sent", "credential-received", "done"
OPEN_REQUEST = "request-received"
COMPLETED = "completed"
_NO = "declined"
"""How a request's own record of a person's no begins."""

REASONS = {
    DeclineReason.INCORRECT: "Something in it is wrong",
    DeclineReason.DUPLICATE: "I have it already",
    DeclineReason.NO_LONGER_WANTED: "I do not want it any more",
    DeclineReason.OTHER: "Another reason",
}
_WORST_FIRST = (Status.REVOKED, Status.SUSPENDED, Status.UNKNOWN, Status.VALID)


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


_STATUS = {
    Status.VALID: Tag("Valid", Colour.GOOD),
    Status.REVOKED: Tag("Revoked", Colour.BAD),
    Status.SUSPENDED: Tag("Suspended", Colour.BAD),
    Status.UNKNOWN: Tag("Cannot be checked now", Colour.WAITING),
}
_STATUS_EXPLAINED = {
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

    @property
    def in_a_sentence(self) -> str:
        """As it stands in the middle of one."""
        return self.name if self.known else "an unknown sender"


@dataclass(frozen=True, slots=True)
class Card:
    """One credential, in whatever forms the wallet has it."""

    id: str
    title: str
    kind: str
    issuer: Who
    claims: Claims
    tag: Tag
    explained: str
    since: str
    stored_at: str
    forms: frozenset[str]
    """The ids of the credential in each of its forms."""

    @property
    def is_valid(self) -> bool:
        """Whether it holds, as far as the wallet can tell."""
        return self.tag.colour is Colour.GOOD


def cards(held: Sequence[HeldCredential], issuers: Issuers) -> tuple[Card, ...]:
    """What the person holds, the newest first: the forms of one credential are one card."""
    alike: dict[object, list[HeldCredential]] = {}
    for one in held:
        alike.setdefault(_content(one.issuer, one.attributes), []).append(one)
    made = [_card(forms, issuers) for forms in alike.values()]
    return tuple(sorted(made, key=lambda card: (card.is_valid, card.stored_at), reverse=True))


def card_of(found: Iterable[Card], identifier: str) -> Card | None:
    """The card of a credential that is named by the id of any of its forms."""
    return next((card for card in found if identifier in card.forms), None)


def _card(forms: Sequence[HeldCredential], issuers: Issuers) -> Card:
    # AnonCreds keep no order of claims; the W3C's form has the issuer's.
    first = next((form for form in forms if form.format is Format.W3C), forms[0])
    status = next(each for each in _WORST_FIRST if any(form.status is each for form in forms))
    kind = next((form.type for form in forms if form.type), None)
    return Card(
        id=first.id,
        title=title(kind),
        kind=_style(kind),
        issuer=Who.of(issuers.get(first.issuer)),
        claims=Claims.of(_without_status(first.attributes)),
        tag=_STATUS[status],
        explained=_STATUS_EXPLAINED[status],
        since=moment(first.stored_at),
        stored_at=first.stored_at,
        forms=frozenset(form.id for form in forms),
    )


def _content(issuer: str, attributes: Mapping[str, str]) -> object:
    return issuer, frozenset(
        (plain_name(name), value) for name, value in _without_status(attributes).items() if value
    )


def _without_status(attributes: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in attributes.items() if name != STATUS_ATTRIBUTE}


def _style(kind: str | None) -> str:
    """The name of the colour of a kind of credential."""
    known = {"Identity": "identity", "Employment": "employment", "Employment checks": "checks"}
    return known.get(title(kind), "other")


@dataclass(frozen=True, slots=True)
class Offered:
    """One credential that is offered."""

    id: str
    title: str
    kind: str
    claims: Claims
    issuer: Who
    comment: str | None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that one organisation offers at once."""

    connection: str
    sender: Who
    offers: tuple[Offered, ...]

    @property
    def stranger(self) -> Who | None:
        """Who would have signed something, and is not who the person takes them for."""
        return next((each.issuer for each in self.offers if each.issuer.name != self.sender.name), None)


def bundle(connection: Connection, offers: Sequence[Offer], issuers: Issuers) -> Bundle:
    """What waits for an answer on one connection."""
    return Bundle(
        connection.id,
        Who.of(connection.host, connection.label),
        tuple(_offered(offer, issuers) for offer in offers if offer.state == OPEN_OFFER),
    )


def _offered(offer: Offer, issuers: Issuers) -> Offered:
    return Offered(
        id=offer.id,
        title=title(offer.type),
        kind=_style(offer.type),
        claims=Claims.of(_without_status(offer.attributes)),
        issuer=Who.of(issuers.get(offer.issuer or "")),
        comment=short(offer.comment),
    )


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
    lines = (*map(_offer_line, theirs), *map(_request_line, asked))
    return Meeting(
        id=connection.id,
        who=Who.of(connection.host, connection.label),
        connected=connection.state == COMPLETED,
        failed=connection.state == "abandoned" or connection.error is not None,
        code=None if connection.comparison_code is None else _grouped(connection.comparison_code),
        unproven=connection.sender_unproven,
        waiting=waiting([connection], theirs, asked),
        lines=_newest_first(line for line in lines if line is not None),
    )


def _grouped(code: str) -> str:
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"


def _offer_line(offer: Offer) -> Line | None:
    name, at, note = title(offer.type), moment(offer.changed_at), None
    match offer.state:
        case "offer-received":
            return None
        case "done":
            tag, href = Tag("In your wallet", Colour.GOOD), f"/credentials/{offer.credential_id}"
            return Line(name, tag, at, offer.changed_at, href=href)
        case "request-sent":
            note = "They check everything once more before they send it."
            return Line(name, Tag("On its way", Colour.WAITING), at, offer.changed_at, note=note)
        case "credential-received":
            note = "It came, and could not be checked yet."
            tag = Tag("Not kept yet", Colour.WAITING)
            return Line(name, tag, at, offer.changed_at, note=note, again=offer.id if offer.error else None)
    if (offer.error or "").startswith(DECLINED):
        note = _declined((offer.error or "").removeprefix(DECLINED))
        return Line(name, Tag("You rejected it", Colour.BAD), at, offer.changed_at, note=note)
    return Line(name, Tag("Withdrawn", Colour.BAD), at, offer.changed_at)


def _declined(said: str) -> str:
    reason, _, comment = said.partition(": ")
    known = {str(each): words for each, words in REASONS.items()}
    return ": ".join(filter(None, (known.get(reason, harmless(reason)), harmless(comment))))


def _request_line(request: PresentationRequest) -> Line | None:
    if request.state == OPEN_REQUEST:
        return None
    at, href = moment(request.changed_at), f"/requests/{request.id}"
    if (request.error or "").startswith(_NO):
        return Line(
            "They asked to see something", Tag("Not shared", Colour.BAD), at, request.changed_at, href=href
        )
    if request.state in ("presentation-sent", "done"):
        return Line(
            "They asked to see something", Tag("Shared", Colour.GOOD), at, request.changed_at, href=href
        )
    return Line(
        "They asked to see something", Tag("Ended", Colour.WAITING), at, request.changed_at, href=href
    )


@dataclass(frozen=True, slots=True)
class Showing:
    """What a host would see of one credential."""

    title: str
    kind: str
    issuer: Who
    claims: Claims
    proofs: tuple[str, ...]
    """What would be proven without being shown."""
    tag: Tag
    is_valid: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """What a host asks, and what became of it. `showings` is empty when nothing can be shown."""

    id: str
    who: Who
    purpose: str | None
    wanted: tuple[str, ...]
    showings: tuple[Showing, ...]
    digest: str
    is_open: bool
    outcome: Tag | None
    when: str
    obstacle: str | None


def asking(
    request: PresentationRequest,
    who: Who,
    *,
    showings: tuple[Showing, ...] = (),
    obstacle: str | None = None,
) -> Asking:
    """One request; `obstacle` is what keeps the person from sharing."""
    line = _request_line(request)
    told = request.host.purpose if request.host and request.host.purpose else request.comment
    return Asking(
        id=request.id,
        who=who,
        purpose=harmless(told or "") or None,
        wanted=tuple(
            dict.fromkeys(
                label(name) for ask in request.asks for name in ask.names if name != STATUS_ATTRIBUTE
            )
        ),
        showings=showings,
        digest=request.digest,
        is_open=request.state == OPEN_REQUEST,
        outcome=line.tag if line else None,
        when=line.at if line else "",
        obstacle=obstacle,
    )


def showings(answer: Answer, issuers: Issuers) -> tuple[Showing, ...]:
    """What an answer would show, one credential after the other."""
    chosen = {each.id: each for each in answer.selection.chosen.values()}
    return tuple(_showing(credential, answer, issuers) for credential in chosen.values())


def _showing(credential: HeldCredential, answer: Answer, issuers: Issuers) -> Showing:
    asks = [each for each in answer.asks if answer.selection.chosen[each.referent].id == credential.id]
    own = {plain_name(name): name for name in credential.attributes}
    shown = [name for each in asks if each.predicate is None for name in each.names]
    return Showing(
        title=title(credential.type),
        kind=_style(credential.type),
        issuer=Who.of(issuers.get(credential.issuer)),
        claims=Claims.of(credential.attributes, [own[plain_name(name)] for name in shown]),
        proofs=tuple(_proof(each.names[0], each.predicate) for each in asks if each.predicate),
        tag=_STATUS[credential.status],
        is_valid=credential.status is Status.VALID,
    )


def _proof(name: str, predicate: Predicate) -> str:
    than = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}
    compared = than.get(predicate.kind, harmless(predicate.kind))
    return f"{label(name)} is {compared} {predicate.value}, without showing the number"


def history(
    held: Sequence[Card],
    connections: Sequence[Connection],
    offers: Sequence[Offer],
    requests: Sequence[PresentationRequest],
    shared: Sequence[Mapping[str, Any]],
) -> tuple[Line, ...]:
    """What was received, shared and refused, with whom and when."""
    others = {each.id: Who.of(each.host, each.label) for each in connections}
    lines = [
        *(_received(card) for card in held),
        *(_shared(entry) for entry in shared),
        *(_met(each) for each in connections),
        *(_refused(_offer_line(each), each.connection_id, others) for each in offers),
        *(_refused(_request_line(each), each.connection_id, others) for each in requests),
    ]
    return _newest_first(line for line in lines if line is not None)


def _received(card: Card) -> Line:
    tag, href = Tag("Received", Colour.GOOD), f"/credentials/{card.id}"
    return Line(card.title, tag, card.since, card.stored_at, who=card.issuer, href=href)


def _shared(entry: Mapping[str, Any]) -> Line:
    titles = listed([title(each["type"]) for each in entry["credentials"]]).capitalize()
    at = str(entry["shared_at"])
    tag, href = Tag("Shared", Colour.GOOD), f"/requests/{entry['request_id']}"
    return Line(titles, tag, moment(at), at, who=recipient(entry), href=href)


def recipient(entry: Mapping[str, Any]) -> Who:
    """With whom something was shared, as the diary has it."""
    if entry["name"]:
        return Who(harmless(entry["name"]), entry["ods_code"], known=True)
    return Who.of(None, entry["label"])


def _met(connection: Connection) -> Line:
    at, who = connection.created_at, Who.of(connection.host, connection.label)
    done = "Connected" if connection.state == COMPLETED else "Not connected"
    tag, href = Tag(done, Colour.WAITING), f"/organisations/{connection.id}"
    return Line("You answered their invitation", tag, moment(at), at, who=who, href=href)


def _refused(line: Line | None, connection: str | None, others: Mapping[str, Who]) -> Line | None:
    """Of all that goes on, what came to nothing: what came to something is told by the others."""
    if line is None or line.tag.colour is not Colour.BAD:
        return None
    who = others.get(connection or "", Who.of(None))
    return Line(line.text, line.tag, line.at, line.sort, who=who, note=line.note, href=line.href)


def shared_with(shared: Sequence[Mapping[str, Any]], card: Card) -> tuple[Line, ...]:
    """With whom one credential was shared, in whichever form."""
    ids = card.forms
    seen = [entry for entry in shared if any(each["credential_id"] in ids for each in entry["credentials"])]
    return _newest_first(_shared(entry) for entry in seen)


def _newest_first(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: line.sort.replace(" ", "T"), reverse=True))
