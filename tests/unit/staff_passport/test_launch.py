import subprocess
import sys
from pathlib import Path

import pytest

from staff_passport.launch import LAUNCHES, main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    code = ended.value.code
    assert isinstance(code, int)
    return code


@pytest.mark.parametrize("process", LAUNCHES)
def test_a_missing_file_is_one_line_and_exit_code_2(
    process: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone.yml"

    assert run(process, "--config", str(gone)) == 2
    assert capsys.readouterr() == ("", f"staff-passport: {gone}: No such file or directory\n")


@pytest.mark.parametrize("process", LAUNCHES)
def test_a_wrong_setting_is_one_line_and_exit_code_2(
    process: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "settings.yml"
    file.write_text("colour: blue\ndatabase: {}")

    assert run(process, "--config", str(file)) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("staff-passport: settings.yml: ")
    assert "colour: there is no such setting" in shown.err
    assert shown.err.count("\n") == 1


def test_what_is_loaded_when_used_is_not_there_before_and_whole_then() -> None:
    program = """
import inspect, sys
from staff_passport.launch import load_when_used
load_when_used("lxml.html")
load_when_used("nothing.of_the_kind")
import pyld.jsonld
inspect.getmodule(inspect.currentframe())  # looks through every module
assert "lxml.etree" not in sys.modules
import lxml.html
assert lxml.html.fromstring("<p>Fine</p>").text == "Fine"
assert pyld.jsonld.lxml.html.fromstring("<p>Fine</p>").tag == "p"
assert "lxml.etree" in sys.modules
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_what_acapy_imports_leaves_asyncio_as_it_is() -> None:
    program = """
import asyncio
from staff_passport.launch import keep_asyncio_as_it_is
keep_asyncio_as_it_is()
task, future, run = asyncio.Task, asyncio.Future, asyncio.run
import acapy_agent.vc.ld_proofs.document_loader
assert (asyncio.Task, asyncio.Future, asyncio.run) == (task, future, run)
assert asyncio.tasks.Task is asyncio.tasks._CTask is not asyncio.tasks._PyTask
"""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
