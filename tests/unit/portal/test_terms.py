"""The terms as they are read: block by block, and beside the version that was accepted."""

from datetime import UTC, date, datetime

import pytest

from agent.domain.registration import Capacity
from portal.agent_client.terms import Acceptance, TermsKind, TermsOverview, TermsState, TermsText
from portal.forms.terms import NOT_READ, AcceptanceForm
from portal.pages.terms import (
    Block,
    Change,
    Section,
    Shape,
    acceptance_lines,
    blocks_of,
    compared,
    due,
    lines,
    reading,
    sections,
)

FIRST = """
# Terms

*Nobody is bound.*

## 1. Who agrees

You and the operator,
and nobody else.

1. You decide.
2. You tell
   your staff.
"""
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ACCEPTED = Acceptance(
    terms=TermsKind.PASSPORT,
    version="1.0",
    digest="a" * 64,
    accepted_by="director@northmoor.example",
    name="Morwenna Dray",
    capacity=Capacity.HR_DIRECTOR,
    accepted_at=NOON,
)


def a_text(text: str, version: str = "1.0") -> TermsText:
    day = date(2026, 1, 5)
    return TermsText(
        kind=TermsKind.PASSPORT,
        version=version,
        title="Terms",
        published=day,
        accept_by=date(2026, 4, 1),
        digest="b" * 64,
        text=text,
    )


def a_state(*, holds: bool, accept_by: date | None, accepted: str | None) -> TermsState:
    return TermsState(
        kind=TermsKind.PASSPORT,
        current="2.0",
        title="Terms",
        published=date(2026, 3, 1),
        digest="b" * 64,
        holds=holds,
        accept_by=accept_by,
        accepted_version=accepted,
    )


def test_a_text_is_read_as_headings_paragraphs_and_items() -> None:
    assert blocks_of(FIRST) == [
        Block(Shape.TITLE, "Terms"),
        Block(Shape.PARAGRAPH, "Nobody is bound."),
        Block(Shape.HEADING, "1. Who agrees"),
        Block(Shape.PARAGRAPH, "You and the operator, and nobody else."),
        Block(Shape.ITEM, "1. You decide."),
        Block(Shape.ITEM, "2. You tell your staff."),
    ]


@pytest.mark.parametrize(
    "text", ["5 * 3 * 2", "<b>&amp;</b>", "a_name_with_marks", "#no heading", "3.5 days"]
)
def test_what_is_no_mark_stays_as_it_stands(text: str) -> None:
    assert blocks_of(text) == [Block(Shape.PARAGRAPH, text)]


def test_another_place_for_a_line_to_break_is_no_difference() -> None:
    again = FIRST.replace("operator,\nand nobody", "operator, and\nnobody")

    assert all(block.change is Change.SAME for block in compared(blocks_of(FIRST), blocks_of(again)))


def test_what_was_removed_stands_where_it_stood_before_what_is_new() -> None:
    now = blocks_of(FIRST.replace("You decide.", "You and we decide.") + "\n## 2. End\n\nIt ends.\n")

    changed = compared(blocks_of(FIRST), now)

    assert [(block.change, block.text) for block in changed if block.change is not Change.SAME] == [
        (Change.REMOVED, "1. You decide."),
        (Change.NEW, "1. You and we decide."),
        (Change.NEW, "2. End"),
        (Change.NEW, "It ends."),
    ]
    assert [block.text for block in changed if block.change is not Change.REMOVED] == [
        block.text for block in now
    ]


def test_differences_are_told_under_their_headings() -> None:
    changed = compared(blocks_of(FIRST), blocks_of(FIRST.replace("2. You tell\n   your staff.", "")))

    assert sections(changed) == [
        Section("1. Who agrees", [Block(Shape.ITEM, "2. You tell your staff.", Change.REMOVED)])
    ]


def test_a_first_version_has_nothing_to_be_compared_with() -> None:
    shown = reading(a_text(FIRST), None, None)

    assert (shown.changes, shown.since, shown.is_unknown) == ([], None, False)


def test_that_the_text_which_was_accepted_is_gone_is_said() -> None:
    shown = reading(a_text(FIRST), ACCEPTED, None)

    assert (shown.is_unknown, shown.changes) == (True, [])


@pytest.mark.parametrize(
    ("state", "word", "is_due"),
    [
        (a_state(holds=True, accept_by=None, accepted="2.0"), "Accepted", False),
        (a_state(holds=False, accept_by=date(2026, 4, 1), accepted=None), "Not accepted", False),
        (a_state(holds=True, accept_by=date(2026, 4, 1), accepted="1.0"), "New version to accept", True),
        (a_state(holds=False, accept_by=date(2026, 4, 1), accepted="1.0"), "Overdue", True),
    ],
)
def test_how_terms_stand_is_said_in_a_word(state: TermsState, word: str, is_due: bool) -> None:  # noqa: FBT001
    overview = TermsOverview(terms=(state,), acceptances=(ACCEPTED,))

    assert [line.word.text for line in lines(overview)] == [word]
    assert bool(due(overview)) is is_due


def test_a_version_that_waits_says_until_when_everything_goes_on() -> None:
    state = a_state(holds=True, accept_by=date(2026, 4, 1), accepted="1.0")

    (line,) = lines(TermsOverview(terms=(state,), acceptances=()))

    assert "until the end of 1 April 2026" in line.detail


def test_acceptances_are_told_newest_first() -> None:
    second = ACCEPTED.model_copy(update={"version": "2.0"})

    told = acceptance_lines(TermsOverview(terms=(), acceptances=(ACCEPTED, second)))

    assert [(line.version, line.capacity) for line in told] == [
        ("2.0", "HR director"),
        ("1.0", "HR director"),
    ]


def test_nobody_accepts_without_a_name_a_capacity_and_having_said_so() -> None:
    assert [error.field for error in AcceptanceForm.read({}).errors] == ["name", "capacity", "agreed"]
    assert AcceptanceForm.read({"name": "A", "capacity": "hr_director"}).errors == (NOT_READ,)
    assert AcceptanceForm.read({"name": "A", "capacity": "king", "agreed": "yes"}).errors != ()
