"""Whom somebody looks for in ESR, and which of their assignments was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.forms.fields import FieldError

LONGEST_NAME = 100
LONGEST_NUMBER = 20
YEAR_DIGITS = 4
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BORN = "date_of_birth"
TYPED = ("surname", "forenames", "day", "month", "year", "ni_number", "number")
"""The names of the fields."""
AT_FIELDS = {
    "surname": "surname",
    "forenames": "forenames",
    BORN: f"{BORN}-day",
    "ni_number": "ni_number",
    "number": "number",
}
"""Where on the form the agent's fields stand."""


@dataclass(frozen=True, slots=True)
class SearchForm:
    """Read, and not yet checked: as it was typed, without the spaces around it."""

    surname: str = ""
    forenames: str = ""
    day: str = ""
    month: str = ""
    year: str = ""
    ni_number: str = ""
    number: str = ""

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "SearchForm":
        """Whatever was sent."""
        return cls(*(" ".join(sent.get(name, "").split()) for name in TYPED))

    @property
    def typed(self) -> dict[str, str]:
        """As it is handed on."""
        return {name: getattr(self, name) for name in TYPED}

    @property
    def date_of_birth(self) -> date | None:
        """None unless it is a day that there was."""
        month = self._month
        if month is None or not _is_number(self.day) or not _is_number(self.year):
            return None
        try:
            return date(int(self.year), month, int(self.day))
        except ValueError:
            return None

    @property
    def said(self) -> dict[str, str | None]:
        """As the agent takes it; only of a form without errors."""
        born = self.date_of_birth
        return {
            "surname": self.surname,
            "forenames": self.forenames,
            BORN: None if born is None else born.isoformat(),
            "ni_number": self.ni_number or None,
            "number": self.number or None,
        }

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Which fields cannot be read, and why, from the top of the form down."""
        found = (
            _name("surname", self.surname, "Enter the surname"),
            _name("forenames", self.forenames, "Enter the first name, or all forenames"),
            self._wrong_date,
            _number("ni_number", self.ni_number, "National Insurance number"),
            _number("number", self.number, "Employee or assignment number"),
        )
        return tuple(error for error in found if error is not None)

    @property
    def _month(self) -> int | None:
        if _is_number(self.month):
            return int(self.month)
        named = self.month.lower()[:3]
        return MONTHS.index(named) + 1 if named in MONTHS else None

    @property
    def _wrong_date(self) -> FieldError | None:
        parts = {"day": self.day, "month": self.month, "year": self.year}
        missing = [name for name, value in parts.items() if not value]
        if len(missing) == len(parts):
            return FieldError(f"{BORN}-day", "Enter the date of birth")
        if missing:
            return FieldError(f"{BORN}-{missing[0]}", f"Date of birth must include a {' and '.join(missing)}")
        if not _is_number(self.year) or len(self.year) != YEAR_DIGITS:
            return FieldError(f"{BORN}-year", "Year must include 4 numbers")
        if self.date_of_birth is None:
            return FieldError(f"{BORN}-day", "Date of birth must be a real date")
        return None


@dataclass(frozen=True, slots=True)
class AssignmentForm:
    """Which assignment was chosen, and what had been typed to find the person."""

    assignment: str
    typed: SearchForm

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "AssignmentForm":
        """Whatever was sent."""
        return cls(sent.get("assignment", "")[:LONGEST_NUMBER], SearchForm.read(sent))

    @property
    def handed_on(self) -> dict[str, str]:
        """What the next page has to know."""
        return {"assignment": self.assignment, **self.typed.typed}

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether one was chosen."""
        if self.assignment:
            return ()
        return (FieldError("assignment", "Choose the assignment that the passport is for"),)


def _name(field: str, value: str, missing: str) -> FieldError | None:
    if not value:
        return FieldError(field, missing)
    if len(value) > LONGEST_NAME:
        return FieldError(field, f"A name must be {LONGEST_NAME} characters or less")
    return None


def _number(field: str, value: str, label: str) -> FieldError | None:
    if len(value) > LONGEST_NUMBER:
        return FieldError(field, f"{label} must be {LONGEST_NUMBER} characters or less")
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= YEAR_DIGITS
