"""What a large outbound file costs: `python -m bench.esr_import` imports 100,000 assignments, and again."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import text

from agent.audit.chain import AuditChain
from agent.domain.ports.standing import OrganisationStanding, Use
from agent.domain.workforce import OdsCode, Organisation, Vpd
from agent.esr_feed.jobs import Answer, Job
from agent.esr_plugin.feed import StaffFeed
from agent.esr_plugin.feed_settings import OutboundSettings
from agent.store.engine import Store
from agent.store.migrations import upgrade
from bench.bounds import Bound, all_hold
from bench.esr_staff import VPD, Staff, write
from bench.process_figures import Meter
from bench.results import machine
from bench.table import bound_table
from staff_passport.embedded_postgres import EmbeddedPostgres

OWN = Organisation(OdsCode("ZZNM1"), "Northmoor Teaching Hospitals", Vpd(VPD))
LATEST = Path(__file__).parent / "results" / "esr_import.json"
MOST_FULL_SECONDS = 60.0
MOST_UNCHANGED_SECONDS = 20.0
MOST_MEMORY = 300 * 2**20
DELTA = 100
"""One in so many assignments has changed in the delta."""
LOOK_EVERY_SECONDS = 0.02
console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one import: seconds, the most bytes that the importing process had, and what came of it."""

    name: str
    file_bytes: int
    seconds: float
    memory: int
    counts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ImportFigures:
    """A first full file, the same staff in the next one, and a delta."""

    assignments: int
    full: Figures
    unchanged: Figures
    delta: Figures

    @property
    def bounds(self) -> list[Bound]:
        """What must hold of 100,000 assignments."""
        many = f"{self.assignments:,} assignments"
        most = max(each.memory for each in (self.full, self.unchanged, self.delta))
        return [
            _bound(f"a full file of {many}", MOST_FULL_SECONDS, self.full.seconds),
            _bound("the same staff in the next full file", MOST_UNCHANGED_SECONDS, self.unchanged.seconds),
            Bound(
                "memory of the importing process",
                f"under {MOST_MEMORY >> 20} MB",
                f"{most / 2**20:.0f} MB",
                most < MOST_MEMORY,
            ),
        ]


class _Active(OrganisationStanding):
    """An organisation whose ESR link is active."""

    async def require(self, use: Use) -> None:
        """Nothing is missing."""

    async def credentials_until(self) -> None:
        """There is no such day."""


@dataclass(slots=True)
class _Measured:
    """Runs the importing process as the agent does, and knows how much memory it had at the most."""

    memory: int = field(default=0)

    async def __call__(self, job: Job) -> Answer:
        return await asyncio.to_thread(self._run, job)

    def _run(self, job: Job) -> Answer:
        command = (sys.executable, "-m", "agent.esr_feed.importing")
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told:
            told.write(job.as_json().encode())
            told.seek(0)
            with subprocess.Popen(command, stdin=told, stdout=said) as process:
                self._watch(process)
            said.seek(0)
            if process.returncode:
                raise RuntimeError(said.read().decode())
            return Answer.of(said.read().decode())

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Look at its peak until it ends: what the kernel tells afterwards counts us, who started it, too."""
        meter = Meter(process.pid)
        self.memory = 0
        while process.poll() is None:
            with suppress(KeyError, OSError):  # it may end while we look
                self.memory = meter.memory().peak
            time.sleep(LOOK_EVERY_SECONDS)


async def measure(assignments: int) -> ImportFigures:
    """Import all three on an embedded PostgreSQL, through the use case that the agent has."""
    with EmbeddedPostgres.temporary() as postgres, tempfile.TemporaryDirectory() as folder:
        databases = postgres.provide("esr")
        upgrade(databases.migration_url, agent_url=databases.url)
        store = Store.at(databases.url)
        try:
            return await _measured(store, Path(folder), assignments)
        finally:
            await store.dispose()


async def _measured(store: Store, inbox: Path, assignments: int) -> ImportFigures:
    same, changed = Staff(assignments), Staff(assignments, changed=assignments // DELTA)
    bench = _Bench(store, inbox)
    full = await bench.imported("full", same, "F")
    unchanged = await bench.imported("unchanged", same, "F")
    delta = await bench.imported("delta", changed, "D")
    return ImportFigures(assignments, full, unchanged, delta)


class _Bench:
    """One organisation that gets files."""

    def __init__(self, store: Store, inbox: Path) -> None:
        self._store = store
        self._inbox = inbox
        self._sequence = 0
        self._measured = _Measured()
        self._feed = StaffFeed(
            store=store,
            organisation=OWN,
            audit=AuditChain(store, OWN.ods_code, b"a salt of a benchmark"),
            standing=_Active(),
            settings=OutboundSettings(inbox=inbox, key=SecretStr("k" * 32)),
            importing=self._measured,
        )

    async def imported(self, name: str, staff: Staff, kind: str) -> Figures:
        """Write a file, import it, and take it away."""
        self._sequence += 1
        path = self._inbox / f"GO_{VPD}_{kind}_20261127_{self._sequence:08}.DAT"
        lines = write(path, staff.everything() if kind == "F" else staff.changes(), kind, self._sequence)
        size = path.stat().st_size
        console.print(f"{name}: {lines:,} lines, {size / 2**20:.0f} MB …")
        started = time.perf_counter()
        await self._feed.catch_up()
        seconds = time.perf_counter() - started
        path.unlink()
        return Figures(name, size, seconds, self._measured.memory, await self._counts())

    async def _counts(self) -> dict[str, Any]:
        query = text("SELECT state, counts FROM esr.imports ORDER BY started_at DESC LIMIT 1")
        async with self._store.unit(OWN.ods_code) as session:
            state, counts = (await session.execute(query)).one()
        if state != "imported":
            raise RuntimeError(f"the file was {state}")
        return dict(counts)


def _bound(name: str, most: float, seconds: float) -> Bound:
    return Bound(name, f"at most {most:.0f} s", f"{seconds:.1f} s", seconds <= most)


def main(
    *,
    assignments: Annotated[int, typer.Option(min=100, help="How large the organisation is.")] = 100_000,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = LATEST,
) -> None:
    """Measure the import of outbound files."""
    figures = asyncio.run(measure(assignments))
    output.parent.mkdir(parents=True, exist_ok=True)
    bounds = [asdict(bound) for bound in figures.bounds]
    result = {"machine": machine(), "figures": asdict(figures), "bounds": bounds}
    output.write_text(json.dumps(result, indent=1), encoding="utf-8")
    out = Console(width=None if sys.stdout.isatty() else 170)
    out.print(bound_table(figures.bounds))
    out.print_json(json.dumps(asdict(figures)))
    raise typer.Exit(0 if all_hold(figures.bounds) else 1)


if __name__ == "__main__":
    typer.run(main)
