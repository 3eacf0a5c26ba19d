"""The database's schema. `staff-passport migrate` alone changes it."""

import sys
from pathlib import Path
from typing import NoReturn, Protocol

from alembic import command
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from agent.store.engine import sqlalchemy_url

NOT_MIGRATED = 1
"""The exit code when the database could not be migrated."""
WRONG_SETTINGS = 2


class _Database(Protocol):
    url: SecretStr
    migration_url: SecretStr | None
    worker_role: str | None


class _Settings(Protocol):
    @property
    def database(self) -> _Database: ...


def migrate(settings: _Settings) -> None:
    """Bring the database to the newest schema, as its owner, and let the agent's role at it.

    What keeps it from that is one line and a non-zero exit.
    """
    database = settings.database
    if database.migration_url is None:
        _stop("database.migration_url: is missing; the role in database.url owns nothing", WRONG_SETTINGS)
    try:
        owner = database.migration_url.get_secret_value()
        upgrade(owner, agent_url=database.url.get_secret_value(), worker_role=database.worker_role)
    except DBAPIError as error:
        # The database's own words: SQLAlchemy's would add the statement and a link.
        _stop(f"the database cannot be migrated: {' '.join(str(error.orig).split())}", NOT_MIGRATED)


def _stop(sentence: str, code: int) -> NoReturn:
    sys.stderr.write(f"staff-passport migrate: {sentence}\n")
    sys.exit(code)


def upgrade(
    owner_url: str, *, agent_url: str, worker_role: str | None = None, revision: str = "head"
) -> None:
    """Run every migration that is missing up to `revision`; `agent_url` says which role is granted what.

    `worker_role` is let at the queue of jobs, and at nothing else.
    """
    config = _config()
    config.attributes["url"] = sqlalchemy_url(owner_url)
    config.attributes["agent_role"] = make_url(agent_url).username
    command.upgrade(config, revision)
    if worker_role is not None:
        _let_at_the_queue(sqlalchemy_url(owner_url), worker_role)


def _let_at_the_queue(owner_url: str, worker_role: str) -> None:
    engine = create_engine(owner_url, poolclass=NullPool)
    role = engine.dialect.identifier_preparer.quote(worker_role)
    with engine.begin() as connection:
        for what in ("USAGE ON SCHEMA jobs", "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs"):
            connection.execute(text(f"GRANT {what} TO {role}"))
        connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA jobs TO {role}"))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
