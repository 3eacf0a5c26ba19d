from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, field_validator

from staff_passport.configuration import Configuration, ConfigurationError, load, merged


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Section):
    url: str
    pool: int = 5

    @field_validator("url")
    @classmethod
    def _is_postgres(cls, url: str) -> str:
        if not url.startswith("postgresql://"):
            raise ValueError("a PostgreSQL address is needed")
        return url


class Settings(Section):
    database: Database
    vpds: tuple[str, ...] = ()
    admin_key: int = 0


URL = "postgresql://agent@db/agent"


def a_file(folder: Path, text: str) -> Path:
    file = folder / "agent.yml"
    file.write_text(text)
    return file


def refusal(file: Path | None, **environment: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load(Settings, file, process="agent", environment=environment)
    return str(refused.value)


def test_settings_come_from_the_file(tmp_path: Path) -> None:
    file = a_file(tmp_path, f"database: {{url: '{URL}', pool: 3}}\nvpds: ['901']")

    settings = load(Settings, file, process="agent", environment={})

    assert settings == Settings(database=Database(url=URL, pool=3), vpds=("901",))


def test_the_environment_goes_over_the_file_and_leaves_the_rest(tmp_path: Path) -> None:
    file = a_file(tmp_path, f"database: {{url: '{URL}', pool: 3}}")
    environment = {
        "STAFF_PASSPORT_AGENT__DATABASE__POOL": "9",
        "STAFF_PASSPORT_AGENT__VPDS": '["901", "902"]',
        "STAFF_PASSPORT_REGISTRY__DATABASE__POOL": "1",
    }

    settings = load(Settings, file, process="agent", environment=environment)

    assert settings == Settings(database=Database(url=URL, pool=9), vpds=("901", "902"))


def test_the_environment_alone_is_enough() -> None:
    settings = load(
        Settings, None, process="esr-sandbox", environment={"STAFF_PASSPORT_ESR_SANDBOX__DATABASE__URL": URL}
    )

    assert settings.database.url == URL


def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path) -> None:
    file = a_file(tmp_path, "database: {url: x}")

    assert refusal(file) == "agent.yml: database.url: a PostgreSQL address is needed, got 'x'"


def test_a_wrong_variable_is_named_itself(tmp_path: Path) -> None:
    file = a_file(tmp_path, f"database: {{url: '{URL}'}}")

    assert refusal(file, STAFF_PASSPORT_AGENT__DATABASE__POOL="many").startswith(
        "STAFF_PASSPORT_AGENT__DATABASE__POOL: database.pool: "
    )


def test_a_missing_setting_is_named_both_ways() -> None:
    assert refusal(None, STAFF_PASSPORT_AGENT__DATABASE__POOL="1") == (
        "database.url: is missing; set it in the file, or as STAFF_PASSPORT_AGENT__DATABASE__URL"
    )


def test_a_misspelt_variable_is_not_passed_over(tmp_path: Path) -> None:
    file = a_file(tmp_path, f"database: {{url: '{URL}'}}")

    assert refusal(file, STAFF_PASSPORT_AGENT__DATABSE__POOL="1") == (
        "STAFF_PASSPORT_AGENT__DATABSE__POOL: databse: there is no such setting"
    )


def test_every_wrong_setting_is_told_at_once_in_one_line(tmp_path: Path) -> None:
    message = refusal(a_file(tmp_path, "database: {url: x, pool: many}\ncolour: blue"))

    assert "\n" not in message
    assert [part.split(": ")[1] for part in message.split("; ")] == [
        "database.url",
        "database.pool",
        "colour",
    ]


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    message = refusal(a_file(tmp_path, f"database: {{url: '{URL}'}}\nadmin_key: hunter2"))

    assert message.startswith("agent.yml: admin_key: ")
    assert "hunter2" not in message


def test_a_password_within_an_address_is_not_shown(tmp_path: Path) -> None:
    message = refusal(a_file(tmp_path, "database: {url: 'mysql://me:hunter2@db/x'}"))

    assert message.endswith("got 'mysql://me:***@db/x'")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("database: [", "agent.yml: is not YAML: line 1, column 12"),
        ("just words", "agent.yml: settings are needed, as `name: value`"),
        ("", "agent.yml: database: is missing; set it in the file, or as STAFF_PASSPORT_AGENT__DATABASE"),
    ],
)
def test_a_file_that_holds_no_settings_is_said_so(tmp_path: Path, text: str, sentence: str) -> None:
    assert refusal(a_file(tmp_path, text)) == sentence


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.yml") == f"{tmp_path / 'gone.yml'}: No such file or directory"


def test_a_list_that_is_not_json_is_said_so() -> None:
    assert refusal(None, STAFF_PASSPORT_AGENT__VPDS="[901") == "STAFF_PASSPORT_AGENT__VPDS: is not JSON"


def test_defaults_give_way_to_what_was_said(tmp_path: Path) -> None:
    configuration = Configuration.read("agent", a_file(tmp_path, "database: {pool: 3}"), {})

    complete = configuration.over({"database": {"url": URL, "pool": 1}})

    assert complete.settings(Settings) == Settings(database=Database(url=URL, pool=3))


def test_merging_changes_neither_side() -> None:
    under, over = {"a": {"b": 1}}, {"a": {"c": 2}}

    assert merged(under, over) == {"a": {"b": 1, "c": 2}}
    assert (under, over) == ({"a": {"b": 1}}, {"a": {"c": 2}})
