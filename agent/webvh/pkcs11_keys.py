"""Signing keys in hardware, by PKCS#11: made on the token, marked as not to leave it, and used there."""

import asyncio
import ctypes
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import cast

import base58
import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, TokenFlag
from pkcs11.exceptions import (
    MultipleTokensReturned,
    NoSuchKey,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
)
from pkcs11.types import SignMixin

from agent.domain.errors import Unavailable
from agent.webvh.keys import AskarKeys, KeyPurpose, KeyRef, SigningKeys, in_askar
from signed_documents.keys import Signer

_KIND = "pkcs11"
_ID_BYTES = 16
_TIMEOUT = 10.0  # seconds
_RAW_BYTES = 32
_ED25519 = bytes.fromhex("130c656477617264733235353139")  # PrintableString "edwards25519" (PKCS#11 3.0)
_NOT_TO_LEAVE = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
_PIN_REFUSED = (PinIncorrect, PinInvalid, PinLenRange, PinLocked, PinExpired)
_NEARLY_LOCKED = TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_LOCKED


class WrongToken(Exception):
    """The settings name a library or a PIN that cannot be used; the message is one line, without the PIN."""


class Pkcs11Library:
    """One maker's library. All calls are in one thread: not every library bears two."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pkcs11")
        self.looks = 0

    async def call[T](self, work: Callable[[], T]) -> T:
        """Have `work` done in the library's thread. Raises `Unavailable` when that takes long."""
        running = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.wait_for(running, _TIMEOUT)
        except TimeoutError as error:
            raise _unavailable() from error

    def token(self, label: str) -> pkcs11.Token:
        """Raises `WrongToken` when more than one is called so."""
        try:
            return pkcs11.lib(self._path).get_token(token_label=label)
        except MultipleTokensReturned:
            raise WrongToken(f"token: more than one is called {label}") from None

    def look_anew(self) -> None:
        """Have the library look for tokens again: it does so only when it is initialised.

        Sessions with its other tokens end too; `looks` tells whether they did.
        """
        self.looks += 1
        with suppress(PKCS11Error):
            pkcs11.lib(self._path).finalize()

    def require(self) -> None:
        """Raise `WrongToken` for a file that is no PKCS#11 library."""
        try:
            ctypes.CDLL(self._path).C_GetFunctionList  # noqa: B018  # looked up, not called
        except (OSError, AttributeError):
            raise WrongToken("module: this is no PKCS#11 library") from None


class Pkcs11Token:
    """A token with whom one session is kept open, and opened again after the token was away."""

    def __init__(self, library: Pkcs11Library, label: str, pin: str) -> None:
        self._library = library
        self._label = label
        self._pin = pin
        self._session: pkcs11.Session | None = None
        self._session_of = 0
        self._refused = False

    async def open(self) -> None:
        """Log in. Raises `WrongToken` for what a person must mend, `Unavailable` while the token is away."""
        await self._library.call(self._library.require)
        await self.do(lambda _session: None)

    async def do[T](self, work: Callable[[pkcs11.Session], T]) -> T:
        """What `work` finds or makes in a session. Raises `Unavailable`, and `WrongToken` for the PIN."""
        return await self._library.call(partial(self._done, work))

    async def close(self) -> None:
        await self._library.call(self._forget)

    def _done[T](self, work: Callable[[pkcs11.Session], T]) -> T:
        if self._session is not None and self._session_of == self._library.looks:
            with suppress(PKCS11Error):  # it may have been away in between
                return work(self._session)
            self._forget()
        try:
            return work(self._opened())
        except PKCS11Error as error:
            # Without its frames, in which searches are still open: they end before the session does.
            why = error.with_traceback(None)
        self._forget()
        raise _unavailable() from why

    def _opened(self) -> pkcs11.Session:
        token = self._library.token(self._label)
        if self._refused or token.flags & _NEARLY_LOCKED:  # the last try is a person's
            raise WrongToken(f"pin: the token {self._label} is about to lock, or refused this PIN before")
        try:
            self._session = token.open(rw=True, user_pin=self._pin)
        except _PIN_REFUSED:
            self._refused = True  # never tried again: a few wrong ones lock a token
            raise WrongToken(f"pin: the token {self._label} refuses it") from None
        self._session_of = self._library.looks
        return self._session

    def _forget(self) -> None:
        self._session = None
        self._library.look_anew()


class Pkcs11Signer(Signer):
    """One key of a token."""

    def __init__(self, token: Pkcs11Token, key_id: bytes, verification_method: str) -> None:
        self._token = token
        self._key_id = key_id
        self._verification_method = verification_method

    @property
    def verification_method(self) -> str:
        return self._verification_method

    async def sign(self, message: bytes) -> bytes:
        try:
            return await self._token.do(partial(_signature, self._key_id, message))
        except WrongToken as error:
            raise _unavailable() from error


class Pkcs11Keys(SigningKeys):
    """One organisation's keys on a token, each labelled by organisation and purpose.

    Keys that were made in Askar before there was a token go on signing until they are rotated.
    """

    def __init__(self, token: Pkcs11Token, organisation: str, before: AskarKeys) -> None:
        self._token = token
        self._organisation = organisation
        self._before = before

    async def new(self, purpose: KeyPurpose) -> KeyRef:
        key_id = secrets.token_bytes(_ID_BYTES)
        label = f"{self._organisation} {purpose}"
        try:
            public = await self._token.do(partial(_generated, key_id, label))
        except WrongToken as error:
            raise _unavailable() from error
        return KeyRef(f"{_KIND}:{key_id.hex()}:{base58.b58encode(public).decode()}")

    def signer(self, ref: KeyRef, verification_method: str) -> Signer:
        if in_askar(ref):
            return self._before.signer(ref, verification_method)
        _, key_id, _ = ref.split(":")
        return Pkcs11Signer(self._token, bytes.fromhex(key_id), verification_method)


def _signature(key_id: bytes, message: bytes, session: pkcs11.Session) -> bytes:
    # As a list: a search that is not read to its end stays open, and outlives the session.
    found = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key_id}))
    if not found:
        raise NoSuchKey(f"No key {key_id.hex()}")
    return bytes(cast("SignMixin", found[0]).sign(message, mechanism=Mechanism.EDDSA))


def _generated(key_id: bytes, label: str, session: pkcs11.Session) -> bytes:
    """Make a key pair, and return the 32 bytes of its public half."""
    curve = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _ED25519}, local=True)
    public, _private = curve.generate_keypair(
        mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        id=key_id,
        label=label,
        store=True,
        private_template=_NOT_TO_LEAVE,
    )
    # An OCTET STRING in DER; some tokens leave out its two bytes of tag and length.
    return bytes(public[Attribute.EC_POINT])[-_RAW_BYTES:]


def _unavailable() -> Unavailable:
    return Unavailable("The signing keys cannot be used now.", code="signing_keys_unavailable")
