"""Bearer tokens for organisations' programs (RFC 6749, section 4.4): short-lived, and bound to one VPD."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from esr_sandbox.settings import Client


@dataclass(frozen=True, slots=True)
class _Grant:
    vpd: str
    until: float


class TokenIssuer:
    """Issues tokens to known clients; `clock` gives seconds that only grow."""

    def __init__(self, clients: tuple[Client, ...], seconds: int, clock: Callable[[], float]) -> None:
        self._clients = {client.client_id: client for client in clients}
        self.seconds = seconds
        self._clock = clock
        self._grants: dict[str, _Grant] = {}

    def issue(self, client_id: str, client_secret: str) -> str | None:
        """Issue a token, or None when the client is unknown or its secret is wrong."""
        client = self._clients.get(client_id)
        expected = client.client_secret.get_secret_value() if client else ""
        known = secrets.compare_digest(expected.encode(), client_secret.encode())
        if client is None or not known:
            return None
        self._forget_expired()
        token = secrets.token_urlsafe(32)
        self._grants[token] = _Grant(client.vpd, self._clock() + self.seconds)
        return token

    def vpd(self, token: str) -> str | None:
        """Return the VPD for which `token` speaks, or None when it is unknown or expired."""
        grant = self._grants.get(token)
        return grant.vpd if grant and grant.until > self._clock() else None

    def revoke_all(self) -> None:
        """Forget every token, as a restart would."""
        self._grants.clear()

    def _forget_expired(self) -> None:
        now = self._clock()
        self._grants = {token: grant for token, grant in self._grants.items() if grant.until > now}
