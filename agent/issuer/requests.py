"""What callers send, parsed once."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from agent.domain.credentials import RevocationReason
from agent.domain.errors import InvalidInput
from agent.domain.passport import PassportState
from agent.domain.workforce import assignment_number
from agent.issuer.finding import MOST_WORDS, PassportFilter, name_words
from agent.paging import chosen
from agent.routing import Body

LONGEST_FILTER = 200


def _assignment_number(text: str) -> str:
    try:
        return assignment_number(text)
    except InvalidInput as error:
        raise ValueError(error.sentence) from error


class CreatePassport(Body):
    """The search that found the person, and the assignment that was chosen among theirs."""

    search: Annotated[str, Field(min_length=1, max_length=64)]
    assignment_number: Annotated[str, Field(max_length=20), AfterValidator(_assignment_number)]


class CompareCode(Body):
    """The code as the person read it out from their wallet."""

    code: Annotated[str, Field(pattern=r"^\s*([0-9][\s-]?){8}$")]


class Revoke(Body):
    """Why a credential is taken back, or a passport ended."""

    reason: RevocationReason


class AskForMassRevocation(Body):
    """Which passports to end, and why."""

    passports: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=36)], ...], Field(min_length=1, max_length=500)
    ]
    reason: RevocationReason


def passport_filter(query: Mapping[str, str]) -> PassportFilter:
    """Which passports a list is of. Raises `InvalidInput`."""
    if long := [name for name in _TEXTS if len(query.get(name, "")) > LONGEST_FILTER]:
        sentence = f"A filter has at most {LONGEST_FILTER} characters."
        raise InvalidInput(sentence, fields=dict.fromkeys(long, "too long"))
    words = name_words(query["name"])[:MOST_WORDS] if "name" in query else None
    return PassportFilter(
        chosen(query, "state", PassportState), query.get("staff_group"), query.get("employment_type"), words
    )


_TEXTS = ("staff_group", "employment_type", "name")
