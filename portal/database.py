"""The portal's database: reached as a role that owns nothing, and refused if its schema is another one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from portal.errors import Unavailable

NEWEST = "0003"
"""The last migration."""


class SchemaUnknown(Exception):
    """The database has another schema than this release knows, or does not answer; one line says which."""


class Database:
    """Opens units of work."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._looking = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @classmethod
    def at(cls, url: str) -> "Database":
        """The database at `postgresql://…`."""
        engine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=10,
            max_overflow=10,
            pool_pre_ping=True,
            pool_timeout=5,
            hide_parameters=True,  # an error goes to a log, and they are people's sign-in data
        )
        return cls(engine)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[AsyncSession]:
        """A transaction: committed at the end of the block, rolled back when it raises.

        Raises `Unavailable` when the database does not answer.
        """
        with _answering():
            async with self._sessions.begin() as session:
                yield session

    @asynccontextmanager
    async def look(self) -> AsyncIterator[AsyncConnection]:
        """For one statement that only reads: without a transaction, at half of what a unit takes.

        Raises `Unavailable` when the database does not answer.
        """
        with _answering():
            async with self._looking.connect() as connection:
                yield connection

    async def require_current_schema(self) -> None:
        """Raise `SchemaUnknown` unless the schema is exactly the one that we know."""
        try:
            async with asyncio.timeout(10), self._engine.connect() as connection:
                found = await connection.scalar(text("SELECT version_num FROM portal.alembic_version"))
        except (DBAPIError, TimeoutError) as error:
            raise SchemaUnknown(
                "the database cannot be read: is it there, and was `staff-passport portal migrate` run?"
            ) from error
        if found != NEWEST:
            raise SchemaUnknown(
                f"the database has schema {found}, this release knows {NEWEST}:"
                " run `staff-passport portal migrate`"
            )

    async def dispose(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


@contextmanager
def _answering() -> Iterator[None]:
    """Raise `Unavailable` when the database does not answer."""
    try:
        yield
    except (OperationalError, InterfaceError, NoConnectionFree) as error:
        raise Unavailable("database_unavailable") from error


def sqlalchemy_url(url: str) -> str:
    """A `postgresql://` address with the driver that we use named in it."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
