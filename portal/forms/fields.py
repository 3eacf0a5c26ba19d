"""What is wrong with a field, as its page says it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.errors import CannotBeRead, NotFound, Refused

LONGEST_CURSOR = 300


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


def of_refusal(refused: Refused) -> tuple[FieldError, ...]:
    """Every rule that said no, in the agent's words, and who can put it right."""
    told = tuple(FieldError(None, mended(each.sentence, each.mended_by)) for each in refused.refusals)
    return told or tuple(FieldError(None, sentence) for sentence in refused.sentences)


def of_agent(error: CannotBeRead, at: Mapping[str, FieldError]) -> tuple[FieldError, ...]:
    """What an agent could not read: `at` has what the form says of each of the API's fields.

    Raises the error again if it is about nothing that the form has.
    """
    names = {name.partition(".")[0] for name in error.fields} | error.fields.keys()
    told = tuple(said for name, said in at.items() if name in names)
    if not told:
        raise error
    return told


def mended(sentence: str, by: str | None) -> str:
    """What is wrong, and who can put it right."""
    return sentence if by is None else f"{sentence} Who can put this right: {by}."


def identifier(text: str) -> str:
    """What an address names, if it can be the name of anything of ours. Raises `NotFound`."""
    if re.fullmatch(r"[0-9A-Za-z-]{1,36}", text) is None:
        raise NotFound("identifier_unreadable")
    return text


def read_cursor(query: Mapping[str, str]) -> str | None:
    """From where on a list is shown. Raises `CannotBeRead`."""
    cursor = query.get("cursor", "")
    if len(cursor) > LONGEST_CURSOR:
        raise CannotBeRead("filter_unknown")
    return cursor or None
