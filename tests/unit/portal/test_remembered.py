"""What somebody may do is remembered for a moment, of one session at one organisation."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from agent.domain.actors import Permission
from portal.accounts import AccountId, Email
from portal.agent_client.passports import PassportCalls, PassportKinds
from portal.remembered import SECONDS, RememberedKinds, RememberedPermissions
from portal.sessions import Proof, Session, TokenDigest

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SESSION = Session(
    TokenDigest("d"),
    AccountId("a"),
    Email("kofi@northmoor.example"),
    NOON,
    NOON,
    Proof("an assurance", NOON),
    organisation="ZZNM1",
)
KINDS = PassportKinds(staff_groups=("Medical and Dental",), employment_types=("Bank",))
HELD = frozenset({Permission.PASSPORT_READ})


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_is_forgotten_soon() -> None:
    clock = Clock()
    remembered = RememberedPermissions(clock)
    remembered.keep(SESSION, HELD)

    clock.now += SECONDS - 1
    assert remembered.held(SESSION) == HELD
    clock.now += 1
    assert remembered.held(SESSION) == frozenset()


def test_it_is_of_one_session_and_one_organisation() -> None:
    remembered = RememberedPermissions(Clock())
    remembered.keep(SESSION, HELD)

    assert remembered.held(replace(SESSION, organisation="ZZCB1")) == frozenset()
    assert remembered.held(replace(SESSION, digest=TokenDigest("another"))) == frozenset()


class Agent:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def kinds(self) -> PassportKinds:
        self.asked += 1
        return KINDS


async def test_what_a_list_can_be_narrowed_to_is_asked_once_a_moment_for_each_organisation() -> None:
    clock, agent = Clock(), Agent()
    remembered, calls = RememberedKinds(clock), cast("PassportCalls", agent)

    assert await remembered.of(SESSION, calls) == KINDS
    assert await remembered.of(replace(SESSION, digest=TokenDigest("a colleague")), calls) == KINDS
    assert agent.asked == 1
    await remembered.of(replace(SESSION, organisation="ZZCB1"), calls)
    assert agent.asked == 2
    clock.now += SECONDS
    await remembered.of(SESSION, calls)
    assert agent.asked == 3
