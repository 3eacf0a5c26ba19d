"""Starts the importing process and waits for it: its work, and its memory, are not the agent's."""

import asyncio
import json
import sys
from contextlib import suppress

from agent.domain.errors import Unavailable
from agent.esr_feed.jobs import Answer, Job

_COMMAND = (sys.executable, "-P", "-m", "agent.esr_feed.importing")


class ImportFailed(Unavailable):
    """The process ended without an answer, or something did not answer it; nothing has changed."""

    code = "import_failed"


async def in_a_process(job: Job) -> Answer:
    """Have `job` done. Raises `ImportFailed`; when we are cancelled, the process is stopped."""
    process = await asyncio.create_subprocess_exec(
        *_COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        said, _ = await process.communicate(job.as_json().encode())
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return _answer(process.returncode, said)


def _answer(code: int | None, said: bytes) -> Answer:
    try:
        if code == 0:
            return Answer.of(said.decode())
        failed = str(json.loads(said)["failed"])
    except (ValueError, TypeError, KeyError):
        failed = f"ended with {code}"
    raise ImportFailed(f"The file was not imported: {failed}.", code="import_failed")
