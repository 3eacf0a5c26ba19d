"""What a page cannot be, and what its reader can do then."""

from http import HTTPStatus


class PageError(Exception):
    """A page that says what happened in place of the one that was asked for. `code` goes to the log."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, code: str, sentences: tuple[str, ...] = (), *, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.sentences = sentences
        """What the agent says to the person, if anything."""
        self.retry_after = retry_after
        """Seconds."""


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
