"""Whom searches with mistakes find, and how long a match takes: `python -m bench.esr_matching`.

It measures our own code, on people as ESR would list them; nothing is started. What a list costs over HTTP is
`bench/esr_rows.py`.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agent.domain.errors import StaffPassportError
from agent.domain.ports.staff_records import SearchCriteria
from agent.esr_plugin.matching import Candidate, the_one
from bench.bounds import Bound, all_hold
from bench.esr_outcomes import Confusion, Outcome
from bench.esr_pairs import Group, Pairs
from bench.esr_people import People, a_stranger, as_recorded
from bench.results import machine
from bench.spread import Spread, percentile
from bench.table import bound_table

LATEST = Path(__file__).parent / "results" / "esr_matching.json"
MOST_SECONDS = 0.020
LEAST_FOUND = 0.98
console = Console(stderr=True)

type Asked = Callable[[SearchCriteria], Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds of one match among so many people."""

    people: int
    given: int
    """Candidates of one match, at the median."""
    spread: Spread
    p95: float

    @classmethod
    def of(cls, people: int, searches: Sequence[SearchCriteria], asked: Asked) -> "Timings":
        """Each search matched once, with whom `asked` gives for it; giving them is not measured."""
        given, seconds = list[int](), list[float]()
        for criteria in searches:
            candidates = asked(criteria)
            given.append(len(candidates))
            seconds.append(_seconds(criteria, candidates))
        return cls(people, int(percentile(given, 50)), Spread.of(seconds), percentile(seconds, 95))

    @property
    def bound(self) -> Bound:
        """What must hold of it."""
        return Bound(
            f"one match among {self.people:,} people, {self.given:,} given: p95",
            f"under {MOST_SECONDS * 1000:.0f} ms",
            f"{self.p95 * 1000:.2f} ms",
            self.p95 < MOST_SECONDS,
        )


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What became of all searches with mistakes."""

    searches: int
    wrong: int
    found: float
    found_by_names_alone: float
    weak_of_another: dict[str, float]

    @classmethod
    def of(cls, confusion: Confusion) -> "Mistakes":
        """Summed up."""
        return cls(
            searches=len(confusion.judged),
            wrong=len(confusion.wrong()),
            found=confusion.found(Group.ONE_DIFFERENCE),
            found_by_names_alone=confusion.found(Group.NAMES_ALONE),
            weak_of_another={group: confusion.weak_of_another(group) for group in Group},
        )

    @property
    def bounds(self) -> list[Bound]:
        """What must hold of it."""
        shown = Bound(
            f"wrong people shown, of {self.searches:,} searches", "none", str(self.wrong), self.wrong == 0
        )
        found = Bound(
            "found in spite of one difference, weak ones included",
            f"at least {LEAST_FOUND:.0%}",
            f"{self.found:.1%}",
            self.found >= LEAST_FOUND,
        )
        return [shown, found]


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was measured."""

    everyone_given: Timings
    as_esr_gives: Timings
    mistakes: Mistakes
    strangers: int
    strangers_weak: int
    """Of so many who are not here, by names and birthday alone, so many were weakly taken for somebody."""

    @property
    def bounds(self) -> list[Bound]:
        """What must hold."""
        return [self.everyone_given.bound, self.as_esr_gives.bound, *self.mistakes.bounds]


def measure(*, people: int, searches: int, seed: int) -> tuple[Figures, Confusion]:
    """Make an organisation, and look for some of its people; then make mistakes in a smaller one."""
    console.print(f"{people:,} people are made …")
    many, random = People(seed, people), Random(seed)  # noqa: S311  # a choice of people, not a secret
    sought = [as_recorded(each) for each in random.sample(many.generated, searches)]
    everyone = many.everyone()
    console.print("They are looked for …")
    worst = Timings.of(people, sought, lambda _: everyone)
    usual = Timings.of(people, sought, many.candidates)
    strangers_weak = sum(_is_taken_for_somebody(many, random) for _ in range(searches))
    console.print("Mistakes are made …")
    confusion = Confusion.of(Pairs.of(seed))
    return Figures(worst, usual, Mistakes.of(confusion), searches, strangers_weak), confusion


def _seconds(criteria: SearchCriteria, candidates: Sequence[Candidate]) -> float:
    started = time.perf_counter()
    with suppress(StaffPassportError):
        the_one(criteria, candidates)
    return time.perf_counter() - started


def _is_taken_for_somebody(people: People, random: Random) -> bool:
    """Whether somebody who is not here, looked for by names and birthday, gives a weak match."""
    keyed = as_recorded(a_stranger(random))
    alone = SearchCriteria(keyed.surname, keyed.forenames, keyed.date_of_birth)
    try:
        the_one(alone, people.candidates(alone))
    except StaffPassportError:
        return False
    return True


def timing_table(timings: Sequence[Timings]) -> Table:
    """One row for each number of candidates."""
    table = Table("one match, candidates given", title="Milliseconds")
    for name in ("least", "median", "p95", "most"):
        table.add_column(name, justify="right")
    for each in timings:
        seconds = (each.spread.lowest, each.spread.median, each.p95, each.spread.highest)
        table.add_row(f"{each.given:,}", *(f"{one * 1000:.2f}" for one in seconds))
    return table


def main(
    *,
    people: Annotated[int, typer.Option(min=1000, max=80_000, help="How many are employed.")] = 50_000,
    searches: Annotated[int, typer.Option(min=20, help="How many of them are looked for.")] = 1_000,
    seed: Annotated[int, typer.Option(help="Another seed, other people and mistakes.")] = 7,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = LATEST,
) -> None:
    """Measure the matcher: whom it finds, and how fast."""
    figures, confusion = measure(people=people, searches=searches, seed=seed)
    output.parent.mkdir(parents=True, exist_ok=True)
    kinds = {
        f"{group}: {kind}": {outcome: counted[outcome] for outcome in Outcome if counted[outcome]}
        for (group, kind), counted in confusion.by(lambda pair: f"{pair.kind}: {pair.given}").items()
    }
    bounds = [asdict(bound) for bound in figures.bounds]
    result = {"machine": machine(), "figures": asdict(figures), "kinds": kinds, "bounds": bounds}
    output.write_text(json.dumps(result, indent=1), encoding="utf-8")
    out = Console(width=None if sys.stdout.isatty() else 170)
    out.print(confusion.tables(), timing_table([figures.everyone_given, figures.as_esr_gives]))
    out.print(bound_table(figures.bounds))
    out.print_json(json.dumps(asdict(figures)))
    raise typer.Exit(0 if all_hold(figures.bounds) else 1)


if __name__ == "__main__":
    typer.run(main)
