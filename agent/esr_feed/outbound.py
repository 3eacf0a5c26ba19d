"""Reads an outbound file record by record, and only what credentials carry; it judges every line of it.

A record is effective-dated: it comes as slices, each from a day on. What a slice says is kept by the names of
the claims that come of it.
"""

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from agent.domain.workforce import CheckType
from agent.esr_feed.layout import Kind, Layout, RecordColumns
from agent.esr_feed.lines import Line
from agent.esr_feed.rejections import LineRejected, Reason, Rejections
from agent.esr_feed.words import BARRED_LISTS, MOST_FTE, OPEN, OUTCOMES, YES_NO

SEPARATOR = "~"
PARTS = "|"
BEGINNING = date(1900, 1, 1)
"""From when on a record is that has no days of its own."""
READER = 1
"""Raised whenever the same line would be read differently: no line counts as known then."""
DIGEST_BYTES = 16
_LONGEST_VALUE = 300
_REMEMBERED = 10_000
"""Files say the same few things many times: so many of them are not read again."""
_ONE_DAY = timedelta(days=1)
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_OTHER_RECORD = re.compile(rb"[A-Z]{2}[AD]")
_IDENTIFIER = re.compile(r"[0-9A-Za-z-]{1,40}")
_DAY = re.compile(r"\d{8}", re.ASCII)
_EMPLOYEE_NUMBER = re.compile(r"\d{8}", re.ASCII)
_ASSIGNMENT_NUMBER = re.compile(r"\d{8}(-\d{1,2})?", re.ASCII)
_FTE = re.compile(r"\d{0,2}(\.\d{1,10})?", re.ASCII)
_VPD, _SEQUENCE, _COUNT = (re.compile(p, re.ASCII) for p in (r"\d{3}", r"\d{1,8}", r"\d{1,12}"))

type Facts = Mapping[str, object]
_NO_FACTS: Facts = {}


class FileKind(StrEnum):
    """What a file tells: everybody, or what has changed since the one before."""

    FULL = "F"
    DELTA = "D"


@dataclass(frozen=True, slots=True)
class Header:
    """Whose file it is, and where it stands in the row of files."""

    vpd: str
    kind: FileKind
    produced_at: datetime  # ESR's own time, without a zone
    sequence: int


class Slice(NamedTuple):
    """A record from one day on. There are very many, so it is what is made fastest.

    `over` is one that matters no more: it has ended before today, and whatever of the record is older too.
    `turns` are the days to come on which it means something else than the day before.
    """

    line: int
    kind: Kind
    record: str
    starts: date
    ends: date | None
    person: str | None
    digest: bytes
    number: str | None = None
    position: str | None = None
    department: str | None = None
    facts: Facts = _NO_FACTS
    turns: tuple[date, ...] = ()
    over: bool = False


@dataclass(frozen=True, slots=True)
class Deletion:
    """That a record is gone: all of it, or one slice where its first day is said."""

    line: int
    kind: Kind
    record: str
    starts: date | None


@dataclass(slots=True)
class Seen:
    """What was met on the way: how many lines of every sort, and which of the known ones.

    `known` are the keyed digests of lines that were imported before; each that is met again moves to `met`.
    `deleted` are the records that a line before has deleted: what is told of them after that is new again.
    """

    known: set[bytes] = field(default_factory=set)
    met: set[bytes] = field(default_factory=set)
    deleted: set[tuple[Kind, str]] = field(default_factory=set)
    lines: int = 0
    unchanged: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)


class Body:
    """The lines between the header and the trailer of one file, which it checks as they go by."""

    def __init__(self, lines: Iterator[Line], layout: Layout, rejections: Rejections) -> None:
        self._lines = lines
        self._trailer = _prefix(layout.trailer)
        self._rejections = rejections
        self.header = _header(next(lines, None), layout, rejections)
        self.count = 0

    def __iter__(self) -> Iterator[Line]:
        """Every line of it, if there is a header; then the trailer must agree with their number."""
        if self.header is None:
            return
        number = 1
        for line in self._lines:
            number = line.number
            if line.text is not None and line.text.startswith(self._trailer):
                self._end(line)
                return
            self.count += 1
            yield line
        self._rejections.add(number, Reason.TRAILER_MISSING)

    def _end(self, trailer: Line) -> None:
        said = (trailer.text or b"").removeprefix(self._trailer).decode("ascii", "replace")
        if not _COUNT.fullmatch(said) or int(said) != self.count:
            self._rejections.add(trailer.number, Reason.TRAILER_DISAGREES, "Records")
        if (after := next(self._lines, None)) is not None:
            self._rejections.add(after.number, Reason.AFTER_TRAILER)


def _header(line: Line | None, layout: Layout, rejections: Rejections) -> Header | None:
    if line is None or line.text is None or not line.text.startswith(_prefix(layout.header)):
        rejections.add(1, Reason.HEADER_MISSING)
        return None
    try:
        return _read_header(line.text.decode("ascii", "replace").split(SEPARATOR)[1:])
    except LineRejected as wrong:
        rejections.add(1, wrong.reason, wrong.column)
        return None


def _read_header(values: list[str]) -> Header:
    match values:
        case [vpd, kind, produced_at, sequence]:
            return Header(
                _formed(vpd, _VPD, "Vpd"),
                FileKind(_formed(kind, re.compile("[FD]"), "Kind")),
                _instant(produced_at),
                int(_formed(sequence, _SEQUENCE, "Sequence")),
            )
        case _:
            raise LineRejected(Reason.WRONG_COLUMN_COUNT)


def _formed(text: str, form: re.Pattern[str], column: str) -> str:
    if not form.fullmatch(text):
        raise LineRejected(Reason.HEADER_UNREADABLE, column)
    return text


def _instant(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y%m%d %H%M%S")  # noqa: DTZ007  # ESR says no zone
    except ValueError as error:
        raise LineRejected(Reason.HEADER_UNREADABLE, "ProducedAt") from error


class Reader:
    """Reads the records of one organisation's files as they matter on a day.

    `key` hashes lines and what must not be kept as it is; it stands outside the database. A line whose keyed
    digest is known is passed over without being read.
    """

    def __init__(self, layout: Layout, *, key: bytes, on: date, encoding: str) -> None:
        self._day = on
        self._encoding = encoding
        self._hash, self._hash_of_ascii = (
            hashlib.blake2b(key=key, digest_size=DIGEST_BYTES, person=_read_so(layout, how))
            for how in (encoding, "ascii")  # which reads alike in both
        )
        self._secret = hashlib.blake2b(key=key, digest_size=DIGEST_BYTES, person=b"registration")
        self._updates, self._deletes = dict[bytes, _Columns](), dict[bytes, _Columns]()
        for record in layout.records:
            columns = _Columns(record)
            self._updates[record.update.encode()] = self._deletes[record.delete.encode()] = columns

    def read(self, body: Body, seen: Seen, rejections: Rejections) -> Iterator[Slice | Deletion]:
        """What is new in the body of a file. Every line that cannot be taken is told to `rejections`."""
        for line in body:
            seen.lines += 1
            try:
                found = self._line(line, seen)
            except LineRejected as wrong:
                rejections.add(line.number, wrong.reason, wrong.column)
            else:
                if found is not None:
                    yield found

    def _line(self, line: Line, seen: Seen) -> Slice | Deletion | None:
        if line.text is None:
            raise LineRejected(Reason.LINE_TOO_LONG)
        digest = self._digest(line.text)
        if digest in seen.known and not self._was_deleted(line.text, seen):
            seen.known.discard(digest)
            seen.met.add(digest)
            seen.unchanged += 1
            return None
        if digest in seen.met:
            raise LineRejected(Reason.DUPLICATE_RECORD)
        return self._record(line.number, line.text, digest, seen)

    def _was_deleted(self, text: bytes, seen: Seen) -> bool:
        """Whether a known line tells of a record that this file has deleted before."""
        if not seen.deleted or not (columns := self._updates.get(_type_of(text))):
            return False
        row = columns.row(text, self._encoding)
        return (row.kind, row.identifier(_IDENTIFIERS[row.kind][0])) in seen.deleted

    def _digest(self, text: bytes) -> bytes:
        hashed = (self._hash_of_ascii if text.isascii() else self._hash).copy()
        hashed.update(text)
        return hashed.digest()

    def _record(self, number: int, text: bytes, digest: bytes, seen: Seen) -> Slice | Deletion | None:
        kind = _type_of(text)
        if columns := self._updates.get(kind):
            return self._slice(number, columns.row(text, self._encoding), digest)
        if columns := self._deletes.get(kind):
            deletion = _deletion(number, columns.row(text, self._encoding))
            seen.deleted.add((deletion.kind, deletion.record))
            return deletion
        if not _OTHER_RECORD.fullmatch(kind):
            raise LineRejected(Reason.UNKNOWN_RECORD_TYPE)
        if _CONTROL.search(text):  # of no record that we read; but the file is damaged
            raise LineRejected(Reason.CONTROL_CHARACTER)
        name = kind.decode("ascii")
        seen.passed_over[name] = seen.passed_over.get(name, 0) + 1
        return None

    def _slice(self, number: int, row: "Row", digest: bytes) -> Slice:
        told = _READERS[row.kind](row, self._keyed)
        over = told.ends is not None and told.ends < self._day
        return Slice(
            number,
            row.kind,
            told.record,
            told.starts,
            told.ends,
            told.person,
            digest,
            told.number,
            told.position,
            told.department,
            _NO_FACTS if over else told.facts,
            () if over else self._to_come({told.starts, *told.turns, *_after(told.ends)}),
            over,
        )

    def _to_come(self, days: Iterable[date]) -> tuple[date, ...]:
        return tuple(sorted([day for day in days if day > self._day]))

    def _keyed(self, text: str) -> str:
        hashed = self._secret.copy()
        hashed.update(text.encode())
        return hashed.hexdigest()


class _Told(NamedTuple):
    """What a line says of a record, whatever day it is."""

    record: str
    starts: date
    ends: date | None
    person: str | None
    facts: Facts
    number: str | None = None
    position: str | None = None
    department: str | None = None
    turns: tuple[date, ...] = ()  # besides the first day and the one after the last


class _Columns:
    """Where the columns of one kind of record stand."""

    def __init__(self, record: RecordColumns) -> None:
        self.kind = record.kind
        self._names = (record.update, *record.columns)
        self._places = {name: place for place, name in enumerate(self._names)}

    def row(self, text: bytes, encoding: str) -> "Row":
        """The values of a line. Raises `LineRejected`."""
        if wrong := _CONTROL.search(text):
            raise LineRejected(Reason.CONTROL_CHARACTER, self._at(text, wrong.start()))
        try:
            values = text.decode(encoding).split(SEPARATOR)
        except UnicodeDecodeError as error:
            raise LineRejected(Reason.UNREADABLE_CHARACTER, self._at(text, error.start)) from error
        if len(values) != len(self._names):
            raise LineRejected(Reason.WRONG_COLUMN_COUNT)
        return Row(self.kind, values, self._places)

    def _at(self, text: bytes, offset: int) -> str | None:
        """The name of the column in which a byte stands."""
        place = text.count(b"~", 0, offset)
        return self._names[place] if 0 < place < len(self._names) else None


class Row:
    """One line, read column by column. Every reader raises `LineRejected` with the column's name."""

    __slots__ = ("_places", "_values", "kind")

    def __init__(self, kind: Kind, values: Sequence[str], places: Mapping[str, int]) -> None:
        self.kind = kind
        self._values = values
        self._places = places

    def text(self, column: str) -> str:
        """A text, empty when there is none."""
        value = self._values[self._places[column]].strip()
        if len(value) > _LONGEST_VALUE:
            raise LineRejected(Reason.TOO_LONG, column)
        return value

    def some_text(self, column: str) -> str:
        """A text that must be there."""
        if not (value := self.text(column)):
            raise LineRejected(Reason.VALUE_MISSING, column)
        return value

    def identifier(self, column: str) -> str:
        """ESR's own identifier of a record."""
        return self.formed(column, _IDENTIFIER)

    def formed(self, column: str, form: re.Pattern[str], *, spaced: bool = False) -> str:
        """A text that has a form, perhaps but for spaces."""
        value = self.some_text(column)
        value = value.replace(" ", "") if spaced else value
        if not form.fullmatch(value):
            raise LineRejected(Reason.NOT_A_NUMBER, column)
        return value

    def optional_identifier(self, column: str) -> str | None:
        """An identifier that may be left out."""
        return self.identifier(column) if self.text(column) else None

    def day(self, column: str) -> date:
        """A date that must be there."""
        return _required(self.open_day(column), column)

    def open_day(self, column: str) -> date | None:
        """A date; None when it is open, however ESR writes that."""
        return _open_day(self.text(column), column)

    def parts(self, column: str, most: int) -> Sequence[str]:
        """The parts of a composite value; those missing at its end are empty."""
        return _parts(self.text(column), most, column)

    def slice_days(self, start: str, end: str) -> tuple[date, date | None]:
        """From when on a slice is, and its last day."""
        starts, ends = self.day(start), self.open_day(end)
        if ends is not None and ends < starts:
            raise LineRejected(Reason.ENDS_BEFORE_IT_STARTS, end)
        return starts, ends


def _required(day: date | None, column: str) -> date:
    if day is None:
        raise LineRejected(Reason.VALUE_MISSING, column)
    return day


def _open_day(text: str, column: str) -> date | None:
    if not text:
        return None
    if (day := _date(text)) is None:
        raise LineRejected(Reason.NOT_A_DATE, column)
    return None if day in OPEN else day


@functools.lru_cache(maxsize=_REMEMBERED)
def _parts(text: str, most: int, column: str) -> Sequence[str]:
    found = [part.strip() for part in text.split(PARTS)]
    if len(found) > most:
        raise LineRejected(Reason.TOO_MANY_PARTS, column)
    return (*found, *("",) * (most - len(found)))


@functools.lru_cache(maxsize=_REMEMBERED)
def _date(text: str) -> date | None:
    """The day that `yyyyMMdd` names; None when it names none."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


type _Keyed = Callable[[str], str]
"""Turns what must not be kept as it is into a keyed hash of it."""


def _person(row: Row, _keyed: _Keyed) -> _Told:
    starts, ends = row.slice_days("EffectiveStart", "EffectiveEnd")
    record = row.identifier("PersonId")
    facts = {
        "legalFirstName": row.some_text("FirstName"),
        "middleNames": row.text("MiddleNames"),
        "legalSurname": row.some_text("LastName"),
        "preferredName": row.text("PreferredName"),
        "dateOfBirth": row.day("DOB").isoformat(),
        "continuousServiceDate": _iso(row.open_day("CSD3Months")),
    }
    number = row.formed("EmployeeNumber", _EMPLOYEE_NUMBER)
    return _Told(
        record, starts, _earliest(ends, row.open_day("ActualTerminationDate")), record, facts, number
    )


def _assignment(row: Row, _keyed: _Keyed) -> _Told:
    starts, ends = row.slice_days("EffectiveStart", "EffectiveEnd")
    _, title, occupation_code, area = row.parts("PositionName", 4)
    staff_group, job_role = row.parts("JobName", 2)
    facts = {
        "positionTitle": title,
        "areaOfWork": area,
        "staffGroup": staff_group,
        "jobRole": job_role,
        "occupationCode": occupation_code,
        "payBand": row.text("Grade").rpartition(PARTS)[2].strip(),
        "assignmentCategory": row.some_text("AssignmentCategory"),
        "assignmentStatus": row.some_text("UserAssignmentStatus"),  # trusts have their own
        "fte": _fte(row),
        "startDate": (row.open_day("EarliestAssignmentStart") or starts).isoformat(),
        "fixedTermEndDate": _iso(row.open_day("ContractEndDate")),
    }
    return _Told(
        row.identifier("AssignmentId"),
        starts,
        # A fixed term that is over ends the assignment, as it does where one is to be passported.
        _earliest(ends, row.open_day("AssignmentEndDate"), row.open_day("ContractEndDate")),
        row.identifier("PersonId"),
        facts,
        row.formed("AssignmentNumber", _ASSIGNMENT_NUMBER, spaced=True),
        row.optional_identifier("PositionId"),
        row.optional_identifier("OrganisationId"),
    )


def _position(row: Row, _keyed: _Keyed) -> _Told:
    """Only what is said: the assignment's own word stands where the position says nothing."""
    starts, ends = row.slice_days("EffectiveFrom", "EffectiveTo")
    name = row.parts("PositionName", 4)
    title, occupation_code, area = (name[0], "", "") if not any(name[1:]) else name[1:]
    facts = {
        "positionTitle": title,
        "areaOfWork": area,
        "staffGroup": row.text("JobStaffGroup"),
        "jobRole": row.text("JobRole"),
        "occupationCode": row.text("OccupationCode") or occupation_code,
    }
    said = {name: value for name, value in facts.items() if value}
    return _Told(row.identifier("PositionId"), starts, ends, None, said)


def _department(row: Row, _keyed: _Keyed) -> _Told:
    starts, ends = row.slice_days("EffectiveFrom", "EffectiveTo")
    name = {"department": row.some_text("OrganisationName")}
    return _Told(row.identifier("OrganisationId"), starts, ends, None, name)


def _registration(row: Row, keyed: _Keyed) -> _Told:
    expires = row.open_day("ExpiryDate")
    row.open_day("RegisteredFrom")
    facts = {
        "registrationBody": row.some_text("Body"),
        "registrationStatus": row.some_text("Status"),
        "registrationExpiryDate": _iso(expires),
        "registrationNumber": keyed(row.some_text("Number").upper()),
    }
    person, record = row.identifier("PersonId"), row.identifier("RegistrationId")
    return _Told(record, BEGINNING, None, person, facts, turns=_after(expires))


def _checks(row: Row, _keyed: _Keyed) -> _Told:
    """The six checks of a person; one that was never recorded is not there."""
    found = {
        kind.value: check
        for kind, column in _CHECKS.items()
        if (check := _check(row.text(column.name), kind))
    }
    record = row.identifier("PersonId")
    expiries = [date.fromisoformat(str(each["expires"])) for each in found.values() if each["expires"]]
    turns = tuple(day for expires in expiries for day in _after(expires))
    return _Told(record, BEGINNING, None, record, found, turns=turns)


@dataclass(frozen=True, slots=True)
class _CheckColumn:
    """Where a check stands, what its claims begin with, and what only it has: claims by their readers."""

    name: str
    prefix: str
    details: Mapping[str, Callable[[str, str], str]] = field(default_factory=dict)


def _text(text: str, _column: str) -> str:
    return text


def _day_text(text: str, column: str) -> str:
    return _iso(_open_day(text, column))


def _word(known: Mapping[str, str]) -> Callable[[str, str], str]:
    def read(text: str, column: str) -> str:
        if text and text not in known:
            raise LineRejected(Reason.NOT_IN_THE_LIST, column)
        return known[text] if text else ""

    return read


_CHECKS: Mapping[CheckType, _CheckColumn] = {
    CheckType.IDENTITY: _CheckColumn("Identity", "identity", {"gpg45Profile": _text}),
    CheckType.RIGHT_TO_WORK: _CheckColumn("RightToWork", "rightToWork"),
    CheckType.REGISTRATION: _CheckColumn("RegistrationQualification", "registration"),
    CheckType.HISTORY: _CheckColumn("HistoryReferences", "history"),
    CheckType.CRIMINAL_RECORD: _CheckColumn(
        "Dbs",
        "criminalRecord",
        {
            "dbsLevel": _text,
            "dbsCertificateReference": _text,
            "dbsIssueDate": _day_text,
            "dbsUpdateService": _word(YES_NO),
            "dbsBarredLists": _word(BARRED_LISTS),
        },
    ),
    CheckType.WORK_HEALTH: _CheckColumn(
        "WorkHealth", "workHealth", {"workHealthRestrictions": _word(YES_NO)}
    ),
}


@functools.lru_cache(maxsize=_REMEMBERED)
def _check(text: str, kind: CheckType) -> Mapping[str, object] | None:
    column = _CHECKS[kind]
    parts = _parts(text, 4 + len(column.details), column.name)
    if not any(parts):
        return None
    outcome, checked_on, checked_by, next_date, *details = parts
    if outcome not in OUTCOMES:
        raise LineRejected(Reason.NOT_IN_THE_LIST, column.name)
    expires = _iso(_open_day(next_date, column.name))
    claims = {
        f"{column.prefix}Outcome": OUTCOMES[outcome].value,
        f"{column.prefix}CheckDate": _iso(_open_day(checked_on, column.name)),
        **{
            name: read(text, column.name)
            for (name, read), text in zip(column.details.items(), details, strict=True)
        },
    }
    if kind is CheckType.IDENTITY:
        claims["evidenceCheckedBy"] = checked_by
    elif kind is not CheckType.HISTORY:  # which does not run out
        claims[f"{column.prefix}ExpiryDate"] = expires
    return {"outcome": OUTCOMES[outcome].value, "expires": expires, "claims": claims}


_READERS: Mapping[Kind, Callable[[Row, _Keyed], _Told]] = {
    Kind.PERSON: _person,
    Kind.ASSIGNMENT: _assignment,
    Kind.POSITION: _position,
    Kind.DEPARTMENT: _department,
    Kind.CHECKS: _checks,
    Kind.REGISTRATION: _registration,
}
_IDENTIFIERS: Mapping[Kind, tuple[str, str | None]] = {
    Kind.PERSON: ("PersonId", "EffectiveStart"),
    Kind.ASSIGNMENT: ("AssignmentId", "EffectiveStart"),
    Kind.POSITION: ("PositionId", "EffectiveFrom"),
    Kind.DEPARTMENT: ("OrganisationId", "EffectiveFrom"),
    Kind.CHECKS: ("PersonId", None),
    Kind.REGISTRATION: ("RegistrationId", None),
}


def _deletion(number: int, row: Row) -> Deletion:
    record, starts = _IDENTIFIERS[row.kind]
    return Deletion(number, row.kind, row.identifier(record), row.open_day(starts) if starts else None)


def _fte(row: Row) -> str:
    if not row.text("FTE"):  # bank posts have none
        return ""
    text = row.formed("FTE", _FTE)
    if (value := Decimal(text)) > MOST_FTE:
        raise LineRejected(Reason.NOT_A_NUMBER, "FTE")
    return f"{value:.2f}"


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _after(day: date | None) -> tuple[date, ...]:
    """The first day on which something is over."""
    return () if day is None or day == date.max else (day + _ONE_DAY,)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _type_of(text: bytes) -> bytes:
    return text.partition(b"~")[0]


def _prefix(kind: str) -> bytes:
    return f"{kind}{SEPARATOR}".encode()


def _read_so(layout: Layout, encoding: str) -> bytes:
    """What a line means depends on this: 16 bytes, for the hash to tell readings apart."""
    told = json.dumps([READER, encoding, layout.on_the_wire()], sort_keys=True)
    return hashlib.sha256(told.encode()).digest()[: hashlib.blake2b.PERSON_SIZE]
