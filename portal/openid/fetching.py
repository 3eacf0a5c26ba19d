"""What we ask a provider ourselves: in time, of bounded size, and following no redirect."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from portal.openid.refusals import NotSignedInThere, Reason

LARGEST_ANSWER = 256 * 1024


class Fetching(ABC):
    """JSON objects from a provider."""

    @abstractmethod
    async def get(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Read one. Raises `NotSignedInThere`."""

    @abstractmethod
    async def post(self, address: str, headers: Mapping[str, str], body: str) -> dict[str, Any]:
        """Send a form, and read one. Raises `NotSignedInThere`."""


@dataclass(frozen=True, slots=True)
class HttpFetching(Fetching):
    """Over the network."""

    session: aiohttp.ClientSession
    timeout: aiohttp.ClientTimeout

    async def get(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        return await self._ask("GET", address, headers or {}, None)

    async def post(self, address: str, headers: Mapping[str, str], body: str) -> dict[str, Any]:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._ask("POST", address, {**headers, **form}, body)

    async def _ask(
        self, method: str, address: str, headers: Mapping[str, str], body: str | None
    ) -> dict[str, Any]:
        told = {"Accept": "application/json", **headers}
        try:
            async with self.session.request(
                method, address, headers=told, data=body, timeout=self.timeout, allow_redirects=False
            ) as answer:
                _require_ok(answer.status)
                return _object(await _bounded(answer))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotSignedInThere(Reason.UNAVAILABLE, type(error).__name__) from error


def _require_ok(status: int) -> None:
    if status == HTTPStatus.OK:
        return
    down = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
    raise NotSignedInThere(Reason.UNAVAILABLE if down else Reason.NOT_UNDERSTOOD, f"http_{status}")


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "answer_too_large")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "answer_no_json") from error
    if not isinstance(told, dict):
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "answer_no_object")
    return told
