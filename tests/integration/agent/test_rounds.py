"""A round finds everything that waits, the oldest too, and ends what nobody took up in time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from agent.audit.chain import AuditChain
from agent.domain.actors import Actor
from agent.domain.clock import utc_now
from agent.domain.errors import Unavailable
from agent.domain.ports.connections import ConnectionId, ConnectionState
from agent.domain.workforce import OdsCode, Organisation
from agent.issuer.passports import Passports
from agent.issuer.records import PassportRow
from agent.store.engine import Store
from agent.verifier.records import ReviewRow
from agent.verifier.reviews import Reviews
from tests.support.neighbours import NobodyOnRecord, OpenFor, Wallets

MANY = 600
LIFE = timedelta(days=3)

type Row = ReviewRow | PassportRow
type Rounds = Reviews | Passports


def some_organisation() -> Organisation:
    return Organisation(OdsCode(uuid4().hex[:6].upper()), "An organisation", None)


def reviews(store: Store, own: Organisation, wallets: Wallets) -> Reviews:
    audit = AuditChain(store, own.ods_code, b"a salt of a test")
    return Reviews(
        store=store, organisation=own, audit=audit, connections=wallets, invitation_lives=OpenFor(LIFE)
    )


def passports(store: Store, own: Organisation, wallets: Wallets) -> Passports:
    return Passports(
        store=store,
        organisation=own,
        audit=AuditChain(store, own.ods_code, b"a salt of a test"),
        connections=wallets,
        staff_records=NobodyOnRecord(),
        invitation_lives=OpenFor(LIFE),
    )


def a_review(own: Organisation, number: int, at: datetime) -> ReviewRow:
    return ReviewRow(
        organisation=own.ods_code,
        id=str(uuid4()),
        state="invited",
        purpose="Starting work",
        connection=f"connection-{number}",
        created_by="wanjiru@calder-bay.example",
        created_at=at,
        invitation_expires_at=at + LIFE,
    )


def a_passport(own: Organisation, number: int, at: datetime) -> PassportRow:
    return PassportRow(
        organisation=own.ods_code,
        id=str(uuid4()),
        state="invited",
        holder_name="Amara Fennwick",
        employee_number="90100010",
        assignment_number=f"{90_000_000 + number}",
        connection=f"connection-{number}",
        created_by="ottilie@northmoor.example",
        created_at=at,
        invitation_expires_at=at + LIFE,
        wrong_codes=0,
    )


async def kept(store: Store, own: Organisation, *rows: Row) -> None:
    async with store.unit(own.ods_code) as session:
        session.add_all(rows)


BOTH = pytest.mark.parametrize(
    ("rounds", "invited"), [(reviews, a_review), (passports, a_passport)], ids=["reviews", "passports"]
)


@BOTH
async def test_the_oldest_of_many_invitations_is_found_by_a_round(
    store: Store,
    rounds: Callable[[Store, Organisation, Wallets], Rounds],
    invited: Callable[[Organisation, int, datetime], Row],
) -> None:
    own, now = some_organisation(), utc_now()
    rows = [invited(own, number, now - timedelta(seconds=MANY - number)) for number in range(MANY)]
    await kept(store, own, *rows)
    wallets = Wallets({ConnectionId(row.connection): ConnectionState.INVITED for row in rows})
    asked, connected = (ConnectionId(row.connection) for row in rows[:2])
    wallets.states |= {asked: ConnectionState.REQUESTED, connected: ConnectionState.COMPLETED}
    round_ = rounds(store, own, wallets)

    await round_.catch_up()

    assert wallets.states[asked] is ConnectionState.ANSWERED
    assert [(await round_.get(row.id)).state for row in rows[:3]] == ["invited", "connected", "invited"]


@BOTH
async def test_a_round_closes_the_invitations_that_nobody_took_up_in_time(
    store: Store,
    rounds: Callable[[Store, Organisation, Wallets], Rounds],
    invited: Callable[[Organisation, int, datetime], Row],
) -> None:
    own, now = some_organisation(), utc_now()
    late, in_time, untold = (invited(own, n, now - LIFE + timedelta(minutes=n - 1)) for n in (0, 2, 1))
    await kept(store, own, late, in_time, untold)
    wallets = Wallets(
        {
            ConnectionId(late.connection): ConnectionState.INVITED,
            ConnectionId(in_time.connection): ConnectionState.INVITED,
            ConnectionId(untold.connection): ConnectionState.COMPLETED,  # before it ran out: no event told
        }
    )
    round_ = rounds(store, own, wallets)

    await round_.catch_up()

    assert [(await round_.get(row.id)).state for row in (late, in_time, untold)] == [
        "closed",
        "invited",
        "connected",
    ]
    assert wallets.ended == [late.connection]


async def test_an_invitation_that_could_not_be_made_has_its_outcome_in_the_chain(store: Store) -> None:
    own = some_organisation()
    round_ = reviews(store, own, Wallets(answer=False))
    wanjiru = Actor("wanjiru@calder-bay.example", own.ods_code, frozenset(), None)

    with pytest.raises(Unavailable):
        await round_.create("Starting work", by=wanjiru)

    entries = await AuditChain(store, own.ods_code, b"a salt of a test").entries()
    assert [(entry.outcome, entry.code) for entry in entries] == [
        (None, None),
        ("unavailable", "invitation_unavailable"),
    ]
