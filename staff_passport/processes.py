"""Our own programs as child processes: started, waited for until ready, and never left behind."""

import asyncio
import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Self

import aiohttp

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5
LOG_LINES_SHOWN = 40
READY_WITHIN_SECONDS = 300
"""For the slowest of machines: a process that will never be ready ends, and is told of at once."""

type Condition = Callable[[], Awaitable[bool]]


class ProcessFailed(Exception):
    """A child process ended, or was not ready in time; the message ends in its log."""


@dataclass(frozen=True, slots=True)
class Program:
    """How to run one child process.

    `environment` is added to ours. `home`, where given, becomes its HOME: ACA-Py keeps files under
    it, so every agent needs its own.
    """

    name: str
    argv: Sequence[str]
    log_file: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    home: Path | None = None
    folder: Path | None = None


class Process:
    """A running `Program`, at the head of its own process group."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    def start(self) -> Self:
        """Start the program; its output is appended to its log file."""
        self.program.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.program.log_file.open("ab") as log:
            self._child = subprocess.Popen(
                [*_ends_with_us(), *self.program.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                cwd=self.program.folder,
                start_new_session=True,
            )
        return self

    async def wait_until_ready(self, ready: str | Condition, *, within: float = READY_WITHIN_SECONDS) -> None:
        """Wait until `ready` (a URL that answers 200, or a condition) holds, at most `within` seconds.

        Raises `ProcessFailed` as soon as the process has ended.
        """
        condition = answers(ready) if isinstance(ready, str) else ready
        try:
            async with asyncio.timeout(within):
                await self._poll(condition)
        except TimeoutError:
            raise self._failure(f"was not ready within {within:g} s") from None

    async def stop(self, *, grace: float = 10) -> None:
        """Ask the process to end, and end it and all it started after `grace` seconds."""
        if self._child is None:
            return
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._child.wait, grace)
        self._signal(signal.SIGKILL)  # whatever it left behind in its group, too
        await asyncio.to_thread(self._child.wait)

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        self._signal(signal.SIGKILL)
        if self._child is not None:
            self._child.wait()

    def end_of_log(self) -> str:
        """The last lines that the program wrote."""
        if not self.program.log_file.exists():
            return ""
        lines = self.program.log_file.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES_SHOWN:])

    async def _poll(self, condition: Condition) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not await condition():
            if not self.is_running:
                raise self._failure(f"ended with exit code {self._child and self._child.returncode}")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)

    def _failure(self, what: str) -> ProcessFailed:
        return ProcessFailed(f"{self.name} {what}; the end of {self.program.log_file}:\n{self.end_of_log()}")

    def _environment(self) -> dict[str, str]:
        home = {} if self.program.home is None else {"HOME": str(self.program.home)}
        return {**os.environ, **home, **self.program.environment}

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, number)


class Processes:
    """Several child processes that are stopped together."""

    def __init__(self) -> None:
        self._started: list[Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.shield(self.stop())

    async def start(
        self, program: Program, *, ready: str | Condition | None = None, within: float = READY_WITHIN_SECONDS
    ) -> Process:
        """Start `program` and, given `ready`, wait for it. Raises `ProcessFailed`."""
        process = Process(program).start()
        self._started.append(process)
        if ready is not None:
            await process.wait_until_ready(ready, within=within)
        return process

    async def stop(self) -> None:
        """Stop all, at the same time: nobody is left to answer anybody."""
        stopping, self._started = self._started, []
        await asyncio.gather(*(process.stop() for process in stopping))


def answers(
    url: str, headers: Mapping[str, str] | None = None, *, tls: ssl.SSLContext | None = None
) -> Condition:
    """The condition that a GET of `url` answers 200; `tls` says whom to believe, if not the usual."""

    async def condition() -> bool:
        session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        try:
            async with session as http, http.get(url, headers=headers, ssl=tls or True) as answer:
                return answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError):
            return False

    return condition


@asynccontextmanager
async def ending_on_signals() -> AsyncIterator[None]:
    """Make SIGTERM and SIGHUP cancel the current task, as Ctrl-C does, so that it can clean up."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is None:
        raise RuntimeError("ending_on_signals() needs a running task to cancel")
    numbers = (signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _ends_with_us() -> Sequence[str]:
    """A prefix that ends the child when we end, even if killed: `PR_SET_PDEATHSIG` of prctl(2), on Linux."""
    setpriv = shutil.which("setpriv")
    return () if setpriv is None else (setpriv, "--pdeathsig", "TERM", "--")
