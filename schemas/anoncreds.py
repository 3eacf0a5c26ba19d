"""The AnonCreds form of a credential type: a list of attribute names."""

from schemas.definitions import CredentialDefinition, DefinitionError

MAX_ATTRIBUTES = 32
"""What we allow ourselves: each one costs time in every credential and every proof."""
STATUS_ATTRIBUTE = "credentialStatus"
"""The credential's entries in status lists, with a space between; W3C credentials call theirs so too."""


def anoncreds_attributes(definition: CredentialDefinition) -> tuple[str, ...]:
    """The attributes of its AnonCreds schema: every claim, and where the credential's status stands.

    Raises `DefinitionError` when there are too many.
    """
    names = (*definition.claim_names, STATUS_ATTRIBUTE)
    if len(names) > MAX_ATTRIBUTES:
        raise DefinitionError(f"{definition.name} has {len(names)} attributes; {MAX_ATTRIBUTES} are allowed.")
    return names
