"""The root ceremony by files: keys that stay offline, and a root that two people sign."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from signed_documents.errors import DocumentRefused
from signed_documents.resolution import utc_now
from signed_documents.trust_roots import ONLINE, OnlineKeys, TrustRoot
from staff_passport.configuration import ConfigurationError


def new_key(private: Path, public: Path, passphrase: str | None) -> None:
    """Make a root key in two new files. Raises `ConfigurationError` rather than write over one."""
    key = Ed25519PrivateKey.generate()
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    _write_new(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption), mode=0o600)
    encoded = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write_new(public, encoded, mode=0o644)


def prepared(told: dict[str, Any], root_keys: Sequence[Path]) -> TrustRoot:
    """The root that comes next after what the agent `told`, unsigned.

    With the root keys of the one before, unless others are given. Raises `ConfigurationError`.
    """
    before = None if told["root"] is None else TrustRoot.parse(told["root"].encode())
    online = OnlineKeys.of({role: bytes.fromhex(told["keys"][role]) for role in ONLINE})
    keys = [_public(file) for file in root_keys] or ([] if before is None else list(before.root_keys))
    try:
        return TrustRoot.prepared(keys, online, now=utc_now(), after=before)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def read_root(file: Path) -> TrustRoot:
    """A root that is being made. Raises `ConfigurationError`."""
    try:
        return TrustRoot.parse(_read(file))
    except DocumentRefused as error:
        raise ConfigurationError(f"{file.name}: {error.detail}") from error


def in_words(root: TrustRoot) -> str:
    """What somebody signs, to be compared with what the others have before them."""
    signed = root.metadata.signed
    enough, end = signed.roles["root"].threshold, f"{signed.expires:%Y-%m-%d}"
    keys = [
        f"  {role:<10}{signed.keys[key].keyval['public']}"
        for role in ("root", *ONLINE)
        for key in signed.roles[role].keyids
    ]
    return "\n".join((f"root {root.version}, valid until {end}; {enough} of its root keys must sign", *keys))


def signed(file: Path, key: Path, before: Path | None, passphrase: str | None) -> TrustRoot:
    """The root in `file` with one signature more. Raises `ConfigurationError`."""
    root = read_root(file)
    try:
        root.sign(private_key(key, passphrase), before=None if before is None else read_root(before))
    except ValueError as error:
        raise ConfigurationError(f"{key.name}: {error}") from error
    return root


def private_key(file: Path, passphrase: str | None) -> Ed25519PrivateKey:
    """The key in a PEM file. Raises `ConfigurationError`, which names the file alone."""
    try:
        key = load_pem_private_key(_read(file), passphrase.encode() if passphrase else None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{file.name}: no Ed25519 private key, or another passphrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"{file.name}: is not an Ed25519 key")
    return key


def needs_passphrase(file: Path) -> bool:
    """Whether the key is encrypted."""
    return b"ENCRYPTED" in _read(file)


def _public(file: Path) -> bytes:
    try:
        key = load_pem_public_key(_read(file))
    except ValueError as error:
        raise ConfigurationError(f"{file.name}: is not the PEM of a public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError(f"{file.name}: is not an Ed25519 key")
    return key.public_bytes_raw()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read") from error


def _write_new(file: Path, content: bytes, *, mode: int) -> None:
    try:
        file.touch(mode=mode, exist_ok=False)
        file.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be written, or is there already") from error
