"""What may stand in an agent's path for one thing."""

import re

from portal.errors import NotFound

IDENTIFIER = re.compile(r"[A-Za-z0-9._~-]{1,120}")


def segment(identifier: str) -> str:
    """The identifier, which no agent has to be asked about unless it can be one. Raises `NotFound`."""
    if not IDENTIFIER.fullmatch(identifier) or not identifier.strip("."):
        raise NotFound("identifier_impossible")
    return identifier
