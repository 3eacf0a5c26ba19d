"""What became of searches with mistakes: the confusion table."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.console import Group as RenderGroup
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
_ORDER = {group: place for place, group in enumerate(Group)}
_CANNOT_BE_TOLD = frozenset({Group.ANOTHERS})
_OF_DOUBLES = frozenset(
    {Group.DOUBLE_HERE, Group.NOT_HERE, Group.NOT_HERE_MIXED_UP, Group.ANOTHERS_MISSPELT, Group.ANOTHERS}
)
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
        """The searches that showed somebody else, and were no searches for whom they showed."""
        return [
            each.pair
            for each in self.judged
            if each.outcome is Outcome.WRONG and each.pair.group not in _CANNOT_BE_TOLD
        ]

    def found(self, group: Group) -> float:
        """The share of a group's searches that found whom they meant, weakly or not."""
        counted = self.counts(each for each in self.judged if each.pair.group is group)
        return sum(counted[outcome] for outcome in _FOUND) / counted.total()

    def weak_of_another(self, group: Group) -> float:
        """The share of a group's searches that a second person has to stop."""
        counted = self.counts(each for each in self.judged if each.pair.group is group)
        return counted[Outcome.WEAK_OF_ANOTHER] / counted.total()

    def by(self, told: Callable[[Pair], str]) -> dict[tuple[Group, str], Counter[Outcome]]:
        """The outcomes of each group, by what is `told` of a search, in the order in which they were made."""
        counted: dict[tuple[Group, str], Counter[Outcome]] = {}
        for each in sorted(self.judged, key=lambda each: _ORDER[each.pair.group]):
            counted.setdefault((each.pair.group, told(each.pair)), Counter())[each.outcome] += 1
        return counted

    @staticmethod
    def counts(judged: Iterable[Judged]) -> Counter[Outcome]:
        """How often each outcome is."""
        return Counter(each.outcome for each in judged)

    def tables(self) -> RenderGroup:
        """By kind of mistake or double; then of doubles, by whose identifiers were given."""
        doubles = {key: counted for key, counted in self.by(_identifiers).items() if key[0] in _OF_DOUBLES}
        return RenderGroup(
            _table("Who was found", self.by(lambda pair: pair.kind)),
            _table("Doubles, by whose numbers were given", doubles),
        )


def _identifiers(pair: Pair) -> str:
    return pair.given.partition(",")[0]


def _table(title: str, counted: Mapping[tuple[Group, str], Counter[Outcome]]) -> Table:
    """One row a kind, under one for its group."""
    table = Table("searches", title=title)
    for outcome in Outcome:
        table.add_column(outcome, justify="right")
    for group in Group:
        if some := {kind: each for (of, kind), each in counted.items() if of is group}:
            table.add_section()
            table.add_row(f"[bold]{group}", *_cells(sum(some.values(), Counter())))
            for kind, each in some.items():
                table.add_row(f"  {kind}", *_cells(each))
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
