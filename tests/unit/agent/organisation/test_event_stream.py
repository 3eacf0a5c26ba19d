"""What of all that changed an actor is told, and how it is written."""

from collections.abc import Sequence
from typing import cast

import pytest

from agent.domain.actors import PERMISSIONS, Actor, Role
from agent.domain.workforce import OdsCode
from agent.organisation import event_stream
from agent.store.changes import Change, Changes, Kind, Position

START = Position(7, 1)
EVERYTHING = [Change(Position(8, number), kind, f"{kind}-1") for number, kind in enumerate(Kind)]


class OneMinute:
    """Three things change at once; then nothing does."""

    def __init__(self, *, forgotten: bool = False) -> None:
        self.forgotten = forgotten
        self.asked = list[Position]()

    async def now(self) -> Position:
        return START

    async def has_forgotten(self, _position: Position) -> bool:
        return self.forgotten

    async def wait(self, position: Position, *, at_most: float) -> Sequence[Change]:
        assert 0 < at_most <= event_stream.SIGN_OF_LIFE
        self.asked.append(position)
        return EVERYTHING if len(self.asked) == 1 else ()


async def told(changes: OneMinute, role: Role, after: Position | None = None) -> list[str]:
    """What is sent until the second time that nothing changed."""
    actor = Actor("somebody", OdsCode("ZZNM1"), PERMISSIONS[role], None)
    sent = list[str]()
    async for each in event_stream.told(cast("Changes", changes), after, actor):
        sent.append(each.decode())
        if len(changes.asked) == 3:
            break
    return sent


def names(sent: list[str]) -> list[str]:
    return [line.removeprefix("event: ") for each in sent for line in each.splitlines() if "event: " in line]


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (Role.NOMINATED_USER, ["passport", "review", "task", "weak_match", "registration"]),
        (Role.VERIFIER, ["review", "registration"]),
        (Role.HR_DIRECTOR, ["registration"]),
        (Role.OPERATOR, ["registration", "application"]),
    ],
)
async def test_each_is_told_of_what_they_may_read(role: Role, kinds: list[str]) -> None:
    assert names(await told(OneMinute(), role)) == ["ready", *kinds]


async def test_an_event_names_the_thing_and_no_more_and_what_was_read_is_not_asked_for_again() -> None:
    changes = OneMinute()
    sent = await told(changes, Role.VERIFIER)
    assert sent[:2] == [
        "id: 7-1\nevent: ready\ndata: {}\n\n",
        'id: 8-1\nevent: review\ndata: {"id": "review-1"}\n\n',
    ]
    assert names(sent[2:]) == ["registration"]
    assert set(sent[3:]) == {": nothing changed\n\n"}
    assert changes.asked == [START, EVERYTHING[-1].position, EVERYTHING[-1].position]


async def test_who_was_away_too_long_is_told_that_they_missed_something() -> None:
    after = Position(1, 1)
    assert names(await told(OneMinute(forgotten=True), Role.AUDITOR, after))[0] == "missed"
    assert names(await told(OneMinute(forgotten=True), Role.AUDITOR))[0] == "ready"
