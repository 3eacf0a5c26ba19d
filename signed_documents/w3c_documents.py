"""W3C credentials and presentations, signed and verified as their data model has it.

Data model 1.1 is signed as JSON-LD, which stock wallets know; 2.0 as JSON, by Data Integrity. A document says
by its first context which of the two it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from signed_documents import linked_data_proofs, proofs
from signed_documents.contexts import CREDENTIALS_V1, CREDENTIALS_V2
from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.keys import Signer
from signed_documents.linked_data_proofs import LoadContext
from signed_documents.proofs import ProofPurpose


class DataModel(StrEnum):
    """Versions of the W3C's Verifiable Credentials Data Model."""

    V1_1 = "1.1"  # Ed25519Signature2018
    V2_0 = "2.0"  # Data Integrity, eddsa-jcs-2022

    @classmethod
    def of(cls, document: Mapping[str, object]) -> "DataModel":
        """The one that `document` says it follows. Raises `DocumentRefused`."""
        match document.get("@context"):
            case [str(first), *_] if first in _BY_CONTEXT:
                return _BY_CONTEXT[first]
        raise DocumentRefused(Reason.UNKNOWN_CONTEXT, "this follows no data model that we know")


_BY_CONTEXT = {CREDENTIALS_V1: DataModel.V1_1, CREDENTIALS_V2: DataModel.V2_0}
_FIXED: Mapping[DataModel, Mapping[str, str]] = {
    DataModel.V1_1: {"type": linked_data_proofs.SUITE},
    DataModel.V2_0: {"type": "DataIntegrityProof", "cryptosuite": proofs.CRYPTOSUITE},
}
_VALUE = {DataModel.V1_1: "jws", DataModel.V2_0: "proofValue"}
_REASONS = {"challenge": Reason.OTHER_CHALLENGE, "domain": Reason.OTHER_DOMAIN}


@dataclass(frozen=True, slots=True)
class MadeFor:
    """Whom a proof is for, and why: a presentation's also names one request of one verifier."""

    purpose: ProofPurpose
    told: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def verifier(cls, challenge: str, domain: str) -> "MadeFor":
        """A presentation to `domain`, which asked with `challenge`."""
        return cls(ProofPurpose.AUTHENTICATION, {"challenge": challenge, "domain": domain})


ANYBODY = MadeFor(ProofPurpose.ASSERTION)
"""A credential is for whoever is shown it."""


async def signed(
    document: JsonObject, signer: Signer, made_for: MadeFor, *, created: datetime, load: LoadContext
) -> JsonObject:
    """`document` with its proof. Raises `DocumentRefused` when it has no canonical form."""
    if DataModel.of(document) is DataModel.V2_0:
        proof = await proofs.make_proof(
            document,
            signer,
            created=created,
            context=document["@context"],
            purpose=made_for.purpose,
            **made_for.told,
        )
    else:
        proof = await linked_data_proofs.make_linked_data_proof(
            document, signer, made_for.purpose, created=created, load=load, **made_for.told
        )
    return {**document, "proof": proof}


def claimed_signer(document: JsonObject, made_for: MadeFor) -> str:
    """The verification method that the one proof of `document` names, if it is made for just this.

    Every member of the proof is known by name, and a text: nothing of it can be misread, or cost much to
    read. Raises `DocumentRefused`.
    """
    model = DataModel.of(document)
    proof = document.get("proof")
    fixed = {**_FIXED[model], "proofPurpose": made_for.purpose.value}
    if not isinstance(proof, dict) or proof.keys() != _members(model, made_for):
        raise DocumentRefused(Reason.UNSUPPORTED_PROOF, f"expected one {fixed['type']} proof")
    if model is DataModel.V2_0 and proof["@context"] != document["@context"]:
        raise DocumentRefused(Reason.UNSUPPORTED_PROOF, "the proof is of another context")
    if not all(isinstance(value, str) for name, value in proof.items() if name != "@context"):
        raise DocumentRefused(Reason.UNSUPPORTED_PROOF, "the proof has members that are no text")
    if any(proof[name] != value for name, value in fixed.items()):
        raise DocumentRefused(Reason.UNSUPPORTED_PROOF, f"expected a {fixed['type']} for {made_for.purpose}")
    for name, value in made_for.told.items():
        if proof[name] != value:
            raise DocumentRefused(_REASONS[name], f"the proof is for another {name}")
    return str(proof["verificationMethod"])


def verify(document: JsonObject, public_key: bytes, *, load: LoadContext) -> None:
    """Raise `DocumentRefused` unless the proof in `document` is `public_key`'s over all else in it.

    Blocks, for JSON-LD some milliseconds: let a thread do it. A stranger's document must have a known form
    before it comes here, for what blank nodes make of JSON-LD has no bound.
    """
    if DataModel.of(document) is DataModel.V2_0:
        proofs.verify_proof(document, document["proof"], public_key)
    else:
        linked_data_proofs.verify_linked_data_proof(document, public_key, load=load)


def _members(model: DataModel, made_for: MadeFor) -> set[str]:
    own = {"@context"} if model is DataModel.V2_0 else set()
    return {
        *_FIXED[model],
        "proofPurpose",
        "verificationMethod",
        "created",
        _VALUE[model],
        *own,
        *made_for.told,
    }
