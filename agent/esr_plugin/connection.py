"""One request to ESR, over TLS and at the pace that was set, and its answer or why there is none."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp

from agent.domain.clock import utc_now
from agent.domain.errors import Unavailable
from agent.esr_plugin.mapping import MalformedAnswer
from agent.esr_plugin.mutual_tls import TlsIdentities, TlsIdentity, certificate_is_refused
from agent.esr_plugin.pace import Pace, Turn
from agent.esr_plugin.settings import EsrSettings

LOGGER = logging.getLogger(__name__)
_MOST_BYTES = 4 * 1024 * 1024
_LONGEST_WAIT = 24 * 60 * 60.0


class NoAnswer(Exception):
    """Nothing came back, or a word that trying again may help, perhaps after so many seconds."""

    def __init__(self, why: str, *, wait: float | None = None, busy: bool = False) -> None:
        super().__init__(why)
        self.wait = wait
        self.busy = busy


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out: a body as JSON, or as a form."""

    method: str
    path: str
    json: Mapping[str, str] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `wait` is for how many seconds ESR wants to be left alone."""

    status: int
    content: bytes = field(repr=False)
    wait: float | None


class EsrConnection:
    """The way to one organisation's ESR. Raises `TlsFileWrong` when its certificate cannot be used."""

    def __init__(self, settings: EsrSettings) -> None:
        self._base_url = settings.base_url
        self._timeouts = settings.timeouts
        self._pace = Pace(
            most_in_flight=settings.most_in_flight,
            a_second=settings.requests_a_second,
            burst=settings.burst,
        )
        self._identities = TlsIdentities(settings.tls) if settings.tls is not None else None
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def identity(self) -> TlsIdentity | None:
        """Who we are to ESR now; None over plain HTTP on this machine."""
        return None if self._identities is None else await self._identities.current()

    async def exchange(self, request: Request, identity: TlsIdentity | None, turn: Turn) -> Answer:
        """Ask as `identity` when it is our `turn`.

        Raises `NoAnswer`, and `Unavailable` when one side does not take the other's certificate.
        """
        async with self._pace.turn(turn):
            try:
                return await self._asked(request, identity)
            except aiohttp.ClientConnectorCertificateError as error:
                LOGGER.error("ESR's certificate is not believed: %s", error.certificate_error)  # noqa: TRY400
                sentence = "What answers in ESR's place cannot prove that it is ESR."
                raise Unavailable(sentence, code="esr_not_trusted") from error
            except (aiohttp.ClientError, TimeoutError) as error:
                raise self._why(error) from error

    async def _asked(self, request: Request, identity: TlsIdentity | None) -> Answer:
        """A redirect is not followed, for it would take the token along."""
        headers = {} if request.token is None else {"Authorization": f"Bearer {request.token}"}
        async with self._open_session().request(
            request.method,
            f"{self._base_url}{request.path}",
            headers=headers,
            json=request.json,
            data=request.form,
            allow_redirects=False,
            ssl=True if identity is None else identity.context,
        ) as response:
            wait = seconds_to_wait(response.headers.get("Retry-After"), utc_now())
            return Answer(response.status, await _limited(response), wait)

    def _why(self, error: Exception) -> Exception:
        """Without an alert, a cut connection may be a refusal; once our certificate has ended, it is one."""
        if self._identities is None:
            return NoAnswer(type(error).__name__)
        if certificate_is_refused(error) or (_was_cut(error) and self._identities.has_ended()):
            LOGGER.error("ESR refused this organisation's certificate: %s", type(error).__name__)
            return client_refused()
        hint = "; perhaps it does not take our certificate" if _was_cut(error) else ""
        return NoAnswer(f"{type(error).__name__}{hint}")

    def _open_session(self) -> aiohttp.ClientSession:
        """Opened within the running loop, which is not there yet when plugins are set up."""
        if self._session is None:
            waits = aiohttp.ClientTimeout(total=self._timeouts.answer, connect=self._timeouts.connect)
            self._session = aiohttp.ClientSession(timeout=waits, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _was_cut(error: Exception) -> bool:
    """Whether there was a connection, and the other side ended it."""
    lost = isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError)
    return lost and not isinstance(error, aiohttp.ClientConnectorError)


def client_refused() -> Unavailable:
    """ESR does not know our client, its secret or its certificate."""
    return Unavailable("ESR does not know this organisation's agent.", code="esr_client_refused")


def seconds_to_wait(told: str | None, now: datetime) -> float | None:
    """Read `Retry-After` (RFC 9110, section 10.2.3): seconds or a date, a day at most. None for neither."""
    if told is None:
        return None
    if told.isascii() and told.isdigit():
        return min(float(told), _LONGEST_WAIT)
    try:
        return min(max((parsedate_to_datetime(told) - now).total_seconds(), 0), _LONGEST_WAIT)
    except (ValueError, TypeError):  # a TypeError: the date has no zone
        return None


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise MalformedAnswer("length")
    return bytes(content)
