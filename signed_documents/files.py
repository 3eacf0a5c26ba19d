"""Files that appear whole or not at all, whatever happens while they are written."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

_PARTIAL = ".partial-"


@contextmanager
def whole_file(to: Path) -> Iterator[IO[bytes]]:
    """A file to write, which stands at `to` when the block ends well and is gone when it does not.

    Blocks, and waits for the disk: a power cut leaves the old file or the new; after the block, the new.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    with _partial_file(to.parent) as partial:
        try:
            yield partial
            partial.flush()
            os.fsync(partial.fileno())
            Path(partial.name).chmod(0o644)
            Path(partial.name).replace(to)
            _sync(to.parent)
        except BaseException:
            Path(partial.name).unlink(missing_ok=True)
            raise


@asynccontextmanager
async def whole_file_without_blocking(to: Path) -> AsyncIterator[IO[bytes]]:
    """The same for a coroutine: opening and closing wait in a thread; write in one as well."""
    manager = whole_file(to)
    file = await asyncio.to_thread(manager.__enter__)
    try:
        yield file
    except BaseException as error:
        await asyncio.to_thread(manager.__exit__, type(error), error, error.__traceback__)
        raise
    await asyncio.to_thread(manager.__exit__, None, None, None)


def remove_abandoned(folder: Path) -> int:
    """Remove the files below `folder` whose writers died before they were whole; how many there were.

    What a living process writes, here or elsewhere on the same folder, stays: it holds a lock on it.
    """
    return sum(_removed_if_abandoned(file) for file in folder.rglob(f"{_PARTIAL}*"))


@contextmanager
def _partial_file(folder: Path) -> Iterator[IO[bytes]]:
    """A new file, locked for as long as it is open."""
    while True:
        with NamedTemporaryFile(dir=folder, prefix=_PARTIAL, delete=False) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file.fileno()).st_nlink:  # else it was taken for abandoned, before it was locked
                yield file
                return


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _removed_if_abandoned(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    return True
