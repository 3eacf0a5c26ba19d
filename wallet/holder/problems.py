"""What keeps a call from being done, and how it is answered: as an RFC 9457 problem."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aiohttp import web

from signed_documents.errors import DocumentUnavailable
from wallet.holder.registry import ObjectRefused, RegistryUnavailable

LOGGER = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 10


class WalletProblem(Exception):
    """A call that is answered with a problem: `code` for machines, the message for people."""

    status = HTTPStatus.CONFLICT

    def __init__(self, code: str, sentence: str, **details: object) -> None:
        super().__init__(sentence)
        self.code = code
        self.details: Mapping[str, object] = details


class InvalidInput(WalletProblem):
    """What was sent cannot be read."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotAuthenticated(WalletProblem):
    """The call has no key, or a wrong one."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__("not_authenticated", "The wallet's key is needed, in X-API-Key.")


class NotFound(WalletProblem):
    """There is no such thing in this wallet."""

    status = HTTPStatus.NOT_FOUND

    def __init__(self, sentence: str) -> None:
        super().__init__("not_found", sentence)


class NotPossible(WalletProblem):
    """Not in the state that this thing is in."""


class NoCredential(WalletProblem):
    """Nothing in this wallet answers what a host asks for. Nothing was sent."""

    def __init__(self, sentence: str, missing: object) -> None:
        super().__init__("no_credential", sentence, missing=missing)


class Unavailable(WalletProblem):
    """Somebody did not answer: neither yes nor no."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of an error, whether to a program or on a page."""

    status: HTTPStatus
    code: str
    sentence: str
    details: Mapping[str, object] = field(default_factory=dict)


def told(error: Exception) -> Told:
    """What to tell of `error`. What we do not know is a bare internal error, and goes to the log."""
    match error:
        case WalletProblem():
            return Told(error.status, error.code, str(error), error.details)
        case RegistryUnavailable() | DocumentUnavailable():
            sentence = "The registry did not answer. Nothing was done; try again."
            return Told(HTTPStatus.SERVICE_UNAVAILABLE, "registry_unavailable", sentence)
        case ObjectRefused():
            sentence = "What the registry says about this credential does not verify. Nothing was done."
            return Told(HTTPStatus.CONFLICT, "registry_document_refused", sentence)
    # Neither the message nor the cause: they may carry the person's data.
    LOGGER.error("A call ended with %s", type(error).__qualname__, exc_info=_without_values(error))
    return Told(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong here.")


def problem(error: Exception) -> web.Response:
    """The answer to a call that ended with `error`."""
    says = told(error)
    body = {
        "type": f"urn:staff-passport:problem:{says.code}",
        "title": says.status.phrase,
        "status": int(says.status),
        "code": says.code,
        "detail": says.sentence,
        **says.details,
    }
    retry = says.status is HTTPStatus.SERVICE_UNAVAILABLE
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if retry else {}
    return web.json_response(body, status=says.status, content_type=CONTENT_TYPE, headers=headers)


def _without_values(error: BaseException) -> tuple[type[BaseException], BaseException, Any]:
    return (RuntimeError, RuntimeError(type(error).__qualname__), error.__traceback__)
