"""What is wrong with a field, as its page says it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.errors import NotFound


@dataclass(frozen=True, slots=True)
class FieldError:
    """One sentence about one field, or about none of them."""

    field: str | None
    sentence: str


def summary(errors: Sequence[FieldError]) -> list[dict[str, str]]:
    """The error summary's list, as the design system's macro takes it."""
    return [
        {"text": error.sentence} | ({} if error.field is None else {"href": f"#{error.field}"})
        for error in errors
    ]


def by_field(errors: Sequence[FieldError]) -> dict[str, dict[str, str]]:
    """What stands at each field."""
    return {error.field: {"text": error.sentence} for error in errors if error.field is not None}


def identifier(text: str) -> str:
    """What an address names, if it can be the name of anything of ours. Raises `NotFound`."""
    if re.fullmatch(r"[0-9A-Za-z-]{1,36}", text) is None:
        raise NotFound("identifier_unreadable")
    return text
