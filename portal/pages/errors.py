"""Error pages: what happened, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from portal.errors import PageError
from portal.forms.fields import FieldError, mended


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What the page says; `sentences` are the agent's own, for people."""

    heading: str
    advice: str
    sentences: tuple[str, ...]


SAID: dict[int, tuple[str, str]] = {
    HTTPStatus.FORBIDDEN: (
        "You cannot do this",
        "If a page was open for long, load it again and try once more. Otherwise ask an administrator.",
    ),
    HTTPStatus.NOT_FOUND: (
        "Page not found",
        "If you typed the address, check it. What a link led to may be gone, or be another organisation's.",
    ),
    HTTPStatus.CONFLICT: (
        "This could not be done",
        "Go back and load the page again, to see how things stand now.",
    ),
    HTTPStatus.CONTENT_TOO_LARGE: ("That was too much text", "Go back and shorten what you entered."),
    HTTPStatus.UNPROCESSABLE_CONTENT: (
        "We could not read that",
        "Go back, check what you entered or chose, and try again.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "Too many tries",
        "Wait for a few minutes, then try again.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Something does not answer at the moment",
        "Nothing was changed. Try again in a few minutes.",
    ),
}
FAULT = (
    "Sorry, there is a problem with this service",
    "Try again later. If it happens again, tell whoever looks after this service, with the reference below.",
)


SECONDS = 60
PASSING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
"""What passes by itself."""
UNKNOWN = (
    "Something does not answer at the moment",
    "It is not known whether this was done. Try again in a few minutes: what is sent twice is done once.",
)


def error_page(error: PageError, *, sent: bool = False) -> ErrorPage:
    """What the reader of the page is told; `sent` if they had sent something."""
    heading, advice = SAID.get(error.status, FAULT)
    if sent and error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        heading, advice = UNKNOWN
    told = tuple(mended(each.sentence, each.mended_by) for each in error.refusals)
    return ErrorPage(heading, advice, told or error.sentences)


def at_the_form(error: PageError, fields: Mapping[str, str] | None = None) -> tuple[FieldError, ...]:
    """What is said above the same form; `fields` says where on it the agent's names stand."""
    known = fields or {}
    placed = tuple(FieldError(known.get(name), sentence) for name, sentence in error.fields.items())
    told = error_page(error).sentences or (error_page(error, sent=True).advice,)
    later = (again_in(error.retry_after),) if error.status == HTTPStatus.SERVICE_UNAVAILABLE else ()
    return placed or tuple(FieldError(None, each) for each in told + later)


def status_of(error: PageError) -> int:
    """With which a form is shown again: what is unavailable or too often is said to be so."""
    return error.status if error.status in PASSING else HTTPStatus.UNPROCESSABLE_CONTENT


def again_in(seconds: int | None) -> str:
    """When to try again, as people say it."""
    if seconds is None:
        return "Try again in a few minutes."
    minutes = max(1, -(-seconds // SECONDS))
    return f"Try again in {minutes} {'minute' if minutes == 1 else 'minutes'}."
