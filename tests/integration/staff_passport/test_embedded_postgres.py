import os
import select
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from aries_askar import Store
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from staff_passport.embedded_postgres import EmbeddedPostgres, PostgresUnavailable

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.temporary() as server:
        yield server


def test_the_agents_role_owns_nothing_and_has_no_power(postgres: EmbeddedPostgres) -> None:
    databases = postgres.provide("powerless")

    with psycopg.connect(databases.url) as connection:
        powers = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert powers == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE SCHEMA mine")


def test_the_owner_may_change_the_schema(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.provide("northmoor").migration_url) as connection:
        connection.execute("CREATE SCHEMA issuer CREATE TABLE issuer.passports (id int)")


def test_one_agent_cannot_reach_the_database_of_another(postgres: EmbeddedPostgres) -> None:
    northmoor, calder_bay = postgres.provide("northmoor"), postgres.provide("calder-bay")
    theirs = make_conninfo(northmoor.url, dbname=conninfo_to_dict(calder_bay.url)["dbname"])

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(theirs)


def test_a_wrong_password_is_refused(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.owner_url, password="guess")


def test_passwords_are_for_our_eyes_only(postgres: EmbeddedPostgres) -> None:
    postgres.provide("northmoor")

    assert stat.S_IMODE((postgres.data_dir / "passwords.json").stat().st_mode) == 0o600


def test_providing_twice_gives_the_same_databases(postgres: EmbeddedPostgres) -> None:
    assert postgres.provide("northmoor") == postgres.provide("northmoor")


async def test_askar_keeps_its_store_there_without_the_right_to_make_databases(
    postgres: EmbeddedPostgres,
) -> None:
    url = postgres.provide_wallet("amina").url

    # Askar knows PostgreSQL by the shorter of its two schemes only.
    store = await Store.provision(url.replace("postgresql:", "postgres:"), "raw", Store.generate_raw_key())

    async with store.session() as session:
        await session.insert("colour", "sky", "blue")
    await store.close()


def test_a_second_user_shares_the_server_and_the_last_one_ends_it(postgres: EmbeddedPostgres) -> None:
    port = postgres.port

    with EmbeddedPostgres(postgres.data_dir, durable=False) as shared:
        assert shared.port == port
    psycopg.connect(postgres.owner_url).close()

    postgres.stop()
    assert not (postgres.data_dir / "cluster" / "postmaster.pid").exists()
    postgres.start()


def test_data_is_there_after_a_restart(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.provide("lasting").migration_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1")

    postgres.stop()
    postgres.start()

    with psycopg.connect(postgres.provide("lasting").migration_url) as connection:
        assert connection.execute("TABLE kept").fetchall() == [(1,)]


def test_a_broken_folder_is_reported_with_the_servers_own_words() -> None:
    with EmbeddedPostgres.temporary() as broken:
        broken.stop()
        (broken.data_dir / "cluster" / "PG_VERSION").write_text("9\n")

        with pytest.raises(PostgresUnavailable, match="not compatible"):
            broken.start()


def test_the_server_does_not_outlive_a_killed_user() -> None:
    with EmbeddedPostgres.temporary() as postgres:
        pid = (postgres.data_dir / "cluster" / "postmaster.pid").read_text().split()[0]
        server = os.pidfd_open(int(pid))
        with another_user_of(postgres.data_dir) as user:
            postgres.stop()
            assert has_not_ended(server), "the other one still uses it"

            user.kill()

            assert has_ended(server)


@contextmanager
def another_user_of(data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that uses the server until it is killed."""
    program = """
import pathlib, signal, sys
from staff_passport.embedded_postgres import EmbeddedPostgres
postgres = EmbeddedPostgres(pathlib.Path(sys.argv[1]), durable=False)
postgres.start()
print("started", flush=True)
signal.pause()
"""
    argv = (sys.executable, "-c", program, str(data_dir))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=PROJECT) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == b"started\n"
        yield user


def has_ended(process: int, *, within: float = 60) -> bool:
    """Whether the process behind a pidfd (pidfd_open(2)) has ended, or does so soon."""
    return bool(select.select([process], [], [], within)[0])


def has_not_ended(process: int) -> bool:
    return not has_ended(process, within=0)
