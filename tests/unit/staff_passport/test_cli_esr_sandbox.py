"""`staff-passport esr-sandbox`, as it is typed."""

from pathlib import Path

from typer.testing import CliRunner

from esr_sandbox.dataset import Manifest
from staff_passport.cli import app

RUNNER = CliRunner()


def test_a_dataset_and_the_month_after_it_are_two_commands(tmp_path: Path) -> None:
    october, november = str(tmp_path / "october"), str(tmp_path / "november")
    generated = RUNNER.invoke(
        app,
        ["esr-sandbox", "generate", "--people", "30", "--vpds", "1", "--on", "2026-09-30", "--out", october],
    )
    passed = RUNNER.invoke(app, ["esr-sandbox", "month", "--in", october, "--out", november])

    assert (generated.exit_code, passed.exit_code) == (0, 0)
    assert Manifest.read(tmp_path / "november").today.isoformat() == "2026-10-30"
    assert [file.name for file in (tmp_path / "november/outbound").iterdir()] == [
        "GO_901_D_20261030_00000002.DAT"
    ]


def test_a_folder_without_a_dataset_is_said_in_one_line_and_exit_code_1(tmp_path: Path) -> None:
    ended = RUNNER.invoke(
        app, ["esr-sandbox", "month", "--in", str(tmp_path / "none"), "--out", str(tmp_path / "out")]
    )

    assert ended.exit_code == 1
    assert ended.stderr == (
        f"staff-passport esr-sandbox: {tmp_path}/none: there is no dataset: No such file or directory\n"
    )


def test_without_a_command_the_sandbox_takes_its_settings_as_ever() -> None:
    shown = RUNNER.invoke(app, ["esr-sandbox", "--help"])

    assert shown.exit_code == 0
    assert "--config" in shown.output
