"""Signing a prepared change of a DID, on a machine that needs neither network nor agent."""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from signed_documents.encoding import multikey
from signed_documents.errors import DocumentRefused
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.webvh_entries import PreparedEntry, append_entry, commitment, is_announced, sign_entry
from staff_passport.agent_access import private_key
from staff_passport.configuration import ConfigurationError
from staff_passport.did_changes import described

_TYPE = "staff-passport-did-entry/1"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made: the public half, and how an entry announces it."""

    public: str
    announced_as: str


def make_key(file: Path) -> NewKey:
    """Make an update key in `file`, for its owner alone. Raises `ConfigurationError` if the file is there."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(pem)
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
    return told(key)


def told(key: Ed25519PrivateKey) -> NewKey:
    """What may be told of a key."""
    public = _public(key)
    return NewKey(multikey(public), commitment(public))


def read_prepared(file: Path) -> PreparedEntry:
    """The change in `file`, as the agent prepared it. Raises `ConfigurationError`."""
    try:
        return PreparedEntry.parse(file.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
    except DocumentRefused as refusal:
        raise ConfigurationError(f"{file.name}: {refusal.detail}") from refusal


def in_words(prepared: PreparedEntry) -> list[str]:
    """What signing it does. Raises `ConfigurationError` for a change that cannot be told in full."""
    try:
        return described(prepared)
    except DocumentRefused as refusal:
        raise ConfigurationError(f"the change cannot be signed: {refusal.detail}") from refusal
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError("the change cannot be signed: its document cannot be read") from error


def signed(prepared: PreparedEntry, key_file: Path, next_key_file: Path) -> str:
    """The signed entry, as `did submit` takes it. Raises `ConfigurationError` for a key that may not sign."""
    key, upcoming = private_key(key_file), private_key(next_key_file)
    if _public(key) == _public(upcoming):
        raise ConfigurationError(f"{next_key_file.name}: is the key that signs now, and must be another")
    try:
        log = prepared.before()
        if log is not None and not is_announced(log, _public(key)):
            raise ConfigurationError(f"{key_file.name}: is not the key that the last entry announced")
        signer = SoftwareSigner(key, did_key_method(_public(key)))
        entry = asyncio.run(sign_entry(prepared, signer, _public(upcoming)))
        append_entry(log, entry, now=prepared.time)
    except DocumentRefused as refusal:
        raise ConfigurationError(f"the change cannot be signed: {refusal.detail}") from refusal
    return json.dumps({"type": _TYPE, "entry": entry.decode()}, indent=1) + "\n"


def read_signed(file: Path) -> str:
    """The entry in a file that `signed` made. Raises `ConfigurationError`."""
    try:
        match json.loads(file.read_text(encoding="utf-8")):
            case {"type": "staff-passport-did-entry/1", "entry": str(entry)}:
                return entry
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
    except ValueError:
        pass
    raise ConfigurationError(f"{file.name}: is no signed change of a DID")


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
