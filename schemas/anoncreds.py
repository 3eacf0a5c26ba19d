"""The AnonCreds form of a credential type: a list of attribute names."""

from schemas.definitions import CredentialDefinition, DefinitionError

MAX_ATTRIBUTES = 32
"""What we allow ourselves: each one costs time in every credential and every proof."""


def anoncreds_attributes(definition: CredentialDefinition) -> tuple[str, ...]:
    """The attributes of its AnonCreds schema, in order; every credential has a value for each.

    Raises `DefinitionError` when there are too many.
    """
    names = tuple(claim.name for claim in definition.claims)
    if len(names) > MAX_ATTRIBUTES:
        raise DefinitionError(f"{definition.name} has {len(names)} attributes; {MAX_ATTRIBUTES} are allowed.")
    return names
