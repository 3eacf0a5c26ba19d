"""Asks the ESR API (`schemas/esr/openapi.yml`) and says no more than that it answered, and what."""

import asyncio
import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import stamina

from agent.domain.errors import NotFound, Unavailable
from agent.domain.workforce import EmployeeNumber
from agent.esr_plugin.connection import EsrConnection, NoAnswer, Request, client_refused
from agent.esr_plugin.esr import Esr
from agent.esr_plugin.mapping import Json, MalformedAnswer
from agent.esr_plugin.mutual_tls import TlsIdentity
from agent.esr_plugin.pace import Turn
from agent.esr_plugin.settings import EsrSettings

LOGGER = logging.getLogger(__name__)

_RENEW_BEFORE = 30.0
"""A token is renewed this many seconds before it expires, or at half its life if that is shorter."""
_TRY_AGAIN_LATER = frozenset({429, 500, 502, 503, 504})
_TOO_MANY = 429
_BUSY_FOR, _SILENT_FOR = 5, 30
"""After how many seconds to come back, unless ESR says."""


@dataclass(frozen=True, slots=True)
class _Token:
    """Bound to the certificate with which it was fetched (RFC 8705, section 3)."""

    value: str = field(repr=False)
    renew_at: float  # of the monotonic clock
    identity: TlsIdentity | None

    def serves(self, identity: TlsIdentity | None) -> bool:
        return self.identity is identity and time.monotonic() < self.renew_at


class _TokenRefused(Exception):
    """The token was not taken: it expired, or ESR has forgotten it."""


class EsrClient(Esr):
    """Asks over HTTP as one client, for one VPD. Only reads, so each may be tried again.

    So may the request for a token: what it makes is one token more, which expires.
    """

    def __init__(self, settings: EsrSettings) -> None:
        self._settings = settings
        self._esr = EsrConnection(settings)
        self._token: _Token | None = None
        self._renewing = asyncio.Lock()

    async def close(self) -> None:
        """Let go of every connection."""
        await self._esr.close()

    async def candidates(self, search: Mapping[str, str]) -> Json:
        """Ask by POST, since a birthday does not belong in a path; it changes nothing."""
        return await self._ask(Request("POST", "/v1/people/searches", json=dict(search)))

    async def person(self, number: EmployeeNumber) -> Json:
        """Ask for a person."""
        return await self._ask(Request("GET", f"/v1/people/{number}"))

    async def assignments(self, number: EmployeeNumber) -> Json:
        """Ask for a person's assignments."""
        return await self._ask(Request("GET", f"/v1/people/{number}/assignments"))

    async def checks(self, number: EmployeeNumber) -> Json:
        """Ask for a person's checks."""
        return await self._ask(Request("GET", f"/v1/people/{number}/checks"))

    async def user_access(self, number: EmployeeNumber) -> Json:
        """Ask for a user's access record."""
        return await self._ask(Request("GET", f"/v1/users/{number}/access"))

    async def _ask(self, request: Request) -> Json:
        """Ask until it is answered, or the time for the question is up: waiting for its turn counts."""
        turn = Turn()
        try:
            async with asyncio.timeout(self._settings.timeouts.overall):
                return await self._answered(request, turn)
        except NoAnswer as error:
            LOGGER.warning("ESR did not answer: %s", error)
            raise (_busy if error.busy else _silent)(error.wait) from error
        except TimeoutError as late:
            LOGGER.warning("ESR did not answer in time: %s", "no turn" if turn.waiting else "silent")
            raise (_busy if turn.waiting else _silent)(None) from late

    async def _answered(self, request: Request, turn: Turn) -> Json:
        settings = self._settings
        attempts = stamina.retry_context(
            on=_pause_until(asyncio.get_running_loop().time() + settings.timeouts.overall),
            attempts=settings.attempts,
            timeout=None,
            wait_initial=settings.longest_wait / 4,
            wait_max=settings.longest_wait,
            wait_jitter=settings.longest_wait / 2,
        )
        async for attempt in attempts:
            with attempt:
                return await self._authorised(request, turn)
        raise NoAnswer("it was not asked")

    async def _authorised(self, request: Request, turn: Turn) -> Json:
        """Ask with a token; a second time with a new one when ESR has forgotten the first."""
        token = await self._current_token(turn)
        try:
            return await self._once(request, token, turn)
        except _TokenRefused:
            self._forget(token)
        try:
            return await self._once(request, await self._current_token(turn), turn)
        except _TokenRefused as error:
            raise NoAnswer("a new token was refused") from error

    async def _once(self, request: Request, token: _Token, turn: Turn) -> Json:
        answer = await self._esr.exchange(replace(request, token=token.value), token.identity, turn)
        match answer.status:
            case 200:
                return _parsed(answer.content)
            case 401:
                raise _TokenRefused
            case 404:
                raise NotFound("ESR has no such record in this organisation.", code="esr_record_not_found")
            case status if status in _TRY_AGAIN_LATER:
                raise NoAnswer(f"status {status}", wait=answer.wait, busy=status == _TOO_MANY)
            case status:
                LOGGER.error("ESR answered with status %d, which its contract does not have here", status)
                raise MalformedAnswer("status")

    async def _current_token(self, turn: Turn) -> _Token:
        """One that belongs to our certificate as it is now."""
        identity = await self._esr.identity()
        async with self._renewing:
            if self._token is None or not self._token.serves(identity):
                self._token = await self._new_token(identity, turn)
            return self._token

    def _forget(self, token: _Token) -> None:
        if self._token is token:
            self._token = None

    async def _new_token(self, identity: TlsIdentity | None, turn: Turn) -> _Token:
        """RFC 6749, section 4.4. Raises `Unavailable` with code `esr_client_refused` for a wrong secret."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.get_secret_value(),
        }
        answer = await self._esr.exchange(Request("POST", "/oauth2/token", form=form), identity, turn)
        if answer.status in {400, 401}:
            LOGGER.error("ESR refused this organisation's client id, secret or certificate")
            raise client_refused()
        if answer.status != 200:  # noqa: PLR2004
            busy = answer.status == _TOO_MANY
            raise NoAnswer(f"status {answer.status} for a token", wait=answer.wait, busy=busy)
        token, vpd = _token(_parsed(answer.content), identity)
        self._require_own(vpd)
        return token

    def _require_own(self, vpd: str) -> None:
        """ESR must take us for whom we speak: another organisation's staff are not ours to see."""
        if vpd != self._settings.vpd:
            LOGGER.error("ESR's token is for VPD %s, and this organisation is %s", vpd, self._settings.vpd)
            raise Unavailable(
                "ESR takes this organisation's agent for another's.", code="esr_wrong_organisation"
            )


def _pause_until(deadline: float) -> Callable[[Exception], bool | float]:
    """What follows an error: nothing, a pause of our own, or the one that ESR asked for, if there is time."""

    def pause(error: Exception) -> bool | float:
        if not isinstance(error, NoAnswer) or error.wait is None:
            return isinstance(error, NoAnswer)
        return asyncio.get_running_loop().time() + error.wait < deadline and error.wait

    return pause


def _parsed(content: bytes) -> Json:
    try:
        parsed: Json = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswer("body") from error
    return parsed


def _token(answer: Json, identity: TlsIdentity | None) -> tuple[_Token, str]:
    """The token, and the VPD for which it speaks."""
    match answer:
        case {
            "access_token": str(value),
            "token_type": str(kind),
            "expires_in": int(seconds),
            "vpd": str(vpd),
        } if value.isascii():
            if kind.lower() != "bearer":
                raise MalformedAnswer("token_type")
            renew_at = time.monotonic() + max(seconds - _RENEW_BEFORE, seconds / 2)
            return _Token(value, renew_at, identity), vpd
        case _:
            raise MalformedAnswer("token")


def _busy(wait: float | None) -> Unavailable:
    sentence = "ESR is asked too much at once. Nothing was done; try again."
    return Unavailable(sentence, code="esr_busy", retry_after=math.ceil(wait or _BUSY_FOR))


def _silent(wait: float | None) -> Unavailable:
    sentence = "ESR does not answer. Nothing was done; try again."
    return Unavailable(sentence, code="esr_unavailable", retry_after=math.ceil(wait or _SILENT_FOR))
