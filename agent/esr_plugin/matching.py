"""Which one person a search means, and why; a person who may be another is never shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from agent.domain.errors import NotFound, Refusal, Refused
from agent.domain.ports.staff_records import Agreement, MatchStrength, SearchCriteria
from agent.domain.workforce import EmployeeNumber, NiNumber
from agent.esr_plugin.names import likeness, same, similar


@dataclass(frozen=True, slots=True)
class Candidate:
    """What of a person in ESR is compared with a search, and never shown."""

    employee_number: EmployeeNumber
    surnames: tuple[str, ...] = field(repr=False)  # the legal one, then maiden, previous and preferred ones
    forenames: tuple[str, ...] = field(
        repr=False
    )  # every way of giving them: first, first and middle, preferred
    date_of_birth: date = field(repr=False)
    ni_number: NiNumber | None = field(repr=False)
    assignment_numbers: frozenset[str] = frozenset()  # known only when one was searched for

    @property
    def numbers(self) -> frozenset[str]:
        """Every number by which HR may know this person."""
        return self.assignment_numbers | {self.employee_number}


class Likelihood(StrEnum):
    """How surely a candidate is the person searched for."""

    STRONG = "strong"
    NUMBER = "number"
    WEAK = "weak"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One candidate beside what was searched for, field by field."""

    candidate: Candidate
    criteria: SearchCriteria = field(repr=False)

    @property
    def born_that_day(self) -> bool:
        """Whether the dates of birth are equal; without that nobody is found."""
        return self.candidate.date_of_birth == self.criteria.date_of_birth

    @property
    def same_ni_number(self) -> bool:
        """Whether an NI number was given and is this person's."""
        given = self.criteria.ni_number
        return given is not None and given == self.candidate.ni_number

    @property
    def same_number(self) -> bool:
        """Whether an employee or assignment number was given and is this person's."""
        return self.criteria.number is not None and self.criteria.number in self.candidate.numbers

    @property
    def same_surname(self) -> bool:
        """Whether the surname is one that this person has or had."""
        return any(same(self.criteria.surname, each) for each in self.candidate.surnames)

    @property
    def same_forenames(self) -> bool:
        """Whether the forenames are given in one of this person's ways."""
        return any(same(self.criteria.forenames, each) for each in self.candidate.forenames)

    @property
    def names_are_similar(self) -> bool:
        """Whether both surname and forenames could be this person's, misspelt or in part."""
        return any(similar(self.criteria.surname, each) for each in self.candidate.surnames) and any(
            similar(self.criteria.forenames, each) for each in self.candidate.forenames
        )

    @property
    def names_likeness(self) -> float:
        """How alike the names are, from 0 to 2."""
        surname = max(
            (likeness(self.criteria.surname, each) for each in self.candidate.surnames), default=0.0
        )
        return surname + max(
            (likeness(self.criteria.forenames, e) for e in self.candidate.forenames), default=0.0
        )

    @property
    def likelihood(self) -> Likelihood:
        """How surely this is the person."""
        if not self.born_that_day:
            return Likelihood.NONE
        if self.same_ni_number and self.same_surname:
            return Likelihood.STRONG
        if self.same_number and self.names_are_similar:
            return Likelihood.NUMBER
        return Likelihood.WEAK if self.names_are_similar or self.same_ni_number else Likelihood.NONE

    @property
    def fields(self) -> tuple[tuple[str, Agreement], ...]:
        """Whether each field agrees, differs or was not given; ESR's own values are not told."""
        given = self.criteria
        return (
            ("surname", _agreement(agrees=self.same_surname)),
            ("forenames", _agreement(agrees=self.same_forenames)),
            ("date_of_birth", _agreement(agrees=self.born_that_day)),
            ("ni_number", _agreement(agrees=self.same_ni_number, given=given.ni_number is not None)),
            ("number", _agreement(agrees=self.same_number, given=given.number is not None)),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The one person, and by which rule."""

    candidate: Candidate
    strength: MatchStrength
    fields: tuple[tuple[str, Agreement], ...]


def the_one(criteria: SearchCriteria, candidates: Sequence[Candidate], *, complete: bool = True) -> Found:
    """The one person of `candidates` whom `criteria` describe; `complete` says that there are no others.

    Raises `NotFound` with code `person_not_found`, `Refused` with code `several_people`.
    """
    compared = [Comparison(candidate, criteria) for candidate in candidates]
    possible = [each for each in compared if each.likelihood is not Likelihood.NONE]
    if not complete:
        raise _several_people()
    if not possible:
        raise NotFound("Nobody in your organisation's ESR agrees with this.", code="person_not_found")
    return _found(_surest(possible))


def _surest(possible: Sequence[Comparison]) -> Comparison:
    """The comparison that stands out. Raises `several_people` when none does, or when two rules disagree."""
    strong = [each for each in possible if each.likelihood is Likelihood.STRONG]
    numbered = [each for each in possible if each.likelihood is Likelihood.NUMBER]
    if len(possible) == 1:
        return possible[0]
    if len(numbered) == 1 and not strong and not _rivalled(numbered[0], possible):
        return numbered[0]
    if len(strong) > 1:  # one person employed twice has one NI number, and two employee numbers
        strong = [each for each in strong if each.same_number]
    if len(strong) == 1 and not numbered:
        return strong[0]
    raise _several_people()


def _rivalled(numbered: Comparison, possible: Sequence[Comparison]) -> bool:
    """Whether somebody else born that day fits the names as well, or the NI number: digits get mistyped."""
    others = [each for each in possible if each is not numbered]
    return any(other.same_ni_number or other.names_likeness >= numbered.names_likeness for other in others)


def _found(surest: Comparison) -> Found:
    return Found(surest.candidate, MatchStrength(surest.likelihood.value), surest.fields)


def _several_people() -> Refused:
    sentence = "More than one person could be meant. Give one more identifier, such as the NI number."
    refusal = Refusal("several_people", sentence, "whoever searches, with one more identifier")
    return Refused(sentence, (refusal,), code="several_people")


def _agreement(*, agrees: bool, given: bool = True) -> Agreement:
    if not given:
        return Agreement.NOT_GIVEN
    return Agreement.AGREES if agrees else Agreement.DIFFERS
