"""The portal's schema. `staff-passport portal migrate` alone changes it."""

import sys
from pathlib import Path
from typing import NoReturn

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from portal.database import sqlalchemy_url
from portal.settings import Settings

NOT_MIGRATED = 1
"""The exit code when the database could not be migrated."""
WRONG_SETTINGS = 2


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema, as its owner, and let the portal's role at it.

    What keeps it from that is one line and a non-zero exit.
    """
    database = settings.database
    if database.migration_url is None:
        _stop("database.migration_url: is missing; the role in database.url owns nothing", WRONG_SETTINGS)
    try:
        upgrade(database.migration_url.get_secret_value(), portal_url=database.url.get_secret_value())
    except DBAPIError as error:
        _stop(f"the database cannot be migrated: {' '.join(str(error.orig).split())}", NOT_MIGRATED)


def upgrade(owner_url: str, *, portal_url: str, revision: str = "head") -> None:
    """Run every migration that is missing up to `revision`; `portal_url` says which role is granted what."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = sqlalchemy_url(owner_url)
    config.attributes["portal_role"] = make_url(portal_url).username
    command.upgrade(config, revision)


def _stop(sentence: str, code: int) -> NoReturn:
    sys.stderr.write(f"staff-passport portal migrate: {sentence}\n")
    sys.exit(code)
