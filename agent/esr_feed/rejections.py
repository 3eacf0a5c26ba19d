"""Why a line of a file, or the whole of it, is not taken: where and what, and never a value."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

KEPT = 1_000
"""So many rejected lines of a file are told one by one; all are counted."""


class Reason(StrEnum):
    """Codes of what is wrong with a line; they never change once published."""

    HEADER_MISSING = "header_missing"
    HEADER_UNREADABLE = "header_unreadable"
    TRAILER_MISSING = "trailer_missing"
    TRAILER_DISAGREES = "trailer_disagrees"
    AFTER_TRAILER = "after_trailer"
    LINE_TOO_LONG = "line_too_long"
    CONTROL_CHARACTER = "control_character"
    UNREADABLE_CHARACTER = "unreadable_character"
    UNKNOWN_RECORD_TYPE = "unknown_record_type"
    WRONG_COLUMN_COUNT = "wrong_column_count"
    VALUE_MISSING = "value_missing"
    NOT_A_DATE = "not_a_date"
    NOT_A_NUMBER = "not_a_number"
    NOT_IN_THE_LIST = "not_in_the_list"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_LONG = "too_long"
    ENDS_BEFORE_IT_STARTS = "ends_before_it_starts"
    DUPLICATE_RECORD = "duplicate_record"


SENTENCES: dict[Reason, str] = {
    Reason.HEADER_MISSING: "The first line is no header.",
    Reason.HEADER_UNREADABLE: "The header does not have the form that it must have.",
    Reason.TRAILER_MISSING: "The file ends without a trailer: it is not whole.",
    Reason.TRAILER_DISAGREES: "The trailer counts other lines than the file has: it is not whole.",
    Reason.AFTER_TRAILER: "There are lines after the trailer.",
    Reason.LINE_TOO_LONG: "The line is longer than 64 KiB.",
    Reason.CONTROL_CHARACTER: "The line has a NUL or another control character.",
    Reason.UNREADABLE_CHARACTER: "The line has a byte that stands for no character in Windows-1252.",
    Reason.UNKNOWN_RECORD_TYPE: "The line begins with no record type.",
    Reason.WRONG_COLUMN_COUNT: "The line has more or fewer columns than its record type.",
    Reason.VALUE_MISSING: "Something must stand here.",
    Reason.NOT_A_DATE: "This is no date of the form yyyyMMdd.",
    Reason.NOT_A_NUMBER: "This is no number of the form that it must have.",
    Reason.NOT_IN_THE_LIST: "This is none of the known values.",
    Reason.TOO_MANY_PARTS: "This has more parts than it may have.",
    Reason.TOO_LONG: "This is longer than it may be.",
    Reason.ENDS_BEFORE_IT_STARTS: "This ends before it starts.",
    Reason.DUPLICATE_RECORD: "An earlier line of the file is about the same record from the same day on.",
}


class LineRejected(Exception):
    """A line cannot be taken; `column` names where, if it is one column's fault."""

    def __init__(self, reason: Reason, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """One line that was not taken."""

    line: int
    column: str | None
    reason: Reason


@dataclass(slots=True)
class Rejections:
    """All lines of a file that were not taken: counted, and the first of them kept."""

    count: int = 0
    kept: list[RejectedLine] = field(default_factory=list)

    def add(self, line: int, reason: Reason, column: str | None = None) -> None:
        """Count one more."""
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(RejectedLine(line, column, reason))

    def add_all(self, lines: Iterable[int], reason: Reason) -> None:
        """Count more lines that have one fault."""
        for line in lines:
            self.add(line, reason)
