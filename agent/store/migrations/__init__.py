"""The database's schema. `staff-passport migrate` alone changes it."""

from pathlib import Path
from typing import Protocol

from alembic import command
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from agent.store.engine import sqlalchemy_url


class _Database(Protocol):
    url: SecretStr
    migration_url: SecretStr | None


class _Settings(Protocol):
    @property
    def database(self) -> _Database: ...


def migrate(settings: _Settings) -> None:
    """Bring the database to the newest schema, as its owner, and let the agent's role at it."""
    database = settings.database
    owner = database.migration_url or database.url
    upgrade(owner.get_secret_value(), agent_url=database.url.get_secret_value())


def upgrade(owner_url: str, *, agent_url: str) -> None:
    """Run every migration that is missing; `agent_url` says which role is granted what."""
    config = _config()
    config.attributes["url"] = sqlalchemy_url(owner_url)
    config.attributes["agent_role"] = make_url(agent_url).username
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
