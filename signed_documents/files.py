"""Files that appear whole or not at all, whatever happens while they are written."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO


@contextmanager
def whole_file(to: Path) -> Iterator[IO[bytes]]:
    """A file to write, which stands at `to` when the block ends well and is gone when it does not.

    Blocks, and waits for the disk: a power cut leaves the old file or the new one.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=to.parent, prefix=".", delete=False) as partial:
        try:
            yield partial
            partial.flush()
            os.fsync(partial.fileno())
            Path(partial.name).chmod(0o644)
            Path(partial.name).replace(to)
        except BaseException:
            Path(partial.name).unlink()
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
