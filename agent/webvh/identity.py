"""The organisation's own DID: made once, published, and found again after any crash in between."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Self

from acapy_agent.core.profile import Profile, ProfileSession
from acapy_agent.wallet.base import BaseWallet
from acapy_agent.wallet.did_info import DIDInfo
from acapy_agent.wallet.did_method import WEBVH
from acapy_agent.wallet.key_type import ED25519
from aries_askar import AskarError, AskarErrorCode

from agent.domain.errors import Conflict
from agent.domain.ports.identity import OrganisationIdentity
from agent.webvh.keys import (
    KeyPurpose,
    KeyRef,
    OpenKeySigner,
    SigningKeys,
    in_askar,
    new_key,
    public_key,
    stored_key,
    verkey,
)
from agent.webvh.publisher import RegistryPublisher
from agent.webvh.settings import Place
from signed_documents.did_documents import (
    checkpoint_key_id,
    credential_key_id,
    organisation_document,
    resource_key_id,
)
from signed_documents.encoding import JsonObject
from signed_documents.identifiers import WebvhDid
from signed_documents.keys import Signer, did_key_method
from signed_documents.webvh_entries import create_log, extend_log
from signed_documents.webvh_logs import verify_log

_CATEGORY = "staff_passport_identity"
_NAME = "organisation"


@dataclass(frozen=True, slots=True)
class StoredIdentity:
    """What the wallet remembers of the DID besides its keys, which are named by where they are (`KeyRef`).

    The update keys are kept beside the others for now. In production they belong outside the agent, which
    needs only the two keys that make assertions.
    """

    did: str
    credential_key: str
    resource_key: str
    update_key: str
    next_key: str
    log: str
    published: bool = False
    audit_key: str | None = None  # None of a DID that was made before audits were signed
    behind: bool = False  # whether the registry lacks the last entry of the log

    @classmethod
    async def load(cls, profile: Profile) -> Self | None:
        async with profile.session() as session:
            entry = await session.handle.fetch(_CATEGORY, _NAME)
        return None if entry is None else cls(**json.loads(entry.value))

    @classmethod
    async def locked(cls, transaction: ProfileSession) -> Self:
        """The same, to be changed by this transaction alone."""
        entry = await transaction.handle.fetch(_CATEGORY, _NAME, for_update=True)
        if entry is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        return cls(**json.loads(entry.value))

    async def insert(self, session: ProfileSession) -> None:
        await session.handle.insert(_CATEGORY, _NAME, value_json=asdict(self))

    async def mark_published(self, profile: Profile) -> None:
        async with profile.session() as session:
            await self.replace(session, published=True, behind=False)

    async def replace(self, session: ProfileSession, **changes: object) -> None:
        await session.handle.replace(_CATEGORY, _NAME, value_json={**asdict(self), **changes})

    def credential_signer(self, profile: Profile) -> Signer:
        """Signs W3C credentials in JSON-LD."""
        return _signer(profile, self.credential_key, credential_key_id(self.did))

    def resource_signer(self, profile: Profile) -> Signer:
        """Signs attested resources, status lists, and W3C credentials by Data Integrity."""
        method = resource_key_id(self.did, public_key(self.resource_key))
        return _signer(profile, self.resource_key, method)

    def checkpoint_signer(self, profile: Profile) -> Signer:
        """Signs checkpoints of the audit. Raises `Conflict` while the DID has no key for them."""
        if self.audit_key is None:
            raise Conflict("The organisation's DID has no audit key yet.", code="no_audit_key")
        return _signer(profile, self.audit_key, checkpoint_key_id(self.did, public_key(self.audit_key)))


class AskarIdentity(OrganisationIdentity):
    """Keeps the DID's keys and log in the wallet of one profile."""

    def __init__(
        self, profile: Profile, place: Place, publisher: RegistryPublisher, clock: Callable[[], datetime]
    ) -> None:
        self._profile = profile
        self._place = place
        self._publisher = publisher
        self._clock = clock

    async def did(self) -> str | None:
        """The DID once strangers can read it; None before."""
        identity = await StoredIdentity.load(self._profile)
        return identity.did if identity is not None and identity.published else None

    async def ensure(self) -> str:
        """Make the DID unless the wallet has one, and publish it unless that was done.

        A crash after the first step leaves a DID that the next call publishes. Raises `Unavailable` when
        the registry does not answer, `Conflict` when it holds another DID at this place.
        """
        identity = await StoredIdentity.load(self._profile) or await self._made()
        if identity.audit_key is None:
            identity = await self._with_audit_key()
        if not identity.published or identity.behind:
            log = verify_log(identity.log.encode(), WebvhDid.parse(identity.did), now=self._clock())
            await self._publisher.log(log)
            await identity.mark_published(self._profile)
        return identity.did

    async def _made(self) -> StoredIdentity:
        keys = [await self._new(purpose) for purpose in KeyPurpose]
        try:
            async with self._profile.transaction() as transaction:
                identity = await self._make(transaction, *keys)
                await transaction.commit()
        except AskarError as error:
            if error.code != AskarErrorCode.DUPLICATE:
                raise
            return await self._made_by_another()
        return identity

    async def _make(
        self, transaction: ProfileSession, credential_key: KeyRef, resource_key: KeyRef, audit_key: KeyRef
    ) -> StoredIdentity:
        """All of it or nothing: log, its keys, and the DID record without which ACA-Py cannot issue."""
        update_key, next_key = await new_key(transaction), await new_key(transaction)
        document = _document(credential_key, resource_key, audit_key)
        log = await create_log(
            self._place.host,
            self._place.path,
            document,
            update_key=await _update_signer(transaction, update_key),
            next_key=public_key(next_key),
            created=self._clock(),
        )
        identity = StoredIdentity(
            str(log.did),
            credential_key,
            resource_key,
            update_key,
            next_key,
            log.text.decode(),
            audit_key=audit_key,
        )
        await identity.insert(transaction)
        await _record_did(transaction, identity)
        return identity

    async def _with_audit_key(self) -> StoredIdentity:
        """The identity with one entry more in its log, which adds a key for the audit."""
        audit_key = await self._new(KeyPurpose.AUDIT)
        async with self._profile.transaction() as transaction:
            identity = await StoredIdentity.locked(transaction)
            if identity.audit_key is None:
                await self._add_audit_key(transaction, identity, audit_key)
                await transaction.commit()
        return await self._made_by_another()

    async def _add_audit_key(
        self, transaction: ProfileSession, identity: StoredIdentity, audit_key: KeyRef
    ) -> None:
        next_key = await new_key(transaction)
        before = verify_log(identity.log.encode(), WebvhDid.parse(identity.did), now=self._clock())
        log = await extend_log(
            before,
            _document(identity.credential_key, identity.resource_key, audit_key)(identity.did),
            update_key=await _update_signer(transaction, identity.next_key),
            next_key=public_key(next_key),
            created=self._clock(),
        )
        await identity.replace(
            transaction,
            update_key=identity.next_key,
            next_key=next_key,
            log=log.text.decode(),
            audit_key=audit_key,
            behind=True,
        )

    async def _new(self, purpose: KeyPurpose) -> KeyRef:
        return await self._profile.inject(SigningKeys).new(purpose)

    async def _made_by_another(self) -> StoredIdentity:
        """The identity that another process of this agent made at the same moment."""
        identity = await StoredIdentity.load(self._profile)
        if identity is None:
            raise Conflict("The organisation's DID is being made elsewhere.", code="identity_in_the_making")
        return identity


def _document(credential_key: str, resource_key: str, audit_key: str) -> Callable[[str], JsonObject]:
    """Makes the DID's document for a DID."""
    return partial(
        organisation_document,
        credential_key=public_key(credential_key),
        resource_key=public_key(resource_key),
        audit_key=public_key(audit_key),
    )


def _signer(profile: Profile, ref: str, verification_method: str) -> Signer:
    return profile.inject(SigningKeys).signer(KeyRef(ref), verification_method)


async def _update_signer(transaction: ProfileSession, key: str) -> Signer:
    return OpenKeySigner(await stored_key(transaction, key), did_key_method(public_key(key)))


async def _record_did(session: ProfileSession, identity: StoredIdentity) -> None:
    """ACA-Py looks for the record, not for the key: that one may be in hardware."""
    wallet = session.inject(BaseWallet)
    await wallet.store_did(DIDInfo(identity.did, verkey(identity.credential_key), {}, WEBVH, ED25519))
    methods = {
        identity.credential_key: credential_key_id(identity.did),
        identity.resource_key: resource_key_id(identity.did, public_key(identity.resource_key)),
    }
    for key, method in methods.items():
        if in_askar(key):
            await wallet.assign_kid_to_key(key, method)
