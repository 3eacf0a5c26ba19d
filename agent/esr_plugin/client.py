"""Asks the ESR API (`schemas/esr/openapi.yml`) and says no more than that it answered, and what."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
import stamina

from agent.domain.errors import NotFound, Unavailable
from agent.domain.workforce import EmployeeNumber
from agent.esr_plugin.esr import Esr
from agent.esr_plugin.mapping import Json, MalformedAnswer
from agent.esr_plugin.settings import EsrSettings

LOGGER = logging.getLogger(__name__)

_MOST_BYTES = 4 * 1024 * 1024
_RENEW_BEFORE = 30.0
"""A token is renewed this many seconds before it expires, or at half its life if that is shorter."""


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    renew_at: float  # of the monotonic clock


class _NoAnswer(Exception):
    """Nothing came back, or a word that trying again may help."""


class _TokenRefused(Exception):
    """The token was not taken: it expired, or ESR has forgotten it."""


class EsrClient(Esr):
    """Asks over HTTP as one client, for one VPD. Only reads, so each may be tried again."""

    def __init__(self, settings: EsrSettings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._token: _Token | None = None
        self._renewing = asyncio.Lock()
        self._in_flight = asyncio.Semaphore(settings.most_in_flight)

    async def close(self) -> None:
        """Let go of every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def candidates(self, search: Mapping[str, str]) -> Json:
        """Ask by POST, since a birthday does not belong in a path; it changes nothing."""
        return await self._ask("POST", "/v1/people/searches", dict(search))

    async def person(self, number: EmployeeNumber) -> Json:
        """Ask for a person."""
        return await self._ask("GET", f"/v1/people/{number}")

    async def assignments(self, number: EmployeeNumber) -> Json:
        """Ask for a person's assignments."""
        return await self._ask("GET", f"/v1/people/{number}/assignments")

    async def checks(self, number: EmployeeNumber) -> Json:
        """Ask for a person's checks."""
        return await self._ask("GET", f"/v1/people/{number}/checks")

    async def user_access(self, number: EmployeeNumber) -> Json:
        """Ask for a user's access record."""
        return await self._ask("GET", f"/v1/users/{number}/access")

    async def _ask(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Json:
        settings = self._settings
        attempts = stamina.retry_context(
            on=_NoAnswer,
            attempts=settings.attempts,
            timeout=settings.timeouts.overall,
            wait_initial=settings.longest_wait / 4,
            wait_max=settings.longest_wait,
            wait_jitter=settings.longest_wait / 2,
        )
        try:
            async for attempt in attempts:
                with attempt:
                    return await self._authorised(method, path, body)
        except _NoAnswer as error:
            LOGGER.warning("ESR did not answer: %s", error)
            raise _unavailable() from error
        raise _unavailable()

    async def _authorised(self, method: str, path: str, body: Mapping[str, str] | None) -> Json:
        """Ask with a token; a second time with a new one when ESR has forgotten the first."""
        token = await self._current_token()
        try:
            return await self._once(method, path, body, token)
        except _TokenRefused:
            self._forget(token)
        try:
            return await self._once(method, path, body, await self._current_token())
        except _TokenRefused as error:
            raise _NoAnswer("a new token was refused") from error

    async def _once(self, method: str, path: str, body: Mapping[str, str] | None, token: _Token) -> Json:
        headers = {"Authorization": f"Bearer {token.value}"}
        status, content = await self._exchange(method, path, headers=headers, json=body)
        match status:
            case 200:
                return _parsed(content)
            case 401:
                raise _TokenRefused
            case 404:
                raise NotFound("ESR has no such record in this organisation.", code="esr_record_not_found")
            case 429 | 500 | 502 | 503 | 504:
                raise _NoAnswer(f"status {status}")
            case _:
                LOGGER.error("ESR answered with status %d, which its contract does not have here", status)
                raise MalformedAnswer("status")

    async def _current_token(self) -> _Token:
        async with self._renewing:
            if self._token is None or self._token.renew_at <= time.monotonic():
                self._token = await self._new_token()
            return self._token

    def _forget(self, token: _Token) -> None:
        if self._token is token:
            self._token = None

    async def _new_token(self) -> _Token:
        """RFC 6749, section 4.4. Raises `Unavailable` with code `esr_client_refused` for a wrong secret."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.get_secret_value(),
        }
        status, content = await self._exchange("POST", "/oauth2/token", data=form)
        if status in {400, 401}:
            LOGGER.error("ESR refused this organisation's client id or secret")
            raise Unavailable("ESR does not know this organisation's agent.", code="esr_client_refused")
        if status != 200:  # noqa: PLR2004
            raise _NoAnswer(f"status {status} for a token")
        return _token(_parsed(content))

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """One request and its answer; a redirect is not followed, for it would take the token along."""
        url = f"{self._settings.base_url}{path}"
        try:
            async with (
                self._in_flight,
                self._open_session().request(
                    method, url, headers=headers, json=json, data=data, allow_redirects=False
                ) as response,
            ):
                return response.status, await _limited(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _NoAnswer(type(error).__name__) from error

    def _open_session(self) -> aiohttp.ClientSession:
        """Opened within the running loop, which is not there yet when plugins are set up."""
        if self._session is None:
            waits = self._settings.timeouts
            timeout = aiohttp.ClientTimeout(total=waits.answer, connect=waits.connect)
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise MalformedAnswer("length")
    return bytes(content)


def _parsed(content: bytes) -> Json:
    try:
        parsed: Json = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswer("body") from error
    return parsed


def _token(answer: Json) -> _Token:
    match answer:
        case {"access_token": str(value), "token_type": str(kind), "expires_in": int(seconds)} if (
            value.isascii()
        ):
            if kind.lower() != "bearer":
                raise MalformedAnswer("token_type")
            return _Token(value, time.monotonic() + max(seconds - _RENEW_BEFORE, seconds / 2))
        case _:
            raise MalformedAnswer("token")


def _unavailable() -> Unavailable:
    return Unavailable("ESR does not answer. Nothing was done; try again.", code="esr_unavailable")
