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
from agent.webvh.keys import AskarSigner, OpenKeySigner, new_key, public_key, stored_key
from agent.webvh.publisher import RegistryPublisher
from agent.webvh.settings import Place
from signed_documents.did_documents import credential_key_id, organisation_document, resource_key_id
from signed_documents.identifiers import WebvhDid
from signed_documents.keys import Signer, did_key_method
from signed_documents.webvh_logs import VerifiedLog, create_log, verify_log

_CATEGORY = "staff_passport_identity"
_NAME = "organisation"


@dataclass(frozen=True, slots=True)
class StoredIdentity:
    """What the wallet remembers of the DID besides its keys, which are named by their public halves.

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

    @classmethod
    async def load(cls, profile: Profile) -> Self | None:
        async with profile.session() as session:
            entry = await session.handle.fetch(_CATEGORY, _NAME)
        return None if entry is None else cls(**json.loads(entry.value))

    async def insert(self, session: ProfileSession) -> None:
        await session.handle.insert(_CATEGORY, _NAME, value_json=asdict(self))

    async def mark_published(self, profile: Profile) -> None:
        async with profile.session() as session:
            await session.handle.replace(_CATEGORY, _NAME, value_json={**asdict(self), "published": True})

    def credential_signer(self, profile: Profile) -> Signer:
        """Signs W3C credentials in JSON-LD."""
        return AskarSigner(profile, self.credential_key, credential_key_id(self.did))

    def resource_signer(self, profile: Profile) -> Signer:
        """Signs attested resources, status lists, and W3C credentials by Data Integrity."""
        method = resource_key_id(self.did, public_key(self.resource_key))
        return AskarSigner(profile, self.resource_key, method)


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
        if not identity.published:
            log = verify_log(identity.log.encode(), WebvhDid.parse(identity.did), now=self._clock())
            await self._publisher.log(log)
            await identity.mark_published(self._profile)
        return identity.did

    async def _made(self) -> StoredIdentity:
        try:
            async with self._profile.transaction() as transaction:
                identity = await self._make(transaction)
                await transaction.commit()
        except AskarError as error:
            if error.code != AskarErrorCode.DUPLICATE:
                raise
            return await self._made_by_another()
        return identity

    async def _make(self, transaction: ProfileSession) -> StoredIdentity:
        """All of it or nothing: keys, log, and the DID record without which ACA-Py cannot issue."""
        credential_key, resource_key = await new_key(transaction), await new_key(transaction)
        update_key, next_key = await new_key(transaction), await new_key(transaction)
        signer = OpenKeySigner(
            await stored_key(transaction, update_key), did_key_method(public_key(update_key))
        )
        log = await self._log(signer, credential_key, resource_key, next_key)
        identity = StoredIdentity(
            str(log.did), credential_key, resource_key, update_key, next_key, log.text.decode()
        )
        await identity.insert(transaction)
        await _record_did(transaction, identity)
        return identity

    async def _log(
        self, update_key: Signer, credential_key: str, resource_key: str, next_key: str
    ) -> VerifiedLog:
        document = partial(
            organisation_document,
            credential_key=public_key(credential_key),
            resource_key=public_key(resource_key),
        )
        return await create_log(
            self._place.host,
            self._place.path,
            document,
            update_key=update_key,
            next_key=public_key(next_key),
            created=self._clock(),
        )

    async def _made_by_another(self) -> StoredIdentity:
        """The identity that another process of this agent made at the same moment."""
        identity = await StoredIdentity.load(self._profile)
        if identity is None:
            raise Conflict("The organisation's DID is being made elsewhere.", code="identity_in_the_making")
        return identity


async def _record_did(session: ProfileSession, identity: StoredIdentity) -> None:
    wallet = session.inject(BaseWallet)
    await wallet.store_did(DIDInfo(identity.did, identity.credential_key, {}, WEBVH, ED25519))
    await wallet.assign_kid_to_key(identity.credential_key, credential_key_id(identity.did))
    method = resource_key_id(identity.did, public_key(identity.resource_key))
    await wallet.assign_kid_to_key(identity.resource_key, method)
