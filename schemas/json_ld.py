"""The JSON-LD contexts that give every claim, and a credential's status, their meaning."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from schemas.definitions import ClaimDefinition, ClaimType, CredentialDefinition, DefinitionError

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
STAFF_CONTEXT = ("staff-passport", "v1")
STATUS_CONTEXT = ("bitstring-status", "v1")
_STATUS_NAMESPACE = "https://www.w3.org/ns/credentials/status#"
_XSD_TYPES = {ClaimType.DATE: "date", ClaimType.BOOLEAN: "boolean"}
_TAKEN = frozenset(
    {
        *("id", "type", "VerifiableCredential", "VerifiablePresentation", "EcdsaSecp256k1Signature2019"),
        *("EcdsaSecp256r1Signature2019", "Ed25519Signature2018", "RsaSignature2018", "proof", "issuer"),
        *("credentialSchema", "credentialStatus", "credentialSubject", "evidence", "expirationDate"),
        *("holder", "issued", "issuanceDate", "refreshService", "termsOfUse", "validFrom", "validUntil"),
        *("sec", "xsd", "challenge", "created", "domain", "expires", "jws", "nonce", "proofPurpose"),
        *("proofValue", "verificationMethod", "assertionMethod", "authentication"),
    }
)
"""The terms of the W3C's first context, which it protects (VC Data Model 1.1, appendix B), a proof's too."""


def context_url(origin: str, context: tuple[str, str]) -> str:
    """Where the operator publishes a context: `origin` is the national registry's."""
    return f"{origin}/contexts/{'/'.join(context)}"


def credential_contexts(origin: str, data_model: str) -> list[str]:
    """The `@context` of every W3C credential of ours, in its order, by the data model's version (1.1 or 2.0).

    The second data model has terms of its own for a credential's status. Raises `KeyError` for another.
    """
    staff = context_url(origin, STAFF_CONTEXT)
    return {
        "1.1": [CREDENTIALS_V1, staff, context_url(origin, STATUS_CONTEXT)],
        "2.0": [CREDENTIALS_V2, staff],
    }[data_model]


def json_ld_context(definitions: Iterable[CredentialDefinition], *, vocabulary: str) -> dict[str, Any]:
    """One context for all `definitions`, its terms at the top level.

    Type-scoped terms would not reach `credentialSubject`, and the claims would be dropped.
    Raises `DefinitionError` when two types mean different things by one name, or when a name is the W3C's.
    """
    terms: dict[str, Any] = {}
    for definition in definitions:
        terms[definition.type_name] = {"@id": f"{vocabulary}{definition.type_name}"}
        for claim in definition.claims:
            term = _term(claim, vocabulary)
            if terms.setdefault(claim.name, term) != term:
                raise DefinitionError(f"{definition.name} gives {claim.name} another type than before.")
    if redefined := sorted(terms.keys() & _TAKEN):
        raise DefinitionError(f"The W3C's own terms cannot be redefined: {', '.join(redefined)}.")
    return {"@context": {"@version": 1.1, "@protected": True, "id": "@id", "type": "@type", **terms}}


def status_context() -> dict[str, Any]:
    """The terms of a status list entry, for credentials of the W3C's first data model, which has none."""
    names = ("statusPurpose", "statusListIndex")
    terms: dict[str, Any] = {name: f"{_STATUS_NAMESPACE}{name}" for name in names}
    terms["statusListCredential"] = {"@id": f"{_STATUS_NAMESPACE}statusListCredential", "@type": "@id"}
    entry = {
        "@id": f"{_STATUS_NAMESPACE}BitstringStatusListEntry",
        "@context": {"@protected": True, "id": "@id", "type": "@type", **terms},
    }
    return {"@context": {"@version": 1.1, "@protected": True, "BitstringStatusListEntry": entry}}


def vocabulary(origin: str) -> str:
    """The namespace of our terms; each is this followed by its name."""
    return f"{origin}/vocab#"


@cache
def national_contexts(origin: str, definitions: tuple[CredentialDefinition, ...]) -> Mapping[str, Any]:
    """Both contexts by their address, as they are published and as everybody else must find them."""
    return {
        context_url(origin, STAFF_CONTEXT): json_ld_context(definitions, vocabulary=vocabulary(origin)),
        context_url(origin, STATUS_CONTEXT): status_context(),
    }


def _term(claim: ClaimDefinition, vocabulary: str) -> dict[str, str]:
    term = {"@id": f"{vocabulary}{claim.name}"}
    if claim.type in _XSD_TYPES:
        term["@type"] = f"http://www.w3.org/2001/XMLSchema#{_XSD_TYPES[claim.type]}"
    return term
