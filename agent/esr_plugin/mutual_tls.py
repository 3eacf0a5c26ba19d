"""Mutual TLS with ESR (RFC 8705): our certificate and its key, and the one authority that is believed."""

import asyncio
import logging
import ssl
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from agent.domain.clock import Clock, utc_now
from agent.esr_plugin.settings import Tls
from agent.reading_anew import ReadAnew

LOGGER = logging.getLogger(__name__)
WARN_BEFORE = timedelta(days=30)
_REFUSALS = frozenset(
    {
        "ACCESS_DENIED",
        "BAD_CERTIFICATE",
        "CERTIFICATE_EXPIRED",
        "CERTIFICATE_REQUIRED",
        "CERTIFICATE_REVOKED",
        "CERTIFICATE_UNKNOWN",
        "UNKNOWN_CA",
        "UNSUPPORTED_CERTIFICATE",
    }
)
"""The alerts (RFC 8446, section 6.2) with which the other side says that it does not take our certificate."""


class TlsFileWrong(ValueError):
    """A file of the `tls` section cannot be used; the message is one line that names the setting."""


@dataclass(frozen=True, slots=True)
class _Contents:
    certificate: bytes
    key: bytes = field(repr=False)
    authority: bytes


@dataclass(frozen=True, slots=True, eq=False)
class TlsIdentity:
    """Who we are to ESR from one state of the files to the next. A token belongs to one of these."""

    context: ssl.SSLContext
    ends: datetime
    contents: _Contents


class TlsIdentities:
    """The identity that the files make now. Raises `TlsFileWrong` when at the start they make none."""

    def __init__(self, files: Tls, *, clock: Clock = utc_now) -> None:
        self._files = files
        self._clock = clock
        self._latest = _identity(files, _contents(files))
        self._file = ReadAnew((files.certificate, files.key, files.certificate_authority), self._made)
        self._reading = asyncio.Lock()
        self._complaint = ""
        self._warned_on: date | None = None
        self._watch_its_end()

    async def current(self) -> TlsIdentity:
        """Follow the files; while they do not fit together, as halfway through a change, stay who we were."""
        try:
            async with self._reading:
                self._latest = await self._file.read()
            self._complaint = ""
        except (OSError, TlsFileWrong) as wrong:
            self._complain(str(wrong))
        self._watch_its_end()
        return self._latest

    def has_ended(self) -> bool:
        """Whether the certificate is one that nobody takes any more."""
        return self._latest.ends <= self._clock()

    def _made(self) -> TlsIdentity:
        """The same as before while the files say the same."""
        contents = _contents(self._files)
        return self._latest if contents == self._latest.contents else _identity(self._files, contents)

    def _complain(self, complaint: str) -> None:
        """Once, however many questions are asked meanwhile."""
        if complaint != self._complaint:
            LOGGER.error("ESR is asked with the certificate as it was: %s", complaint)
        self._complaint = complaint

    def _watch_its_end(self) -> None:
        """Warn once a day."""
        now = self._clock()
        if self._latest.ends - now <= WARN_BEFORE and self._warned_on != now.date():
            self._warned_on = now.date()
            LOGGER.warning(
                "The certificate for ESR, %s, ends on %s", self._files.certificate, self._latest.ends.date()
            )


def certificate_is_refused(error: BaseException) -> bool:
    """Whether a connection ended because the other side does not take our certificate, and said so."""
    cause: BaseException | None = error
    while cause is not None:
        alert = (getattr(cause, "reason", None) or "") if isinstance(cause, ssl.SSLError) else ""
        if alert.partition("_ALERT_")[2] in _REFUSALS:
            return True
        cause = cause.__cause__
    return False


def _contents(files: Tls) -> _Contents:
    return _Contents(
        _bytes("certificate", files.certificate),
        _bytes("key", files.key),
        _bytes("certificate_authority", files.certificate_authority),
    )


def _bytes(setting: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise TlsFileWrong(f"tls.{setting}: {file} cannot be read: {error.strerror}") from error


def _identity(files: Tls, contents: _Contents) -> TlsIdentity:
    ours, *_ = _certificates("certificate", files.certificate, contents.certificate)
    if _public(ours.public_key()) != _public_of_private(files.key, contents.key):
        raise TlsFileWrong(f"tls.key: {files.key} is not the key of {files.certificate}")
    _certificates("certificate_authority", files.certificate_authority, contents.authority)
    return TlsIdentity(_context(files, contents), ours.not_valid_after_utc, contents)


def _certificates(setting: str, file: Path, pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise TlsFileWrong(f"tls.{setting}: {file} holds no certificate in PEM") from error


def _public_of_private(file: Path, pem: bytes) -> bytes:
    try:
        return _public(load_pem_private_key(pem, password=None).public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # a TypeError: it has a password
        raise TlsFileWrong(f"tls.key: {file} holds no private key in PEM that is open to us") from error


def _public(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _context(files: Tls, contents: _Contents) -> ssl.SSLContext:
    """Python's own strictness, and neither its authorities nor what its environment variables change."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which has certificate and hostname checked
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=contents.authority.decode())
        context.load_cert_chain(files.certificate, files.key, password="")  # never ask a person
    except (ssl.SSLError, UnicodeDecodeError) as error:
        raise TlsFileWrong(f"tls.certificate: {files.certificate} cannot be used: {error}") from error
    return context
