"""What it costs to know who may what, and to keep organisations' rows apart: `python -m bench.access`.

A hundred thousand people in three hundred organisations, and as many passports. The lock is measured beside a
database without it, one question after the other, so that whatever slows one slows the other.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from agent.audit.chain import AuditChain
from agent.domain.actors import Permission, Role
from agent.domain.workforce import OdsCode, Organisation
from agent.issuer.finding import PassportFilter
from agent.issuer.records import PassportRepository
from agent.organisation.notifications import Notifications
from agent.organisation.people.records import PeopleRepository, PersonStatus
from agent.organisation.people.service import People
from agent.store.engine import Store
from agent.store.migrations import upgrade
from bench.bounds import Bound, all_hold
from bench.results import machine
from bench.spread import Spread, paired_ratios, percentile
from bench.table import bound_table
from staff_passport.embedded_postgres import Databases, EmbeddedPostgres

LATEST = Path(__file__).parent / "results" / "access.json"
MOST_CHECK_SECONDS = 0.001
MOST_LOCK_RATIO = 1.10
_ROUNDS = 5
_LIST = 50
_LOCKED = ("organisation.changes", "organisation.people", "issuer.passports")
console = Console(stderr=True)

type List = Callable[[AsyncSession, OdsCode], Awaitable[object]]


class StoreWithoutLock(Store):
    """The same store, whose units say nothing of whose rows they are to see."""

    begins = staticmethod(lambda _organisation: "BEGIN")


async def _people(session: AsyncSession, own: OdsCode) -> object:
    people = PeopleRepository(session, own)
    return await people.page(status=PersonStatus.ACTIVE, role=None, name=None, after=None, limit=_LIST)


async def _passports(session: AsyncSession, own: OdsCode) -> object:
    return await PassportRepository(session, own).page(PassportFilter(), after=None, limit=_LIST)


LISTS: dict[str, List] = {"people": _people, "passports": _passports}


@dataclass(frozen=True, slots=True)
class AccessFigures:
    """Seconds, and how much longer a list takes with the lock than without."""

    users: int
    organisations: int
    check_p50: float
    check_p95: float
    alone_p50: float
    alone_p95: float
    lists: dict[str, float]
    lock: dict[str, Spread]

    @property
    def bounds(self) -> list[Bound]:
        """What must hold."""
        many = f"{self.users:,} users in {self.organisations} organisations"
        check = Bound(
            f"permission check, p95, of {many}",
            f"under {MOST_CHECK_SECONDS * 1000:.0f} ms",
            f"{self.check_p95 * 1000:.2f} ms",
            self.check_p95 < MOST_CHECK_SECONDS,
        )
        return [check, *(_lock_bound(name, ratio) for name, ratio in self.lock.items())]


def _lock_bound(name: str, ratio: Spread) -> Bound:
    return Bound(
        f"row-level security, list of {name}",
        f"under {MOST_LOCK_RATIO:.2f} of none",
        f"{ratio.median:.3f} ({ratio.lowest:.3f} to {ratio.highest:.3f})",
        ratio.median < MOST_LOCK_RATIO,
    )


async def measure(*, users: int, organisations: int, checks: int) -> AccessFigures:
    """Fill two databases with the same, one without the lock, and ask both."""
    with EmbeddedPostgres.temporary() as postgres:
        locked, unlocked = (_filled(postgres, name, users, organisations) for name in ("locked", "unlocked"))
        _unlock(unlocked)
        store, bare = Store.at(locked.url), StoreWithoutLock.at(unlocked.url)
        try:
            console.print(f"{checks:,} permissions are checked …")
            seconds, alone = await _checks(store, users, organisations, checks)
            lock, lists = {}, {}
            for name, page in LISTS.items():
                console.print(f"The list of {name} is read with the lock and without …")
                rounds = [await _round(store, bare, page, organisations, checks) for _ in range(_ROUNDS)]
                lists[name] = median(with_lock for with_lock, _ in rounds)
                lock[name] = Spread.of(paired_ratios(*map(list, zip(*rounds, strict=True))))
        finally:
            await store.dispose()
            await bare.dispose()
    return AccessFigures(
        users,
        organisations,
        percentile(seconds, 50),
        percentile(seconds, 95),
        percentile(alone, 50),
        percentile(alone, 95),
        lists,
        lock,
    )


async def _checks(
    store: Store, users: int, organisations: int, count: int
) -> tuple[list[float], list[float]]:
    """Seconds of each: as in a call, in the unit in which its assertion is used; and in one of its own."""
    within, alone = [], []
    for number in range(count):
        user = (number * 7919) % users
        own = Organisation(_code(user % organisations), "An organisation")
        async with store.unit(own.ods_code):
            within.append(await _check(_lookup(store, own), user))
        alone.append(await _check(_lookup(store, own), user))
    return within, alone


async def _check(people: People, user: int) -> float:
    """From the name of a sign-in to whether they may."""
    started = time.perf_counter()
    may = (await people.actor(f"user-{user}")).may(Permission.CREDENTIAL_OFFER)
    seconds = time.perf_counter() - started
    if not may:
        raise RuntimeError("a nominated user may not offer")
    return seconds


def _lookup(store: Store, own: Organisation) -> People:
    chain = AuditChain(store, own.ods_code, b"a salt of a benchmark")
    return People(store, own, chain, Notifications(store, own), first={}, is_operator=False)


async def _round(
    store: Store, bare: Store, page: List, organisations: int, count: int
) -> tuple[float, float]:
    """The medians with the lock and without, each question asked of both, in turn."""
    with_lock, without = [], []
    for number in range(count // _ROUNDS):
        own = _code(number % organisations)
        with_lock.append(await _timed(store, page, own))
        without.append(await _timed(bare, page, own))
    return median(with_lock), median(without)


async def _timed(store: Store, page: List, own: OdsCode) -> float:
    started = time.perf_counter()
    async with store.unit(own) as session:
        await page(session, own)
    return time.perf_counter() - started


def _code(number: int) -> OdsCode:
    return OdsCode(f"ZZ{number:04}")


def _filled(postgres: EmbeddedPostgres, name: str, users: int, organisations: int) -> Databases:
    console.print(f"{users:,} people and passports are made ({name}) …")
    databases = postgres.provide(name)
    upgrade(databases.migration_url, agent_url=databases.url)
    with psycopg.connect(databases.migration_url) as connection:
        for table in _LOCKED:
            connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY".encode())
        _copy_people(connection, users, organisations)
        _copy_passports(connection, users, organisations)
        for table in _LOCKED:
            connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY".encode())
        connection.commit()
        connection.autocommit = True
        for table in _LOCKED:
            connection.execute(f"VACUUM ANALYZE {table}".encode())
    return databases


def _unlock(databases: Databases) -> None:
    with psycopg.connect(databases.migration_url) as connection:
        for table in _LOCKED:
            connection.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY".encode())


def _copy_people(connection: psycopg.Connection, users: int, organisations: int) -> None:
    columns = 'organisation, id, "user", name, email, roles, status, added_by, added_at, changed_at'
    now, role = datetime.now(UTC), [Role.NOMINATED_USER.value]
    statement = f"COPY organisation.people ({columns}) FROM STDIN".encode()
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for user in range(users):
            who = (f"{user:036}", f"user-{user}", f"Person {user}", f"user-{user}@bench.example")
            copy.write_row((_code(user % organisations), *who, role, "active", "director", now, now))


def _copy_passports(connection: psycopg.Connection, users: int, organisations: int) -> None:
    columns = (
        "organisation, id, state, holder_name, employee_number, assignment_number, connection, created_by,"
        " created_at, invitation_expires_at, wrong_codes"
    )
    now, statement = datetime.now(UTC), f"COPY issuer.passports ({columns}) FROM STDIN".encode()
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for number in range(users):
            whose = (f"Person {number}", f"{number:08}", f"{number:08}", f"{number:036}", "user-1")
            own = _code(number % organisations)
            copy.write_row((own, f"{number:036}", "active", *whose, now, now, 0))


def main(
    *,
    users: Annotated[int, typer.Option(min=100, help="How many people there are.")] = 100_000,
    organisations: Annotated[int, typer.Option(min=1, help="In how many organisations.")] = 300,
    checks: Annotated[int, typer.Option(min=50, help="How often each thing is asked.")] = 5_000,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = LATEST,
) -> None:
    """Measure the permission check and row-level security."""
    figures = asyncio.run(measure(users=users, organisations=organisations, checks=checks))
    output.parent.mkdir(parents=True, exist_ok=True)
    bounds = [asdict(bound) for bound in figures.bounds]
    result = {"machine": machine(), "figures": asdict(figures), "bounds": bounds}
    output.write_text(json.dumps(result, indent=1), encoding="utf-8")
    out = Console(width=None if sys.stdout.isatty() else 170)
    out.print(bound_table(figures.bounds))
    out.print_json(json.dumps(asdict(figures)))
    raise typer.Exit(0 if all_hold(figures.bounds) else 1)


if __name__ == "__main__":
    typer.run(main)
