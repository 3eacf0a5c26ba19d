"""Canonical JSON, digests and keys in the encodings that did:webvh and attested resources use."""

import hashlib
import json
from typing import Any, NoReturn

import base58
import jsoncanon

type JsonObject = dict[str, Any]

_SHA2_256 = bytes((0x12, 0x20))  # multihash prefix: sha2-256, 32 bytes
_ED25519_PUBLIC = bytes((0xED, 0x01))  # multicodec prefix as an unsigned varint
_BASE58BTC = "z"  # multibase prefix
_LARGEST = 2**53 - 1  # beyond it, readers of JSON disagree on what a number is (RFC 7493)
_DEEPEST = 64


LONGEST_BASE58 = 128
"""Characters: a signature has 88."""


def canonical_json(value: JsonObject) -> bytes:
    """The bytes that are hashed and signed (JCS, RFC 8785)."""
    if _is_plain(value):  # five times as fast, and the same (`test_canonical_json.py`)
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return jsoncanon.canonicalize(value)


def strict_json(text: bytes) -> object:
    """`text` as JSON that all readers understand alike (I-JSON, RFC 7493), so that it has one canonical form.

    Raises `ValueError` for duplicate names, numbers beyond 2^53, what is not UTF-8, a byte order mark, and
    nesting deeper than any document's.
    """
    try:
        value = json.loads(
            text.decode(),
            object_pairs_hook=_object_of_unique_names,
            parse_int=_safe_integer,
            parse_float=_finite,
            parse_constant=_no_number,
        )
    except RecursionError as error:
        raise ValueError("too deep") from error
    _require_sound(value, _DEEPEST)
    return value


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
    """Raise `ValueError` when `text` is not multibase base58btc of a key or signature, as it must be.

    Reading base58 takes the square of its length, and strangers write it.
    """
    if len(text) > LONGEST_BASE58:
        raise ValueError("longer than any key or signature")
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


def _is_plain(value: object) -> bool:
    """Whether there is one way to write `value`: no fractions, and names that all sort alike."""
    if isinstance(value, str) or value is None:
        return True
    if isinstance(value, dict):
        return all(
            isinstance(name, str) and name.isascii() and _is_plain(inner) for name, inner in value.items()
        )
    if isinstance(value, list):
        return all(_is_plain(inner) for inner in value)
    return isinstance(value, int) and abs(value) <= _LARGEST


def _object_of_unique_names(pairs: list[tuple[str, Any]]) -> JsonObject:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return value


def _safe_integer(text: str) -> int:
    if len(text) > len(str(-_LARGEST)) or abs(int(text)) > _LARGEST:  # long ones are not even read
        raise ValueError("an integer beyond 2^53")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if abs(number) > _LARGEST or number != number:  # noqa: PLR0124 - NaN alone differs from itself
        raise ValueError("a number beyond 2^53")
    return number


def _no_number(_text: str) -> NoReturn:
    raise ValueError("NaN and infinity are no JSON")


def _require_sound(value: object, depth: int) -> None:
    """No lone surrogates, which have no UTF-8, and nothing too deep."""
    if depth == 0:
        raise ValueError("too deep")
    match value:
        case str():
            value.encode()
        case dict():
            for name, inner in value.items():
                name.encode()
                _require_sound(inner, depth - 1)
        case list():
            for inner in value:
                _require_sound(inner, depth - 1)
