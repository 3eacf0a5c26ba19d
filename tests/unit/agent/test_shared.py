"""What plugins share: problems, cursors, codes, the audit chain, handlers."""

import json
import logging
from datetime import UTC, datetime

import pytest
from acapy_agent.core.event_bus import Event, EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.utils.testing import create_test_profile
from pydantic import Field, ValidationError

from agent.audit.chain import AuditEntry, first_break, told
from agent.background import subscribe
from agent.domain.errors import Conflict, EmptyPolicy, InvalidInput, NotAuthenticated, Unavailable
from agent.domain.passport import ENDED, NEXT, PassportState, moved
from agent.domain.policy import Policy
from agent.issuer.confirmation import read_code
from agent.organisation.admin_port import may_be_served
from agent.paging import cursor, limit, position
from agent.problems import problem
from agent.routing import Body
from signed_documents.audit_chains import GENESIS, entry_hash


def body_of(error: Exception) -> dict[str, object]:
    response = problem(error)
    assert isinstance(response.text, str)
    body: dict[str, object] = json.loads(response.text)
    return body


def test_a_policy_without_rules_cannot_exist() -> None:
    with pytest.raises(EmptyPolicy):
        Policy[object]("anything", ())


def test_an_unknown_error_says_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    body = body_of(RuntimeError("Amara Fennwick, JR482913B"))

    assert body["status"] == 500
    assert "Fennwick" not in str(body)
    assert "Fennwick" not in caplog.text
    assert "RuntimeError" in caplog.text


def test_why_a_call_was_not_authenticated_is_told_to_nobody_outside() -> None:
    assert "used before" not in str(body_of(NotAuthenticated("the assertion was used before")))


def test_unavailable_says_when_to_try_again() -> None:
    assert problem(Unavailable("ESR does not answer.")).headers["Retry-After"] == "30"


async def test_a_handler_that_fails_is_logged_without_its_event(caplog: pytest.LogCaptureFixture) -> None:
    bus = EventBus()

    async def fail(_profile: Profile, event: Event) -> None:
        raise ValueError(event.payload["content"])

    subscribe(bus, "acapy::basicmessage::received", fail)
    profile = await create_test_profile()
    with caplog.at_level(logging.WARNING):
        await bus.notify(profile, Event("acapy::basicmessage::received", {"content": "my secret"}))
        await bus.task_queue.complete()

    assert "ValueError" in caplog.text
    assert "my secret" not in caplog.text


def test_a_cursor_leads_back_to_its_position() -> None:
    at = (datetime(2026, 11, 23, 9, tzinfo=UTC), "an-id")

    assert position({"cursor": cursor(at)}) == at
    assert position({}) is None


@pytest.mark.parametrize("word", ["", "%", "AAAA", "bm90IGEgZGF0ZSB4", "é"])
def test_a_cursor_that_is_none_of_ours_is_invalid(word: str) -> None:
    with pytest.raises(InvalidInput):
        position({"cursor": word})


@pytest.mark.parametrize("text", ["0", "201", "-1", "x", "", "٣", "9" * 50])
def test_a_limit_out_of_range_is_invalid(text: str) -> None:
    with pytest.raises(InvalidInput):
        limit({"limit": text})


class Asked(Body):
    """A body with words in every place where there can be some."""

    purpose: str
    names: tuple[str, ...] = ()
    further: dict[str, str] = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("name", "value"),
    [("purpose", "a\x00b"), ("names", ["a", "\x00"]), ("further", {"a": "\x00"}), ("further", {"\x00": "a"})],
)
def test_a_nul_anywhere_in_a_body_is_told_by_its_field(name: str, value: object) -> None:
    sent = json.dumps({"purpose": "a", name: value})

    with pytest.raises(ValidationError) as refused:
        Asked.model_validate_json(sent)

    assert [(error["loc"], error["msg"]) for error in refused.value.errors()] == [
        ((name,), "Value error, has a NUL character")
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12345678", "12345678"),
        (" 1234 5678 ", "12345678"),
        ("1234-5678", "12345678"),
        ("1234567", None),
        ("Hello", None),
        ("123456789", None),
    ],
)
def test_a_code_is_eight_digits_and_nothing_else_is_a_try(text: str, code: str | None) -> None:
    assert read_code(text) == code


def test_an_ended_passport_goes_nowhere_and_nothing_skips_confirmation() -> None:
    assert all(not NEXT[state] for state in ENDED)
    with pytest.raises(Conflict):
        moved(PassportState.CONNECTED, PassportState.OFFERED)
    assert [state for state in PassportState if PassportState.OFFERED in NEXT[state]] == [
        PassportState.CONFIRMED
    ]


def test_only_reads_that_say_how_the_agent_is_are_served_beside_our_routes() -> None:
    assert may_be_served("GET", "/status/live", object())
    assert not may_be_served("GET", "/status/config", object())
    assert not may_be_served("POST", "/status/live", object())
    assert not may_be_served("GET", "/plugins/", object())


def a_chain(length: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for sequence in range(1, length + 1):
        entry = AuditEntry(
            organisation="ZZNM1",
            sequence=sequence,
            intent=f"intent-{sequence}",
            phase="intent",
            action="issue identity credential",
            actor="ottilie@northmoor.example",
            subject="0" * 64,
            outcome=None,
            code=None,
            request="-",
            at=datetime(2026, 11, 23, 9, tzinfo=UTC),
            previous=entries[-1].hash if entries else GENESIS,
        )
        entry.hash = entry_hash(told(entry))
        entries.append(entry)
    return entries


@pytest.mark.parametrize(
    ("name", "value"),
    [("actor", "somebody else"), ("outcome", "done"), ("at", datetime(2020, 1, 1, tzinfo=UTC))],
)
def test_any_altered_entry_is_found(name: str, value: object) -> None:
    entries = a_chain(5)
    setattr(entries[2], name, value)

    broken = first_break(entries)

    assert broken is not None
    assert broken.sequence == 3


def test_an_entry_that_was_removed_or_rewritten_is_found() -> None:
    without = a_chain(5)
    del without[1]
    rewritten = a_chain(5)
    rewritten[1].actor = "somebody else"
    rewritten[1].hash = entry_hash(told(rewritten[1]))

    assert first_break(a_chain(5)) is None
    assert getattr(first_break(without), "sequence", None) == 2
    assert getattr(first_break(rewritten), "sequence", None) == 3
