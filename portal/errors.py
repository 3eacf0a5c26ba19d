"""What a page cannot be, and what its reader can do then."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that said no, in the agent's words, and who can mend it."""

    code: str
    sentence: str
    mended_by: str | None = None


class PageError(Exception):
    """A page that says what happened in place of the one that was asked for. `code` goes to the log."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self,
        code: str,
        sentences: tuple[str, ...] = (),
        *,
        retry_after: int | None = None,
        fields: Mapping[str, str] | None = None,
        refusals: tuple[Refusal, ...] = (),
        back: str | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.sentences = sentences
        """What the agent says to the person, if anything."""
        self.retry_after = retry_after
        """Seconds."""
        self.fields = fields or {}
        """What the agent says of single fields, by their names in its API."""
        self.refusals = refusals
        """Every rule that said no."""
        self.back = back
        """Where what was typed can be typed on, if it was kept."""


class NotSignedIn(PageError):
    """Nobody is, or not any more."""

    status = HTTPStatus.UNAUTHORIZED


class NotPermitted(PageError):
    """The person may not do this."""

    status = HTTPStatus.FORBIDDEN


class NotFound(PageError):
    """There is no such thing, or not for this organisation."""

    status = HTTPStatus.NOT_FOUND


class Refused(PageError):
    """A rule said no, or the thing is in another state by now."""

    status = HTTPStatus.CONFLICT


class TooLarge(PageError):
    """More was sent than any form of ours has."""

    status = HTTPStatus.CONTENT_TOO_LARGE


class CannotBeRead(PageError):
    """What was sent is not what it should be."""

    status = HTTPStatus.UNPROCESSABLE_CONTENT


class TooOften(PageError):
    """Too many tries in a while."""

    status = HTTPStatus.TOO_MANY_REQUESTS


class Faulty(PageError):
    """Something is wrong with us, or with how we are set up."""


class Unavailable(PageError):
    """Something did not answer: neither yes nor no."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
