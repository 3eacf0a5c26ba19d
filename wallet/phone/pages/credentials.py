"""Credentials: those that are held, that are offered, and what a host would see of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wallet.holder.connections import Connection
from wallet.holder.credentials import Format, HeldCredential, Status
from wallet.holder.offers import STATUS_ATTRIBUTE, Offer
from wallet.holder.requests import Answer
from wallet.holder.selection import Predicate, plain_name
from wallet.phone.pages.who import EXPLAINED, STATUS, Colour, Issuers, Tag, Who, style
from wallet.phone.words import Claims, harmless, label, moment, short, title

OPEN_OFFER = "offer-received"
"""The state of an offer that waits for the person (RFC 0453)."""
_WORST_FIRST = (Status.REVOKED, Status.SUSPENDED, Status.UNKNOWN, Status.VALID)


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
        kind=style(kind),
        issuer=Who.of(issuers.get(first.issuer)),
        claims=Claims.of(_without_status(first.attributes)),
        tag=STATUS[status],
        explained=EXPLAINED[status],
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
        kind=style(offer.type),
        claims=Claims.of(_without_status(offer.attributes)),
        issuer=Who.of(issuers.get(offer.issuer or "")),
        comment=short(offer.comment),
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
        kind=style(credential.type),
        issuer=Who.of(issuers.get(credential.issuer)),
        claims=Claims.of(credential.attributes, [own[plain_name(name)] for name in shown]),
        proofs=tuple(_proof(each.names[0], each.predicate) for each in asks if each.predicate),
        tag=STATUS[credential.status],
        is_valid=credential.status is Status.VALID,
    )


def _proof(name: str, predicate: Predicate) -> str:
    than = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}
    compared = than.get(predicate.kind, harmless(predicate.kind))
    return f"{label(name)} is {compared} {predicate.value}, without showing the number"
