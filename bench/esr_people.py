"""One organisation's people for measuring searches: generated ones and their doubles, told as ESR tells."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from random import Random

from agent.domain.ports.staff_records import SearchCriteria
from agent.domain.workforce import NiNumber, assignment_number, ni_number
from agent.esr_plugin import mapping
from agent.esr_plugin.matching import Candidate
from esr_sandbox import generator
from esr_sandbox import names as sandbox_names
from esr_sandbox.records import Person

HERE = "901"
ELSEWHERE = "902"
TODAY = date(2026, 11, 23)


class People:
    """Everyone of one VPD. A person may have two records, if they were employed twice."""

    def __init__(self, seed: int, count: int) -> None:
        self.random = Random(f"doubles/{seed}")  # noqa: S311  # people are invented, not secret
        self._records: dict[str, Person] = {}
        self._humans: dict[str, str] = {}
        self._second_posts: dict[str, frozenset[str]] = {}
        self._found_by: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
        for member in generator.staff(seed, HERE, people=count, today=TODAY):
            self._add(member.person, member.person.employee_number)
            if len(member.assignments) > 1:
                numbers = frozenset(each.assignment_number for each in member.assignments)
                self._second_posts[member.person.employee_number] = numbers
        self.generated = tuple(self._records.values())

    def joins(self, person: Person, *, human: str | None = None) -> Person:
        """`person` with the next employee number of this organisation; `human`: whose second record it is."""
        number = f"{HERE}{generator.FIRST_INVENTED + len(self._records):05d}"
        joined = person.model_copy(update={"employee_number": number})
        self._add(joined, human or number)
        return joined

    def stays_away(self, person: Person) -> Person:
        """`person` as another organisation knows them; here they have no record."""
        number = f"{ELSEWHERE}{self.random.randrange(100_000):05d}"
        return person.model_copy(update={"employee_number": number})

    def human(self, employee_number: str) -> str:
        """Who it is whose record this is."""
        return self._humans[employee_number]

    def second_posts(self) -> Iterator[tuple[Person, str]]:
        """Everyone who has more than one assignment, and the number of the last."""
        for number, posts in self._second_posts.items():
            yield self._records[number], max(posts)

    def candidates(self, criteria: SearchCriteria) -> tuple[Candidate, ...]:
        """Everyone with the birthday, the NI number or the employee number, as ESR gives them."""
        found = {
            each.employee_number: each
            for sought in mapping.search(criteria).items()
            for each in self._found_by[sought]
        }
        return tuple(self._with_posts(each, criteria) for each in found.values())

    def everyone(self) -> tuple[Candidate, ...]:
        """All of them, as nobody would ask for them."""
        return tuple(
            each for (name, _), some in self._found_by.items() if name == "employeeNumber" for each in some
        )

    def _add(self, person: Person, human: str) -> None:
        self._records[person.employee_number] = person
        self._humans[person.employee_number] = human
        answer = {"people": [person.on_the_wire()], "complete": True}
        (candidate,), _ = mapping.candidates(answer)
        for sought in mapping.search(as_recorded(person)).items():
            self._found_by[sought].append(candidate)

    def _with_posts(self, candidate: Candidate, criteria: SearchCriteria) -> Candidate:
        """As the service does, which reads assignments only where one of theirs may be meant."""
        if criteria.number is None or not criteria.number.startswith(f"{candidate.employee_number}-"):
            return candidate
        posts = self._second_posts.get(candidate.employee_number, frozenset())
        return Candidate(
            candidate.employee_number,
            candidate.surnames,
            candidate.forenames,
            candidate.date_of_birth,
            candidate.ni_number,
            posts,
        )


def as_recorded(person: Person) -> SearchCriteria:
    """What HR keys who knows everything and makes no mistake."""
    return SearchCriteria(
        person.last_name,
        person.first_name,
        person.date_of_birth,
        ni_number(person.ni_number),
        assignment_number(person.employee_number),
    )


def a_stranger(random: Random) -> Person:
    """Somebody who is nobody's double."""
    (member,) = generator.staff(random.randrange(2**32), ELSEWHERE, people=1, today=TODAY)
    return member.person


def another_ni_number(person: Person, random: Random) -> Person:
    """`person` with an NI number of their own."""
    return person.model_copy(update={"ni_number": sandbox_names.ni_number(random)})


def the_next_ni_number(person: Person) -> NiNumber:
    """The number after that of `person`, as twins often have it."""
    digits = (int(person.ni_number[2:8]) + 1) % 1_000_000
    return ni_number(f"{person.ni_number[:2]}{digits:06d}{person.ni_number[8]}")
