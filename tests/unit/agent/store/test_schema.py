from pathlib import Path

from alembic.script import ScriptDirectory

import agent.store.migrations
from agent.store.schema import NEWEST


def test_the_newest_schema_is_what_the_last_migration_makes() -> None:
    migrations = ScriptDirectory(str(Path(agent.store.migrations.__file__).parent))

    assert migrations.get_current_head() == NEWEST, "say the new migration's number in agent/store/schema.py"
