"""What a host asks, and what became of it."""

from dataclasses import dataclass

from wallet.holder.offers import STATUS_ATTRIBUTE
from wallet.holder.requests import PresentationRequest
from wallet.phone.pages.credentials import Showing
from wallet.phone.pages.happenings import OPEN_REQUEST, request_line
from wallet.phone.pages.who import Tag, Who
from wallet.phone.words import harmless, label


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
    line = request_line(request)
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
