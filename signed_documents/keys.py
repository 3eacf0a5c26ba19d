"""Who signs: a key kept in software, in Askar or in hardware, and the name under which it is published."""

from abc import ABC, abstractmethod

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.encoding import multikey


class Signer(ABC):
    """An Ed25519 key that can sign without being handed over."""

    @property
    @abstractmethod
    def verification_method(self) -> str:
        """The DID URL under which a verifier finds the public key."""

    @abstractmethod
    async def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature (RFC 8032)."""


class SoftwareSigner(Signer):
    """A key held in this process's memory."""

    def __init__(self, key: Ed25519PrivateKey, verification_method: str) -> None:
        self._key = key
        self._verification_method = verification_method

    @property
    def verification_method(self) -> str:
        return self._verification_method

    async def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def did_key_method(public_key: bytes) -> str:
    """The name that did:webvh gives an update key: a did:key with its own fragment."""
    key = multikey(public_key)
    return f"did:key:{key}#{key}"
