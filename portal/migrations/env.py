"""Alembic's entry: runs migrations as the owner of the database, in one transaction."""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from portal.tables import SCHEMA, Table

engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
with engine.begin() as connection:
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))  # where Alembic keeps its version
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        include_schemas=True,
        compare_type=True,
        version_table_schema=SCHEMA,
    )
    with context.begin_transaction():
        context.run_migrations()
