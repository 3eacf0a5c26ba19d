import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.edited_file import EditedFile

LONG_AGO = 1_700_000_000
YESTERDAY = 1_700_086_400


class Reader:
    """Parses by taking the text as it is, and counts how often."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self, text: str) -> str:
        if "broken" in text:
            raise ValueError(text)
        self.read += 1
        return text


def write(path: Path, text: str, *, at: int) -> None:
    path.write_text(text)
    os.utime(path, (at, at))


def a_file_of_long_ago(path: Path, parse: Callable[[str], str]) -> EditedFile[str]:
    """A clock so far ahead that every file has been there for long: when it was changed cannot be set."""
    return EditedFile(path, parse, clock=lambda: 2 * 10**18)


def test_a_file_that_nobody_changed_is_read_once(tmp_path: Path) -> None:
    reader = Reader()
    file = a_file_of_long_ago(tmp_path / "users.yml", reader)
    write(tmp_path / "users.yml", "ottilie", at=LONG_AGO)

    assert [file.now() for _ in range(3)] == ["ottilie"] * 3
    assert reader.read == 1


@pytest.mark.parametrize("how", ["written over", "replaced"])
def test_a_change_counts_at_once(tmp_path: Path, how: str) -> None:
    path = tmp_path / "users.yml"
    file = a_file_of_long_ago(path, Reader())
    write(path, "active", at=LONG_AGO)
    assert file.now() == "active"

    other = path if how == "written over" else tmp_path / "part"
    write(other, "ended!", at=YESTERDAY)
    other.replace(path)

    assert file.now() == "ended!"


def test_a_replacement_of_the_same_size_and_age_counts_too(tmp_path: Path) -> None:
    path, other = tmp_path / "users.yml", tmp_path / "part"
    file = a_file_of_long_ago(path, Reader())
    write(path, "active", at=LONG_AGO)
    assert file.now() == "active"

    write(other, "ended!", at=LONG_AGO)
    other.replace(path)

    assert file.now() == "ended!"


def test_what_has_just_been_written_is_read_every_time(tmp_path: Path) -> None:
    reader = Reader()
    file = EditedFile(tmp_path / "users.yml", reader)
    (tmp_path / "users.yml").write_text("ottilie")

    file.now()
    file.now()

    assert reader.read == 2


def test_a_file_that_cannot_be_read_any_more_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "users.yml"
    file = a_file_of_long_ago(path, Reader())
    write(path, "ottilie", at=LONG_AGO)
    file.now()

    write(path, "broken", at=YESTERDAY)
    with pytest.raises(ValueError, match="broken"):
        file.now()
    path.unlink()
    with pytest.raises(OSError, match=r"users\.yml"):
        file.now()
