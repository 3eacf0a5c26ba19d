"""One table from our errors to RFC 9457 problems."""

import logging
from typing import Any

from aiohttp import web

from agent.domain.errors import (
    Conflict,
    InvalidInput,
    LimitReached,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    Refusal,
    Refused,
    StaffPassportError,
    Unavailable,
)

LOGGER = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"

STATUS: tuple[tuple[type[StaffPassportError], int, str], ...] = (
    (InvalidInput, 422, "What was sent cannot be read"),
    (NotAuthenticated, 401, "Nobody proved who acts"),
    (NotPermitted, 403, "Not permitted"),
    (NotFound, 404, "Not found"),
    (Refused, 409, "Refused"),
    (Conflict, 409, "Not possible in this state"),
    (LimitReached, 429, "Too often"),
    (Unavailable, 503, "Not available now"),
)


def problem(error: Exception) -> web.Response:
    """The answer to a call that ended with `error`. What we do not know is a bare internal error."""
    for kind, status, title in STATUS:
        if isinstance(error, kind):
            return _response(status, title, error)
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return _bare(error.status, "body_too_large", "The body is larger than any call here needs.")
    # The type alone: a message could carry somebody's data.
    LOGGER.error("A call ended with %s", type(error).__qualname__, exc_info=without_values(error))
    return _bare(500, "internal_error", "Something went wrong here. It has been recorded.")


def not_found() -> web.Response:
    """The answer for whatever does not exist, or is not to be known of."""
    return _bare(404, "not_found", "There is no such resource.")


def _response(status: int, title: str, error: StaffPassportError) -> web.Response:
    body: dict[str, Any] = {
        "type": f"urn:staff-passport:problem:{error.code}",
        "title": title,
        "status": status,
    }
    body |= {"code": error.code, "detail": error.sentence}
    headers = {}
    if isinstance(error, NotAuthenticated):
        LOGGER.info("A call was not authenticated: %s", error.sentence)
        body["detail"] = "The agent's key and a signed assertion for this very call are needed."
    if isinstance(error, InvalidInput) and error.fields:
        body["fields"] = error.fields
    if isinstance(error, Refused):
        body["refusals"] = [refusal_as_json(refusal) for refusal in error.refusals]
    if isinstance(error, Unavailable | LimitReached):
        headers["Retry-After"] = str(error.retry_after)
    return web.json_response(body, status=status, content_type=CONTENT_TYPE, headers=headers)


def refusal_as_json(refusal: Refusal) -> dict[str, str | None]:
    """One broken rule, as an answer shows it."""
    return {"code": refusal.code, "sentence": refusal.sentence, "mended_by": refusal.mended_by}


def _bare(status: int, code: str, detail: str) -> web.Response:
    body = {"type": f"urn:staff-passport:problem:{code}", "title": detail, "status": status}
    return web.json_response(
        body | {"code": code, "detail": detail}, status=status, content_type=CONTENT_TYPE
    )


def without_values(error: BaseException) -> tuple[type[BaseException], BaseException, Any]:
    """The traceback of `error` under an exception of our own, so that its message stays unlogged."""
    return (RuntimeError, RuntimeError(type(error).__qualname__), error.__traceback__)
