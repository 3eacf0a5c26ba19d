"""A reader over connections that stay open, lean enough to ask faster than a server of ours answers."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_END_OF_HEADERS = b"\r\n\r\n"
_LENGTH = b"content-length:"


class UnexpectedAnswer(Exception):
    """The server answered with another status than it should have, or closed the connection."""


@dataclass(frozen=True, slots=True)
class Question:
    """A GET as it goes over the wire, and the status that its answer must have."""

    request: bytes
    status: bytes


def question(path: str, *, etag: str | None = None) -> Question:
    """Ask for `path`; with the `etag` that a reader has, which must still be right."""
    known = "" if etag is None else f"If-None-Match: {etag}\r\n"
    text = f"GET {path} HTTP/1.1\r\nHost: registry.example\r\n{known}\r\n"
    return Question(text.encode(), b"200" if etag is None else b"304")


class _Connection(asyncio.Protocol):
    """Asks one question after the other, and notes how long each answer took."""

    def __init__(self, questions: Iterator[Question], seconds: list[float]) -> None:
        self._questions = questions
        self._seconds = seconds
        self._received = b""
        self._asked: Question
        self._since = 0.0
        self._transport: asyncio.Transport
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        following = next(self._questions, None)
        if following is None:
            self._transport.close()
            self.finished.set_result(None)
            return
        self._asked, self._received, self._since = following, b"", time.perf_counter()
        self._transport.write(following.request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(_END_OF_HEADERS)
        if end < 0 or len(self._received) < end + len(_END_OF_HEADERS) + _length(self._received[:end]):
            return
        if self._received[9:12] != self._asked.status:
            self._fail(self._received[:end])
            return
        self._seconds.append(time.perf_counter() - self._since)
        self._ask()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.finished.done():
            self._fail(b"the connection was closed")

    def _fail(self, why: bytes) -> None:
        self.finished.set_exception(UnexpectedAnswer(f"{self._asked.request!r}: {why!r}"))
        self._transport.close()


async def ask(port: int, questions: Sequence[Question], *, connections: int) -> list[float]:
    """Ask all `questions` over that many connections; seconds of each. Raises `UnexpectedAnswer`."""
    loop, seconds, left = asyncio.get_running_loop(), list[float](), iter(questions)
    opened = [
        await loop.create_connection(lambda: _Connection(left, seconds), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.finished for _, connection in opened))
    return seconds


def _length(headers: bytes) -> int:
    lowered = headers.lower()
    at = lowered.find(_LENGTH)
    return 0 if at < 0 or b" 304 " in headers[:16] else int(lowered[at + len(_LENGTH) :].partition(b"\r")[0])
