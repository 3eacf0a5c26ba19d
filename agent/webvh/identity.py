"""What the wallet remembers of the organisation's own DID, and the port through which others ask for it."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self, cast

from acapy_agent.core.profile import Profile, ProfileSession
from acapy_agent.wallet.askar import CATEGORY_DID
from acapy_agent.wallet.base import BaseWallet
from acapy_agent.wallet.did_info import DIDInfo
from acapy_agent.wallet.did_method import WEBVH
from acapy_agent.wallet.key_type import ED25519
from aries_askar import Session

from agent.domain.clock import utc_now
from agent.domain.errors import Conflict
from agent.webvh.keys import KeyRef, SigningKeys, in_askar, public_key, verkey
from signed_documents.did_documents import checkpoint_key_id, credential_key_id, resource_key_id
from signed_documents.encoding import multikey
from signed_documents.key_history import DocumentKey, keys_in_document
from signed_documents.keys import Signer
from signed_documents.webvh_entries import PreparedEntry, read_log
from signed_documents.webvh_logs import VerifiedLog

_CATEGORY = "staff_passport_identity"
_NAME = "organisation"
_SIGN_FROM = "sign_from"


class Standing(StrEnum):
    """What the last entry of the DID's log waits for."""

    PUBLISHED = "published"  # for nothing: strangers read it
    AWAITS_SIGNATURE = "awaits_signature"  # by the update key, which is kept outside the agent
    AWAITS_WITNESSES = "awaits_witnesses"
    AWAITS_REGISTRY = "awaits_registry"  # which did not answer; the next round tries again
    DEACTIVATED = "deactivated"  # nothing follows


@dataclass(frozen=True, slots=True)
class FormerDid:
    """Where the DID was before it moved: what it issued there stays there, and stays to be revoked there.

    Its log there ends, so the keys that it had then sign for it as long as anything does.
    """

    did: str
    credential_key: str
    credential_key_name: str
    resource_key: str


@dataclass(frozen=True, slots=True)
class StoredIdentity:
    """What the wallet remembers of the DID besides its keys, which are named by where they are (`KeyRef`).

    `upcoming` are those of these fields that change once strangers can read the last entry of the log: a new
    key signs nothing before anybody finds it. `announced` are the new assertion keys, and from when on they
    sign: readers keep a copy of the document for a while. `prepared` waits for its signature outside the
    agent, with what is upcoming then.
    """

    did: str  # empty while the first entry waits for its signature
    credential_key: str
    resource_key: str
    update_key: str | None  # None of one that is kept outside the agent
    next_key: str | None
    log: str
    published: bool = False
    audit_key: str | None = None  # None of a DID that was made before audits were signed
    behind: bool = False  # whether the registry lacks the last entry of the log
    credential_key_name: str = "key-2018"
    upcoming: dict[str, Any] | None = None
    announced: dict[str, str] | None = None
    signed_until: dict[str, str] = field(default_factory=dict)  # by the names of retired assertion keys
    prepared: dict[str, Any] | None = None
    witness_proofs: str | None = None  # the did-witness.json
    deactivated: bool = False
    former: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    async def load(cls, profile: Profile) -> Self | None:
        async with profile.session() as session:
            entry = await session.handle.fetch(_CATEGORY, _NAME)
        return None if entry is None else cls(**json.loads(entry.value)).as_of(utc_now())

    @classmethod
    async def locked(cls, transaction: ProfileSession) -> Self:
        """The same, to be changed by this transaction alone."""
        entry = await transaction.handle.fetch(_CATEGORY, _NAME, for_update=True)
        if entry is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        return cls(**json.loads(entry.value)).as_of(utc_now())

    @classmethod
    async def in_use(cls, profile: Profile) -> Self:
        """The identity that signs. Raises `Conflict` while there is none, and after it was ended."""
        identity = await cls.load(profile)
        if identity is None or not identity.published:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        identity.require_in_use()
        return identity

    async def insert(self, session: ProfileSession) -> None:
        await session.handle.insert(_CATEGORY, _NAME, value_json=asdict(self))

    async def store(self, transaction: ProfileSession) -> Self:
        await transaction.handle.replace(_CATEGORY, _NAME, value_json=asdict(self))
        return self

    async def mark_published(self, profile: Profile, *, new_keys_sign_from: datetime) -> Self:
        """Remember that strangers read this log, unless another process has gone on from it since."""
        async with profile.transaction() as transaction:
            identity = await type(self).locked(transaction)
            if identity.log != self.log or (identity.published and not identity.behind):
                return identity
            after = replace(
                identity, published=True, behind=False, upcoming=None, **(identity.upcoming or {})
            )
            if (identity.upcoming or {}).get("announced"):
                after = _signing_anew_from(after, new_keys_sign_from)
            await after.store(transaction)
            if not after.deactivated:
                await after.tell_acapy(transaction)
            await transaction.commit()
        return after.as_of(utc_now())

    def as_of(self, now: datetime) -> Self:
        """The same with the keys that sign at `now`."""
        if self.announced is None or now < datetime.fromisoformat(self.announced[_SIGN_FROM]):
            return self
        return _with_announced(self)

    def keys(self, log: VerifiedLog) -> tuple[DocumentKey, ...]:
        """Those in the document of `log`, with when each really began and stopped to sign, or will."""
        return tuple(map(self._really, keys_in_document(log)))

    def _really(self, key: DocumentKey) -> DocumentKey:
        until, coming = self.signed_until.get(key.name), self.announced
        if key.until is not None and until is not None:
            return replace(key, until=datetime.fromisoformat(until))
        if coming is not None and key.name in _assertion_key_names(_with_announced(self)):
            return replace(key, since=datetime.fromisoformat(coming[_SIGN_FROM]))
        return key

    def require_in_use(self) -> None:
        if self.deactivated:
            raise Conflict("The organisation's DID was deactivated, for good.", code="did_deactivated")

    @property
    def is_published(self) -> bool:
        """Whether strangers read all of it."""
        return self.published and not self.behind

    @property
    def prepared_entry(self) -> PreparedEntry | None:
        """What waits for its signature outside."""
        if self.prepared is None:
            return None
        return PreparedEntry.parse(json.dumps(self.prepared["entry"]).encode())

    def verified_log(self, now: datetime) -> VerifiedLog | None:
        """The log as the wallet has it; None before the first entry was signed."""
        return read_log(self.log.encode(), now=now) if self.log else None

    @property
    def former_dids(self) -> tuple[FormerDid, ...]:
        """The newest last."""
        return tuple(FormerDid(**each) for each in self.former)

    @property
    def with_former(self) -> tuple[Self, ...]:
        """This, and the same as it was wherever the DID was before."""
        return (self, *(replace(self, **asdict(each)) for each in self.former_dids))

    def as_former(self) -> FormerDid:
        """What is to be kept of this when the DID moves."""
        return FormerDid(self.did, self.credential_key, self.credential_key_name, self.resource_key)

    def credential_signer(self, profile: Profile) -> Signer:
        """Signs W3C credentials in JSON-LD."""
        return _signer(profile, self.credential_key, credential_key_id(self.did, self.credential_key_name))

    def resource_signer(self, profile: Profile) -> Signer:
        """Signs attested resources, status lists, and W3C credentials by Data Integrity."""
        method = resource_key_id(self.did, public_key(self.resource_key))
        return _signer(profile, self.resource_key, method)

    def checkpoint_signer(self, profile: Profile) -> Signer:
        """Signs checkpoints of the audit. Raises `Conflict` while the DID has no key for them."""
        if self.audit_key is None:
            raise Conflict("The organisation's DID has no audit key yet.", code="no_audit_key")
        return _signer(profile, self.audit_key, checkpoint_key_id(self.did, public_key(self.audit_key)))

    async def tell_acapy(self, transaction: ProfileSession) -> None:
        """Without this record ACA-Py cannot issue. It looks for the record, not for the key in it.

        The newest keys are told, also those that do not sign yet.
        """
        if self.announced is not None:
            await _with_announced(self).tell_acapy(transaction)
            return
        info = DIDInfo(self.did, verkey(self.credential_key), {}, WEBVH, ED25519)
        wallet = transaction.inject(BaseWallet)
        known = await transaction.handle.fetch(CATEGORY_DID, self.did, for_update=True)
        if known is None:
            await wallet.store_did(info)
        else:
            value, tags = {**known.value_json, "verkey": info.verkey}, {**known.tags, "verkey": info.verkey}
            await transaction.handle.replace(CATEGORY_DID, self.did, value_json=value, tags=tags)
        await _name_key(
            transaction, self.credential_key, credential_key_id(self.did, self.credential_key_name)
        )
        method = resource_key_id(self.did, public_key(self.resource_key))
        await _name_key(transaction, self.resource_key, method)


def _signing_anew_from[Identity: StoredIdentity](identity: Identity, moment: datetime) -> Identity:
    """The keys that were announced last sign from then on, and those before until then."""
    told = {name: moment.isoformat() for name in _assertion_key_names(identity)}
    return replace(
        identity,
        announced={**(identity.announced or {}), _SIGN_FROM: moment.isoformat()},
        signed_until={**identity.signed_until, **told},
    )


def _with_announced[Identity: StoredIdentity](identity: Identity) -> Identity:
    """As it is once the keys sign that were announced."""
    keys: dict[str, Any] = {**(identity.announced or {})}
    keys.pop(_SIGN_FROM, None)
    return replace(identity, announced=None, **keys)


def _assertion_key_names(identity: StoredIdentity) -> tuple[str, str]:
    return identity.credential_key_name, multikey(public_key(identity.resource_key))


async def _name_key(transaction: ProfileSession, key: str, method: str) -> None:
    """Let ACA-Py find the key by its verification method, once; one in hardware it cannot have."""
    handle = cast("Session", transaction.handle)
    if in_askar(key) and not await handle.fetch_all_keys(tag_filter={"kid": method}, limit=1):
        await transaction.inject(BaseWallet).assign_kid_to_key(key, method)


def _signer(profile: Profile, ref: str, verification_method: str) -> Signer:
    return profile.inject(SigningKeys).signer(KeyRef(ref), verification_method)
