"""`staff-passport demo`: the journey in the terminal, or as one JSON document."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from staff_passport.demo import hands_on
from staff_passport.demo.audit_export import export_audits
from staff_passport.demo.hands_on import Addresses
from staff_passport.demo.journey import PERSON, Journey, Step
from staff_passport.demo.network import PARTIES, Network, a_network, set_up
from staff_passport.demo.portal import StartedPortal
from staff_passport.embedded_postgres import EmbeddedPostgres
from staff_passport.processes import ending_on_signals

type Json = dict[str, Any]

FAILED = 1
"""The exit code when a step did not come to the end that it must."""

IMPATIENT: Mapping[str, Json] = {"verifier": {"check_again_every": 5}}
"""Seconds where it would be minutes: who watches a demonstration does not wait that long."""
TITLE = "\n[bold]Staff Passport[/bold]: a demonstration with invented people and organisations\n"
PROCESSES = "PostgreSQL, a registry, an ESR, three agents, a worker and a wallet start"
BY_HAND = "HR's portal and the phone of another person start"
REGISTRATION = "Two organisations register: their directors, a call back, terms, two administrators each"


@dataclass(slots=True)
class Report:
    """What happened, told as it happens, and kept."""

    console: Console
    steps: list[Json] = field(default_factory=list)
    verdicts: list[Json] = field(default_factory=list)

    @property
    def all_ok(self) -> bool:
        """Whether there was a step, and every one was as it must be."""
        return bool(self.steps) and all(step["ok"] for step in self.steps)

    async def tell(self, name: str, sentence: str, do: Callable[[], Awaitable[str]]) -> bool:
        """Do one step, with its time; whether it was as it must be. One that is cut short was not."""
        self.console.print(f"  [bold]{sentence}[/bold]")
        started, ok = time.monotonic(), False
        try:
            came_of_it, ok = await do(), True
        except Exception as error:  # noqa: BLE001  # whatever went wrong is what the demo has to tell
            came_of_it = f"{type(error).__name__}: {error}"
        finally:
            seconds = round(time.monotonic() - started, 2)
            self.steps.append({"name": name, "ok": ok, "seconds": seconds})
        mark = "[green]✓[/green]" if ok else "[red]✗[/red]"
        self.console.print(f"    {mark} ", end="")
        self.console.print(f"{came_of_it}  ({seconds:.1f} s)", markup=False, highlight=False)
        return ok


def run(*, once: bool, as_json: bool, out: Path | None = None) -> int:
    """Show the journey; unless `once`, keep everything running until Ctrl-C. The exit code.

    Leaves each organisation's audit under `out`, if that is given.

    The JSON document is printed however it ends.
    """
    report = Report(Console(stderr=as_json, soft_wrap=True))
    try:
        asyncio.run(_demonstrate(report, once=once, out=out))
    except (KeyboardInterrupt, asyncio.CancelledError):
        report.console.print("\nStopped.")
        return FAILED if once or not report.all_ok else 0
    finally:
        if as_json:
            print(json.dumps({"steps": report.steps, "verdicts": report.verdicts}))  # noqa: T201  # the document
    return 0 if report.all_ok else FAILED


async def _demonstrate(report: Report, *, once: bool, out: Path | None) -> None:
    journey: list[Journey] = []
    by_hand = None if once else Addresses.free()
    report.console.print(TITLE)
    async with ending_on_signals(), AsyncExitStack() as stack:

        async def start() -> str:
            network = await stack.enter_async_context(_network(by_hand))
            await network.start_wallet(PERSON)
            journey.append(Journey(network, verdicts=report.verdicts))
            return "everything is up"

        async def register() -> str:
            await set_up(journey[0].network)
            return "both approved and active; keys, schemas and definitions are made"

        if await report.tell("start", PROCESSES, start) and await report.tell(
            "register", REGISTRATION, register
        ):
            if by_hand is None:
                await _show(report, journey[0], out)
                return
            async with _preparing(journey[0].network, by_hand) as prepared:
                await _show(report, journey[0], out)
                await _hand_over(report, journey[0].network, by_hand, prepared)


async def _show(report: Report, journey: Journey, out: Path | None) -> None:
    await _walk(report, journey.steps)
    if out is not None:
        await _export(report, journey.network, out / "audit")


@asynccontextmanager
async def _preparing(network: Network, addresses: Addresses) -> AsyncIterator[asyncio.Task[StartedPortal]]:
    """The portal and the phone start while the journey is shown; when that is left early, they are, too."""
    task = asyncio.create_task(hands_on.prepare(network, addresses))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):  # whoever awaited it was told
            await task


async def _hand_over(
    report: Report, network: Network, addresses: Addresses, prepared: asyncio.Task[StartedPortal]
) -> None:
    async def do() -> str:
        await prepared
        return "both are up"

    if await report.tell("by hand", BY_HAND, do):
        hands_on.tell(report.console, addresses)
    await _keep_running(report.console, network)


async def _export(report: Report, network: Network, folder: Path) -> None:
    async def do() -> str:
        return f"{await export_audits(network, folder)} organisations' audits in {folder}"

    await report.tell("audit", "Who did what is signed, and written out for anybody to check", do)


async def _walk(report: Report, steps: tuple[Step, ...]) -> None:
    """Go on only while each step is as it must be: the next one stands on it."""
    for step in steps:
        if not await report.tell(step.name, step.sentence, step.do):
            return


@asynccontextmanager
async def _network(by_hand: Addresses | None) -> AsyncIterator[Network]:
    temporary = tempfile.TemporaryDirectory(prefix="staff-passport-demo-")
    with temporary as folder, EmbeddedPostgres.temporary() as postgres:
        overrides = {**IMPATIENT, **({} if by_hand is None else by_hand.told_agents)}
        async with a_network(Path(folder), postgres, overrides=overrides, registered=False) as network:
            yield network


async def _keep_running(console: Console, network: Network) -> None:
    """Say where everything is, and wait for Ctrl-C."""
    console.print("\n  Everything keeps running. Ctrl-C stops it and removes what it made.\n")
    for party in PARTIES:
        console.print(f"  {party.name:<32} {network.agents[party.slug].base}", highlight=False)
    console.print(f"  {'Registry':<32} {network.registry_url}", highlight=False)
    console.print(f"  {'ESR sandbox':<32} {network.esr_url}", highlight=False)
    console.print(f"  {'Settings, keys and logs':<32} {network.folder}\n", highlight=False)
    await asyncio.Event().wait()
