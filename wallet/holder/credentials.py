"""The credentials in this wallet, and whether they still hold."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from acapy_agent.anoncreds.holder import AnonCredsHolder
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.core.profile import Profile
from acapy_agent.protocols.issue_credential.v2_0.models.detail.anoncreds import V20CredExRecordAnonCreds
from acapy_agent.protocols.issue_credential.v2_0.models.detail.ld_proof import V20CredExRecordLDProof

from signed_documents.bitstring_status_lists import StatusPurpose
from signed_documents.errors import SignedDocumentError
from wallet.holder.identifiers import issuer_of
from wallet.holder.names import SchemaNames
from wallet.holder.registry import UNREADABLE
from wallet.holder.w3c_credentials import W3cCredential, W3cCredentials

MOST = 1_000
"""More credentials than one person will ever hold."""


class Format(StrEnum):
    """The forms that this wallet can hold."""

    ANONCREDS = "anoncreds"
    W3C = "w3c"


class Status(StrEnum):
    """What the issuer says of a credential now."""

    VALID = "valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"  # the registry did not answer, or what it answered does not verify


_AGAINST = {
    None: Status.VALID,
    StatusPurpose.REVOCATION: Status.REVOKED,
    StatusPurpose.SUSPENSION: Status.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """One credential in one form. `stored_at` is UTC, for sorting.

    `type` is the W3C type, or the AnonCreds schema's name where it is known. What names AnonCreds objects is
    None in W3C's form.
    """

    id: str
    format: Format
    type: str | None
    schema_id: str | None
    cred_def_id: str | None
    issuer: str
    attributes: Mapping[str, str]
    status: Status
    revocation_registry_id: str | None
    revocation_index: int | None
    stored_at: str
    proof_type: str | None = None  # in W3C's form


class HeldCredentials:
    """What one wallet holds."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._w3c = W3cCredentials(profile)

    async def all(self) -> list[HeldCredential]:
        """Every credential, the oldest first, each with its status as the registry has it now."""
        held = [*await self._anoncreds(), *await self._in_w3c_form()]
        return sorted(held, key=lambda credential: credential.stored_at)

    async def _in_w3c_form(self) -> list[HeldCredential]:
        times = await self._times(V20CredExRecordLDProof)
        kept = await self._w3c.all()
        return list(await asyncio.gather(*(self._held_w3c(one, times.get(one.id, "")) for one in kept)))

    async def _held_w3c(self, credential: W3cCredential, stored_at: str) -> HeldCredential:
        return HeldCredential(
            id=credential.id,
            format=Format.W3C,
            type=credential.type,
            schema_id=None,
            cred_def_id=None,
            issuer=credential.issuer,
            attributes=credential.claims,
            status=await self._w3c_status(credential),
            revocation_registry_id=None,
            revocation_index=None,
            stored_at=stored_at,
            proof_type=credential.proof_type,
        )

    async def _w3c_status(self, credential: W3cCredential) -> Status:
        try:
            against = await self._w3c.status(credential)
        except SignedDocumentError:
            return Status.UNKNOWN
        return _AGAINST[against]

    async def _anoncreds(self) -> list[HeldCredential]:
        infos = await AnonCredsHolder(self._profile).get_credentials(offset=0, limit=MOST, wql={})
        times = await self._times(V20CredExRecordAnonCreds)
        names = await SchemaNames(self._profile).of_all({info["schema_id"] for info in infos})
        return list(
            await asyncio.gather(
                *(
                    self._held(info, names[info["schema_id"]], times.get(info["referent"], ""))
                    for info in infos
                )
            )
        )

    async def _held(self, info: Mapping[str, Any], name: str | None, stored_at: str) -> HeldCredential:
        index = None if info["cred_rev_id"] is None else int(info["cred_rev_id"])
        return HeldCredential(
            id=info["referent"],
            format=Format.ANONCREDS,
            type=name,
            schema_id=info["schema_id"],
            cred_def_id=info["cred_def_id"],
            issuer=issuer_of(info["cred_def_id"]),
            attributes=info["attrs"],
            status=await self._status(info["rev_reg_id"], index),
            revocation_registry_id=info["rev_reg_id"],
            revocation_index=index,
            stored_at=stored_at,
        )

    async def _status(self, registry_id: str | None, index: int | None) -> Status:
        if registry_id is None or index is None:
            return Status.VALID  # this kind cannot be revoked
        registry = self._profile.inject(AnonCredsRegistry)
        try:
            found = await registry.get_revocation_list(self._profile, registry_id)
        except UNREADABLE:
            return Status.UNKNOWN
        revoked = found.revocation_list.revocation_list
        if index >= len(revoked):
            return Status.UNKNOWN
        return Status.REVOKED if revoked[index] else Status.VALID

    async def _times(self, kind: type[V20CredExRecordAnonCreds | V20CredExRecordLDProof]) -> dict[str, str]:
        async with self._profile.session() as session:
            details: list[Any] = list(await kind.query(session))
        return {detail.cred_id_stored: str(detail.updated_at) for detail in details if detail.cred_id_stored}
