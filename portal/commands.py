"""Making and removing sign-in accounts, on the portal's own machine."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.fernet import Fernet

from portal.accounts import EMAIL, Email
from portal.database import Database, SchemaUnknown
from portal.errors import Unavailable
from portal.passwords import Passwords, new_password
from portal.records import AccountKnown, AccountRecords
from portal.second_factor import Enrolment, SecondFactors, recovery_digest
from portal.settings import Settings

DONE, NOT_DONE = 0, 1


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What its owner is told once."""

    email: Email
    password: str
    enrolment: Enrolment


def add_account(settings: Settings, email: str) -> int:
    """Make an account and print how its owner sets it up; the exit code."""
    if not EMAIL.fullmatch(email):
        return _not_done(f"{email!r} is no e-mail address")
    try:
        made = asyncio.run(new_account(settings, Email(email.lower())))
    except AccountKnown:
        return _not_done(f"{email} has an account already")
    except (SchemaUnknown, Unavailable) as failure:
        return _not_done(str(failure))
    sys.stdout.write(_told(made))
    return DONE


def remove_account(settings: Settings, email: str) -> int:
    """Remove an account, which ends every session of it; the exit code."""
    try:
        removed = asyncio.run(_remove(settings, Email(email.lower())))
    except (SchemaUnknown, Unavailable) as failure:
        return _not_done(str(failure))
    if not removed:
        return _not_done(f"{email} has no account")
    sys.stdout.write(f"{email} cannot sign in any more; every session has ended.\n")
    return DONE


async def new_account(settings: Settings, email: Email) -> NewAccount:
    """Make one. Raises `AccountKnown`, `SchemaUnknown` or `Unavailable`."""
    password, passwords = new_password(), Passwords()
    enrolment = SecondFactors(Fernet(settings.totp_key.get_secret_value())).enrol(email)
    database = await _database(settings)
    try:
        await AccountRecords(database).add(
            email,
            password_hash=passwords.hash(password),
            totp_secret=enrolment.encrypted_secret,
            recovery_codes=[recovery_digest(code) for code in enrolment.recovery_codes],
            at=datetime.now(UTC),
        )
    finally:
        await database.dispose()
        passwords.close()
    return NewAccount(email, password, enrolment)


async def _remove(settings: Settings, email: Email) -> bool:
    database = await _database(settings)
    try:
        return await AccountRecords(database).remove(email)
    finally:
        await database.dispose()


async def _database(settings: Settings) -> Database:
    database = Database.at(settings.database.url.get_secret_value())
    try:
        await database.require_current_schema()
    except SchemaUnknown:
        await database.dispose()
        raise
    return database


def _told(made: NewAccount) -> str:
    codes = "\n".join(f"  {code}" for code in made.enrolment.recovery_codes)
    return (
        f"e-mail: {made.email}\n"
        f"password: {made.password}\n"
        f"authenticator app: {made.enrolment.uri}\n"
        f"recovery codes, each good once:\n{codes}\n"
        "This is shown once. Give it to its owner in person, or by a way that you trust.\n"
    )


def _not_done(sentence: str) -> int:
    sys.stderr.write(f"staff-passport portal: {sentence}\n")
    return NOT_DONE
