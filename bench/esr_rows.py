"""What a rotation day's list costs: 500 rows matched and previewed, over HTTP: `python -m bench.esr_rows`.

A program sends the rows to a real agent in batches of 25, and the agent asks a real sandbox with 50,000
people over mutual TLS, at the pace and with the limits that are the default. Each row comes back with the
person, the assignments to choose from and why one may not be passported, and the gaps in the checks. One in
twenty has a mistake.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent.domain.workforce import CheckType
from agent_client import AgentClient
from bench.bounds import Bound, all_hold
from bench.results import machine
from bench.spread import Spread
from bench.table import bound_table
from esr_sandbox import generator
from esr_sandbox.records import Person
from staff_passport.demo.network import NORTHMOOR, OPERATOR, Network, a_network
from staff_passport.embedded_postgres import EmbeddedPostgres
from staff_passport.processes import ending_on_signals

type Json = dict[str, Any]

LATEST = Path(__file__).parent / "results" / "esr_rows.json"
MOST_SECONDS = 60.0
BATCH = 25
_VPD = "901"
_SEED = 7
_WITH_A_MISTAKE = 20  # one in so many
_WRONG = "somebody else"
console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured: seconds for all rows and for each batch, and what became of the rows."""

    people: int
    rows: int
    seconds: float
    batches: Spread
    outcomes: dict[str, int]

    @property
    def bounds(self) -> list[Bound]:
        """What must hold."""
        found, wrong = self.outcomes.get("shown", 0), self.outcomes.get(_WRONG, 0)
        return [
            Bound("rows that showed somebody else", "none", str(wrong), wrong == 0),
            Bound(
                f"{self.rows} rows matched and previewed",
                f"under {MOST_SECONDS:.0f} s",
                f"{self.seconds:.1f} s",
                self.seconds < MOST_SECONDS,
            ),
            Bound(
                "rows without a mistake that showed their person",
                "at least 95 %",
                f"{found / (self.rows - self.rows // _WITH_A_MISTAKE):.1%}",
                found >= 0.95 * (self.rows - self.rows // _WITH_A_MISTAKE),
            ),
        ]


def listed(people: Sequence[Person], count: int) -> list[Person]:
    """Who is on HR's list."""
    random = Random(f"rows/{_SEED}")  # noqa: S311  # a choice of people, not a secret
    return random.sample([each for each in people if each.ni_number], count)


def row_of(person: Person, at: int) -> Json:
    """What HR has of them: names, birthday and NI number; in one of so many the surname is misspelt."""
    surname = person.last_name
    return {
        "surname": surname[1:] if at % _WITH_A_MISTAKE == 0 else surname,
        "forenames": person.first_name,
        "date_of_birth": person.date_of_birth.isoformat(),
        "ni_number": person.ni_number,
    }


async def measure(people: int, count: int) -> Figures:
    """Start everything, send the rows, and stop everything."""
    today = datetime.now(ZoneInfo("Europe/London")).date()
    console.print(f"{people:,} people are made …")
    staff = [each.person for each in generator.staff(_SEED, _VPD, people=people, today=today)]
    people_listed = listed(staff, count)
    rows = [row_of(person, at) for at, person in enumerate(people_listed)]
    async with ending_on_signals(), _running(people) as network:
        office = network.client(NORTHMOOR, "ottilie")
        console.print("Everything runs. The rows are sent …")
        began = time.perf_counter()
        answers = [await _timed(office, rows[at : at + BATCH]) for at in range(0, count, BATCH)]
        seconds = time.perf_counter() - began
    told = [row for _, batch in answers for row in batch]
    outcomes = Counter(_outcome(*each) for each in zip(told, people_listed, strict=True))
    return Figures(people, count, seconds, Spread.of([took for took, _ in answers]), dict(outcomes))


@asynccontextmanager
async def _running(people: int) -> AsyncIterator[Network]:
    with (
        tempfile.TemporaryDirectory(prefix="staff-passport-bench-") as folder,
        EmbeddedPostgres.temporary() as postgres,
    ):
        sandbox = {"esr-sandbox": {"seed": _SEED, "people_per_vpd": people, "vpds": [_VPD]}}
        parties = (OPERATOR, NORTHMOOR)
        async with a_network(Path(folder), postgres, parties=parties, overrides=sandbox) as network:
            yield network


async def _timed(office: AgentClient, rows: Sequence[Json]) -> tuple[float, list[Json]]:
    began = time.perf_counter()
    answer = await office.post("/esr/search-batches", {"rows": list(rows)})
    return time.perf_counter() - began, answer["rows"]


def _outcome(row: Json, meant: Person) -> str:
    """What became of a row; who is shown has to be who was meant, with six checks or the gaps in them."""
    match = row["match"]
    if match is None:
        return str(row["code"])
    if match["person"] is None:
        return str(match["state"])
    known = {each["type"] for each in (*match["checks"], *match["gaps"])}
    right = match["person"]["employee_number"] == meant.employee_number and len(known) == len(CheckType)
    return "shown" if right else _WRONG


def main(
    *,
    people: Annotated[int, typer.Option(min=1000, max=80_000, help="How many are employed.")] = 50_000,
    rows: Annotated[int, typer.Option(min=25, help="How many are on the list.")] = 500,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = LATEST,
) -> None:
    """Measure what a long list costs."""
    figures = asyncio.run(measure(people, rows))
    result = {
        "machine": machine(),
        "figures": asdict(figures),
        "bounds": [asdict(bound) for bound in figures.bounds],
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=1), encoding="utf-8")
    out = Console(width=None if sys.stdout.isatty() else 170)
    out.print(bound_table(figures.bounds))
    out.print_json(json.dumps(asdict(figures)))
    raise typer.Exit(0 if all_hold(figures.bounds) else 1)


if __name__ == "__main__":
    typer.run(main)
