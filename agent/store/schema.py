"""An agent refuses a database schema that it does not know."""

import asyncio

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from agent.store.engine import sqlalchemy_url

NEWEST = "0015"
"""The last migration. Said here, so that an agent that runs need not load what makes migrations: 11 MB."""


class SchemaUnknown(Exception):
    """The database has another schema than this release knows, or does not answer; one line says which."""


async def require_current_schema(url: str) -> None:
    """Raise `SchemaUnknown` unless the database is at exactly the newest revision that we know."""
    engine = create_async_engine(sqlalchemy_url(url))
    try:
        async with asyncio.timeout(10), engine.connect() as connection:
            found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    except (DBAPIError, TimeoutError) as error:
        raise SchemaUnknown(
            "the database cannot be read: is it there, and was `staff-passport migrate` run?"
        ) from error
    finally:
        await engine.dispose()
    if found != NEWEST:
        raise SchemaUnknown(
            f"the database has schema {found}, this release knows {NEWEST}: run `staff-passport migrate`"
        )
