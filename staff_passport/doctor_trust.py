"""The root from which an environment's trust list is verified."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from staff_passport.doctor_findings import At, Finding

THRESHOLD = 2
"""How many root keys must sign at least: nobody decides alone whom everybody trusts."""


def faults_of_root(named: At, folder: Path, name: str) -> Iterator[Finding]:
    """What is wrong with the root that `name` is said to be."""
    file = folder / name
    try:
        root = Metadata[Root].from_bytes(file.read_bytes())
    except OSError:
        yield named(f"there is no file {name} in this folder: add the trust list's root")
        return
    except RepositoryError:
        yield Finding(file, 0, "this is no root of a trust list (TUF root.json)")
        return
    yield from _faults_of(Finding.at(file, 0), root)


def _faults_of(at: At, root: Metadata[Root]) -> Iterator[Finding]:
    signed = root.signed
    if not isinstance(signed, Root):
        yield at("this is TUF metadata, but no root")
        return
    if signed.roles[Root.type].threshold < THRESHOLD:
        yield at(f"one root key is enough to change it: {THRESHOLD} at least have to be needed")
    if signed.is_expired(datetime.now(UTC)):
        yield at(f"it expired on {signed.expires:%Y-%m-%d}: have a new one signed")
    try:
        signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
    except (RepositoryError, ValueError):
        yield at("too few of its own root keys have signed it")
