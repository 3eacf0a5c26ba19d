"""How fast the registry is read, and how much memory it takes: `python -m bench.registry`.

One process on one core, its readers on another, over connections that stay open. What a thousand
organisations have is published as they would, so that the memory which verifying takes is in the figure.
"""

import asyncio
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import aiohttp
import typer
from rich.console import Console

from bench.bounds import Bound, all_hold
from bench.keep_alive import Question, ask, question
from bench.process_figures import Meter
from bench.registry_documents import HOST, Document, documents_of
from bench.results import machine
from bench.spread import Spread, percentile
from bench.table import bound_table
from staff_passport.processes import Processes, Program, answers

LATEST = Path(__file__).parent / "results" / "registry.json"
LEAST_READS = 2_000
MOST_MEMORY = 120 * 2**20
MIX: Mapping[str, int] = {"log": 3, "resource": 3, "registry": 2, "status": 2}
UNCHANGED = 0.25
"""How many of the reads ask whether what they have still holds, as a cache does."""
_TOKEN = "write-token-of-the-benchmark"  # noqa: S105 - of a registry that ends with it
_PUBLISHING, _READING = 4, 16  # at once
_ROUNDS = 5
console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class RegistryFigures:
    """Seconds, bytes and reads a second.

    `cpu` is what the registry's process spends on one read. It is asked faster than it answers, so on a core
    of its own it answers one read in that time; what else the machine does (`load`) falls on the clock alone.
    """

    dids: int
    documents: int
    published_a_second: float
    reads: Spread
    p50: float
    p95: float
    cpu: Spread
    load: float
    memory_at_first: int
    memory: int

    @property
    def bounds(self) -> list[Bound]:
        """What must hold."""
        return [
            Bound(
                "reads for each second of one core's time",
                f"at least {LEAST_READS:,}",
                f"{1 / self.cpu.median:,.0f} ({1 / self.cpu.highest:,.0f} to {1 / self.cpu.lowest:,.0f})",
                1 / self.cpu.median >= LEAST_READS,
            ),
            Bound(
                f"reads a second by the clock, {_READING} at once, with a load of {self.load:.1f}",
                "(told)",
                f"{self.reads.median:,.0f}; p50 {self.p50 * 1000:.1f}, p95 {self.p95 * 1000:.1f} ms",
                None,
            ),
            Bound(
                f"memory of the registry with {self.dids:,} DIDs",
                f"under {MOST_MEMORY / 2**20:.0f} MB",
                f"{self.memory / 2**20:.0f} MB (when it starts: {self.memory_at_first / 2**20:.0f})",
                self.memory < MOST_MEMORY,
            ),
        ]


async def measure(*, dids: int, reads: int) -> RegistryFigures:
    """Publish what `dids` organisations have, then read it."""
    slugs = [f"organisation-{number}" for number in range(dids)]
    with tempfile.TemporaryDirectory() as folder:
        async with _registry(Path(folder), slugs) as (port, meter):
            at_first = meter.memory().resident
            console.print(f"{dids:,} organisations publish …")
            began = time.perf_counter()
            documents = await _published(port, slugs)
            seconds = time.perf_counter() - began
            console.print(f"{len(documents):,} documents are read …")
            known = await _etags(port, documents)
            rounds = [await _round(port, meter, _mixed(documents, known, reads)) for _ in range(_ROUNDS)]
            every = [second for each in rounds for second in each.seconds]
            return RegistryFigures(
                dids,
                len(documents),
                len(documents) / seconds,
                Spread.of([each.reads for each in rounds]),
                percentile(every, 50),
                percentile(every, 95),
                Spread.of([each.cpu for each in rounds]),
                os.getloadavg()[0],
                at_first,
                meter.memory().resident,
            )


@asynccontextmanager
async def _registry(folder: Path, slugs: Iterable[str]) -> AsyncIterator[tuple[int, Meter]]:
    """A registry on one core, with us on the others, if there are any."""
    cores = sorted(os.sched_getaffinity(0))
    port, digest = 18050, hashlib.sha256(_TOKEN.encode()).hexdigest()
    settings = {
        "origin": f"https://{HOST}",
        "data": str(folder / "data"),
        "port": port,
        "writers": {f"organisations/{slug}": digest for slug in slugs},
        "context_writer": "organisations/organisation-0",
    }
    config = folder / "registry.json"
    config.write_text(json.dumps(settings))
    start = (sys.executable, "-P", "-m", "staff_passport.launch", "registry", "--config", str(config))
    program = Program("registry", ("taskset", "-c", str(cores[0]), *start), folder / "registry.log")
    async with Processes() as processes:
        live = answers(f"http://127.0.0.1:{port}/status/live")
        process = await processes.start(program, ready=live)
        os.sched_setaffinity(0, cores[1:] or cores)
        yield port, Meter(_started(process.pid))


def _started(pid: int | None) -> int:
    if pid is None:
        raise RuntimeError("the registry does not run")
    return pid


async def _published(port: int, slugs: Sequence[str]) -> list[Document]:
    turn, documents = asyncio.Semaphore(_PUBLISHING), list[Document]()
    headers = {"Authorization": f"Bearer {_TOKEN}"}

    async def publish(slug: str) -> None:
        async with turn:
            for document in await documents_of(slug):
                async with session.put(document.path, data=document.body) as answer:
                    if not answer.ok:
                        raise RuntimeError(f"{document.path} is not taken: {await answer.text()}")
                documents.append(document)

    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as session:
        await asyncio.gather(*(publish(slug) for slug in slugs))
    return documents


async def _etags(port: int, documents: Sequence[Document]) -> dict[str, str]:
    """What a reader knows who has read everything once."""
    known = {}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        for document in documents:
            async with session.get(document.path) as answer:
                if await answer.read() != document.body:
                    raise RuntimeError(f"{document.path} is not what was published")
                known[document.path] = answer.headers["ETag"]
    return known


def _mixed(documents: Sequence[Document], known: Mapping[str, str], reads: int) -> list[Question]:
    chance = random.Random(7)  # noqa: S311 - which documents are read is no secret
    by_kind = {kind: [each.path for each in documents if each.kind == kind] for kind in MIX}
    kinds = chance.choices(list(MIX), weights=list(MIX.values()), k=reads)
    paths = [chance.choice(by_kind[kind]) for kind in kinds]
    return [question(path, etag=known[path] if chance.random() < UNCHANGED else None) for path in paths]


@dataclass(frozen=True, slots=True)
class _Round:
    seconds: Sequence[float]
    reads: float
    cpu: float


async def _round(port: int, meter: Meter, questions: Sequence[Question]) -> _Round:
    cpu, began = meter.cpu(), time.perf_counter()
    seconds = await ask(port, questions, connections=_READING)
    lasted = time.perf_counter() - began
    return _Round(seconds, len(seconds) / lasted, (meter.cpu() - cpu) / len(seconds))


def main(
    *,
    dids: Annotated[int, typer.Option(min=1, help="How many organisations there are.")] = 1_000,
    reads: Annotated[int, typer.Option(min=100, help="How many reads make a round.")] = 20_000,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = LATEST,
) -> None:
    """Measure reads and memory of the registry."""
    figures = asyncio.run(measure(dids=dids, reads=reads))
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
