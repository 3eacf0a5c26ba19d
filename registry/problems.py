"""Refusals as RFC 9457 problems: one table at the edge, and for the unknown a bare internal error."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from aiohttp import web

from signed_documents.errors import DocumentRefused, Reason

LOGGER = logging.getLogger(__name__)

TOO_LARGE = HTTPStatus(413)  # by number, because Python 3.13 renamed both
UNVERIFIED = HTTPStatus(422)


NOT_KEPT = {"Cache-Control": "no-store"}
HEADERS: Mapping[HTTPStatus, dict[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {**NOT_KEPT, "WWW-Authenticate": "Bearer"},
    # Kept for a moment, so that whoever asks for nothing costs little; any page may be told.
    HTTPStatus.NOT_FOUND: {"Cache-Control": "public, max-age=5", "Access-Control-Allow-Origin": "*"},
}


class RegistryProblem(Exception):
    """A write or read that ends in a problem answer."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"


class WriteConflict(RegistryProblem):
    """Somebody else wrote in between, or what is there may not change."""

    status = HTTPStatus.CONFLICT
    code = "conflict"


class WriterUnknown(RegistryProblem):
    """The request carries no write token that we know."""

    status = HTTPStatus.UNAUTHORIZED
    code = "not_authenticated"


class WriterNotPermitted(RegistryProblem):
    """The token is another namespace's."""

    status = HTTPStatus.FORBIDDEN
    code = "not_permitted"


class WriteTooSlow(RegistryProblem):
    """The body of a write did not arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "too_slow"


class NoRoomLeft(RegistryProblem):
    """A writer has as much here as one may."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    code = "no_room_left"


class NotPublished(RegistryProblem):
    """There is no such document."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


def problem(status: HTTPStatus, code: str, detail: str) -> web.Response:
    """The answer for one problem; `code` is for machines and never changes once published."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
    }
    headers = HEADERS.get(status, NOT_KEPT)
    return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")


@web.middleware
async def problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except RegistryProblem as known:
        return problem(known.status, known.code, str(known))
    except DocumentRefused as refused:
        status = TOO_LARGE if refused.reason is Reason.TOO_LARGE else UNVERIFIED
        return problem(status, refused.reason, refused.detail)
    except web.HTTPException as http:
        if http.status < HTTPStatus.BAD_REQUEST:
            raise
        status = HTTPStatus(http.status)
        code = Reason.TOO_LARGE if status is TOO_LARGE else status.name.lower()
        return problem(status, code, status.description or status.phrase)
    except Exception:  # told to the log alone
        LOGGER.exception("A request to the registry failed")
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong here.")
