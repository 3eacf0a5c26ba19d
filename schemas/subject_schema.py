"""The JSON Schema of a credential type's subject."""

from typing import Any

from schemas.definitions import ClaimDefinition, ClaimType, CredentialDefinition


def json_schema(definition: CredentialDefinition) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a W3C `credentialSubject`, where an absent claim is left out."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": definition.title.en,
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uri"},
            **{claim.name: _property(claim) for claim in definition.claims},
        },
        "required": [claim.name for claim in definition.claims if claim.required],
        "additionalProperties": False,
    }


def _property(claim: ClaimDefinition) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "title": claim.label.en, "minLength": 1}
    if claim.type is ClaimType.DATE:
        schema["format"] = "date"
    if claim.type is ClaimType.BOOLEAN:
        schema["enum"] = ["true", "false"]
    if claim.values:
        schema["enum"] = list(claim.values)
    if claim.pattern:
        schema["pattern"] = f"^{claim.pattern}$"
    return schema
