"""Who keeps the keys with which an organisation signs: its wallet in Askar, unless settings name another."""

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import NewType, cast

import base58
from acapy_agent.core.profile import Profile, ProfileSession
from acapy_agent.wallet.base import BaseWallet
from acapy_agent.wallet.key_type import ED25519
from aries_askar import Key, Session

from agent.domain.errors import NotFound, Unavailable
from signed_documents.keys import Signer

KeyRef = NewType("KeyRef", str)
"""Where a key is kept and what its public half is: `VERKEY` in Askar, `KIND:NAME:VERKEY` elsewhere.

A verkey is the public half in base58, as ACA-Py names keys.
"""


class KeyPurpose(StrEnum):
    """What a key signs; no key signs for two purposes."""

    CREDENTIAL = "credential"
    """W3C credentials in JSON-LD."""
    RESOURCE = "resource"
    """Attested resources, status lists, statements, and W3C credentials by Data Integrity."""
    AUDIT = "audit"
    """Checkpoints of the audit."""


class SigningKeys(ABC):
    """Ed25519 keys of one organisation, which sign where they are kept and are never handed over."""

    @abstractmethod
    async def new(self, purpose: KeyPurpose) -> KeyRef:
        """Make a key pair. Raises `Unavailable` while whatever keeps keys does not answer.

        One that is then not used does no harm. It may open a session of the wallet, so it is not for the
        inside of a transaction.
        """

    @abstractmethod
    def signer(self, ref: KeyRef, verification_method: str) -> Signer:
        """Who signs with the key `ref`, which verifiers find under `verification_method`.

        Signing raises `Unavailable` or `NotFound` when the key cannot be reached.
        """


class AskarKeys(SigningKeys):
    """Keys in the wallet's own store, encrypted there, and opened to sign."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def new(self, purpose: KeyPurpose) -> KeyRef:  # noqa: ARG002  # the store knows no purposes
        async with self._profile.session() as session:
            return KeyRef(await new_key(session))

    def signer(self, ref: KeyRef, verification_method: str) -> Signer:
        if not in_askar(ref):
            raise Unavailable(
                "The signing key is kept elsewhere, and the settings say nothing of that.",
                code="signing_keys_unavailable",
            )
        return AskarSigner(self._profile, ref, verification_method)


class AskarSigner(Signer):
    """A key of one wallet, named there by its public key in base58 as ACA-Py does."""

    def __init__(self, profile: Profile, verkey: str, verification_method: str) -> None:
        self._profile = profile
        self._verkey = verkey
        self._verification_method = verification_method

    @property
    def verification_method(self) -> str:
        return self._verification_method

    async def sign(self, message: bytes) -> bytes:
        async with self._profile.session() as session:
            key = await stored_key(session, self._verkey)
        return key.sign_message(message)


class OpenKeySigner(Signer):
    """A key that the transaction which makes it already holds open."""

    def __init__(self, key: Key, verification_method: str) -> None:
        self._key = key
        self._verification_method = verification_method

    @property
    def verification_method(self) -> str:
        return self._verification_method

    async def sign(self, message: bytes) -> bytes:
        return self._key.sign_message(message)


async def stored_key(session: ProfileSession, verkey: str) -> Key:
    """The key pair called `verkey`. Raises `NotFound`: it was lost, or is kept elsewhere."""
    handle = cast("Session", session.handle)  # ACA-Py's type for it knows no keys
    entry = await handle.fetch_key(verkey)
    if entry is None:
        raise NotFound("The signing key is not in this agent's wallet.", code="key_not_found")
    return entry.key


async def new_key(session: ProfileSession) -> str:
    """Make an Ed25519 key pair in the wallet, and return its name there."""
    made = await session.inject(BaseWallet).create_key(ED25519)
    return str(made.verkey)


def in_askar(ref: str) -> bool:
    return ":" not in ref


def verkey(ref: str) -> str:
    """The public half in base58, wherever the key is kept."""
    return ref.rpartition(":")[2]


def public_key(ref: str) -> bytes:
    """The 32 bytes of the public half."""
    return base58.b58decode(verkey(ref))
