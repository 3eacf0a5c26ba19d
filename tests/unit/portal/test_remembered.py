"""What somebody may do is remembered for a moment, of one session at one organisation."""

from dataclasses import replace
from datetime import UTC, datetime

from agent.domain.actors import Permission
from portal.accounts import AccountId, Email
from portal.remembered import PRUNED_FROM, SECONDS, RememberedPermissions
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


def test_what_is_too_old_takes_no_memory_for_long() -> None:
    clock = Clock()
    remembered = RememberedPermissions(clock)
    for number in range(PRUNED_FROM):
        remembered.keep(replace(SESSION, digest=TokenDigest(str(number))), HELD)
    clock.now += SECONDS

    remembered.keep(SESSION, HELD)

    assert len(remembered._held) == 1  # what is asked about is kept nowhere else
