"""The log of the organisation's own DID: entries are committed in the wallet first, and published after.

A crash in between leaves an entry that the next call, or a round, publishes. While one waits, none follows.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from acapy_agent.core.profile import Profile, ProfileSession
from aries_askar import AskarError, AskarErrorCode

from agent.domain.errors import Conflict, InvalidInput, Unavailable
from agent.domain.ports.identity import OrganisationIdentity
from agent.webvh.identity import Standing, StoredIdentity
from agent.webvh.keys import KeyPurpose, KeyRef, OpenKeySigner, SigningKeys, new_key, public_key, stored_key
from agent.webvh.publisher import PublicationRefused, RegistryPublisher
from agent.webvh.settings import Place, UpdateKey
from signed_documents.did_documents import organisation_document, with_audit_key
from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused
from signed_documents.keys import Signer, did_key_method
from signed_documents.webvh_entries import (
    PreparedEntry,
    append_entry,
    prepare_new,
    prepare_next,
    sign_entry,
)
from signed_documents.webvh_logs import VerifiedLog
from signed_documents.witnesses import add_witness_proof


@dataclass(frozen=True, slots=True)
class Change:
    """An entry to be made, and what of the stored identity changes once strangers can read it.

    `next_key` is a public key outside the agent that shall sign from the next entry on; None leaves the
    update key where it is.
    """

    prepared: PreparedEntry
    upcoming: dict[str, Any] = field(default_factory=dict)
    next_key: bytes | None = None


type Make = Callable[[StoredIdentity, VerifiedLog], Change]
"""Says what the next entry is; it may be called again when another process was first."""


class OwnLog(OrganisationIdentity):
    """One wallet's."""

    def __init__(
        self,
        profile: Profile,
        place: Place,
        update_key: UpdateKey,
        publisher: RegistryPublisher,
        clock: Callable[[], datetime],
        new_keys_sign_after: timedelta,
    ) -> None:
        self._profile = profile
        self._place = place
        self._update_key = update_key
        self._publisher = publisher
        self._clock = clock
        self._new_keys_sign_after = new_keys_sign_after

    async def did(self) -> str | None:
        """The DID while strangers can read it and it is in use; None before and after."""
        identity = await StoredIdentity.load(self._profile)
        in_use = identity is not None and identity.published and not identity.deactivated
        return identity.did if identity is not None and in_use else None

    async def ensure(self) -> str:
        """Make the DID unless the wallet has one, and publish it unless that was done.

        Raises `Unavailable` when the registry does not answer, and `Conflict` when it holds another DID at
        this place, when the first entry waits for a signature outside, and when the DID was deactivated.
        """
        identity = await StoredIdentity.load(self._profile) or await self._made()
        identity.require_in_use()
        if identity.audit_key is None and identity.is_published:
            identity = await self._with_audit_key()
        standing = await self.publish()
        if standing is Standing.AWAITS_REGISTRY:
            raise Unavailable("The registry does not answer.", code="registry_unavailable")
        if not identity.published and standing is not Standing.PUBLISHED:
            raise Conflict("The first entry of the DID's log waits to be signed.", code=f"did_{standing}")
        return (await StoredIdentity.in_use(self._profile)).did

    async def add(self, make: Make) -> Standing:
        """Commit one entry more, signed or yet to be signed outside, and publish it if that is possible now.

        Raises `Conflict` while another waits for its witnesses or the registry.
        """
        await self._require_settled()
        async with self._profile.transaction() as transaction:
            identity = await StoredIdentity.locked(transaction)
            log = identity.verified_log(self._clock())
            if log is None or not identity.is_published:
                raise Conflict("Another change of the DID is under way.", code="did_change_under_way")
            await (await self._changed(transaction, identity, log, make(identity, log))).store(transaction)
            await transaction.commit()
        return await self.publish()

    async def take(self, entry: bytes) -> Standing:
        """Commit an entry that was signed outside, if it says what was prepared, and publish it.

        Raises `Conflict` when nothing was prepared, `InvalidInput` when it is another or does not verify.
        """
        async with self._profile.transaction() as transaction:
            identity = await StoredIdentity.locked(transaction)
            if identity.log.rstrip("\n").rpartition("\n")[2] != entry.decode():
                await self._taken(identity, entry).store(transaction)
                await transaction.commit()
        return await self.publish()

    async def approve(self, version_id: str, proof: JsonObject) -> Standing:
        """Keep a witness's approval of the entry that waits for it, and publish when there are enough.

        Raises `InvalidInput` for a proof that does not verify, or of a version that the log does not have.
        """
        async with self._profile.transaction() as transaction:
            identity = await StoredIdentity.locked(transaction)
            log = identity.verified_log(self._clock())
            if log is None or version_id not in log.version_ids:
                raise InvalidInput("The log has no such version.", code="no_such_version")
            await self._approved(identity, log, version_id, proof).store(transaction)
            await transaction.commit()
        return await self.publish()

    async def publish(self) -> Standing:
        """Publish what strangers cannot read yet, if nothing else is missing; again does no harm.

        Raises `Conflict` when the registry refuses it, as it does a token that does not write there.
        """
        identity = await StoredIdentity.load(self._profile)
        if identity is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        if identity.is_published or not identity.log:
            return _standing(identity)
        log = identity.verified_log(self._clock())
        if log is None or not has_its_witnesses(log, identity):
            return Standing.AWAITS_WITNESSES
        try:
            await self._publish(log, identity)
        except Unavailable:
            return Standing.AWAITS_REGISTRY
        except Conflict:
            if not await self._went_on(identity):
                raise
            return await self.publish()
        sign_from = self._clock() + self._new_keys_sign_after
        return _standing(await identity.mark_published(self._profile, new_keys_sign_from=sign_from))

    async def standing(self) -> Standing:
        """What the last entry waits for; nobody is asked."""
        identity = await StoredIdentity.load(self._profile)
        if identity is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        log = identity.verified_log(self._clock())
        if log is None or identity.is_published:
            return _standing(identity)
        in_full = has_its_witnesses(log, identity)
        return Standing.AWAITS_REGISTRY if in_full else Standing.AWAITS_WITNESSES

    async def _publish(self, log: VerifiedLog, identity: StoredIdentity) -> None:
        try:
            if identity.witness_proofs is not None:  # before the log, which nobody would believe without
                await self._publisher.witness_proofs(log.did, identity.witness_proofs.encode())
            await self._publisher.log(log)
        except PublicationRefused as refused:
            raise Conflict(refused.sentence, code=refused.code) from refused

    async def _went_on(self, identity: StoredIdentity) -> bool:
        """Whether another process of this agent has published this entry, and one more, meanwhile."""
        now = await StoredIdentity.load(self._profile)
        return now is not None and now.log != identity.log

    async def _require_settled(self) -> None:
        match await self.publish():
            case Standing.AWAITS_WITNESSES:
                raise Conflict("The last change waits for its witnesses.", code="did_awaits_witnesses")
            case Standing.AWAITS_REGISTRY:
                raise Unavailable("The registry does not answer.", code="registry_unavailable")
            case Standing.DEACTIVATED:
                raise Conflict("The organisation's DID was deactivated, for good.", code="did_deactivated")

    async def _changed(
        self, transaction: ProfileSession, identity: StoredIdentity, log: VerifiedLog, change: Change
    ) -> StoredIdentity:
        if identity.next_key is None:
            return _awaiting_signature(identity, change)
        made = None if change.next_key else await new_key(transaction)
        announced = change.next_key or public_key(str(made))
        signer = await _update_signer(transaction, identity.next_key)
        entry = await sign_entry(change.prepared, signer, announced)
        longer = append_entry(log, entry, now=self._time(change.prepared))
        return replace(
            identity,
            update_key=identity.next_key if made else None,
            next_key=made,
            log=longer.text.decode(),
            behind=True,
            upcoming=change.upcoming,
        )

    def _taken(self, identity: StoredIdentity, entry: bytes) -> StoredIdentity:
        prepared = identity.prepared_entry
        if prepared is None or identity.prepared is None:
            raise Conflict("No change of the DID waits for a signature.", code="nothing_prepared")
        try:
            log = append_entry(identity.verified_log(self._clock()), entry, now=self._time(prepared))
        except DocumentRefused as refusal:
            raise InvalidInput(f"The entry does not verify: {refusal.detail}.", code="bad_entry") from refusal
        if not prepared.became(json.loads(entry)):
            raise InvalidInput("The entry does not say what was prepared.", code="not_what_was_prepared")
        return replace(
            identity,
            did=identity.did or str(log.did),
            log=log.text.decode(),
            behind=True,
            upcoming=identity.prepared["upcoming"],
            prepared=None,
        )

    def _approved(
        self, identity: StoredIdentity, log: VerifiedLog, version_id: str, proof: JsonObject
    ) -> StoredIdentity:
        published = log.version_ids if identity.is_published else log.version_ids[:-1]
        before = None if identity.witness_proofs is None else identity.witness_proofs.encode()
        try:
            proofs = add_witness_proof(before, version_id, proof, published=published)
        except DocumentRefused as refusal:
            raise InvalidInput(f"The approval does not verify: {refusal.detail}.", code="bad_approval") from (
                refusal
            )
        return replace(identity, witness_proofs=proofs.decode())

    def _time(self, prepared: PreparedEntry) -> datetime:
        """Now, or when the entry says that it was made: a second may lie between two entries of one."""
        return max(self._clock(), prepared.time)

    async def _made(self) -> StoredIdentity:
        credential_key = await self._new(KeyPurpose.CREDENTIAL)
        resource_key, audit_key = await self._new(KeyPurpose.RESOURCE), await self._new(KeyPurpose.AUDIT)
        try:
            async with self._profile.transaction() as transaction:
                identity = await self._make(transaction, credential_key, resource_key, audit_key)
                await identity.insert(transaction)
                await transaction.commit()
        except AskarError as error:
            if error.code != AskarErrorCode.DUPLICATE:
                raise
            return await self._made_by_another()
        return identity

    async def _make(
        self, transaction: ProfileSession, credential_key: KeyRef, resource_key: KeyRef, audit_key: KeyRef
    ) -> StoredIdentity:
        """The identity with its first entry, signed or prepared to be signed outside."""
        document = _document(credential_key, resource_key, audit_key)
        prepared = prepare_new(self._place.host, self._place.path, document, created=self._clock())
        blank = StoredIdentity("", credential_key, resource_key, None, None, "", audit_key=audit_key)
        if self._update_key is UpdateKey.EXTERNAL:
            return _awaiting_signature(blank, Change(prepared))
        update_key, next_key = await new_key(transaction), await new_key(transaction)
        signer = await _update_signer(transaction, update_key)
        entry = await sign_entry(prepared, signer, public_key(next_key))
        log = append_entry(None, entry, now=self._time(prepared))
        return replace(
            blank, did=str(log.did), update_key=update_key, next_key=next_key, log=log.text.decode()
        )

    async def _with_audit_key(self) -> StoredIdentity:
        """The identity of a DID that was made before audits were signed, with a key for them."""
        audit_key = await self._new(KeyPurpose.AUDIT)

        def make(identity: StoredIdentity, log: VerifiedLog) -> Change:
            if identity.audit_key is not None:
                raise Conflict("The DID has an audit key.", code="did_change_under_way")
            document = with_audit_key(log.document_json, public_key(audit_key))
            return Change(prepare_next(log, document, created=self._clock()), {"audit_key": audit_key})

        await self.add(make)
        return await self._made_by_another()

    async def _new(self, purpose: KeyPurpose) -> KeyRef:
        return await self._profile.inject(SigningKeys).new(purpose)

    async def _made_by_another(self) -> StoredIdentity:
        """The identity that another process of this agent made at the same moment."""
        identity = await StoredIdentity.load(self._profile)
        if identity is None:
            raise Conflict("The organisation's DID is being made elsewhere.", code="identity_in_the_making")
        return identity


def has_its_witnesses(log: VerifiedLog, identity: StoredIdentity) -> bool:
    """Whether everybody has approved whose approval the log demands."""
    proofs = None if identity.witness_proofs is None else identity.witness_proofs.encode()
    try:
        log.require_witnesses(proofs)
    except DocumentRefused:
        return False
    return True


def _standing(identity: StoredIdentity) -> Standing:
    """Of an identity of which all is published that can be."""
    if identity.deactivated:
        return Standing.DEACTIVATED
    return Standing.AWAITS_SIGNATURE if identity.prepared is not None else Standing.PUBLISHED


def _awaiting_signature(identity: StoredIdentity, change: Change) -> StoredIdentity:
    """In place of whatever was prepared before: nobody can have signed both."""
    prepared = {"entry": change.prepared.to_json(), "upcoming": change.upcoming}
    return replace(identity, prepared=prepared)


def _document(credential_key: KeyRef, resource_key: KeyRef, audit_key: KeyRef) -> Callable[[str], JsonObject]:
    """Makes the DID's document for a DID."""
    return partial(
        organisation_document,
        credential_key=public_key(credential_key),
        resource_key=public_key(resource_key),
        audit_key=public_key(audit_key),
    )


async def _update_signer(transaction: ProfileSession, key: str) -> Signer:
    return OpenKeySigner(await stored_key(transaction, key), did_key_method(public_key(key)))
