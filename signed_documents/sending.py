"""Sends messages to URLs that strangers name, behind a guard."""

from collections.abc import Mapping, Sequence

import aiohttp
from yarl import URL

from signed_documents.outbound_guard import OutboundGuard, Scheme

DEFAULT_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=15)  # seconds
_AT_ONCE, _AT_ONCE_TO_ONE = 200, 50


class GuardedSender:
    """POSTs a message: where the guard lets it, without following redirects or reading the answer's body.

    Connections are kept and used again. There is no proxy: it would look names up after they were checked.
    """

    def __init__(
        self,
        guard: OutboundGuard,
        *,
        timeout: aiohttp.ClientTimeout = DEFAULT_TIMEOUT,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
    ) -> None:
        self._guard = guard
        self._timeout = timeout
        self._trace_configs = list(trace_configs)
        self._sessions: dict[Scheme, aiohttp.ClientSession] = {}

    async def __call__(self, url: str, body: str | bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer. Raises `ForbiddenAddress`, and what aiohttp raises."""
        target = URL(url)
        self._guard.require(target)
        session = self._session("https" if target.scheme == "https" else "http")
        async with session.post(target, data=body, headers=headers, allow_redirects=False) as answer:
            return answer.status

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _session(self, scheme: Scheme) -> aiohttp.ClientSession:
        if scheme not in self._sessions:
            self._sessions[scheme] = aiohttp.ClientSession(
                connector=self._guard.connector(scheme, limit=_AT_ONCE, limit_per_host=_AT_ONCE_TO_ONE),
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=self._trace_configs,
                auto_decompress=False,
            )
        return self._sessions[scheme]
