"""W3C credentials (JSON-LD): checked when they come, kept, and put into one presentation."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import uuid4

from acapy_agent.core.profile import Profile
from acapy_agent.storage.vc_holder.base import VCHolder
from acapy_agent.storage.vc_holder.vc_record import VCRecord

from signed_documents.bitstring_status_lists import StatusListEntry, StatusPurpose
from signed_documents.contexts import CREDENTIALS_V1, CREDENTIALS_V2, SUBMISSION_V1
from signed_documents.did_documents import assertion_key
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.proofs import ProofPurpose
from signed_documents.resolution import WebvhReader
from signed_documents.w3c_documents import ANYBODY, DataModel, MadeFor, claimed_signer, signed, verify
from wallet.holder.contexts import KnownContexts
from wallet.holder.holder_key import HolderKey

type Json = dict[str, Any]
MOST = 1_000
"""More credentials than one person will ever hold."""


@dataclass(frozen=True, slots=True)
class W3cCredential:
    """One credential that is kept."""

    id: str
    document: Json

    @property
    def type(self) -> str:
        """The second of its types: what it is beside a credential."""
        return str(self.document["type"][1])

    @property
    def issuer(self) -> str:
        """The DID of who signed it."""
        return str(self.document["issuer"])

    @property
    def data_model(self) -> DataModel:
        """The version of the W3C's data model that it follows."""
        return DataModel.of(self.document)

    @property
    def proof_type(self) -> str:
        """By which hosts say what they take."""
        return str(self.document["proof"]["type"])

    @property
    def claims(self) -> Mapping[str, str]:
        """What it says of its subject."""
        return {name: text for name, text in self.document["credentialSubject"].items() if name != "id"}

    @classmethod
    def of(cls, record: VCRecord) -> Self:
        """The credential in ACA-Py's record."""
        return cls(str(record.record_id), dict(record.cred_value))


class W3cCredentials:
    """The W3C credentials of one wallet."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._reader = profile.inject(WebvhReader)
        self._contexts = profile.inject(KnownContexts)

    async def check(self, credential: Json, requested: Json) -> None:
        """Raise `SignedDocumentError` unless this is what was requested, signed by who it says issued it."""
        if {name: value for name, value in credential.items() if name != "proof"} != requested:
            raise DocumentRefused(Reason.MALFORMED, "this is not the credential that was asked for")
        method = claimed_signer(credential, ANYBODY)
        issuer = str(credential.get("issuer"))
        if method.partition("#")[0] != issuer:
            raise DocumentRefused(Reason.OTHER_SIGNER, "another DID signed the credential")
        key = assertion_key((await self._reader.log(issuer, fresh=True)).document, method)
        await asyncio.to_thread(verify, credential, key, load=await self._contexts.load())

    async def keep(self, credential: Json, identifier: str) -> None:
        """Keep a credential that was checked, under `identifier`."""
        record = VCRecord(
            contexts=credential["@context"],
            expanded_types=credential["type"],
            issuer_id=credential["issuer"],
            subject_ids=[credential["credentialSubject"]["id"]],
            schema_ids=[],
            proof_types=[credential["proof"]["type"]],
            cred_value=credential,
            given_id=credential.get("id"),
            record_id=identifier,
        )
        async with self._profile.session() as session:
            await session.inject(VCHolder).store_credential(record)

    async def all(self) -> list[W3cCredential]:
        """Every credential."""
        async with self._profile.session() as session:
            search = session.inject(VCHolder).search_credentials()
            records = await search.fetch(MOST)
        return [W3cCredential.of(record) for record in records]

    async def status(self, credential: W3cCredential) -> StatusPurpose | None:
        """What its issuer's lists say against it, if anything. Raises `SignedDocumentError`."""
        told = credential.document.get("credentialStatus", [])
        entries = [StatusListEntry.read(each) for each in (told if isinstance(told, list) else [told])]
        lists = await asyncio.gather(
            *(self._reader.bitstring_status_list(entry.list, credential.issuer) for entry in entries)
        )
        pairs = zip(entries, lists, strict=True)
        against = {entry.list.purpose for entry, found in pairs if found.bits[entry.index]}
        return next((purpose for purpose in StatusPurpose if purpose in against), None)

    async def present(self, credentials: Mapping[str, W3cCredential], asked: Json) -> Json:
        """One presentation of `credentials` (by input descriptor), for what `asked` says and nobody else."""
        holder = await HolderKey.of(self._profile)
        shown = {one.id: one.document for one in credentials.values()}
        places = {identifier: place for place, identifier in enumerate(shown)}
        in_json = any(one.data_model is DataModel.V2_0 for one in credentials.values())
        presentation: Json = {
            "@context": [CREDENTIALS_V2 if in_json else CREDENTIALS_V1, SUBMISSION_V1],
            "type": ["VerifiablePresentation", "PresentationSubmission"],
            "holder": holder.did,
            "verifiableCredential": list(shown.values()),
            "presentation_submission": {
                "id": str(uuid4()),
                "definition_id": asked["presentation_definition"]["id"],
                "descriptor_map": [
                    {"id": name, "format": "ldp_vp", "path": f"$.verifiableCredential[{places[one.id]}]"}
                    for name, one in credentials.items()
                ],
            },
        }
        options = {name: text for name, text in (asked.get("options") or {}).items() if text}
        made_for = MadeFor(ProofPurpose.AUTHENTICATION, options)
        load = await self._contexts.load()
        return await signed(presentation, holder, made_for, created=datetime.now(UTC), load=load)


def types_of(descriptor: Json) -> Sequence[str]:
    """The credential types that an input descriptor asks for, by its filter on `type`."""
    fields = descriptor.get("constraints", {}).get("fields", ())
    return [field["filter"]["const"] for field in fields if "const" in (field.get("filter") or {})]


def proof_types_of(definition: Json) -> Sequence[str]:
    """The proof types that a host takes in a presentation."""
    types: Sequence[str] = definition.get("format", {}).get("ldp_vp", {}).get("proof_type", ())
    return types


def names_of(descriptor: Json) -> tuple[str, ...]:
    """The claims that an input descriptor wants to see."""
    prefix = "$.credentialSubject."
    paths = [path for field in descriptor.get("constraints", {}).get("fields", ()) for path in field["path"]]
    return tuple(path.removeprefix(prefix) for path in paths if path.startswith(prefix))
