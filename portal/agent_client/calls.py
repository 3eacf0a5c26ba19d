"""One person's calls to one agent: answers read into types, problems turned into page errors."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import aiohttp
from pydantic import BaseModel, ConfigDict, ValidationError

from agent_client import AgentClient, CallFailed, Event
from portal.errors import (
    CannotBeRead,
    Faulty,
    NotFound,
    NotPermitted,
    NotSignedIn,
    PageError,
    Refusal,
    Refused,
    TooOften,
    Unavailable,
)


class Answer(BaseModel):
    """What we read of an answer; agents may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True, slots=True)
class Calls:
    """Problems become page errors."""

    client: AgentClient

    async def read[A: Answer](self, kind: type[A], path: str, **query: str | None) -> A:
        """Ask once. Raises a `PageError`."""
        return self._read(kind, await self._asked("GET", with_query(path, query)))

    async def act[A: Answer](
        self, kind: type[A], path: str, said: Mapping[str, Any] | None = None, *, key: str
    ) -> A:
        """Do something, once for each `key` however often it is asked for. Raises a `PageError`."""
        return self._read(kind, await self._asked("POST", path, dict(said or {}), key))

    async def events(self, after: str | None) -> AsyncGenerator[Event]:
        """What changes of what the person may read, for up to a minute. Raises a `PageError`."""
        try:
            async for event in self.client.events(after):
                yield event
        except CallFailed as failed:
            raise _page_error(failed) from failed
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable("agent_unavailable") from error

    async def file(self, path: str, **query: str | None) -> AsyncGenerator[bytes]:
        """A file as it comes, however long it is. Raises a `PageError`."""
        try:
            async with aclosing(self.client.chunks(with_query(path, query))) as chunks:
                async for chunk in chunks:
                    yield chunk
        except CallFailed as failed:
            raise _page_error(failed) from failed
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable("agent_unavailable") from error

    async def _asked(
        self, method: str, path: str, said: dict[str, Any] | None = None, key: str | None = None
    ) -> Any:  # noqa: ANN401  # JSON
        try:
            return await self.client.call(method, path, said, key=key)
        except CallFailed as failed:
            raise _page_error(failed) from failed
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable("agent_unavailable") from error

    @staticmethod
    def _read[A: Answer](kind: type[A], told: Any) -> A:  # noqa: ANN401  # JSON
        try:
            return kind.model_validate(told)
        except ValidationError as error:
            raise Faulty("agent_answered_otherwise") from error


def with_query(path: str, query: Mapping[str, str | None]) -> str:
    """The path with what is said of `query`, and nothing of what is None."""
    told = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{path}?{told}" if told else path


def _page_error(failed: CallFailed) -> PageError:
    """What an agent's problem means for a page."""
    code, said = failed.code or "agent_problem", _sentences(failed.problem)
    if failed.status == HTTPStatus.FORBIDDEN and code == "session_ended":
        return NotSignedIn(code)
    kind = _PAGE_ERRORS.get(failed.status, Faulty)
    # Of a 401 the person can mend nothing: it is our own key that the agent does not take.
    if kind is Faulty:
        return Faulty(code)
    fields = {str(name): str(sentence) for name, sentence in (failed.problem.get("fields") or {}).items()}
    return kind(code, said, retry_after=failed.retry_after, fields=fields, refusals=_refusals(failed.problem))


_PAGE_ERRORS: dict[int, type[PageError]] = {
    HTTPStatus.FORBIDDEN: NotPermitted,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Refused,
    HTTPStatus.UNPROCESSABLE_CONTENT: CannotBeRead,
    HTTPStatus.TOO_MANY_REQUESTS: TooOften,
    HTTPStatus.SERVICE_UNAVAILABLE: Unavailable,
}


def _sentences(problem: Mapping[str, Any]) -> tuple[str, ...]:
    """Every broken rule's own sentence, or else the problem's."""
    sentences = tuple(each.sentence for each in _refusals(problem))
    detail = problem.get("detail")
    return sentences or ((str(detail),) if detail else ())


def _refusals(problem: Mapping[str, Any]) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(str(each.get("code", "")), str(each["sentence"]), each.get("mended_by"))
        for each in problem.get("refusals") or ()
        if "sentence" in each
    )
