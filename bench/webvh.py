"""How long it takes to know whose a did:webvh DID is: `python -m bench.webvh`.

Read from a registry in a process of its own, over loopback, by the reader that agents and wallets have: one
that knows nothing, one that has read it; and a DID with a history of a thousand entries.
"""

import asyncio
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import aiohttp
import typer
from rich.console import Console

from bench.bounds import Bound, all_hold
from bench.results import machine
from bench.spread import percentile
from bench.table import bound_table
from bench.webvh_documents import GrowingLog, new_log
from signed_documents.fetching import GuardedFetcher
from signed_documents.identifiers import WebvhDid
from signed_documents.resolution import WebvhReader
from staff_passport.processes import Processes, Program, answers

LATEST = Path(__file__).parent / "results" / "webvh.json"
HOST = "registry.staff-passport.example"
PORT = 18051
MOST_COLD_SECONDS = 0.060
MOST_CACHED_SECONDS = 0.001
MOST_LONG_SECONDS = 3.0
MOST_OF_LONG = 0.1
"""Of the time that the whole takes: one entry more, when all others were read."""
_ENTRIES = 3  # of an organisation that has rotated its keys twice
_TOKEN = "write-token-of-the-benchmark"  # noqa: S105 - of a registry that ends with it
_LONG = "long"
console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class WebvhFigures:
    """Seconds of each way to resolve a DID."""

    entries: int
    cold_p50: float
    cold_p95: float
    cached_p50: float
    cached_p95: float
    long: float
    longer_by_one: float

    @property
    def bounds(self) -> list[Bound]:
        """What must hold."""
        many = f"{self.entries:,}"
        return [
            _bound("a DID that nobody has read, p95", MOST_COLD_SECONDS, self.cold_p95),
            _bound("a DID that was read, p95", MOST_CACHED_SECONDS, self.cached_p95),
            _bound(f"a DID with {many} entries", MOST_LONG_SECONDS, self.long),
            _bound(f"the same with one more, {many} were read", MOST_OF_LONG * self.long, self.longer_by_one),
        ]


def _bound(name: str, most: float, measured: float) -> Bound:
    return Bound(name, f"under {most * 1000:,.0f} ms", f"{measured * 1000:,.3f} ms", measured < most)


async def measure(*, dids: int, reads: int, entries: int) -> WebvhFigures:
    """Publish `dids`, and one with `entries`; resolve them."""
    console.print(f"{dids} logs are made, and one of {entries:,} entries …")
    logs = [await (await new_log(HOST, "organisations", _slug(n))).grown(_ENTRIES - 1) for n in range(dids)]
    long = await (await new_log(HOST, "organisations", _LONG)).grown(entries - 1)
    with tempfile.TemporaryDirectory() as folder:
        async with _registry(Path(folder), [*map(_slug, range(dids)), _LONG]) as publish:
            for log in (*logs, long):
                await publish(log)
            console.print("They are resolved …")
            cold = [await _cold(log.did) for log in logs]
            cached = await _cached(logs[0].did, reads)
            async with _reader() as reader:
                first = await _timed(reader, long.did)
                await publish(await long.grown(1))
                second = await _timed(reader, long.did)
    return WebvhFigures(
        entries,
        percentile(cold, 50),
        percentile(cold, 95),
        percentile(cached, 50),
        percentile(cached, 95),
        first,
        second,
    )


async def _cold(did: str) -> float:
    async with _reader() as reader:
        return await _timed(reader, did)


async def _cached(did: str, reads: int) -> list[float]:
    async with _reader() as reader:
        await reader.log(did)
        return [await _timed(reader, did, fresh=False) for _ in range(reads)]


async def _timed(reader: WebvhReader, did: str, *, fresh: bool = True) -> float:
    started = time.perf_counter()
    await reader.log(did, fresh=fresh)
    return time.perf_counter() - started


@asynccontextmanager
async def _reader() -> AsyncIterator[WebvhReader]:
    """One that knows nothing, and has no connection yet."""
    fetch = GuardedFetcher({f"https://{HOST}": f"http://127.0.0.1:{PORT}"}, timeout=30)
    try:
        yield WebvhReader(fetch)
    finally:
        await fetch.close()


class _Publisher:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __call__(self, log: GrowingLog) -> None:
        """Publish `log`, or its further entries."""
        path = "/".join(("", *WebvhDid.parse(log.did).path, "did.jsonl"))
        async with self._session.put(path, data=log.text) as answer:
            if not answer.ok:
                raise RuntimeError(f"{path} is not taken: {await answer.text()}")


@asynccontextmanager
async def _registry(folder: Path, slugs: Sequence[str]) -> AsyncIterator[_Publisher]:
    digest = hashlib.sha256(_TOKEN.encode()).hexdigest()
    settings = {
        "origin": f"https://{HOST}",
        "data": str(folder / "data"),
        "port": PORT,
        "writers": {f"organisations/{slug}": digest for slug in slugs},
        "context_writer": f"organisations/{slugs[0]}",
    }
    config, url = folder / "registry.json", f"http://127.0.0.1:{PORT}"
    config.write_text(json.dumps(settings), encoding="utf-8")
    start = (sys.executable, "-P", "-m", "staff_passport.launch", "registry", "--config", str(config))
    async with Processes() as processes:
        program = Program("registry", start, folder / "registry.log")
        await processes.start(program, ready=answers(f"{url}/status/live"))
        headers = {"Authorization": f"Bearer {_TOKEN}"}
        async with aiohttp.ClientSession(url, headers=headers) as session:
            yield _Publisher(session)


def _slug(number: int) -> str:
    return f"organisation-{number}"


def main(
    *,
    dids: Annotated[
        int, typer.Option(min=1, help="How many DIDs are resolved by who has not read them.")
    ] = 40,
    reads: Annotated[int, typer.Option(min=1, help="How often one is that was read.")] = 5_000,
    entries: Annotated[int, typer.Option(min=1, help="How many entries the long log has.")] = 1_000,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = LATEST,
) -> None:
    """Measure how long it takes to resolve a did:webvh DID."""
    figures = asyncio.run(measure(dids=dids, reads=reads, entries=entries))
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
