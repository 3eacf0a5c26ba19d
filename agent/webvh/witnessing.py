"""This organisation as a witness: it approves entries of another's log, after it has verified them."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Self

from acapy_agent.core.profile import Profile, ProfileSession
from aries_askar import AskarError, AskarErrorCode

from agent.domain.actors import Actor
from agent.domain.errors import Conflict, InvalidInput, Unavailable
from agent.domain.ports.audit import Audit
from agent.webvh.keys import AskarSigner, new_key, public_key
from signed_documents.encoding import JsonObject, multikey
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable
from signed_documents.keys import did_key_method
from signed_documents.resolution import WebvhReader
from signed_documents.webvh_entries import read_log
from signed_documents.webvh_logs import VerifiedLog
from signed_documents.witnesses import witness_proof

_CATEGORY = "staff_passport_identity"
_NAME = "witness"


@dataclass(frozen=True, slots=True)
class StoredWitness:
    """The key, and the last version that was approved of each log, by its SCID."""

    key: str
    approved: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def find(cls, session: ProfileSession, *, lock: bool = False) -> Self | None:
        entry = await session.handle.fetch(_CATEGORY, _NAME, for_update=lock)
        return None if entry is None else cls(**json.loads(entry.value))

    @property
    def did(self) -> str:
        """The did:key by which logs name this witness."""
        return f"did:key:{multikey(public_key(self.key))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessing:
    """One wallet's."""

    profile: Profile
    audit: Audit
    reader: WebvhReader
    clock: Callable[[], datetime]

    async def key(self, *, by: Actor) -> str:
        """The witness's did:key, made once."""
        async with self.profile.session() as session:
            known = await StoredWitness.find(session)
        if known is not None:
            return known.did
        async with self.audit.recording("make witness key", actor=by.id, subject="witness"):
            return (await self._made()).did

    async def approve(self, text: str, *, by: Actor) -> tuple[str, JsonObject]:
        """Verify another organisation's log, and approve its last version: the version's id and the proof.

        Raises `InvalidInput` for a log that does not verify or does not ask this witness, `Conflict` for one
        that leaves out what was approved or published before, `Unavailable`.
        """
        log = self._read(text)
        async with self.audit.recording("approve DID log", actor=by.id, subject=log.version_id):
            await self._require_continuity(log)
            async with self.profile.transaction() as transaction:
                witness = await StoredWitness.find(transaction, lock=True)
                if witness is None or not _asks(log, witness.did):
                    raise InvalidInput("The log does not name this witness.", code="not_the_witness")
                _require_approved_before(log, witness.approved.get(log.did.scid))
                approved = {**witness.approved, log.did.scid: log.version_id}
                await transaction.handle.replace(
                    _CATEGORY, _NAME, value_json=asdict(replace(witness, approved=approved))
                )
                await transaction.commit()
            signer = AskarSigner(self.profile, witness.key, did_key_method(public_key(witness.key)))
            return log.version_id, await witness_proof(log.version_id, signer, self.clock())

    def _read(self, text: str) -> VerifiedLog:
        try:
            return read_log(text.encode(), now=self.clock())
        except DocumentRefused as refusal:
            raise InvalidInput(f"The log does not verify: {refusal.detail}.", code="bad_log") from refusal

    async def _require_continuity(self, log: VerifiedLog) -> None:
        """A new version goes on from what strangers read now, at the newest place where they read anything.

        Of a new DID they read nothing. Of one that moves they read it where it was.
        """
        for place in _places(log):
            published = await self._published(place)
            if published is None:
                continue
            if not log.extends(published):
                raise Conflict("The log leaves out what is published.", code="log_forked")
            return

    async def _published(self, place: str) -> VerifiedLog | None:
        try:
            return await self.reader.log(place, fresh=True)
        except DocumentNotFound:
            return None
        except DocumentUnavailable as error:
            raise Unavailable("The registry does not answer.", code="registry_unavailable") from error
        except DocumentRefused as refusal:
            raise Conflict("What is published there does not verify.", code="bad_log") from refusal

    async def _made(self) -> StoredWitness:
        try:
            async with self.profile.transaction() as transaction:
                witness = StoredWitness(await new_key(transaction))
                await transaction.handle.insert(_CATEGORY, _NAME, value_json=asdict(witness))
                await transaction.commit()
        except AskarError as error:
            if error.code != AskarErrorCode.DUPLICATE:
                raise
            async with self.profile.session() as session:
                first = await StoredWitness.find(session)
            if first is None:
                raise Conflict("The key is being made elsewhere.", code="witness_in_the_making") from error
            return first
        return witness


def _places(log: VerifiedLog) -> list[str]:
    """What the DID was called in each of its places, the newest first."""
    names = [json.loads(entry)["state"]["id"] for entry in reversed(log.entries)]
    return list(dict.fromkeys(names))


def _asks(log: VerifiedLog, witness: str) -> bool:
    return any(witness in demand.rule.witnesses for demand in log.demands)


def _require_approved_before(log: VerifiedLog, version_id: str | None) -> None:
    """Nobody gets two approvals for two logs of one DID."""
    if version_id is not None and version_id not in log.version_ids:
        raise Conflict("The log leaves out a version that was approved before.", code="log_forked")
