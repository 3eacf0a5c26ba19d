"""Reading outbound files: what is taken, what is told of what is not, and that memory stays flat."""

import io
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from agent.esr_feed.layout import Kind, LayoutUnreadable
from agent.esr_feed.lines import LONGEST, lines, survey
from agent.esr_feed.outbound import Body, Deletion, FileKind, Reader, Seen, Slice
from agent.esr_feed.rejections import KEPT, SENTENCES, Reason, RejectedLine, Rejections
from agent.esr_plugin.feed_settings import layout_of
from schemas.esr_outbound import outbound_layout
from tests.support.esr_file import (
    LAYOUT,
    a_deletion,
    a_department,
    a_file,
    a_header,
    a_person,
    a_position,
    a_registration,
    an_assignment,
    checks,
    encoded,
    somebody,
)

TODAY = date(2026, 11, 27)
KEY = b"k" * 32
type Read = tuple[list[Slice | Deletion], Rejections, Seen]


def read(content: bytes, *, known: set[bytes] | None = None, on: date = TODAY) -> Read:
    stream = io.BytesIO(content)
    encoding = survey(stream).encoding
    stream.seek(0)
    rejections, seen = Rejections(), Seen(known or set())
    body = Body(lines(stream), LAYOUT, rejections)
    found = list(Reader(LAYOUT, key=KEY, on=on, encoding=encoding).read(body, seen, rejections))
    return found, rejections, seen


def the_slice(text: str) -> Slice:
    """What one line is read as."""
    (found,), rejections, _ = read(encoded(a_file([text])))
    assert rejections.kept == []
    assert isinstance(found, Slice)
    return found


def claim_names(each: Slice) -> set[str]:
    """What a slice keeps; checks are kept one by one."""
    if each.kind is not Kind.CHECKS:
        return set(each.facts)
    return {name for check in each.facts.values() if isinstance(check, dict) for name in check["claims"]}


def rejected(*body: str) -> list[RejectedLine]:
    return read(encoded(a_file(body)))[1].kept


def test_a_whole_file_is_read() -> None:
    found, rejections, seen = read(encoded(a_file([*somebody(), a_position(), a_department()])))

    assert rejections.count == 0
    assert seen.lines == 6
    assert {each.kind for each in found} == set(Kind)


def test_an_assignment_says_what_the_employment_credential_carries() -> None:
    found = the_slice(an_assignment(FTE="0.6", ContractEndDate="20270331"))

    assert found.facts == {
        "positionTitle": "Staff Nurse",
        "areaOfWork": "Acute",
        "staffGroup": "Nursing and Midwifery Registered",
        "jobRole": "Staff Nurse",
        "occupationCode": "N6A",
        "payBand": "Review Body Band 5",
        "assignmentCategory": "Permanent",
        "assignmentStatus": "Active Assignment",
        "fte": "0.60",
        "startDate": "2020-01-06",
        "fixedTermEndDate": "2027-03-31",
    }
    assert (found.person, found.number) == ("500001", "90100001")
    assert (found.position, found.department) == ("20", "30")


def test_everything_that_is_kept_is_a_claim_or_of_a_registration() -> None:
    claims = {claim.name for each in schemas.all_definitions() for claim in each.claims}
    found, _, _ = read(encoded(a_file([*somebody(), a_position(), a_department()])))
    kept = {name for each in found if isinstance(each, Slice) for name in claim_names(each)}

    of_registrations = {"registrationBody", "registrationStatus", "registrationNumber"}
    assert kept <= claims | of_registrations


def test_what_is_nobodys_business_has_no_reader() -> None:
    found, _, _ = read(encoded(a_file(somebody())))

    for secret in ("JR482913B", "31415.92", "Single", "12A0001E"):
        assert secret not in repr(found)


def test_a_registration_number_is_a_keyed_hash() -> None:
    one, other = the_slice(a_registration()), the_slice(a_registration(Number="99Z9999E"))

    assert one.facts["registrationNumber"] != other.facts["registrationNumber"]


@pytest.mark.parametrize("end", ["", "19000101", "47121231"])
def test_an_open_end_is_no_end_however_it_is_written(end: str) -> None:
    assert the_slice(a_person(EffectiveEnd=end)).ends is None


def test_the_last_day_of_a_leaver_is_the_end_of_their_slice() -> None:
    assert the_slice(a_person(ActualTerminationDate="20261231")).ends == date(2026, 12, 31)


def test_the_last_day_still_matters_and_the_day_after_it_does_not() -> None:
    assert not the_slice(an_assignment(AssignmentEndDate="20261127")).over
    over = the_slice(an_assignment(AssignmentEndDate="20261126"))
    assert over.over
    assert over.facts == {}


def test_a_slice_knows_the_days_on_which_it_will_turn() -> None:
    coming = the_slice(an_assignment(EffectiveStart="20270101", AssignmentEndDate="20270630"))

    assert coming.turns == (date(2027, 1, 1), date(2027, 7, 1))
    assert the_slice(checks()).turns == (date(2029, 12, 2), date(2030, 1, 2))


def test_the_end_of_the_calendar_is_a_day_like_any_other() -> None:
    assert the_slice(an_assignment(AssignmentEndDate="99991231")).turns == ()


def test_a_deletion_is_of_all_of_a_record_or_of_one_slice() -> None:
    whole = a_deletion("assignment", PersonId="500001", AssignmentId="700001")
    one = a_deletion("assignment", AssignmentId="700001", EffectiveStart="20270101")
    found, _, _ = read(encoded(a_file([whole, one])))

    assert found == [
        Deletion(2, Kind.ASSIGNMENT, "700001", None),
        Deletion(3, Kind.ASSIGNMENT, "700001", date(2027, 1, 1)),
    ]


def test_records_of_other_types_are_counted_and_passed_over() -> None:
    found, rejections, seen = read(encoded(a_file(["LOA~1~Main site", "LOA~2~Annex", "PHD~9"])))

    assert (found, rejections.count) == ([], 0)
    assert seen.passed_over == {"LOA": 2, "PHD": 1}


def test_a_check_that_was_never_recorded_is_not_there() -> None:
    assert "criminal_record" not in the_slice(checks(Dbs="")).facts


@pytest.mark.parametrize(("encoding", "name"), [("utf-8", "Zoë"), ("cp1252", "Zoë"), ("cp1252", "Šárka")])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_either_encoding_and_either_line_end_are_read_alike(encoding: str, name: str, end: str) -> None:
    content = encoded(a_file([a_person(FirstName=name)]), encoding=encoding, end=end)
    (found,), rejections, _ = read(content)

    assert rejections.count == 0
    assert isinstance(found, Slice)
    assert found.facts["legalFirstName"] == name


def test_a_byte_that_is_no_letter_of_windows_1252_is_rejected_where_it_stands() -> None:
    content = encoded(a_file([a_person(FirstName="Zo@"), a_person(2, FirstName="Zoë")]), encoding="cp1252")

    assert read(content.replace(b"@", b"\x81"))[1].kept == [
        RejectedLine(2, "FirstName", Reason.UNREADABLE_CHARACTER)
    ]


def test_another_order_of_columns_is_read_by_its_names() -> None:
    usual = outbound_layout().records["organisation"].columns
    layout = layout_of({Kind.DEPARTMENT: [*reversed(usual), "Own"]})
    rejections = Rejections()
    text = encoded([a_header(), "ORA~~Ward 7~~20100101~30~mine", "TRL~1"])
    body = Body(lines(io.BytesIO(text)), layout, rejections)
    (found,) = Reader(layout, key=KEY, on=TODAY, encoding="utf-8").read(body, Seen(), rejections)

    assert isinstance(found, Slice)
    assert (found.record, found.facts) == ("30", {"department": "Ward 7"})


@pytest.mark.parametrize("columns", [["OrganisationId"], ["OrganisationId"] * 2])
def test_columns_without_what_is_needed_or_with_one_twice_are_refused(columns: list[str]) -> None:
    with pytest.raises(LayoutUnreadable):
        layout_of({Kind.DEPARTMENT: columns})


def test_a_line_that_is_known_is_passed_over_unread() -> None:
    content = encoded(a_file(somebody()))
    first, _, _ = read(content)
    known = {each.digest for each in first if isinstance(each, Slice)}
    again, rejections, seen = read(content, known=known)

    assert (again, rejections.count, seen.unchanged, seen.known) == ([], 0, 4, set())


def test_a_line_is_known_whatever_other_lines_do_to_the_encoding() -> None:
    first, _, _ = read(encoded(a_file([a_person()])))
    assert isinstance(first[0], Slice)
    content = encoded(a_file([a_person(), a_person(2, FirstName="Zoë")]), encoding="cp1252")

    assert read(content, known={first[0].digest})[2].unchanged == 1


def test_a_known_line_that_comes_twice_is_rejected() -> None:
    first, _, _ = read(encoded(a_file([a_person()])))
    assert isinstance(first[0], Slice)
    twice = encoded(a_file([a_person(), a_person()]))

    assert read(twice, known={first[0].digest})[1].kept == [RejectedLine(3, None, Reason.DUPLICATE_RECORD)]


WRONG: list[tuple[str, str | None, Reason]] = [
    (a_person(DOB="19901345"), "DOB", Reason.NOT_A_DATE),
    (a_person(DOB="1990-05-17"), "DOB", Reason.NOT_A_DATE),
    (a_person(DOB=""), "DOB", Reason.VALUE_MISSING),
    (a_person(LastName=" "), "LastName", Reason.VALUE_MISSING),
    (a_person(EmployeeNumber="9010"), "EmployeeNumber", Reason.NOT_A_NUMBER),
    (a_person(EffectiveEnd="20190101"), "EffectiveEnd", Reason.ENDS_BEFORE_IT_STARTS),
    (a_person(FirstName="A\0mara"), "FirstName", Reason.CONTROL_CHARACTER),
    (a_person(FirstName="A" * 301), "FirstName", Reason.TOO_LONG),
    (a_person() + "~", None, Reason.WRONG_COLUMN_COUNT),
    (a_person().rpartition("~")[0], None, Reason.WRONG_COLUMN_COUNT),
    (an_assignment(FTE="2.5"), "FTE", Reason.NOT_A_NUMBER),
    (an_assignment(FTE="half"), "FTE", Reason.NOT_A_NUMBER),
    (an_assignment(PositionName="1|2|3|4|5"), "PositionName", Reason.TOO_MANY_PARTS),
    (checks(Dbs="Perhaps|20200101"), "Dbs", Reason.NOT_IN_THE_LIST),
    (checks(Dbs="Clear|20200101|||Enhanced|1||Maybe"), "Dbs", Reason.NOT_IN_THE_LIST),
    (a_registration(Number=""), "Number", Reason.VALUE_MISSING),
    ("", None, Reason.UNKNOWN_RECORD_TYPE),
    ("pra~1", None, Reason.UNKNOWN_RECORD_TYPE),
    ("x" * (LONGEST + 1), None, Reason.LINE_TOO_LONG),
]


@pytest.mark.parametrize(("text", "column", "reason"), WRONG, ids=[f"{w[1]}-{w[2]}" for w in WRONG])
def test_a_line_that_cannot_be_taken_is_told_by_line_column_and_reason(
    text: str, column: str | None, reason: Reason
) -> None:
    assert rejected(a_person(), text, a_person(2)) == [RejectedLine(3, column, reason)]


def test_a_rejected_line_says_no_value() -> None:
    assert "Fennwyck" not in repr(rejected(a_person(LastName="Fennwyck", DOB="never")))
    assert set(SENTENCES) == set(Reason)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([], RejectedLine(1, None, Reason.HEADER_MISSING)),
        ([a_person(), "TRL~1"], RejectedLine(1, None, Reason.HEADER_MISSING)),
        (["HDR~901~F", "TRL~0"], RejectedLine(1, None, Reason.WRONG_COLUMN_COUNT)),
        (["HDR~9O1~F~20261127 030000~1"], RejectedLine(1, "Vpd", Reason.HEADER_UNREADABLE)),
        (["HDR~901~X~20261127 030000~1"], RejectedLine(1, "Kind", Reason.HEADER_UNREADABLE)),
        (["HDR~901~F~yesterday~1"], RejectedLine(1, "ProducedAt", Reason.HEADER_UNREADABLE)),
        ([a_header(), a_person()], RejectedLine(2, None, Reason.TRAILER_MISSING)),
        ([a_header()], RejectedLine(1, None, Reason.TRAILER_MISSING)),
        ([a_header(), a_person(), "TRL~2"], RejectedLine(3, "Records", Reason.TRAILER_DISAGREES)),
        ([a_header(), "TRL~"], RejectedLine(2, "Records", Reason.TRAILER_DISAGREES)),
        ([a_header(), "TRL~0", a_person()], RejectedLine(3, None, Reason.AFTER_TRAILER)),
    ],
)
def test_a_file_that_is_not_whole_is_rejected(content: list[str], told: RejectedLine) -> None:
    assert read(encoded(content))[1].kept == [told]


def test_the_header_says_whose_file_it_is_and_where_it_stands() -> None:
    body = Body(lines(io.BytesIO(encoded(a_file([], "D", 12)))), LAYOUT, Rejections())

    assert body.header is not None
    assert (body.header.vpd, body.header.kind, body.header.sequence) == ("901", FileKind.DELTA, 12)


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert read(b"\xef\xbb\xbf" + encoded(a_file([a_person()])))[1].count == 0


def test_all_rejected_lines_are_counted_and_a_thousand_kept() -> None:
    _, rejections, _ = read(encoded(a_file(["?"] * (KEPT + 5))))

    assert (rejections.count, len(rejections.kept)) == (KEPT + 5, KEPT)


@given(st.data())
def test_a_file_that_is_cut_short_anywhere_is_rejected(data: st.DataObject) -> None:
    content = encoded(a_file(somebody()))
    cut = data.draw(st.integers(0, len(content) - len("TRL~4\n")))

    assert read(content[:cut])[1].count >= 1


def _with_nul(text: bytes) -> st.SearchStrategy[bytes]:
    return st.integers(0, len(text)).map(lambda at: text[:at] + b"\0" + text[at:])


def _spliced(text: bytes) -> st.SearchStrategy[bytes]:
    return st.tuples(st.integers(0, len(text)), st.integers(0, len(text)), st.binary(max_size=40)).map(
        lambda cut: text[: min(cut[:2])] + cut[2] + text[max(cut[:2]) :]
    )


WHOLE = encoded(a_file([*somebody(), a_position(), a_department(), "LOA~1"]))


@given(st.one_of(st.binary(max_size=2_000), _with_nul(WHOLE), _spliced(WHOLE)))
def test_whatever_stands_in_a_file_is_read_or_rejected_and_never_breaks_the_reader(content: bytes) -> None:
    found, rejections, seen = read(content)

    assert len(found) + rejections.count + seen.unchanged + sum(seen.passed_over.values()) >= seen.lines
    for each in rejections.kept:
        assert each.line >= 1
        assert each.column is None or each.column.isidentifier()


@given(_with_nul(WHOLE))
def test_a_nul_anywhere_is_an_error(content: bytes) -> None:
    assert read(content)[1].count >= 1


class Endless(io.RawIOBase):
    """A file that is made while it is read: a header, one line of so many bytes, and a trailer."""

    def __init__(self, length: int) -> None:
        self._parts: list[bytes | int] = [f"{a_header()}\n".encode(), length, b"\nTRL~1\n"]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        while self._parts and not self._parts[0]:
            self._parts.pop(0)
        if not self._parts:
            return 0
        part = self._parts[0]
        if isinstance(part, int):
            count = min(part, len(buffer))
            buffer[:count] = b"x" * count
            self._parts[0] = part - count
        else:
            count = min(len(part), len(buffer))
            buffer[:count] = part[:count]
            self._parts[0] = part[count:]
        return count


def peak_of(do: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        do()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_line_of_a_gigabyte_is_rejected_in_flat_memory() -> None:
    rejections = Rejections()

    def read_it() -> None:
        stream = io.BufferedReader(Endless(1 << 30), buffer_size=1 << 20)
        body = Body(lines(stream), LAYOUT, rejections)
        assert not list(Reader(LAYOUT, key=KEY, on=TODAY, encoding="utf-8").read(body, Seen(), rejections))

    peak = peak_of(read_it)

    assert rejections.kept == [RejectedLine(2, None, Reason.LINE_TOO_LONG)]
    assert peak < 8 << 20


def test_a_long_line_of_nul_bytes_is_looked_over_and_read_in_flat_memory(tmp_path: Path) -> None:
    file = tmp_path / "sparse.DAT"
    with file.open("wb") as sparse:
        sparse.write(f"{a_header()}\n".encode())
        sparse.truncate(1 << 27)
    rejections = Rejections()

    def read_it() -> None:
        with file.open("rb", buffering=1 << 20) as stream:
            survey(stream)
            stream.seek(0)
            body = Body(lines(stream), LAYOUT, rejections)
            assert not list(
                Reader(LAYOUT, key=KEY, on=TODAY, encoding="utf-8").read(body, Seen(), rejections)
            )

    peak = peak_of(read_it)

    assert {each.reason for each in rejections.kept} == {Reason.LINE_TOO_LONG, Reason.TRAILER_MISSING}
    assert peak < 16 << 20
