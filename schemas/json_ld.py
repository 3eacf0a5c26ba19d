"""The JSON-LD context that gives every claim its meaning."""

from collections.abc import Iterable
from typing import Any

from schemas.definitions import ClaimDefinition, ClaimType, CredentialDefinition, DefinitionError

VOCABULARY = "https://registry.staff-passport.example/vocab#"
"""The namespace of our terms; each is this followed by its name."""

_XSD_TYPES = {ClaimType.DATE: "date", ClaimType.BOOLEAN: "boolean"}


def json_ld_context(
    definitions: Iterable[CredentialDefinition], *, vocabulary: str = VOCABULARY
) -> dict[str, Any]:
    """One context for all `definitions`, its terms at the top level.

    Type-scoped terms would not reach `credentialSubject`, and the claims would be dropped.
    Raises `DefinitionError` when two types mean different things by one name.
    """
    terms: dict[str, Any] = {}
    for definition in definitions:
        terms[definition.type_name] = {"@id": f"{vocabulary}{definition.type_name}"}
        for claim in definition.claims:
            term = _term(claim, vocabulary)
            if terms.setdefault(claim.name, term) != term:
                raise DefinitionError(f"{definition.name} gives {claim.name} another type than before.")
    return {"@context": {"@version": 1.1, "@protected": True, "id": "@id", "type": "@type", **terms}}


def _term(claim: ClaimDefinition, vocabulary: str) -> dict[str, str]:
    term = {"@id": f"{vocabulary}{claim.name}"}
    if claim.type in _XSD_TYPES:
        term["@type"] = f"http://www.w3.org/2001/XMLSchema#{_XSD_TYPES[claim.type]}"
    return term
