"""A file as lines, however long it or one of them is: what is held of it at a time stays small."""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

LONGEST = 64 * 1024
"""Bytes that a line may have without its end."""
CHUNK = 1024 * 1024
UTF_8, WINDOWS_1252 = "utf-8", "cp1252"
_LONGEST_WITH_END = LONGEST + len(b"\r\n")
_BOM = codecs.BOM_UTF8


@dataclass(frozen=True, slots=True)
class Survey:
    """What one look over the whole file tells: its SHA-256 in hex, and how its letters are written."""

    digest: str
    encoding: str


def survey(stream: BinaryIO) -> Survey:
    """Look over `stream` from where it stands. All of it is valid UTF-8, or it is Windows-1252."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder(UTF_8)()
    valid = True
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        valid = valid and _goes_on(decoder, chunk)
    valid = valid and _goes_on(decoder, b"", final=True)
    return Survey(digest.hexdigest(), UTF_8 if valid else WINDOWS_1252)


def _goes_on(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


class Line(NamedTuple):
    """One line without its end; `text` is None for one that is too long, of which nothing was kept."""

    number: int
    text: bytes | None


def lines(stream: BinaryIO) -> Iterator[Line]:
    """Every line from where `stream` stands; they end with LF or CR LF."""
    number = 0
    while text := stream.readline(_LONGEST_WITH_END):
        number += 1
        whole = _whole(stream, text)
        yield Line(number, whole.removeprefix(_BOM) if whole and number == 1 else whole)


def _whole(stream: BinaryIO, text: bytes) -> bytes | None:
    if not text.endswith(b"\n") and len(text) == _LONGEST_WITH_END:
        _skip_to_the_end_of_the_line(stream)
        return None
    text = text.removesuffix(b"\n").removesuffix(b"\r")
    return text if len(text) <= LONGEST else None


def _skip_to_the_end_of_the_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(CHUNK)) and not rest.endswith(b"\n"):
        pass
