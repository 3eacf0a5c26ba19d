"""The life of the organisation's DID: what may be changed, by whom it is recorded, and what it costs."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from acapy_agent.core.profile import Profile

from agent.domain.actors import Actor
from agent.domain.errors import Conflict, InvalidInput, NotFound
from agent.domain.ports.audit import Audit
from agent.webvh import requests as asked
from agent.webvh.identity import Standing, StoredIdentity
from agent.webvh.key_removal import KeyRemoval
from agent.webvh.keys import KeyPurpose, KeyRef, SigningKeys, public_key
from agent.webvh.own_log import Change, Make, OwnLog
from agent.webvh.settings import Place
from signed_documents.did_documents import (
    next_credential_key_name,
    with_assertion_keys,
    with_audit_key,
    with_service,
    without_key,
    without_service,
)
from signed_documents.encoding import JsonObject, from_multikey
from signed_documents.errors import DocumentRefused
from signed_documents.identifiers import WebvhDid
from signed_documents.key_history import DocumentKey
from signed_documents.webvh_entries import (
    prepare_deactivation,
    prepare_move,
    prepare_next,
    prepare_witnesses,
)
from signed_documents.webvh_logs import VerifiedLog
from signed_documents.witnesses import WitnessRule


@dataclass(frozen=True, slots=True)
class DidState:
    """The DID as the wallet has it."""

    identity: StoredIdentity
    log: VerifiedLog | None
    standing: Standing
    keys: tuple[DocumentKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DidChanges:
    """One organisation's."""

    profile: Profile
    log: OwnLog
    place: Place
    removal: KeyRemoval
    audit: Audit
    clock: Callable[[], datetime]

    async def state(self) -> DidState:
        """Raises `Conflict` with code `no_did` while there is none."""
        standing = await self.log.standing()
        identity = await StoredIdentity.load(self.profile)
        if identity is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        log = identity.verified_log(self.clock())
        return DidState(identity, log, standing, () if log is None else identity.keys(log))

    async def change(self, change: asked.AskedChange, *, by: Actor) -> Standing:
        """Make the change, or prepare it to be signed where the update key is.

        Raises `Conflict` while another change is under way and for what the DID's state does not allow,
        `NotFound` for a key or service that is not there, `InvalidInput` when what is to be repeated is not.
        """
        identity = await StoredIdentity.in_use(self.profile)
        action = f"change DID: {change.kind.replace('_', ' ')}"
        async with self.audit.recording(action, actor=by.id, subject=identity.did):
            return await self.log.add(await self._make(change, identity))

    async def submit(self, entry: str, *, by: Actor) -> Standing:
        """Take an entry that was signed outside. See `OwnLog.take`."""
        async with self.audit.recording("submit signed DID entry", actor=by.id, subject="did"):
            return await self.log.take(entry.encode())

    async def approve(self, version_id: str, proof: JsonObject, *, by: Actor) -> Standing:
        """Take a witness's approval. See `OwnLog.approve`."""
        async with self.audit.recording("submit witness approval", actor=by.id, subject=version_id):
            return await self.log.approve(version_id, proof)

    async def _make(self, change: asked.AskedChange, identity: StoredIdentity) -> Make:
        makers: dict[type, Callable[..., Awaitable[Make]]] = {
            asked.RotateUpdateKeys: self._update_key_rotated,
            asked.RotateAssertionKeys: self._assertion_keys_rotated,
            asked.RotateAuditKey: self._audit_key_rotated,
            asked.RemoveKey: self._key_removed,
            asked.AddService: self._service_added,
            asked.RemoveService: self._service_removed,
            asked.Move: self._moved,
            asked.SetWitnesses: self._witnessed,
            asked.Deactivate: self._deactivated,
        }
        return await makers[type(change)](change, identity)

    def _with_document(self, document: Callable[[JsonObject], JsonObject], **upcoming: object) -> Make:
        def make(_identity: StoredIdentity, log: VerifiedLog) -> Change:
            prepared = prepare_next(log, document(log.document_json), created=self.clock())
            return Change(prepared, dict(upcoming))

        return make

    async def _update_key_rotated(self, change: asked.RotateUpdateKeys, identity: StoredIdentity) -> Make:
        """Every entry is signed with another key than the one before, so it takes no more than an entry."""
        if change.next_key is None:
            return self._with_document(lambda document: document)
        if identity.next_key is None:
            sentence = "The update key is outside the agent: who signs says which is next."
            raise Conflict(sentence, code="update_key_external")
        outside = from_multikey(change.next_key)
        return lambda _identity, log: Change(
            prepare_next(log, log.document_json, created=self.clock()), next_key=outside
        )

    async def _assertion_keys_rotated(self, _change: asked.RotateAssertionKeys, _own: StoredIdentity) -> Make:
        credential, resource = await self._new(KeyPurpose.CREDENTIAL), await self._new(KeyPurpose.RESOURCE)

        def make(_identity: StoredIdentity, log: VerifiedLog) -> Change:
            name = next_credential_key_name(log.document_json)
            document = with_assertion_keys(
                log.document_json, name, public_key(credential), public_key(resource)
            )
            keys = {"credential_key": credential, "credential_key_name": name, "resource_key": resource}
            return Change(prepare_next(log, document, created=self.clock()), {"announced": keys})

        return make

    async def _audit_key_rotated(self, _change: asked.RotateAuditKey, _own: StoredIdentity) -> Make:
        key = await self._new(KeyPurpose.AUDIT)
        return self._with_document(lambda document: with_audit_key(document, public_key(key)), audit_key=key)

    async def _key_removed(self, change: asked.RemoveKey, _own: StoredIdentity) -> Make:
        await self.removal.begin(change.key, stops=change.stops)
        return self._with_document(lambda document: without_key(document, f"{document['id']}#{change.key}"))

    async def _service_added(self, change: asked.AddService, _own: StoredIdentity) -> Make:
        return self._with_document(
            lambda document: with_service(document, change.name, change.type, change.endpoint)
        )

    async def _service_removed(self, change: asked.RemoveService, _own: StoredIdentity) -> Make:
        return self._with_document(lambda document: _without_service(document, change.name))

    async def _moved(self, change: asked.Move, _own: StoredIdentity) -> Make:
        there = f"https://{'/'.join((self.place.host, *self.place.path))}"
        if change.to != there:
            sentence = f"The agent's settings say {there}. Change its registry's settings first."
            raise Conflict(sentence, code="not_the_place_in_settings")

        def make(identity: StoredIdentity, log: VerifiedLog) -> Change:
            to = WebvhDid(log.did.scid, self.place.host, self.place.path)
            if to == log.did:
                raise Conflict("The DID is there.", code="did_is_there")
            former = [*identity.former, asdict(identity.as_former())]
            return Change(prepare_move(log, to, created=self.clock()), {"did": str(to), "former": former})

        return make

    async def _witnessed(self, change: asked.SetWitnesses, _own: StoredIdentity) -> Make:
        try:
            rule = WitnessRule(change.threshold, change.witnesses) if change.witnesses else None
        except DocumentRefused as refusal:
            raise InvalidInput(f"{refusal.detail}.", fields={"witnesses": refusal.detail}) from refusal
        return lambda _identity, log: Change(prepare_witnesses(log, rule, created=self.clock()))

    async def _deactivated(self, change: asked.Deactivate, own: StoredIdentity) -> Make:
        if change.did != own.did:
            raise InvalidInput("Repeat the DID that is to end.", fields={"did": "is not the DID"})
        return lambda _identity, log: Change(
            prepare_deactivation(log, created=self.clock()), {"deactivated": True}
        )

    async def _new(self, purpose: KeyPurpose) -> KeyRef:
        return await self.profile.inject(SigningKeys).new(purpose)


def _without_service(document: JsonObject, name: str) -> JsonObject:
    after = without_service(document, name)
    if after == document:
        raise NotFound("The DID's document has no such service.")
    return after
