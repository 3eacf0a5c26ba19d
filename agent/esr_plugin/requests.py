"""What HR keys, read once into what the search takes."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from pydantic import Field

from agent.domain.errors import InvalidInput
from agent.domain.names import normal
from agent.domain.ports.staff_records import SearchCriteria
from agent.domain.workforce import assignment_number, ni_number
from agent.routing import Body

_YOUNGEST, _OLDEST = 16, 100
"""The ages, in years, that a member of staff may have."""


class SearchBody(Body):
    """One person, as HR knows them. `number` is their employee number or an assignment number."""

    surname: str = Field(min_length=1, max_length=100)
    forenames: str = Field(min_length=1, max_length=100)
    date_of_birth: date
    ni_number: str | None = Field(default=None, max_length=20)
    number: str | None = Field(default=None, max_length=20)


class BatchBody(Body):
    """The rows of a batch: as many as one asking at the gate lets through."""

    rows: Annotated[tuple[SearchBody, ...], Field(min_length=1, max_length=25)]


def row_criteria(body: SearchBody, *, today: date) -> SearchCriteria:
    """What a row of a batch searches for. It has to bring a number: names are not tried out."""
    if not body.ni_number and not body.number:
        raise InvalidInput("A row needs an NI number, or an employee or assignment number.")
    return criteria(body, today=today)


def criteria(body: SearchBody, *, today: date) -> SearchCriteria:
    """What is searched for. Raises `InvalidInput` that says of every field what is wrong with it."""
    fields = {
        "surname": _letters(body.surname),
        "forenames": _letters(body.forenames),
        "date_of_birth": _age(body.date_of_birth, today),
        "ni_number": _problem(ni_number, body.ni_number),
        "number": _problem(assignment_number, body.number),
    }
    if wrong := {name: sentence for name, sentence in fields.items() if sentence}:
        raise InvalidInput("Nobody can be searched for with this.", fields=wrong)
    return SearchCriteria(
        surname=body.surname,
        forenames=body.forenames,
        date_of_birth=body.date_of_birth,
        ni_number=ni_number(body.ni_number) if body.ni_number else None,
        number=assignment_number(body.number) if body.number else None,
    )


def _letters(name: str) -> str | None:
    return None if normal(name) else "A name has at least one letter."


def _age(born: date, today: date) -> str | None:
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if _YOUNGEST <= age <= _OLDEST:
        return None
    return f"A member of staff is between {_YOUNGEST} and {_OLDEST} years old."


def _problem[T](read: Callable[[str], T], text: str | None) -> str | None:
    """What is wrong with a number that may be left out."""
    try:
        if text:
            read(text)
    except InvalidInput as error:
        return error.sentence
    return None
