"""did:webvh identifiers, the resources under them, and where both are found on the web."""

import re
from dataclasses import dataclass
from typing import Self

from signed_documents.errors import DocumentRefused, Reason

RESOURCES = "resources"
LOG_FILE = "did.jsonl"
WITNESS_FILE = "did-witness.json"

# did-webvh and Credo both fail on ports, IP addresses and undotted hosts, so we never accept them.
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9-]+(\.[A-Za-z][A-Za-z0-9-]+)+")
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{20,128}")


_LONGEST = 255  # characters of a host or a path segment


def _checked(pattern: re.Pattern[str], text: str, what: str) -> str:
    if len(text) > _LONGEST or not pattern.fullmatch(text):
        raise DocumentRefused(Reason.BAD_IDENTIFIER, f"{what} is not one we accept")
    return text


def checked_origin(text: str) -> str:
    """An origin that may stand in identifiers: https, a dotted host, no port. Raises `ValueError`."""
    scheme, _, host = text.rstrip("/").partition("://")
    if scheme != "https" or not _HOST.fullmatch(host):
        raise ValueError("must be https with a dotted host, no port and no path: it stands in identifiers")
    return f"https://{host}"


@dataclass(frozen=True, slots=True)
class WebvhDid:
    """`did:webvh:{scid}:{host}[:{path segment}…]` (did:webvh 1.0, section 3.1), always on port 443."""

    scid: str
    host: str
    path: tuple[str, ...] = ()

    @classmethod
    def parse(cls, did: str) -> Self:
        """Raises `DocumentRefused` for ports, percent-encoding, undotted hosts and dots as segments."""
        match did.split(":"):
            case ["did", "webvh", scid, host, *path]:
                _checked(_BASE58, scid, "the SCID")
                _checked(_HOST, host, "the host")
                segments = tuple(_checked(_SEGMENT, segment, "a path segment") for segment in path)
                return cls(scid, host, segments)
        raise DocumentRefused(Reason.BAD_IDENTIFIER, "this is not a did:webvh")

    def __str__(self) -> str:
        return ":".join(("did", "webvh", self.scid, self.host, *self.path))

    @property
    def base_url(self) -> str:
        """Where this DID's resources stand, without a slash at the end."""
        return "/".join((f"https://{self.host}", *self.path))

    @property
    def log_url(self) -> str:
        return f"{self._folder}/{LOG_FILE}"

    @property
    def witness_url(self) -> str:
        """Where the proofs of this DID's witnesses stand, if it has any."""
        return f"{self._folder}/{WITNESS_FILE}"

    @property
    def _folder(self) -> str:
        return self.base_url if self.path else f"{self.base_url}/.well-known"


@dataclass(frozen=True, slots=True)
class ResourceId:
    """`{did}/resources/{digest}`: the name of an attested resource, bound to its content by the digest."""

    did: WebvhDid
    digest: str

    @classmethod
    def parse(cls, identifier: str) -> Self:
        did, _, tail = identifier.partition("/")
        folder, _, digest = tail.partition("/")
        if folder != RESOURCES:
            raise DocumentRefused(Reason.BAD_IDENTIFIER, "this does not name a resource of a did:webvh")
        _checked(_BASE58, digest, "the digest")
        return cls(WebvhDid.parse(did), digest)

    def __str__(self) -> str:
        return f"{self.did}/{RESOURCES}/{self.digest}"

    @property
    def url(self) -> str:
        return f"{self.did.base_url}/{RESOURCES}/{self.digest}"
