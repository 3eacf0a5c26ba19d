"""Searches with mistakes, and whom each of them means: what the matcher is measured with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from random import Random

from rapidfuzz.distance import OSA

from agent.domain.names import normal, parts
from agent.domain.ports.staff_records import SearchCriteria
from agent.domain.workforce import AssignmentNumber
from bench import esr_slips
from bench.esr_doubles import DOUBLES, mixed
from bench.esr_people import People, as_recorded
from bench.esr_slips import Slip
from esr_sandbox.records import Person

GENERATED = 2000
EACH = 40
"""So many searches of a kind, where so many people can be searched for in that way."""
COUPLES = 12


type Given = frozenset[str]
"""The identifiers that are keyed, by their names in `SearchCriteria`."""

_NEITHER: Given = frozenset()
_NI_NUMBER: Given = frozenset({"ni_number"})
_NUMBER: Given = frozenset({"number"})
_BOTH: Given = _NI_NUMBER | _NUMBER


class Group(StrEnum):
    """What a kind of search has in common with others, in the order of the table."""

    PLAIN = "nothing wrong"
    ONE_DIFFERENCE = "one honest difference"
    NAMES_ALONE = "one difference, and neither number"
    WRONG_BIRTHDAY = "wrong birthday"
    SECOND_RECORD = "employed twice"
    DOUBLE_HERE = "a double is here too"
    NOT_HERE = "not here, but a double is"
    NOT_HERE_MIXED_UP = "not here, with the number of a double who is"
    ANOTHERS = "word for word a search for the double"
    ANOTHERS_MISSPELT = "the same, but for a slip in the surname"


@dataclass(frozen=True, slots=True)
class Pair:
    """One search, and the human whom it means; None if that person has no record here."""

    group: Group
    kind: str  # of mistake, or of double
    given: str  # beside names and birthday
    criteria: SearchCriteria
    meant: str | None


@dataclass(frozen=True, slots=True)
class Pairs:
    """All searches, and the people among whom they search."""

    people: People
    all: tuple[Pair, ...]

    @classmethod
    def of(
        cls, seed: int, *, generated: int = GENERATED, each: int = EACH, couples: int = COUPLES
    ) -> "Pairs":
        """The same for the same seed."""
        people = People(seed, generated)
        random = Random(f"searches/{seed}")  # noqa: S311  # mistakes, not secrets
        again = people.generated[: couples * 2]
        honest = Honest(people, people.generated[len(again) :], random, each)
        made = [*honest.all(), *_second_records(people, again), *_doubles(people, random, couples)]
        return cls(people, tuple(made))


@dataclass(frozen=True, slots=True)
class Honest:
    """Searches for people whom the sandbox generates, one in twenty of them a twin."""

    people: People
    sought: Sequence[Person]
    random: Random
    each: int

    def all(self) -> Iterator[Pair]:
        """Every kind, as often as it can be."""
        yield from self._plain()
        for kind, slip in esr_slips.OF_NAMES.items():
            yield from self._slips(Group.ONE_DIFFERENCE, kind, slip, _NI_NUMBER, _NUMBER)
            yield from self._slips(Group.NAMES_ALONE, kind, slip, _NEITHER)
        for kind, slip in esr_slips.OF_NI_NUMBERS.items():
            yield from self._slips(Group.ONE_DIFFERENCE, kind, slip, _NI_NUMBER, _BOTH)
        for kind, slip in esr_slips.OF_NUMBERS.items():
            yield from self._slips(Group.ONE_DIFFERENCE, kind, slip, _NUMBER, _BOTH)
        yield from self._slips(
            Group.ONE_DIFFERENCE, "NI number of somebody else", self._ni, _NI_NUMBER, _BOTH
        )
        yield from self._slips(Group.ONE_DIFFERENCE, "number of somebody else", self._number, _NUMBER, _BOTH)
        for kind, slip in esr_slips.OF_BIRTHDAYS.items():
            yield from self._slips(Group.WRONG_BIRTHDAY, kind, slip, _NEITHER, _NI_NUMBER, _NUMBER, _BOTH)

    def _plain(self) -> Iterator[Pair]:
        yield from self._slips(Group.PLAIN, "as recorded", _nothing, _NEITHER, _NI_NUMBER, _NUMBER, _BOTH)
        for person, number in islice(self.people.second_posts(), self.each):
            keyed = replace(_keyed(person, _NUMBER), number=AssignmentNumber(number))
            human = self.people.human(person.employee_number)
            yield Pair(Group.PLAIN, "a second post", "assignment number", keyed, human)

    def _slips(self, group: Group, kind: str, slip: Slip, *givens: Given) -> Iterator[Pair]:
        """The slip made in searches for people drawn at random, once with each of `givens`."""
        for given in givens:
            drawn = self.random.sample(self.sought, len(self.sought))
            made = (
                Pair(group, kind, _name(given), keyed, self.people.human(person.employee_number))
                for person in drawn
                if (keyed := slip(_keyed(person, given), person, self.random)) is not None
            )
            yield from islice(made, self.each)

    def _ni(self, keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria | None:
        """The wrong line of a list."""
        return esr_slips.with_ni_number(keyed, self._other(person, random).ni_number)

    def _number(self, keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria:
        """The wrong line of a list."""
        return replace(keyed, number=AssignmentNumber(self._other(person, random).employee_number))

    def _other(self, person: Person, random: Random) -> Person:
        return random.choice([each for each in random.sample(self.sought, 2) if each != person])


def _nothing(keyed: SearchCriteria, _: Person, __: Random) -> SearchCriteria:
    return keyed


def _name(given: Given) -> str:
    return (
        " and ".join(each.replace("_", " ").replace("ni ", "NI ") for each in sorted(given)) or "names alone"
    )


def _keyed(person: Person, given: Given) -> SearchCriteria:
    """What is recorded of `person`, with no identifiers but those `given`."""
    exact = as_recorded(person)
    return replace(
        exact,
        ni_number=exact.ni_number if "ni_number" in given else None,
        number=exact.number if "number" in given else None,
    )


def _second_records(people: People, employed_twice: Sequence[Person]) -> Iterator[Pair]:
    """People who left and came back: two employee numbers, one NI number, and perhaps a new surname."""
    for person in employed_twice:
        human = people.human(person.employee_number)
        again = people.joins(person, human=human)
        for record, which in ((person, "first"), (again, "second")):
            for given in (_NI_NUMBER, _NUMBER, _BOTH):
                kind = f"the {which} record"
                yield Pair(Group.SECOND_RECORD, kind, _name(given), _keyed(record, given), human)


def _doubles(people: People, random: Random, couples: int) -> Iterator[Pair]:
    """Each of a couple is looked for; once both are here, once only the double is."""
    for kind, couple in DOUBLES.items():
        for _ in range(couples):
            one, other = (people.joins(each) for each in couple(random))
            yield from _searches(
                Group.DOUBLE_HERE, kind, one, other, random, people.human(one.employee_number)
            )
            absent, double = couple(random)
            yield from _searches(
                Group.NOT_HERE, kind, people.stays_away(absent), people.joins(double), random, None
            )


def _searches(
    group: Group, kind: str, one: Person, other: Person, random: Random, meant: str | None
) -> Iterator[Pair]:
    for name, keyed in mixed(one, other, random):
        yield Pair(_group(group, other, keyed), kind, name, keyed, meant)


def _group(group: Group, other: Person, keyed: SearchCriteria) -> Group:
    theirs = as_recorded(other)
    given = {keyed.ni_number, keyed.number} - {None}
    if given and given <= {theirs.ni_number, theirs.number} and _could_be_keyed_for(theirs, keyed):
        misspelt = normal(keyed.surname) != normal(theirs.surname)
        return Group.ANOTHERS_MISSPELT if misspelt else Group.ANOTHERS
    if group is Group.NOT_HERE and given & {theirs.ni_number, theirs.number}:
        return Group.NOT_HERE_MIXED_UP
    return group


def _could_be_keyed_for(exact: SearchCriteria, keyed: SearchCriteria) -> bool:
    """Whether HR keys this who looks for the double: no program can see that another was meant."""
    halves, others = set(parts(keyed.surname)), set(parts(exact.surname))
    return (
        keyed.date_of_birth == exact.date_of_birth
        and normal(keyed.forenames) == normal(exact.forenames)
        and (
            OSA.distance(normal(keyed.surname), normal(exact.surname)) <= 1
            or halves <= others
            or others <= halves
        )
    )
