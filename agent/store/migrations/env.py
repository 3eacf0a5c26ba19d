"""Alembic's entry: runs migrations as the owner of the database, in one transaction."""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from agent.store.tables import Table

engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=Table.metadata, include_schemas=True, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()
