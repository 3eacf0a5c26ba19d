"""The root of the trust list: who may sign what of it. Its keys are offline, and two of three must agree.

The root is TUF's `root.json`. It names three root keys, of which `THRESHOLD` sign every root, and one key
each for the targets, the snapshot and the timestamp, which are online. A root after the first is signed by
the keys of the root before it, too, so that a reader who has any root comes to the newest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.exceptions import Error as SigningError
from securesystemslib.signer import Signature, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Role, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from signed_documents.errors import DocumentRefused, Reason

THRESHOLD = 2
ROOT_LIFE = timedelta(days=365)
MAX_ROOT_BYTES = 64 * 1024
ONLINE = (Targets.type, Snapshot.type, Timestamp.type)


def tuf_key(public: bytes) -> SSlibKey:
    """The 32 bytes of an Ed25519 public key, as TUF has it. Raises `ValueError`."""
    return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(public))


@dataclass(frozen=True, slots=True)
class OnlineKeys:
    """The public keys with which the operator's agent signs, one for each role."""

    targets: bytes
    snapshot: bytes
    timestamp: bytes

    @classmethod
    def of(cls, keys: Mapping[str, bytes]) -> Self:
        return cls(*(keys[role] for role in ONLINE))

    def role(self, role: str) -> bytes:
        key: bytes = getattr(self, role)
        return key


@dataclass(frozen=True, slots=True)
class TrustRoot:
    """A root that is being made or that stands; `text` is what is distributed."""

    metadata: Metadata[Root]

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Raises `DocumentRefused` for what is no root; who signed it, `require_follows` says."""
        if len(text) > MAX_ROOT_BYTES:
            raise DocumentRefused(Reason.TOO_LARGE, "this is larger than any root")
        try:
            metadata = Metadata[Root].from_bytes(text)
        except RepositoryError as error:
            raise DocumentRefused(Reason.MALFORMED, "this is no root of a trust list") from error
        if not isinstance(metadata.signed, Root):
            raise DocumentRefused(Reason.WRONG_TYPE, "this is other metadata than a root")
        return cls(metadata)

    @classmethod
    def prepared(
        cls, root_keys: Iterable[bytes], online: OnlineKeys, *, now: datetime, after: Self | None = None
    ) -> Self:
        """The root that is to be signed; the first, or the one `after` another. Raises `ValueError`."""
        keys = [tuf_key(each) for each in root_keys]
        theirs = {role: tuf_key(online.role(role)) for role in ONLINE}
        if len({key.keyid for key in (*keys, *theirs.values())}) < len(keys) + len(ONLINE):
            raise ValueError("each key has one role: two of these are the same")
        if len(keys) <= THRESHOLD:
            raise ValueError(f"a root has at least {THRESHOLD + 1} root keys, so that one may be lost")
        root = Root(
            version=1 if after is None else after.version + 1,
            expires=(now + ROOT_LIFE).replace(microsecond=0),
            keys={key.keyid: key for key in (*keys, *theirs.values())},
            roles={
                Root.type: Role([key.keyid for key in keys], THRESHOLD),
                **{role: Role([key.keyid], 1) for role, key in theirs.items()},
            },
            consistent_snapshot=True,
        )
        return cls(Metadata(root))

    @property
    def text(self) -> bytes:
        return self.metadata.to_bytes(JSONSerializer(compact=False))

    @property
    def version(self) -> int:
        return self.metadata.signed.version

    @property
    def expires(self) -> datetime:
        return self.metadata.signed.expires

    @property
    def online(self) -> OnlineKeys:
        """Raises `DocumentRefused` unless each online role has exactly one key."""
        return OnlineKeys.of({role: self._only_key(role) for role in ONLINE})

    @property
    def root_keys(self) -> tuple[bytes, ...]:
        signed = self.metadata.signed
        return tuple(_raw(signed.keys[each].keyval["public"]) for each in signed.roles[Root.type].keyids)

    def _only_key(self, role: str) -> bytes:
        signed = self.metadata.signed
        found = signed.roles[role]
        if len(found.keyids) != 1 or found.threshold != 1:
            raise DocumentRefused(Reason.MALFORMED, f"the root does not have one key for {role}")
        return _raw(signed.keys[found.keyids[0]].keyval["public"])

    def sign(self, key: Ed25519PrivateKey, *, before: Self | None = None) -> None:
        """Add a root key's signature. Raises `ValueError` for a key that neither root names."""
        keyid = SSlibKey.from_crypto(key.public_key()).keyid
        named = [each.metadata.signed.roles[Root.type].keyids for each in (self, before) if each is not None]
        if not any(keyid in each for each in named):
            raise ValueError("this key is a root key neither of this root nor of the one before it")
        signature = key.sign(self.metadata.signed_bytes)
        self.metadata.signatures[keyid] = Signature(keyid, signature.hex())

    def require_follows(self, before: Self | None) -> None:
        """Raise `DocumentRefused` unless enough of its own keys, and of those `before` it, signed it."""
        signed = self.metadata.signed
        if self.version != (1 if before is None else before.version + 1):
            raise DocumentRefused(Reason.ROLLED_BACK, "the root does not come next after the one before it")
        if signed.roles[Root.type].threshold < THRESHOLD or not signed.consistent_snapshot:
            raise DocumentRefused(Reason.MALFORMED, f"a root needs {THRESHOLD} signatures at least")
        try:
            for judge in (self, before or self):
                judge.metadata.signed.verify_delegate(
                    Root.type, self.metadata.signed_bytes, self.metadata.signatures
                )
        except (RepositoryError, SigningError) as error:
            raise DocumentRefused(Reason.BAD_SIGNATURE, "too few root keys have signed this root") from error


def _raw(public: str) -> bytes:
    """TUF writes Ed25519 keys in hex."""
    try:
        return bytes.fromhex(public)
    except ValueError as error:
        raise DocumentRefused(Reason.MALFORMED, "a key of the root is no Ed25519 key") from error
