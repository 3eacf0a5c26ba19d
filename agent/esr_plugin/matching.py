"""Which one person a search means, and why; a person who may be another is never shown.

Twins share everything but forenames and identifiers, and identifiers get mistyped. So whoever is shown at
once has the forenames that were keyed, and nobody else born that day fits as well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from rapidfuzz.distance import OSA

from agent.domain.errors import NotFound, Refusal, Refused
from agent.domain.ports.staff_records import Agreement, MatchStrength, SearchCriteria
from agent.domain.workforce import EmployeeNumber, NiNumber
from agent.esr_plugin.names import initials, likeness, same, similar

_MOST_SLIPS = 2
"""So many digits of an identifier may be wrong, or neighbours swapped, before it is somebody else's."""


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


@dataclass(frozen=True)
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
    def identifiers(self) -> int:
        """How many of the identifiers given are this person's."""
        return self.same_ni_number + self.same_number

    @property
    def contradictions(self) -> int:
        """How many of the identifiers given are not this person's; no NI number may be recorded."""
        other_ni_number = None not in (self.criteria.ni_number, self.candidate.ni_number)
        return (other_ni_number and not self.same_ni_number) + (
            self.criteria.number is not None and not self.same_number
        )

    @cached_property
    def same_surname(self) -> bool:
        """Whether the surname is one that this person has or had."""
        return any(same(self.criteria.surname, each) for each in self.candidate.surnames)

    @cached_property
    def same_forenames(self) -> bool:
        """Whether the forenames are given in one of this person's ways."""
        return any(same(self.criteria.forenames, each) for each in self.candidate.forenames)

    @cached_property
    def similar_surname(self) -> bool:
        """Whether the surname could be this person's, misspelt or in part."""
        return any(similar(self.criteria.surname, each) for each in self.candidate.surnames)

    @cached_property
    def similar_forenames(self) -> bool:
        """Whether the forenames could be this person's, misspelt, in part or as initials."""
        given = self.criteria.forenames
        return any(similar(given, each) or initials(given, each) for each in self.candidate.forenames)

    @cached_property
    def names_are_similar(self) -> bool:
        """Whether both surname and forenames could be this person's, perhaps each in the other's place."""
        return (self.similar_surname and self.similar_forenames) or self._similar_the_wrong_way_round

    @cached_property
    def names_likeness(self) -> float:
        """How alike the names are, from 0 to 2."""
        given, candidate = self.criteria, self.candidate
        return _closest(given.surname, candidate.surnames) + _closest(given.forenames, candidate.forenames)

    @cached_property
    def strength(self) -> MatchStrength | None:
        """How surely this is the person; None if it is not."""
        if not self.born_that_day:
            return None
        if self.same_forenames and not self.contradictions:
            if self.same_ni_number and self.same_surname:
                return MatchStrength.STRONG
            if self.same_number and self.same_surname:
                return MatchStrength.NUMBER
        return MatchStrength.WEAK if self._could_be else None

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

    def is_rivalled_by(self, other: "Comparison") -> bool:
        """Whether `other` fits the names as well: then an identifier may be theirs by mistake.

        Who has both identifiers and the very names is told even from a namesake.
        """
        if not other.names_are_similar:
            return False
        if self.identifiers > 1 and self.same_surname and self.same_forenames:
            return other.names_likeness > self.names_likeness
        return other.names_likeness >= self.names_likeness

    @property
    def _could_be(self) -> bool:
        """Whether a second person, who knows more, might say that it is they."""
        if self.same_ni_number:
            return True
        if self.same_number:
            return self.similar_surname or self.similar_forenames or self.names_are_similar
        if self.contradictions > 1:
            return False  # nobody mistypes both
        if self._somebody_elses_identifier:
            return self.same_surname and self.same_forenames
        return self.names_are_similar

    @property
    def _somebody_elses_identifier(self) -> bool:
        """Whether an identifier was given that is none of this person's, even if digits were mistyped."""
        given, candidate = self.criteria, self.candidate
        return _is_another(given.ni_number, (candidate.ni_number,)) or _is_another(
            given.number, candidate.numbers
        )

    @property
    def _similar_the_wrong_way_round(self) -> bool:
        given, candidate = self.criteria, self.candidate
        return any(similar(given.forenames, each) for each in candidate.surnames) and any(
            similar(given.surname, each) for each in candidate.forenames
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The one person, and by which rule; a weak one is for a second person to confirm."""

    candidate: Candidate
    strength: MatchStrength
    fields: tuple[tuple[str, Agreement], ...]


def the_one(criteria: SearchCriteria, candidates: Sequence[Candidate], *, complete: bool = True) -> Found:
    """The one person of `candidates` whom `criteria` describe; `complete` says that there are no others.

    Raises `NotFound` with code `person_not_found`, `Refused` with code `several_people`.
    """
    if not complete:
        raise _several_people(criteria)
    # First of all, for it is quick and leaves few: of 50,000 people some three have one birthday.
    born = [each for each in candidates if each.date_of_birth == criteria.date_of_birth]
    compared = [Comparison(each, criteria) for each in born]
    possible = [(each, strength) for each in compared if (strength := each.strength)]
    if not possible:
        raise NotFound("Nobody in your organisation's ESR agrees with this.", code="person_not_found")
    return _found(possible, compared)


def _found(possible: Sequence[tuple[Comparison, MatchStrength]], born: Sequence[Comparison]) -> Found:
    """Whom the identifiers name. Raises `several_people` if two are level, or if somebody is a rival."""
    best = max(each.identifiers for each, _ in possible)
    (leader, strength), *others = [pair for pair in possible if pair[0].identifiers == best]
    if others or any(leader.is_rivalled_by(each) for each in born if each is not leader):
        raise _several_people(leader.criteria)
    return Found(leader.candidate, strength, leader.fields)


def _several_people(criteria: SearchCriteria) -> Refused:
    missing = [
        name
        for name, given in (("NI number", criteria.ni_number), ("employee number", criteria.number))
        if given is None
    ]
    mending = f"Give one more identifier: the {' or the '.join(missing)}." if missing else "Check each field."
    sentence = f"More than one person could be meant. {mending}"
    refusal = Refusal("several_people", sentence, "whoever searches, with one more identifier")
    return Refused(sentence, (refusal,), code="several_people")


def _closest(name: str, recorded: Iterable[str]) -> float:
    return max((likeness(name, each) for each in recorded), default=0.0)


def _is_another(given: str | None, recorded: Iterable[str | None]) -> bool:
    """Whether `given` is too far from all that is recorded to be a slip; where nothing is, nobody knows."""
    if given is None:
        return False
    distances = [OSA.distance(given, each) for each in recorded if each is not None]
    return bool(distances) and min(distances) > _MOST_SLIPS


def _agreement(*, agrees: bool, given: bool = True) -> Agreement:
    if not given:
        return Agreement.NOT_GIVEN
    return Agreement.AGREES if agrees else Agreement.DIFFERS
