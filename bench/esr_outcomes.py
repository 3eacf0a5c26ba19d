"""What became of searches with mistakes: the confusion table."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.table import Table

from agent.domain.errors import NotFound, Refused
from agent.domain.ports.staff_records import MatchStrength, SearchCriteria
from agent.esr_plugin.matching import Candidate, Found, the_one
from bench.esr_pairs import Group, Pair, Pairs

type Matcher = Callable[[SearchCriteria, Sequence[Candidate]], Found]


class Outcome(StrEnum):
    """What HR sees, and whether it is of the right person."""

    STRONG = "strong"
    NUMBER = "number"
    WEAK = "weak"
    SEVERAL = "several"
    NONE = "none"
    WEAK_OF_ANOTHER = "weak of another"
    WRONG = "WRONG"


_OF_THE_RIGHT_ONE = {
    MatchStrength.STRONG: Outcome.STRONG,
    MatchStrength.NUMBER: Outcome.NUMBER,
    MatchStrength.WEAK: Outcome.WEAK,
}
_FOUND = frozenset(_OF_THE_RIGHT_ONE.values())


@dataclass(frozen=True, slots=True)
class Judged:
    """One search, and what became of it."""

    pair: Pair
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Confusion:
    """What became of many searches."""

    judged: tuple[Judged, ...]

    @classmethod
    def of(cls, pairs: Pairs, matcher: Matcher = the_one) -> "Confusion":
        """Each search put to the matcher, with those whom ESR gives for it."""
        return cls(tuple(Judged(each, _outcome(pairs, each, matcher)) for each in pairs.all))

    def wrong(self) -> list[Pair]:
        """The searches that showed somebody else, although the search could tell that it was not they."""
        return [
            each.pair
            for each in self.judged
            if each.outcome is Outcome.WRONG and each.pair.group is not Group.ANOTHERS
        ]

    def found(self, group: Group) -> float:
        """The share of a group's searches that found whom they meant, weakly or not."""
        counted = self.counts(each for each in self.judged if each.pair.group is group)
        return sum(counted[outcome] for outcome in _FOUND) / counted.total()

    def weak_of_another(self, *groups: Group) -> float:
        """The share of weak matches in these groups that a second person has to stop."""
        counted = self.counts(each for each in self.judged if each.pair.group in groups)
        return counted[Outcome.WEAK_OF_ANOTHER] / (
            counted[Outcome.WEAK_OF_ANOTHER] + counted[Outcome.WEAK] or 1
        )

    def kinds(self) -> dict[tuple[Group, str], Counter[Outcome]]:
        """The outcomes of every kind, in the order in which they were made."""
        counted: dict[tuple[Group, str], Counter[Outcome]] = {}
        for group in Group:
            for each in self.judged:
                if each.pair.group is group:
                    counted.setdefault((group, each.pair.kind), Counter())[each.outcome] += 1
        return counted

    def groups(self) -> dict[Group, Counter[Outcome]]:
        """The outcomes of every group."""
        return {g: self.counts(each for each in self.judged if each.pair.group is g) for g in Group}

    @staticmethod
    def counts(judged: Iterable[Judged]) -> Counter[Outcome]:
        """How often each outcome is."""
        return Counter(each.outcome for each in judged)

    def table(self) -> Table:
        """One row a kind, and one a group."""
        table = Table("searches", title="Who was found")
        for outcome in Outcome:
            table.add_column(outcome, justify="right")
        for group, counted in self.groups().items():
            table.add_section()
            table.add_row(f"[bold]{group}", *_cells(counted))
            for (of, kind), some in self.kinds().items():
                if of is group:
                    table.add_row(f"  {kind}", *_cells(some))
        return table


def _outcome(pairs: Pairs, pair: Pair, matcher: Matcher) -> Outcome:
    try:
        found = matcher(pair.criteria, pairs.people.candidates(pair.criteria))
    except NotFound:
        return Outcome.NONE
    except Refused:
        return Outcome.SEVERAL
    if pairs.people.human(found.candidate.employee_number) == pair.meant:
        return _OF_THE_RIGHT_ONE[found.strength]
    return Outcome.WEAK_OF_ANOTHER if found.strength is MatchStrength.WEAK else Outcome.WRONG


def _cells(counted: Counter[Outcome]) -> list[str]:
    return [str(counted[outcome] or "") for outcome in Outcome]
