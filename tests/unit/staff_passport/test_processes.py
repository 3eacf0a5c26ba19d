import asyncio
import os
import select
import signal
import sys
from pathlib import Path

import pytest

from staff_passport.processes import Condition, Process, Processes, ProcessFailed, Program, ending_on_signals

IDLE = "import signal; print('up', flush=True); signal.pause()"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {IDLE}"
PARENT = (
    "import subprocess, sys, signal;"
    f"child = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]);"
    "print('child', child.pid, flush=True); signal.pause()"
)


def a_program(folder: Path, code: str, **environment: str) -> Program:
    log = folder / "log"
    return Program("worker", (sys.executable, "-c", code), log, environment=environment, home=folder)


def has_written(folder: Path, *texts: str) -> Condition:
    async def condition() -> bool:
        log = (folder / "log").read_text()
        return all(text in log for text in texts)

    return condition


def has_ended(process: int, *, within: float = 5) -> bool:
    """Whether the process behind a pidfd (pidfd_open(2)) has ended, or does so soon."""
    ended, _, _ = select.select([process], [], [], within)
    return bool(ended)


async def test_a_process_is_waited_for_and_stopped(tmp_path: Path) -> None:
    async with Processes() as processes:
        process = await processes.start(a_program(tmp_path, IDLE), ready=has_written(tmp_path, "up"))
        assert process.is_running

    assert not process.is_running


async def test_a_process_has_its_own_home_and_variables(tmp_path: Path) -> None:
    program = a_program(
        tmp_path, f"import os; print(os.environ['HOME'], os.environ['COLOUR']); {IDLE}", COLOUR="blue"
    )

    async with Processes() as processes:
        await processes.start(program, ready=has_written(tmp_path, f"{tmp_path} blue"))


async def test_a_process_that_dies_early_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    program = a_program(tmp_path, "raise SystemExit('the port is taken')")

    async with Processes() as processes:
        with pytest.raises(ProcessFailed, match=r"worker ended with exit code 1; .*\nthe port is taken"):
            await processes.start(program, ready=has_written(tmp_path, "up"))


async def test_a_process_that_is_never_ready_is_given_up_and_stopped(tmp_path: Path) -> None:
    async with Processes() as processes:
        with pytest.raises(ProcessFailed, match=r"was not ready within 0\.3 s"):
            await processes.start(a_program(tmp_path, IDLE), ready=has_written(tmp_path, "never"), within=0.3)


async def test_nothing_that_a_process_started_outlives_it(tmp_path: Path) -> None:
    process = Process(a_program(tmp_path, PARENT)).start()
    await process.wait_until_ready(has_written(tmp_path, "child", "up"))
    child_of_child = next(int(word) for word in (tmp_path / "log").read_text().split() if word.isdigit())
    grandchild = os.pidfd_open(child_of_child)

    await process.stop(grace=1)

    assert not process.is_running
    assert has_ended(grandchild)


async def test_a_process_that_will_not_end_is_ended(tmp_path: Path) -> None:
    process = Process(a_program(tmp_path, STUBBORN)).start()
    await process.wait_until_ready(has_written(tmp_path, "up"))

    await process.stop(grace=0.1)

    assert not process.is_running


async def test_a_killed_process_can_be_started_again(tmp_path: Path) -> None:
    process = Process(a_program(tmp_path, IDLE)).start()
    process.kill()
    assert not process.is_running

    await process.start().wait_until_ready(has_written(tmp_path, "up"))
    await process.stop()


async def test_a_termination_signal_lets_us_clean_up() -> None:
    async def interrupted() -> None:
        async with ending_on_signals():
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(interrupted())
