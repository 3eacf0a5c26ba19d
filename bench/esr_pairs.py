"""Searches with mistakes, and whom each of them means: what the matcher is measured with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from random import Random

from rapidfuzz.distance import OSA

from agent.domain.ports.staff_records import SearchCriteria
from agent.domain.workforce import AssignmentNumber
from agent.esr_plugin.names import normal, parts
from bench import esr_slips
from bench.esr_doubles import DOUBLES, mixed
from bench.esr_people import People, as_recorded
from bench.esr_slips import Slip
from esr_sandbox.records import Person

GENERATED = 2000
EACH = 40
"""So many searches of a kind, where so many people can be searched for in that way."""
COUPLES = 12


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


@dataclass(frozen=True, slots=True)
class Pair:
    """One search, and the human whom it means; None if that person has no record here."""

    group: Group
    kind: str
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
            yield from self._slips(Group.ONE_DIFFERENCE, f"{kind}; NI number", slip, "ni_number")
            yield from self._slips(Group.ONE_DIFFERENCE, f"{kind}; number", slip, "number")
            yield from self._slips(Group.NAMES_ALONE, kind, slip)
        for kind, slip in esr_slips.OF_NI_NUMBERS.items():
            yield from self._slips(Group.ONE_DIFFERENCE, kind, slip, "ni_number")
            yield from self._slips(Group.ONE_DIFFERENCE, f"{kind}; number", slip, "ni_number", "number")
        for kind, slip in esr_slips.OF_NUMBERS.items():
            yield from self._slips(Group.ONE_DIFFERENCE, kind, slip, "number")
            yield from self._slips(Group.ONE_DIFFERENCE, f"{kind}; NI number", slip, "ni_number", "number")
        for kind, slip in self._of_somebody_else().items():
            yield from self._slips(Group.ONE_DIFFERENCE, kind, slip, "ni_number", "number")
        for kind, slip in esr_slips.OF_BIRTHDAYS.items():
            yield from self._slips(Group.WRONG_BIRTHDAY, kind, slip, "ni_number", "number")

    def _plain(self) -> Iterator[Pair]:
        nothing: Slip = lambda keyed, _, __: keyed  # noqa: E731  # it has a type this way
        for kind, given in (
            ("NI number", ("ni_number",)),
            ("number", ("number",)),
            ("both", ("ni_number", "number")),
            ("names alone", ()),
        ):
            yield from self._slips(Group.PLAIN, kind, nothing, *given)
        for person, number in islice(self.people.second_posts(), self.each):
            keyed = replace(_keyed(person, "number"), number=AssignmentNumber(number))
            yield Pair(
                Group.PLAIN, "number of a second post", keyed, self.people.human(person.employee_number)
            )

    def _slips(self, group: Group, kind: str, slip: Slip, *given: str) -> Iterator[Pair]:
        """The slip made in searches for people drawn at random, with the identifiers `given` besides."""
        drawn = self.random.sample(self.sought, len(self.sought))
        made = (
            Pair(group, kind, keyed, self.people.human(person.employee_number))
            for person in drawn
            if (keyed := slip(_keyed(person, *given), person, self.random)) is not None
        )
        yield from islice(made, self.each)

    def _of_somebody_else(self) -> dict[str, Slip]:
        """Slips of the line in a list: an identifier of anybody else who is here."""

        def ni_number(keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria | None:
            return replace(
                esr_slips.with_ni_number(keyed, self._other(person, random).ni_number) or keyed, number=None
            )

        def ni_number_beside_number(
            keyed: SearchCriteria, person: Person, random: Random
        ) -> SearchCriteria | None:
            return esr_slips.with_ni_number(keyed, self._other(person, random).ni_number)

        def number(keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria:
            return replace(number_beside_ni_number(keyed, person, random), ni_number=None)

        def number_beside_ni_number(keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria:
            return replace(keyed, number=AssignmentNumber(self._other(person, random).employee_number))

        return {
            "the NI number of somebody else": ni_number,
            "the NI number of somebody else; number": ni_number_beside_number,
            "the number of somebody else": number,
            "the number of somebody else; NI number": number_beside_ni_number,
        }

    def _other(self, person: Person, random: Random) -> Person:
        return random.choice([each for each in random.sample(self.sought, 2) if each != person])


def _keyed(person: Person, *given: str) -> SearchCriteria:
    """What is recorded of `person`, with no identifiers but those `given`."""
    keyed = as_recorded(person)
    return replace(
        keyed,
        ni_number=keyed.ni_number if "ni_number" in given else None,
        number=keyed.number if "number" in given else None,
    )


def _second_records(people: People, employed_twice: Sequence[Person]) -> Iterator[Pair]:
    """People who left and came back: two employee numbers, one NI number, and perhaps a new surname."""
    for person in employed_twice:
        human = people.human(person.employee_number)
        again = people.joins(person, human=human)
        for record, which in ((person, "first"), (again, "second")):
            for given in (("ni_number",), ("number",), ("ni_number", "number")):
                kind = " and ".join(each.replace("_", " ") for each in given)
                yield Pair(Group.SECOND_RECORD, f"{which} record by {kind}", _keyed(record, *given), human)


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
        yield Pair(_group(group, other, keyed), f"{kind}: {name}", keyed, meant)


def _group(group: Group, other: Person, keyed: SearchCriteria) -> Group:
    if _is_for(other, keyed):
        return Group.ANOTHERS
    theirs = {other.ni_number, other.employee_number}
    if group is Group.NOT_HERE and theirs & {keyed.ni_number, keyed.number}:
        return Group.NOT_HERE_MIXED_UP
    return group


def _is_for(person: Person, keyed: SearchCriteria) -> bool:
    """Whether this is what HR keys who looks for `person`, all but one slip in the surname.

    Their identifiers, their birthday, their forenames: no program can see that another was meant.
    """
    exact = as_recorded(person)
    given = {keyed.ni_number, keyed.number} - {None}
    return (
        bool(given)
        and given <= {exact.ni_number, exact.number}
        and keyed.date_of_birth == exact.date_of_birth
        and normal(keyed.forenames) == normal(exact.forenames)
        and _one_slip_apart(keyed.surname, exact.surname)
    )


def _one_slip_apart(one: str, other: str) -> bool:
    halves, others = set(parts(one)), set(parts(other))
    return OSA.distance(normal(one), normal(other)) <= 1 or halves <= others or others <= halves
