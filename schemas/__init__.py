"""The national credential types, each declared once; every other form of them is derived."""

from dataclasses import replace
from functools import cache
from importlib import resources

import yaml
from pydantic import TypeAdapter

from schemas.anoncreds import (
    MAX_ATTRIBUTES,
    STATUS_ATTRIBUTE,
    anoncreds_attributes,
    with_leading_zeros,
)
from schemas.claim_values import ClaimsError, complete_claims
from schemas.definitions import (
    ClaimDefinition,
    ClaimSource,
    ClaimType,
    CredentialDefinition,
    DefinitionError,
    Labels,
    Sensitivity,
)
from schemas.json_ld import credential_contexts, json_ld_context, national_contexts, vocabulary
from schemas.subject_schema import json_schema

__all__ = [
    "MAX_ATTRIBUTES",
    "NAMES",
    "STATUS_ATTRIBUTE",
    "ClaimDefinition",
    "ClaimSource",
    "ClaimType",
    "ClaimsError",
    "CredentialDefinition",
    "DefinitionError",
    "Labels",
    "Sensitivity",
    "all_definitions",
    "anoncreds_attributes",
    "complete_claims",
    "credential_contexts",
    "json_ld_context",
    "json_schema",
    "load",
    "national_contexts",
    "vocabulary",
    "with_leading_zeros",
]

NAMES = ("identity", "employment", "employment_checks")
"""Every credential type, in the order in which a passport offers them."""


@cache
def load(name: str) -> CredentialDefinition:
    """The credential type called `name`, with the claims that every type carries.

    Raises `DefinitionError` when there is none, pydantic's `ValidationError` when its file is malformed.
    """
    if name not in NAMES:
        raise DefinitionError(f"There is no credential type {name}.")
    own = TypeAdapter(CredentialDefinition).validate_python(_yaml(f"{name}/definition.yml"))
    return replace(own, claims=own.claims + _common_claims())


def all_definitions() -> tuple[CredentialDefinition, ...]:
    """Every credential type, in the order of `NAMES`."""
    return tuple(load(name) for name in NAMES)


def _common_claims() -> tuple[ClaimDefinition, ...]:
    return TypeAdapter(tuple[ClaimDefinition, ...]).validate_python(_yaml("common.yml"))


def _yaml(path: str) -> object:
    return yaml.safe_load(resources.files(__name__).joinpath(path).read_text(encoding="utf-8"))
