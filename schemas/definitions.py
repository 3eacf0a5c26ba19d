"""What a credential type's `definition.yml` says, as values."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict

_NOTHING_ELSE = ConfigDict(extra="forbid")


class DefinitionError(Exception):
    """A definition that contradicts itself, or one that does not exist."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What people read, in the two languages that staff may choose."""

    __pydantic_config__: ClassVar[ConfigDict] = _NOTHING_ELSE
    en: str
    cy: str


class ClaimType(StrEnum):
    """How a claim's string is written."""

    STRING = "string"
    DATE = "date"  # ISO 8601, 2026-01-31
    BOOLEAN = "boolean"  # "true" or "false": AnonCreds carries strings alone


class Sensitivity(StrEnum):
    """What the law asks of whoever sees the claim."""

    ORGANISATION = "organisation"  # says nothing of a person by itself
    PERSONAL = "personal"  # UK GDPR art. 4
    SPECIAL_CATEGORY = "special_category"  # UK GDPR art. 9: health
    CRIMINAL_OFFENCE = "criminal_offence"  # UK GDPR art. 10


class ClaimSource(StrEnum):
    """The one place from which a claim may be taken; never the body of a request."""

    ESR_PERSON = "esr_person"
    ESR_ASSIGNMENT = "esr_assignment"
    ESR_CHECKS = "esr_checks"
    ORGANISATION = "organisation"  # the employing authority's own registration
    PROVENANCE = "provenance"  # the eight fields of the NHS's provenance
    ISSUANCE = "issuance"  # known only when the credential is made


@dataclass(frozen=True, slots=True)
class ClaimDefinition:
    """One claim. An optional one that is absent is the empty string."""

    __pydantic_config__: ClassVar[ConfigDict] = _NOTHING_ELSE
    name: str  # camelCase, the same in every format
    label: Labels
    type: ClaimType
    sensitivity: Sensitivity
    source: ClaimSource
    required: bool
    values: tuple[str, ...] = ()  # the only ones allowed; empty means any
    pattern: str | None = None  # a regular expression of the whole value


@dataclass(frozen=True, slots=True)
class CredentialDefinition:
    """One national credential type; its claims in order, the common ones last."""

    __pydantic_config__: ClassVar[ConfigDict] = _NOTHING_ELSE
    name: str  # also the name of its folder
    version: str  # "1.0"; any change of the claims is a new one
    type_name: str  # the W3C credential's type, e.g. EmploymentCredential
    title: Labels
    claims: tuple[ClaimDefinition, ...] = field(default=())

    def __post_init__(self) -> None:
        names = self.claim_names
        if repeated := {name for name in names if names.count(name) > 1}:
            raise DefinitionError(f"{self.name} claims {', '.join(sorted(repeated))} more than once.")

    @property
    def claim_names(self) -> tuple[str, ...]:
        """The claims' names, in order."""
        return tuple(claim.name for claim in self.claims)

    def claim(self, name: str) -> ClaimDefinition:
        """The claim of this name. Raises `DefinitionError`."""
        for claim in self.claims:
            if claim.name == name:
                return claim
        raise DefinitionError(f"{self.name} has no claim {name}.")
