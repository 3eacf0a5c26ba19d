"""What was received, shared and refused, with whom and when."""

from collections.abc import Mapping, Sequence
from typing import Any

from wallet.holder.connections import Connection
from wallet.holder.offers import Offer
from wallet.holder.requests import PresentationRequest
from wallet.phone.pages.credentials import Card
from wallet.phone.pages.happenings import COMPLETED, Line, newest_first, offer_line, request_line
from wallet.phone.pages.who import Colour, Tag, Who
from wallet.phone.words import harmless, listed, moment, title


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
        *(_refused(offer_line(each), each.connection_id, others) for each in offers),
        *(_refused(request_line(each), each.connection_id, others) for each in requests),
    ]
    return newest_first(line for line in lines if line is not None)


def shared_with(shared: Sequence[Mapping[str, Any]], card: Card) -> tuple[Line, ...]:
    """With whom one credential was shared, in whichever form."""
    ids = card.forms
    seen = [entry for entry in shared if any(each["credential_id"] in ids for each in entry["credentials"])]
    return newest_first(_shared(entry) for entry in seen)


def _received(card: Card) -> Line:
    tag, href = Tag("Received", Colour.GOOD), f"/credentials/{card.id}"
    return Line(card.title, tag, card.since, card.stored_at, who=card.issuer, href=href)


def _shared(entry: Mapping[str, Any]) -> Line:
    titles = listed([title(each["type"]) for each in entry["credentials"]]).capitalize()
    at = str(entry["shared_at"])
    tag, href = Tag("Shared", Colour.GOOD), f"/requests/{entry['request_id']}"
    return Line(titles, tag, moment(at), at, who=_recipient(entry), href=href)


def _recipient(entry: Mapping[str, Any]) -> Who:
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
