"""The database, reached as a role that owns nothing and cannot bypass row-level security."""

import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import cast

import psycopg
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

from agent.domain.errors import Unavailable
from agent.domain.workforce import OdsCode

_DOES_NOT_ANSWER = (OperationalError, InterfaceError, NoConnectionFree)
_ODS_CODE = re.compile(r"[A-Z0-9]{3,6}")
RESTED_SECONDS = 5.0
"""A connection that nobody used for so long may have gone without a word."""
unit_in_hand: ContextVar[AsyncSession | None] = ContextVar("unit_in_hand", default=None)
"""The innermost open unit of this task: an audit outcome joins it, and is kept with the change."""


def begin_for(organisation: OdsCode) -> str:
    """Begin a transaction that sees the rows of one organisation: one way to the server and back, not two."""
    if not _ODS_CODE.fullmatch(organisation):
        raise ValueError("this is no organisation's code")
    return f"BEGIN; SELECT set_config('staff_passport.organisation', '{organisation}', true)"


class Store:
    """Opens units of work. Each is bound to one organisation, and sees that one's rows alone."""

    begins: Callable[[OdsCode], str] = staticmethod(begin_for)
    """How a unit of work for an organisation begins."""

    def __init__(self, engine: AsyncEngine, locks: AsyncEngine) -> None:
        self._engine = engine
        self._locks = locks
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @classmethod
    def at(cls, url: str) -> "Store":
        """The store at a PostgreSQL address (`postgresql://…`).

        With connections of their own for locks: a lock is held while units of work are opened, so that many
        who wait for a lock would leave none for who has it.
        """
        return cls(_engine(url), _engine(url))

    @property
    def address(self) -> str:
        """Where it is and as whom we come, password included: for a process of ours, and never for a log."""
        url = self._engine.url.set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    @asynccontextmanager
    async def unit(self, organisation: OdsCode) -> AsyncIterator[AsyncSession]:
        """A transaction: committed at the end of the block, rolled back when it raises.

        Raises `Unavailable` when the database does not answer.
        """
        try:
            async with self._sessions.begin() as session:
                await _begin(await session.connection(), self.begins(organisation))
                token = unit_in_hand.set(session)
                try:
                    yield session
                finally:
                    unit_in_hand.reset(token)
        except _DOES_NOT_ANSWER as error:
            raise Unavailable("The database does not answer.", code="database_unavailable") from error

    @asynccontextmanager
    async def joined(self, organisation: OdsCode) -> AsyncIterator[AsyncSession]:
        """The unit in hand, to be committed or rolled back with it; a unit of its own when there is none."""
        if (session := unit_in_hand.get()) is not None:
            yield session
            return
        async with self.unit(organisation) as own:
            yield own

    @asynccontextmanager
    async def alone(self, task: str) -> AsyncIterator[bool]:
        """Whether, for the length of the block, no other replica is in a block for `task`.

        Raises `Unavailable` when the database does not answer.
        """
        try:
            async with self._locks.connect() as connection, connection.begin():
                await connection.exec_driver_sql("BEGIN")
                lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:task, 0))")
                yield bool(await connection.scalar(lock, {"task": task}))
        except _DOES_NOT_ANSWER as error:
            raise Unavailable("The database does not answer.", code="database_unavailable") from error

    async def dispose(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
        await self._locks.dispose()


async def _begin(connection: AsyncConnection, statement: str) -> None:
    """By the driver itself: every call of the API does this, and SQLAlchemy would take a tenth of it."""
    driver = cast("psycopg.AsyncConnection", (await connection.get_raw_connection()).driver_connection)
    try:
        await driver.execute(statement.encode())
    except psycopg.OperationalError as error:
        raise OperationalError(statement, None, error) from error


def _engine(url: str) -> AsyncEngine:
    """An engine whose transactions begin with our word, so that what a unit needs goes with it."""
    connect = {"autocommit": True}
    engine = create_async_engine(
        sqlalchemy_url(url),
        pool_size=20,
        max_overflow=0,  # a connection that would be closed after one use costs more than the use
        connect_args=connect,
        hide_parameters=True,  # an error goes to a log, and they are what people's records say
    )
    _ask_after_a_rest(engine)
    return engine


def _ask_after_a_rest(engine: AsyncEngine) -> None:
    """Ask a connection whether it still stands when it has rested, and not each time: units are short."""

    def left(_: object, record: ConnectionPoolEntry) -> None:
        record.info["left"] = time.monotonic()

    def taken(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get("left", time.monotonic()) < RESTED_SECONDS:
            return
        dialect = engine.sync_engine.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool takes another one

    event.listen(engine.sync_engine, "checkin", left)
    event.listen(engine.sync_engine, "checkout", taken)


def sqlalchemy_url(url: str) -> str:
    """A `postgresql://` address with the driver that we use named in it."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgresql", "postgres"} else url
