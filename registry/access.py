"""Who may write where: a token per namespace, known here by its digest only."""

import hashlib
import hmac
from collections.abc import Mapping

from aiohttp import BasicAuth, hdrs, web

from registry.problems import WriterNotPermitted, WriterUnknown


class Writers:
    def __init__(self, digests: Mapping[str, str], context_writer: str) -> None:
        self._digests = dict(digests)
        self._context_writer = context_writer

    def require_writer(self, request: web.Request) -> str:
        """The namespace whose token the request carries (any of them, if several have it).

        Raises `WriterUnknown`.
        """
        return min(self._namespaces(request))

    def require_writer_of(self, namespace: str, request: web.Request) -> None:
        """Raise `WriterUnknown`, or `WriterNotPermitted` when the token is not `namespace`'s."""
        if namespace not in self._namespaces(request):
            raise WriterNotPermitted("that token does not write there")

    def require_context_writer(self, request: web.Request) -> None:
        self.require_writer_of(self._context_writer, request)

    def _namespaces(self, request: web.Request) -> set[str]:
        digest = hashlib.sha256(_token(request).encode()).hexdigest()
        known = {name for name, ours in self._digests.items() if hmac.compare_digest(ours, digest)}
        if not known:
            raise WriterUnknown("a write needs a token that this registry knows")
        return known


def _token(request: web.Request) -> str:
    """The bearer token; or the password, because ACA-Py's tails uploader can only put it in its URL."""
    scheme, _, credentials = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    try:
        password: str = BasicAuth.decode(request.headers[hdrs.AUTHORIZATION]).password
    except (KeyError, ValueError):
        raise WriterUnknown("a write needs a token") from None
    return password
