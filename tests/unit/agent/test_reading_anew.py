"""What is made of a file is made once for each content that it has, and a change counts at once."""

import os
from pathlib import Path

import pytest

from agent.reading_anew import ReadAnew


class Named:
    def __init__(self, path: Path) -> None:
        self.name = path.read_text().removeprefix("name: ")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yml"


@pytest.fixture
def file(path: Path) -> ReadAnew[Named]:
    return ReadAnew((path,), lambda: Named(path))


def written(path: Path, content: str | bytes) -> None:
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def written_long_ago(path: Path, content: str) -> None:
    """As if it had stood so for a year."""
    written(path, content)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def replaced(path: Path, content: str) -> None:
    """By another file, of the same length and the same time."""
    other = path.with_suffix(".part")
    written_long_ago(other, content)
    other.replace(path)


def gone(path: Path) -> None:
    path.unlink()


async def test_a_file_that_has_not_changed_is_not_read_again(path: Path, file: ReadAnew[Named]) -> None:
    written_long_ago(path, "name: one")

    assert await file.read() is await file.read()


async def test_a_file_that_is_replaced_counts_at_once(path: Path, file: ReadAnew[Named]) -> None:
    written_long_ago(path, "name: one")
    await file.read()
    replaced(path, "name: two")

    assert (await file.read()).name == "two"


async def test_a_file_that_is_written_over_and_over_is_never_out_of_date(
    path: Path, file: ReadAnew[Named]
) -> None:
    """Two contents of one length may have one time: what changed a moment ago is not relied on."""
    for number in range(200):
        written(path, f"name: n{number:03}")

        assert (await file.read()).name == f"n{number:03}"


async def test_a_file_that_is_gone_is_an_error_and_not_what_it_was(path: Path, file: ReadAnew[Named]) -> None:
    written_long_ago(path, "name: one")
    await file.read()
    gone(path)

    with pytest.raises(FileNotFoundError):
        await file.read()
