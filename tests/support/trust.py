"""An operator of a trust list with its keys in hand, who may also do what no honest one would."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import Metadata

from signed_documents.errors import DocumentNotFound
from signed_documents.trust_lists import Authority, ListedOrganisation, TrustListing
from signed_documents.trust_publications import (
    Publication,
    RoleKey,
    signed_metadata,
    snapshot_of,
    targets_of,
    timestamp_of,
)
from signed_documents.trust_roots import ONLINE, OnlineKeys, TrustRoot

NOW = datetime.now(UTC)
OPERATOR = "did:webvh:QmOperator:registry.staff-passport.example:organisations:operator"
NORTHMOOR = "did:webvh:QmNorthmoor:registry.staff-passport.example:organisations:northmoor"
URL = "https://registry.staff-passport.example/trust-list"


def an_entry(**changed: Any) -> ListedOrganisation:
    """Northmoor, which may issue and ask for everything."""
    every = tuple(
        Authority(type=each, valid_from=datetime(2026, 1, 1, tzinfo=UTC).date())
        for each in ("identity", "employment", "employment_checks")
    )
    entry = ListedOrganisation(
        ods_code="ZZNM1",
        name="Northmoor Teaching Hospitals",
        region="North East and Yorkshire",
        dids=(NORTHMOOR,),
        may_issue=every,
        may_ask=every,
    )
    return entry.model_copy(update=changed)


def a_listing(*entries: ListedOrganisation, **changed: Any) -> TrustListing:
    """A list of these; of Northmoor when none is given."""
    listing = TrustListing(operator=OPERATOR, published=NOW, organisations=entries or (an_entry(),))
    return listing.model_copy(update=changed)


def new_keys(number: int) -> tuple[Ed25519PrivateKey, ...]:
    """Fresh ones."""
    return tuple(Ed25519PrivateKey.generate() for _ in range(number))


def public(key: Ed25519PrivateKey) -> bytes:
    """The public half, raw."""
    return key.public_key().public_bytes_raw()


def role_key(key: Ed25519PrivateKey) -> RoleKey:
    """A key that signs without being asked twice."""

    async def sign(message: bytes) -> bytes:
        return key.sign(message)

    return RoleKey(public(key), sign)


@dataclass
class TrustListOperator:
    """Holds three root keys and one for each online role, and knows what was published last."""

    root_keys: tuple[Ed25519PrivateKey, ...] = field(default_factory=lambda: new_keys(3))
    online: dict[str, Ed25519PrivateKey] = field(
        default_factory=lambda: dict(zip(ONLINE, new_keys(3), strict=True))
    )
    roots: list[TrustRoot] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ONLINE, 0))

    def __post_init__(self) -> None:
        self.new_root()

    @property
    def online_keys(self) -> OnlineKeys:
        return OnlineKeys.of({role: public(key) for role, key in self.online.items()})

    def new_root(self, *signers: Ed25519PrivateKey, now: datetime = NOW) -> TrustRoot:
        """The next root with the keys as they are now, signed by `signers` or by the first two."""
        before = self.roots[-1] if self.roots else None
        root = TrustRoot.prepared(map(public, self.root_keys), self.online_keys, now=now, after=before)
        for key in signers or self.root_keys[:2]:
            root.sign(key, before=before)
        self.roots.append(root)
        return root

    async def publication(
        self,
        listing: TrustListing | None = None,
        *,
        now: datetime = NOW,
        lives: Mapping[str, timedelta] | None = None,
        **versions: int,
    ) -> Publication:
        """The next publication, each role a version on, or at the versions that are given."""
        self.versions = {role: version + 1 for role, version in self.versions.items()} | versions
        life = {role: {"life": span} for role, span in (lives or {}).items()}
        text = (listing or a_listing()).text()
        keys = {role: role_key(key) for role, key in self.online.items()}

        def of(role: str) -> dict[str, Any]:
            return {"version": self.versions[role], "now": now, **life.get(role, {})}

        targets = await signed_metadata(targets_of(text, **of("targets")), keys["targets"])
        snapshot = await signed_metadata(snapshot_of(targets, **of("snapshot")), keys["snapshot"])
        timestamp = await signed_metadata(timestamp_of(snapshot, **of("timestamp")), keys["timestamp"])
        roots = tuple(root.text for root in self.roots)
        return Publication(roots, targets, snapshot, timestamp, text)


def tampered(metadata: bytes, *signers: Ed25519PrivateKey, **changed: Any) -> bytes:
    """Metadata with other content, signed by `signers` and by nobody else."""
    changing = Metadata[Any].from_bytes(metadata)
    for name, value in changed.items():
        setattr(changing.signed, name, value)
    changing.signatures.clear()
    for key in signers:
        changing.sign(CryptoSigner(key, SSlibKey.from_crypto(key.public_key())), append=True)
    return changing.to_bytes()


@dataclass
class Host:
    """Distributes what it is told to, and counts who asks for what."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    failing: Exception | None = None
    meanwhile: Callable[[], None] | None = None
    """What comes to pass while the next question is on its way."""

    def publish(self, publication: Publication) -> None:
        """Let readers see it."""
        self.files.update(publication.names())

    async def __call__(self, url: str) -> bytes:
        """Answer as `Fetch`."""
        name = url.removeprefix(f"{URL}/")
        self.asked.append(name)
        if (meanwhile := self.meanwhile) is not None:
            self.meanwhile = None
            meanwhile()
        if self.failing is not None:
            raise self.failing
        if name not in self.files:
            raise DocumentNotFound(name)
        return self.files[name]
