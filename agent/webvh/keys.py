"""Signing with keys that stay in Askar."""

from typing import cast

import base58
from acapy_agent.core.profile import Profile, ProfileSession
from acapy_agent.wallet.base import BaseWallet
from acapy_agent.wallet.key_type import ED25519
from aries_askar import Key, Session

from agent.domain.errors import NotFound
from signed_documents.keys import Signer


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


def public_key(verkey: str) -> bytes:
    return base58.b58decode(verkey)
