"""The terms as they are read, and what is different since they were accepted."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum

from agent.domain.registration import Capacity
from portal.agent_client.terms import Acceptance, TermsKind, TermsOverview, TermsState, TermsText
from portal.pages.words import Word

NAMES = {TermsKind.PASSPORT: "Staff passport terms", TermsKind.ESR: "ESR API terms"}
CAPACITIES = {
    Capacity.HR_DIRECTOR: "HR director",
    Capacity.NOMINATED_DEPUTY: "Deputy whom the HR director nominated",
}
HEADING = re.compile(r"(#+)\s+(.*)")
ITEM = re.compile(r"(\d+[.)]|[-*])\s+(.*)")
EMPHASIS = re.compile(r"(?<!\w)[*_]{1,2}(\S(?:.*?\S)?)[*_]{1,2}(?!\w)")


class Shape(StrEnum):
    """How a block of the text is set."""

    TITLE = "title"
    HEADING = "heading"
    ITEM = "item"
    PARAGRAPH = "paragraph"


class Change(StrEnum):
    """What became of a block since the version that was accepted, as the page says it."""

    SAME = ""
    NEW = "New"
    REMOVED = "Removed"


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph or numbered item."""

    shape: Shape
    text: str
    change: Change = Change.SAME


@dataclass(frozen=True, slots=True)
class Section:
    """What is different under one heading."""

    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Reading:
    """One version to read, beside the one that was accepted before, if another was."""

    text: TermsText
    name: str
    blocks: Sequence[Block]
    since: Acceptance | None
    """What the blocks are compared with."""
    is_unknown: bool
    """Another version was accepted, whose text is not there any more."""
    changes: Sequence[Section]


@dataclass(frozen=True, slots=True)
class Line:
    """One set, in the list of both."""

    name: str
    href: str
    word: Word
    detail: str
    version: str


@dataclass(frozen=True, slots=True)
class AcceptanceLine:
    """One acceptance, in the list of all."""

    terms: str
    version: str
    name: str
    capacity: str
    at: datetime


def blocks_of(text: str) -> list[Block]:
    """A text in the marks of Markdown that our terms use, as blocks; what is no mark stays as it stands."""
    return [_block(" ".join(lines)) for lines in _grouped(text.splitlines())]


def _grouped(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines of each block: an empty line ends one, and a heading or item begins one."""
    group: list[str] = []
    for line in map(str.strip, lines):
        begins = HEADING.fullmatch(line) or ITEM.fullmatch(line)
        if group and (not line or begins or HEADING.fullmatch(group[0])):
            yield group
            group = []
        if line:
            group.append(line)
    if group:
        yield group


def _block(line: str) -> Block:
    if heading := HEADING.fullmatch(line):
        shape = Shape.TITLE if len(heading[1]) == 1 else Shape.HEADING
        return Block(shape, _plain(heading[2]))
    return Block(Shape.ITEM if ITEM.fullmatch(line) else Shape.PARAGRAPH, _plain(line))


def _plain(text: str) -> str:
    return EMPHASIS.sub(r"\1", text)


def compared(before: Sequence[Block], now: Sequence[Block]) -> list[Block]:
    """The newer text, block by block, with what is new and, where it stood, what was removed."""
    told: list[Block] = []
    matcher = SequenceMatcher(None, before, now, autojunk=False)
    for kind, gone_from, gone_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            told += now[new_from:new_to]
            continue
        told += [replace(block, change=Change.REMOVED) for block in before[gone_from:gone_to]]
        told += [replace(block, change=Change.NEW) for block in now[new_from:new_to]]
    return told


def sections(blocks: Sequence[Block]) -> list[Section]:
    """What is different, under the headings that it stands under."""
    found: dict[str, list[Block]] = {}
    heading = ""
    for block in blocks:
        if block.shape in {Shape.TITLE, Shape.HEADING} and block.change is not Change.REMOVED:
            heading = block.text
        if block.change is not Change.SAME:
            found.setdefault(heading, []).append(block)
    return [Section(heading, changed) for heading, changed in found.items()]


def reading(text: TermsText, since: Acceptance | None, before: TermsText | None) -> Reading:
    """`text` beside `before`, which is the text that was accepted with `since`, if it is still there."""
    blocks = blocks_of(text.text)
    if before is not None:
        blocks = compared(blocks_of(before.text), blocks)
    is_unknown = since is not None and before is None
    return Reading(text, NAMES[text.kind], blocks, since, is_unknown, sections(blocks))


def lines(overview: TermsOverview) -> list[Line]:
    """Both sets, as a list shows them."""
    return [
        Line(NAMES[state.kind], f"/terms/{state.kind}", _word(state), _detail(state), state.current)
        for state in overview.terms
    ]


def acceptance_lines(overview: TermsOverview) -> list[AcceptanceLine]:
    """Everything that was accepted, the newest first."""
    return [
        AcceptanceLine(
            NAMES[each.terms], each.version, each.name, CAPACITIES[each.capacity], each.accepted_at
        )
        for each in reversed(overview.acceptances)
    ]


def _word(state: TermsState) -> Word:
    if state.accept_by is None:
        return Word("Accepted", "green")
    if state.accepted_version is None:
        return Word("Not accepted", "red")
    return Word("New version to accept", "yellow") if state.holds else Word("Overdue", "red")


def _detail(state: TermsState) -> str:
    if state.accept_by is None or state.accepted_version is None:
        return ""
    day = f"{state.accept_by.day} {state.accept_by:%B %Y}"
    if state.holds:
        return f"Everything goes on until the end of {day}, the last day to accept it."
    return f"It had to be accepted by {day}. What it is about is refused until it is."


def due(overview: TermsOverview) -> list[Line]:
    """Those of which a new version waits to be accepted."""
    waiting = {state.kind for state in overview.terms if state.accept_by and state.accepted_version}
    return [
        line for line, state in zip(lines(overview), overview.terms, strict=True) if state.kind in waiting
    ]


def capacity_items(chosen: str) -> list[dict[str, object]]:
    """As the design system's radios take them."""
    return [
        {"value": str(capacity), "text": text, "checked": capacity == chosen}
        for capacity, text in CAPACITIES.items()
    ]
