"""The AnonCreds form of a credential type: a list of attribute names."""

import re
from collections.abc import Mapping

from schemas.definitions import CredentialDefinition, DefinitionError

MAX_ATTRIBUTES = 32
"""What we allow ourselves: each one costs time in every credential and every proof."""
STATUS_ATTRIBUTE = "credentialStatus"
"""The credential's entries in status lists, with a space between; W3C credentials call theirs so too."""


_DIGITS = re.compile(r"\[0-9\]\{([0-9]+)\}")


def with_leading_zeros(definition: CredentialDefinition, attributes: Mapping[str, str]) -> dict[str, str]:
    """`attributes` as they were issued, where a claim is so many digits.

    AnonCreds proves the number that such a text is, and stock Credo shows it without its leading zeros.
    """
    return {name: _padded(definition, name, value) for name, value in attributes.items()}


def _padded(definition: CredentialDefinition, name: str, value: str) -> str:
    pattern = definition.claim(name).pattern if name in definition.claim_names else None
    digits = _DIGITS.fullmatch(pattern or "")
    return value.zfill(int(digits[1])) if digits and value.isascii() and value.isdigit() else value


def anoncreds_attributes(definition: CredentialDefinition) -> tuple[str, ...]:
    """The attributes of its AnonCreds schema: every claim, and where the credential's status stands.

    Raises `DefinitionError` when there are too many.
    """
    names = (*definition.claim_names, STATUS_ATTRIBUTE)
    if len(names) > MAX_ATTRIBUTES:
        raise DefinitionError(f"{definition.name} has {len(names)} attributes; {MAX_ATTRIBUTES} are allowed.")
    return names
