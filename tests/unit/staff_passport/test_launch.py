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
