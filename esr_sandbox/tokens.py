"""Tokens for organisations' programs (RFC 6749, section 4.4): short-lived, of one VPD and certificate."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from esr_sandbox.settings import Client


@dataclass(frozen=True, slots=True)
class _Grant:
    vpd: str
    certificate: str | None
    """The SHA-256 of the only certificate with which the token counts: `x5t#S256` of RFC 8705, in hex."""
    until: float


class TokenIssuer:
    """Issues tokens to known clients; `clock` gives seconds that only grow.

    Where clients are `certified`, nobody gets one without a certificate, which is told by its SHA-256.
    """

    def __init__(
        self, clients: tuple[Client, ...], seconds: int, clock: Callable[[], float], *, certified: bool
    ) -> None:
        self._clients = {client.client_id: client for client in clients}
        self.seconds = seconds
        self._clock = clock
        self._certified = certified
        self._grants: dict[str, _Grant] = {}

    def issue(self, client_id: str, client_secret: str, certificate: str | None) -> str | None:
        """Issue a token, or None when client, secret and certificate do not belong together."""
        client = self._clients.get(client_id)
        expected = client.client_secret.get_secret_value() if client else ""
        known = secrets.compare_digest(expected.encode(), client_secret.encode())
        if client is None or not known or not self._takes(client, certificate):
            return None
        self._forget_expired()
        token = secrets.token_urlsafe(32)
        self._grants[token] = _Grant(client.vpd, certificate, self._clock() + self.seconds)
        return token

    def vpd(self, token: str, certificate: str | None) -> str | None:
        """Return for which VPD `token` speaks; None when it is unknown, expired or another certificate's."""
        grant = self._grants.get(token)
        if grant is None or grant.until <= self._clock() or grant.certificate != certificate:
            return None
        return grant.vpd

    def _takes(self, client: Client, certificate: str | None) -> bool:
        if certificate is None:
            return not self._certified
        return client.certificate_sha256 in {None, certificate}

    def revoke_all(self) -> None:
        """Forget every token, as a restart would."""
        self._grants.clear()

    def _forget_expired(self) -> None:
        now = self._clock()
        self._grants = {token: grant for token, grant in self._grants.items() if grant.until > now}
