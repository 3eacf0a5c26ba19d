"""Canonical JSON, digests and keys in the encodings that did:webvh and attested resources use."""

import hashlib
from typing import Any

import base58
import jsoncanon

type JsonObject = dict[str, Any]

_SHA2_256 = bytes((0x12, 0x20))  # multihash prefix: sha2-256, 32 bytes
_ED25519_PUBLIC = bytes((0xED, 0x01))  # multicodec prefix as an unsigned varint
_BASE58BTC = "z"  # multibase prefix


def canonical_json(value: JsonObject) -> bytes:
    """The bytes that are hashed and signed (JCS, RFC 8785)."""
    return jsoncanon.canonicalize(value)


def digest_multibase(content: JsonObject) -> str:
    """The digest that names a resource: base58btc of the sha2-256 multihash of its canonical JSON."""
    return multihash_multibase(canonical_json(content))


def multihash_multibase(data: bytes) -> str:
    """The sha2-256 multihash of `data` in base58btc, `zQm…`."""
    return base58btc(_SHA2_256 + hashlib.sha256(data).digest())


def multihash_base58(data: bytes) -> str:
    """The form in which did:webvh commits to a key: the multihash in base58, without multibase prefix."""
    return base58.b58encode(_SHA2_256 + hashlib.sha256(data).digest()).decode()


def base58btc(data: bytes) -> str:
    return _BASE58BTC + base58.b58encode(data).decode()


def from_base58btc(text: str) -> bytes:
    """Raise `ValueError` when `text` is not multibase base58btc, written as it must be."""
    data = base58.b58decode(text[1:])
    if base58btc(data) != text:  # the library overlooks white space
        raise ValueError("not multibase base58btc")
    return data


def multikey(public_key: bytes) -> str:
    """An Ed25519 public key (32 bytes) as a Multikey, `z6Mk…`."""
    return base58btc(_ED25519_PUBLIC + public_key)


def from_multikey(text: str) -> bytes:
    """The 32 bytes of an Ed25519 Multikey. Raises `ValueError` for any other key or length."""
    decoded = from_base58btc(text)
    if not decoded.startswith(_ED25519_PUBLIC) or len(decoded) != len(_ED25519_PUBLIC) + 32:
        raise ValueError("not an Ed25519 Multikey")
    return decoded[len(_ED25519_PUBLIC) :]
