"""The phone's pages: each reads what was sent, asks the wallet, and shows."""

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from wallet.holder.hosts import Host
from wallet.holder.offers import Offer
from wallet.holder.problems import InvalidInput, NoCredential, NotFound, NotPossible, Unavailable
from wallet.holder.requests import PresentationRequest
from wallet.phone import forms, words
from wallet.phone.forms import LONGEST_INVITATION, Rejection
from wallet.phone.pages import credentials, diary, happenings, requests
from wallet.phone.pages.credentials import Bundle
from wallet.phone.pages.who import Who
from wallet.phone.visits import CANNOT_BE_TAKEN, GoOn, Page, View, Visit

NOT_AN_INVITATION = "This is not an invitation. Copy the whole link that you were given, and paste it here"
NO_CODE = "Enter the code that you were told: letters and digits"


async def home(visit: Visit) -> Page | GoOn:
    """What waits, what is held, and with whom the person has to do."""
    if "oob" in visit.query:
        return GoOn(_invitation_path(visit.query["oob"]))
    wallet = visit.wallet
    held = await wallet.credentials.all()
    connections = await wallet.connections.all()
    issuers = await wallet.issuers({one.issuer for one in held})
    shown = {
        "waiting": happenings.waiting(connections, await wallet.offers.all(), await wallet.requests.all()),
        "cards": credentials.cards(held, issuers),
        "organisations": [
            (each.id, Who.of(each.host, each.label), words.moment(each.created_at))
            for each in reversed(connections)
        ],
    }
    return Page("home.html", "Your wallet", waits=True, shown=shown)


async def scan(_: Visit) -> Page:
    """Ask for an invitation."""
    return Page("scan.html", "Scan an invitation", shown={"typed": ""})


async def scanned(visit: Visit) -> Page | GoOn:
    """Read what was scanned or pasted."""
    link = forms.pasted(visit.sent)
    try:
        await _who_invites(visit, link)
    except InvalidInput:
        shown = {"typed": link[:LONGEST_INVITATION]}
        errors = {"invitation": NOT_AN_INVITATION}
        return Page("scan.html", "Scan an invitation", CANNOT_BE_TAKEN, errors=errors, shown=shown)
    return GoOn(_invitation_path(parse_qs(urlsplit(link).query)["oob"][0]))


async def invitation(visit: Visit) -> Page | GoOn:
    """Who invites. They do not learn that somebody looked."""
    link = _invitation_path(visit.query.get("oob", ""))
    try:
        host = await _who_invites(visit, link)
    except InvalidInput:
        errors = {"invitation": NOT_AN_INVITATION}
        return Page("scan.html", "Scan an invitation", CANNOT_BE_TAKEN, errors=errors, shown={"typed": ""})
    who = Who.of(host)
    heading = f"{who.name} invites you" if who.known else "We do not know who invites you"
    if who.unavailable:
        heading = "Nobody can say now who invites you"
    shown = {
        "who": who,
        "purpose": host.purpose,
        "link": link,
        "turned_away": visit.wallet.hosts.is_turned_away(host),
    }
    return Page("invitation.html", heading, shown=shown)


async def connect(visit: Visit) -> GoOn:
    """Answer an invitation."""
    connection, _ = await visit.wallet.connections.accept(forms.pasted(visit.sent)[:LONGEST_INVITATION])
    return GoOn(f"/organisations/{connection}")


async def organisation(visit: Visit) -> Page:
    """How it stands with one organisation."""
    return await _organisation(visit)


async def send_code(visit: Visit) -> Page | GoOn:
    """Send the one-time code that the person was told."""
    code = forms.one_time_code(visit.sent)
    if code is None:
        return await _organisation(visit, CANNOT_BE_TAKEN, code=NO_CODE)
    if (await visit.wallet.connections.one(visit.id)).sender_unproven:
        raise NotPossible("sender_unproven", "It is not certain who would read the code. Nothing was sent.")
    await visit.wallet.connections.send(visit.id, code)
    return GoOn(f"/organisations/{visit.id}?sent=code")


async def _organisation(visit: Visit, status: int = 200, **errors: str) -> Page:
    wallet, mine = visit.wallet, {"connection_id": visit.id}
    connection = await wallet.connections.one(visit.id)
    met = happenings.meeting(connection, await wallet.offers.all(**mine), await wallet.requests.all(**mine))
    shown = {"met": met, "code_was_sent": visit.query.get("sent") == "code"}
    return Page("organisation.html", met.who.name, status, waits=True, errors=errors, shown=shown)


async def offers(visit: Visit) -> Page | GoOn:
    """What an organisation offers."""
    bundle = await _bundle(visit)
    if not bundle.offers:
        return GoOn(f"/organisations/{visit.id}")
    return Page("offers.html", _offers_title(bundle), shown={"bundle": bundle})


async def answer_offers(visit: Visit) -> Page | GoOn:
    """Accept what is ticked. What is not stays open, until the person says why they reject it."""
    ticked = set(visit.sent.get("offer", ()))
    unticked = False
    for offer in (await _bundle(visit)).offers:
        if offer.id in ticked:
            await visit.wallet.offers.accept(offer.id)
        else:
            unticked = True
    return GoOn(f"/organisations/{visit.id}/{'rejection' if unticked else ''}".rstrip("/"))


async def try_again(visit: Visit) -> GoOn:
    """Check once more a credential that came while the registry did not answer."""
    offer = await visit.wallet.offers.accept(visit.id)
    return GoOn(f"/organisations/{offer.connection_id}")


async def ask_why(visit: Visit) -> Page | GoOn:
    """Ask why the person rejects what is still open."""
    bundle = await _bundle(visit)
    if not bundle.offers:
        return GoOn(f"/organisations/{visit.id}")
    everything = frozenset(each.id for each in bundle.offers)
    return _why(bundle, Rejection(everything, None, ""), 200)


async def reject(visit: Visit) -> Page | GoOn:
    """Reject, with a reason."""
    bundle, rejection = await _bundle(visit), Rejection.read(visit.sent)
    if rejection.errors:
        return (
            _why(bundle, rejection, CANNOT_BE_TAKEN) if bundle.offers else GoOn(f"/organisations/{visit.id}")
        )
    for offer in bundle.offers:
        if offer.id in rejection.offers and rejection.reason is not None:
            await visit.wallet.offers.decline(offer.id, rejection.reason, rejection.comment or None)
    return GoOn(f"/organisations/{visit.id}")


def _why(bundle: Bundle, rejection: Rejection, status: int) -> Page:
    shown = {"bundle": bundle, "rejection": rejection, "reasons": happenings.REASONS}
    errors = rejection.errors if status == CANNOT_BE_TAKEN else {}
    return Page("rejection.html", "Why do you reject it?", status, errors=errors, shown=shown)


def _offers_title(bundle: Bundle) -> str:
    what = "a credential" if len(bundle.offers) == 1 else f"{len(bundle.offers)} credentials"
    return f"{bundle.sender.name} offers you {what}"


async def _bundle(visit: Visit) -> Bundle:
    connection = await visit.wallet.connections.one(visit.id)
    found: list[Offer] = await visit.wallet.offers.all(state=credentials.OPEN_OFFER, connection_id=visit.id)
    issuers = await visit.wallet.issuers({each.issuer for each in found if each.issuer})
    return credentials.bundle(connection, found, issuers)


async def request(visit: Visit) -> Page:
    """What a host asks to see, and why; or what became of it."""
    asked = await visit.wallet.requests.one(visit.id)
    who = await _who_asks(visit, asked)
    if asked.state != happenings.OPEN_REQUEST:
        return await _answered(visit, asked, who)
    try:
        answer = await visit.wallet.requests.answer(visit.id)
    except (NoCredential, NotPossible, Unavailable) as obstacle:
        asking = requests.asking(asked, who, obstacle=str(obstacle))
    else:
        issuers = await visit.wallet.issuers({one.issuer for one in answer.selection.chosen.values()})
        asking = requests.asking(asked, who, showings=credentials.showings(answer, issuers))
    return Page("request.html", f"{who.name} asks to see something", shown={"asking": asking})


async def _answered(visit: Visit, asked: PresentationRequest, who: Who) -> Page:
    asking = requests.asking(asked, who)
    title = asking.outcome.text if asking.outcome else "A request"
    entries = [each for each in await visit.wallet.diary.all() if each["request_id"] == visit.id]
    shared = [
        (words.title(each["type"]), words.Claims.of(dict.fromkeys(each["attributes"], "seen")))
        for entry in entries
        for each in entry["credentials"]
    ]
    return Page("answered.html", title, waits=True, shown={"asking": asking, "shared": shared})


async def share(visit: Visit) -> GoOn:
    """Share what was asked for: the person saw the request of this digest."""
    await visit.wallet.requests.present(visit.id, digest=forms.first(visit.sent, "digest"))
    return GoOn(f"/requests/{visit.id}")


async def decline(visit: Visit) -> GoOn:
    """Share nothing."""
    await visit.wallet.requests.decline(visit.id, None)
    return GoOn(f"/requests/{visit.id}")


async def _who_asks(visit: Visit, asked: PresentationRequest) -> Who:
    """While it is open, as it proves itself now; later, as it was known when its invitation was answered."""
    if asked.connection_id is None:
        return Who.of(asked.host)
    try:
        connection = await visit.wallet.connections.one(asked.connection_id)
    except NotFound:
        return Who.of(asked.host)
    host: Host | None = asked.host if asked.state == happenings.OPEN_REQUEST else connection.host
    return Who.of(host, connection.label)


async def credential(visit: Visit) -> Page:
    """One credential, whole."""
    held = await visit.wallet.credentials.all()
    cards = credentials.cards(held, await visit.wallet.issuers({one.issuer for one in held}))
    card = credentials.card_of(cards, visit.id)
    if card is None:
        raise NotFound("There is no such credential.")
    shared = diary.shared_with(await visit.wallet.diary.all(), card)
    return Page("credential.html", card.title, shown={"card": card, "shared": shared})


async def history(visit: Visit) -> Page:
    """What was received, shared and refused."""
    wallet = visit.wallet
    held = await wallet.credentials.all()
    lines = diary.history(
        credentials.cards(held, await wallet.issuers({one.issuer for one in held})),
        await wallet.connections.all(),
        await wallet.offers.all(),
        await wallet.requests.all(),
        await wallet.diary.all(),
    )
    return Page("history.html", "History", waits=True, shown={"lines": lines})


async def _who_invites(visit: Visit, link: str) -> Host:
    """Raises `InvalidInput`."""
    if not 0 < len(link) <= LONGEST_INVITATION:
        raise InvalidInput("not_an_invitation", NOT_AN_INVITATION)
    return await visit.wallet.connections.who_invites(link)


def _invitation_path(content: str) -> str:
    return f"/invitation?oob={quote(content, safe='')}"


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table."""

    method: str
    path: str
    view: View


ROUTES = (
    Route("GET", "/", home),
    Route("GET", "/scan", scan),
    Route("POST", "/scan", scanned),
    Route("GET", "/invitation", invitation),
    Route("POST", "/organisations", connect),
    Route("GET", "/organisations/{id}", organisation),
    Route("POST", "/organisations/{id}/code", send_code),
    Route("GET", "/organisations/{id}/offers", offers),
    Route("POST", "/organisations/{id}/offers", answer_offers),
    Route("GET", "/organisations/{id}/rejection", ask_why),
    Route("POST", "/organisations/{id}/rejection", reject),
    Route("POST", "/offers/{id}/another-try", try_again),
    Route("GET", "/requests/{id}", request),
    Route("POST", "/requests/{id}/sharing", share),
    Route("POST", "/requests/{id}/refusal", decline),
    Route("GET", "/credentials/{id}", credential),
    Route("GET", "/history", history),
)
