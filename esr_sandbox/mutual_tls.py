"""TLS as the sandbox serves it: it asks every client for a certificate, and tells which one was shown."""

import hashlib
import ssl

from aiohttp import web

from esr_sandbox.settings import Tls


class TlsNotUsable(Exception):
    """A file of the `tls` section cannot be used; the message is one line."""


def server_context(tls: Tls) -> ssl.SSLContext:
    """Take no certificate but by `client_authority`. Raises `TlsNotUsable`.

    Whoever shows none may connect all the same: the control API is open to them, and the contract's is not.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_OPTIONAL
    try:
        context.load_verify_locations(cafile=tls.client_authority)
    except OSError as error:
        raise TlsNotUsable(
            f"tls.client_authority {tls.client_authority} cannot be used: {_said(error)}"
        ) from error
    try:
        context.load_cert_chain(tls.certificate, tls.key, password="")  # never ask a person
    except OSError as error:  # it says neither which file, nor which of the two
        files = f"tls.certificate {tls.certificate} and tls.key {tls.key}"
        raise TlsNotUsable(f"{files} cannot be used: {_said(error)}") from error
    return context


def certificate_of(request: web.Request) -> str | None:
    """The SHA-256, in hex, of the certificate that the client has shown; None for one that showed none."""
    connection = None if request.transport is None else request.transport.get_extra_info("ssl_object")
    shown = None if connection is None else connection.getpeercert(binary_form=True)
    return hashlib.sha256(shown).hexdigest() if shown else None


def _said(error: OSError) -> str:
    return error.strerror or str(error)
