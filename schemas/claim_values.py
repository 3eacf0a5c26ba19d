"""Whether claims are what their definition asks for, before anything is signed."""

import re
from collections.abc import Mapping
from datetime import date

from schemas.definitions import ClaimDefinition, ClaimType, CredentialDefinition


class ClaimsError(Exception):
    """Claims that do not fit; `problems` says by claim name what is wrong, never the value."""

    def __init__(self, definition: str, problems: Mapping[str, str]) -> None:
        listed = "; ".join(f"{name} {problem}" for name, problem in problems.items())
        super().__init__(f"The claims do not fit {definition}: {listed}.")
        self.problems = dict(problems)


def complete_claims(definition: CredentialDefinition, claims: Mapping[str, str]) -> dict[str, str]:
    """All claims of `definition` in its order, absent optional ones as the empty string.

    Raises `ClaimsError` naming every claim that is unknown, missing or malformed.
    """
    complete = {claim.name: claims.get(claim.name, "") for claim in definition.claims}
    problems = {name: "is not one of its claims" for name in claims if name not in complete}
    for claim in definition.claims:
        if problem := _problem(claim, complete[claim.name]):
            problems[claim.name] = problem
    if problems:
        raise ClaimsError(definition.name, problems)
    return complete


def _problem(claim: ClaimDefinition, value: str) -> str | None:
    if not value:
        return "is missing" if claim.required else None
    if claim.type is ClaimType.DATE and not _is_date(value):
        return "is not an ISO 8601 date"
    if claim.type is ClaimType.BOOLEAN and value not in ("true", "false"):
        return "is neither true nor false"
    if claim.values and value not in claim.values:
        return f"is none of {', '.join(claim.values)}"
    if claim.pattern and not re.fullmatch(claim.pattern, value):
        return "has another form"
    return None


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
