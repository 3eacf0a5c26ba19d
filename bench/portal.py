"""How fast the portal's pages are, how heavy, and how many people it bears: `python -m bench.portal`.

Portal, agent, PostgreSQL and those who click share the machine's cores.
"""

import asyncio
import csv
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import aiohttp
import typer
from rich.console import Console

from bench.bounds import Bound, all_hold
from bench.pace import pace
from bench.portal_pace import LEAST_SECONDS, MOST_SECONDS
from bench.portal_stage import Stage, a_stage
from bench.results import machine
from bench.spread import percentile
from bench.table import bound_table

LATEST = Path(__file__).parent / "results" / "portal.json"
MOST_SECONDS_A_PAGE = 0.1
MOST_WEIGHT = 200 * 2**10
MOST_CLICK = 0.5
MOST_MEMORY = 150 * 2**20
PAGES: Mapping[str, str] = {
    "home": "/",
    "list": "/passports",
    "list, narrowed": "/passports?state=offered&staff_group=Medical+and+Dental&employment_type=Permanent",
    "search by name": "/passports?name=quill",
    "search by a letter": "/passports?name=a",
    "tasks": "/tasks?whose=others",
    "a passport": "/passports/{passport}",
    "reviews": "/reviews",
    "verdicts": "/verdicts?verdict=refused",
}
OFFICERS_PAGES: Mapping[str, str] = {
    "people": "/people",
    "audit": "/audit",
    "who saw a passport": "/passports/{passport}/acts",
    "your organisation": "/organisation",
    "settings": "/settings",
}
"""For an administrator who reads the audit, too."""
_WARM_UP = 10
_STATIC = re.compile(r'"(/static/[^"]+)"')
console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Clicks:
    """What many people met who clicked for a while; seconds."""

    people: int
    lasted: int
    pages: int
    errors: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class PortalFigures:
    """Seconds and bytes. `pages` are asked for one after the other, and timed from outside."""

    passports: int
    pages: Mapping[str, Sequence[float]]
    weight: Mapping[str, int]
    """Of the first page, by what a browser loads for it: as it comes over the wire, compressed."""
    clicks: Clicks
    cpu_a_page: Mapping[str, float]
    """What portal and agent spent on one click."""
    load: float
    paces: Sequence[float]
    """How fast the machine was before people clicked, and after."""
    memory: int

    @property
    def bounds(self) -> list[Bound]:
        """What must hold."""
        return [*self._pages(), self._weight(), *self._clicks(), self._memory()]

    def _pages(self) -> list[Bound]:
        return [
            Bound(
                f"{name}, of {self.passports:,} passports: p95",
                f"under {MOST_SECONDS_A_PAGE * 1000:.0f} ms",
                f"{percentile(seconds, 95) * 1000:.0f} ms (p50: {percentile(seconds, 50) * 1000:.0f})",
                percentile(seconds, 95) < MOST_SECONDS_A_PAGE,
            )
            for name, seconds in self.pages.items()
        ]

    def _weight(self) -> Bound:
        total = sum(self.weight.values())
        return Bound(
            f"the first page and the {len(self.weight) - 1} files that it loads",
            f"under {MOST_WEIGHT >> 10} kB",
            f"{total / 2**10:.0f} kB",
            total < MOST_WEIGHT,
        )

    def _clicks(self) -> list[Bound]:
        told = self.clicks
        who = f"{told.people} people, a click every {LEAST_SECONDS} to {MOST_SECONDS} s, {told.lasted} s"
        return [
            Bound(
                f"{who}: errors",
                "none",
                f"{told.errors} of {told.pages:,}",
                not told.errors and told.pages > 0,
            ),
            Bound(
                f"the same, at a pace of {' and '.join(f'{pace:.1f}' for pace in self.paces)} s: p95",
                f"under {MOST_CLICK * 1000:.0f} ms",
                f"{told.p95 * 1000:.0f} ms (p50: {told.p50 * 1000:.0f})",
                told.p95 < MOST_CLICK,
            ),
        ]

    def _memory(self) -> Bound:
        return Bound(
            "memory of the portal while people click, at its largest",
            f"under {MOST_MEMORY >> 20} MB",
            f"{self.memory / 2**20:.0f} MB",
            self.memory < MOST_MEMORY,
        )


async def measure(*, passports: int, people: int, seconds: int, reads: int) -> PortalFigures:
    """Ask for each page alone, weigh the first, then let everybody click."""
    with tempfile.TemporaryDirectory(prefix="staff-passport-bench-") as folder:
        console.print(f"an agent with {passports:,} passports starts …")
        async with a_stage(Path(folder), passports=passports, people=people) as stage:
            pages = {name: await _timed(stage, path, reads, stage.cookies) for name, path in PAGES.items()}
            for name, path in OFFICERS_PAGES.items():
                pages[name] = await _timed(stage, path, reads, [stage.officer])
            weight = await _weight(stage, PAGES["home"])
            first_pace = pace()
            console.print(f"{people} people click for {seconds} s …")
            meters = {"portal": stage.meter, "agent": stage.agent_meter}
            spent = {name: meter.cpu() for name, meter in meters.items()}
            clicks = await _clicked(stage, Path(folder), people, seconds)
            cpu = {name: (meters[name].cpu() - before) / clicks.pages for name, before in spent.items()}
            memory = stage.meter.memory().peak
            load, paces = os.getloadavg()[0], (first_pace, pace())
            return PortalFigures(passports, pages, weight, clicks, cpu, load, paces, memory)


async def _timed(stage: Stage, path: str, reads: int, cookies: Sequence[str]) -> list[float]:
    """Seconds of each answer, asked for by one after the other."""
    taken, path = [], path.format(passport=stage.passport)
    async with aiohttp.ClientSession() as session:
        for number in range(_WARM_UP + reads):
            headers = {"Cookie": cookies[number % len(cookies)]}
            began = time.perf_counter()
            async with session.get(stage.origin + path, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                if answer.status != HTTPStatus.OK:
                    raise RuntimeError(f"{path} answers {answer.status}")
            taken.append(time.perf_counter() - began)
    return taken[_WARM_UP:]


async def _weight(stage: Stage, path: str) -> dict[str, int]:
    """Of the page, and of every file that it names; bytes of bodies as they are sent."""
    headers = {"Cookie": stage.cookies[0], "Accept-Encoding": "gzip"}
    async with aiohttp.ClientSession(headers=headers, auto_decompress=False) as session:

        async def body(path: str) -> bytes:
            async with session.get(stage.origin + path) as answer:
                answer.raise_for_status()
                return await answer.read()

        page, text = await body(path), await _text(stage, path)
        names = sorted(set(_STATIC.findall(text)))
        return {path: len(page)} | {name: len(await body(name)) for name in names}


async def _text(stage: Stage, path: str) -> str:
    headers = {"Cookie": stage.cookies[0]}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(stage.origin + path) as answer,
    ):
        return await answer.text()


async def _clicked(stage: Stage, folder: Path, people: int, seconds: int) -> Clicks:
    """All are there from the first second, each at some moment between two clicks; what locust wrote down."""
    cookies, told = folder / "cookies", folder / "clicks"
    cookies.write_text("\n".join(stage.cookies))
    argv = ("-f", str(Path(__file__).with_name("portal_clicks.py")), "--headless", "--only-summary")
    much = ("-u", str(people), "-r", str(people), "-t", f"{seconds}s", "--host", stage.origin)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "locust", *argv, *much, "--csv", str(told), "--exit-code-on-error", "0",
        env=os.environ | {"COOKIES": str(cookies)},
    )  # fmt: skip
    if await process.wait() != 0:
        raise RuntimeError("locust did not end well")
    return read_clicks(Path(f"{told}_stats.csv"), people=people, seconds=seconds)


def read_clicks(file: Path, *, people: int, seconds: int) -> Clicks:
    """What locust wrote down, of all pages together."""
    rows = csv.DictReader(file.read_text("utf-8").splitlines())
    every = next(row for row in rows if row["Name"] == "Aggregated")
    return Clicks(
        people,
        seconds,
        int(every["Request Count"]),
        int(every["Failure Count"]),
        float(every["50%"]) / 1000,
        float(every["95%"]) / 1000,
    )


def main(
    *,
    passports: Annotated[int, typer.Option(min=200, help="How many the organisation has.")] = 10_000,
    people: Annotated[int, typer.Option(min=1, help="How many are signed in.")] = 200,
    seconds: Annotated[int, typer.Option(min=5, help="How long they click.")] = 120,
    reads: Annotated[int, typer.Option(min=20, help="How often each page is asked for.")] = 200,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = LATEST,
) -> None:
    """Measure the portal's pages."""
    figures = asyncio.run(measure(passports=passports, people=people, seconds=seconds, reads=reads))
    output.parent.mkdir(parents=True, exist_ok=True)
    bounds = [asdict(bound) for bound in figures.bounds]
    result = {"machine": machine(), "figures": asdict(figures), "bounds": bounds}
    output.write_text(json.dumps(result, indent=1), encoding="utf-8")
    out = Console(width=None if sys.stdout.isatty() else 170)
    out.print(bound_table(figures.bounds))
    told = asdict(figures) | {"pages": {name: percentile(each, 95) for name, each in figures.pages.items()}}
    out.print_json(json.dumps(told))
    raise typer.Exit(0 if all_hold(figures.bounds) else 1)


if __name__ == "__main__":
    typer.run(main)
