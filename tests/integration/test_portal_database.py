"""The portal's own schema, by the commands that an administrator types."""

import asyncio
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import yaml
from cryptography.fernet import Fernet

from agent_client import PortalKey
from portal.accounts import Account, AccountId, Email
from portal.attempts import Attempt, AttemptDigest
from portal.database import Database
from portal.migrations import upgrade
from portal.openid.person import ProvenPerson
from portal.openid.refusals import NotSignedInThere
from portal.passkey_records import PasskeyRecords
from portal.passkeys import Owner, Passkey, PasskeyId
from portal.records import AccountRecords, AttemptRecords, PeopleOfProviders, SessionRecords
from portal.sessions import Proof, TokenDigest
from staff_passport.demo.network import CONSOLE
from staff_passport.embedded_postgres import Databases, EmbeddedPostgres
from tests.support.portal_people import NOON
from tests.support.ports import free_port

EMAIL = "ottilie@northmoor.example"


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """The settings of a portal whose database is empty."""
    key = PortalKey.new()
    with EmbeddedPostgres.temporary() as postgres:
        databases, port = postgres.provide("portal"), free_port()
        settings = {
            "origin": f"http://127.0.0.1:{port}",
            "port": port,
            "database": {"url": databases.url, "migration_url": databases.migration_url},
            "totp_key": Fernet.generate_key().decode(),
            "form_key": secrets.token_hex(32),
            "signing": {"id": key.id, "key": key.private_pem},
            "organisations": {
                "ZZNM1": {"name": "Northmoor", "agent": "http://127.0.0.1:9", "api_key": "k" * 16}
            },
        }
        file = tmp_path / "portal.yml"
        file.write_text(yaml.safe_dump(settings))
        yield file


def typed(*words: str, config: Path) -> subprocess.CompletedProcess[str]:
    argv = (*CONSOLE, "portal", *words, "--config", str(config))
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=180)


def test_a_portal_does_not_start_over_a_schema_that_it_does_not_know(config: Path) -> None:
    refused = typed(config=config)

    assert refused.returncode == 1
    assert "was `staff-passport portal migrate` run?" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert typed("add-account", EMAIL, config=config).returncode == 1


def test_an_account_is_made_once_and_removed_once(config: Path) -> None:
    assert typed("migrate", config=config).returncode == 0
    assert typed("migrate", config=config).returncode == 0  # again does no harm

    made = typed("add-account", EMAIL.upper(), config=config)
    assert f"e-mail: {EMAIL}" in made.stdout
    assert "otpauth://totp/" in made.stdout
    again = typed("add-account", EMAIL, config=config)
    assert (again.returncode, again.stdout) == (1, "")

    assert typed("remove-account", EMAIL, config=config).returncode == 0
    assert typed("remove-account", EMAIL, config=config).returncode == 1
    assert typed("add-account", "no address", config=config).returncode == 1


@pytest.fixture
async def database() -> AsyncIterator[Databases]:
    """An empty one, as a portal before this release left it."""
    with EmbeddedPostgres.temporary() as postgres:
        databases = postgres.provide("portal")
        await asyncio.to_thread(upgrade, databases.migration_url, portal_url=databases.url, revision="0001")
        yield databases


async def test_who_has_an_account_and_is_signed_in_stays_so_when_the_schema_changes(
    database: Databases,
) -> None:
    with psycopg.connect(database.migration_url) as connection:
        connection.execute(
            "INSERT INTO portal.account (id, email, password_hash, totp_secret, totp_step, recovery_codes,"
            " wrong_tries, created_at) VALUES ('one', %s, 'hash', 'secret', 7, '{code}', 2, now())",
            [EMAIL],
        )
        connection.execute(
            "INSERT INTO portal.session (digest, account, signed_in_at, seen_at)"
            " VALUES ('digest', 'one', %s, %s)",
            [NOON, NOON],
        )

    await asyncio.to_thread(upgrade, database.migration_url, portal_url=database.url)

    portal = Database.at(database.url)
    assert await AccountRecords(portal).by_email(Email(EMAIL)) == Account(
        AccountId("one"), Email(EMAIL), "hash", b"secret", 7, frozenset({"code"}), 2
    )
    session = await SessionRecords(portal).find(TokenDigest("digest"))
    assert session is not None
    assert session.proof == Proof("urn:staff-passport:acr:password-and-second-factor", NOON)
    await portal.dispose()


async def test_a_person_is_one_account_however_they_sign_in_and_goes_as_one(database: Databases) -> None:
    await asyncio.to_thread(upgrade, database.migration_url, portal_url=database.url)
    portal = Database.at(database.url)
    accounts, people, email = AccountRecords(portal), PeopleOfProviders(portal), Email(EMAIL)
    imogen = ProvenPerson("https://card.example", "imogen-1", email, NOON)
    there = await people.admit(imogen, NOON)
    here = await accounts.add(email, password_hash="h", totp_secret=b"s", recovery_codes=[], at=NOON)
    passkeys = PasskeyRecords(portal)
    await passkeys.add(Passkey(PasskeyId(b"key"), here, "Phone", b"public", 0, NOON))

    assert here == there == await people.admit(replace(imogen, issuer="https://mail.example"), NOON)
    with pytest.raises(NotSignedInThere):
        await people.admit(replace(imogen, subject="imogen-2"), NOON)
    assert await passkeys.use(PasskeyId(b"key"), lambda each: replace(each, sign_count=3)) == Owner(
        here, email
    )
    assert [each.sign_count for each in await passkeys.of(here)] == [3]

    assert await accounts.remove(email)
    assert await passkeys.of(here) == []
    assert await people.admit(replace(imogen, subject="imogen-2"), NOON) != here
    await portal.dispose()


async def test_of_two_who_bring_one_attempt_one_gets_it(database: Databases) -> None:
    await asyncio.to_thread(upgrade, database.migration_url, portal_url=database.url)
    portal = Database.at(database.url)
    attempts = AttemptRecords(portal)
    attempt = Attempt(AttemptDigest("digest"), "a purpose", "/", NOON)
    await attempts.add(attempt, now=NOON - timedelta(minutes=1))

    taken = await asyncio.gather(*(attempts.take(attempt.digest) for _ in range(5)))

    assert sorted(taken, key=bool) == [None, None, None, None, attempt]
    await attempts.add(attempt, now=NOON)
    await attempts.add(replace(attempt, digest=AttemptDigest("another")), now=NOON)
    assert await attempts.take(attempt.digest) is None, "what has ended is forgotten"
    await portal.dispose()
