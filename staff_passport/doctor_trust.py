"""The root from which an environment's trust list is verified."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from securesystemslib.exceptions import Error as SigningError
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Root

from signed_documents.errors import DocumentRefused
from signed_documents.trust_roots import THRESHOLD, TrustRoot
from staff_passport.doctor_findings import At, Finding


def faults_of_root(named: At, folder: Path, name: str) -> Iterator[Finding]:
    """What is wrong with the root that `name` is said to be."""
    file = folder / name
    try:
        root = TrustRoot.parse(file.read_bytes())
    except OSError:
        yield named(f"there is no file {name} in this folder: add the trust list's root")
        return
    except DocumentRefused as refused:
        yield Finding(file, 0, f"{refused}: the root of a trust list (TUF root.json) is needed here")
        return
    yield from _faults_of(Finding.at(file, 0), root)


def _faults_of(at: At, root: TrustRoot) -> Iterator[Finding]:
    metadata = root.metadata
    if metadata.signed.roles[Root.type].threshold < THRESHOLD:
        yield at(f"one root key is enough to change it: {THRESHOLD} at least have to be needed")
    if root.expires <= datetime.now(UTC):
        yield at(f"it expired on {root.expires:%Y-%m-%d}: have a new one signed")
    try:
        metadata.signed.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
    except (RepositoryError, SigningError):
        yield at("too few of its own root keys have signed it")
