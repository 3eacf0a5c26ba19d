"""A portal before a real agent, whose organisation has many passports and many people signed in."""

import asyncio
import secrets
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import yaml
from cryptography.fernet import Fernet

from bench.process_figures import Meter
from portal.accounts import Email
from portal.database import Database
from portal.records import AccountRecords, SessionRecords
from portal.sessions import Proof, Session, SessionToken, digest_of
from portal.sign_in import ASSURANCE
from portal.visits import SESSION_COOKIE
from staff_passport.demo.network import CONSOLE, NORTHMOOR, OPERATOR, Network, a_network, free_port
from staff_passport.embedded_postgres import Databases, EmbeddedPostgres
from staff_passport.processes import Process, Program

type Json = dict[str, Any]

FIRST_NAMES = ["Amara", "Idris", "Odette", "Zoë", "Kofi", "Tegan", "Samir", "Wanjiru", "Rosalind", "Ottilie"]
SURNAMES = [
    *("Fennwick", "Calderford", "Quillfeather", "Thornbeck", "Marlowe"),
    *("Ashgrove", "Dunfield", "Hartwell", "Pemberly", "Oakes"),
]
STAFF_GROUPS = ("Nursing and Midwifery Registered", "Medical and Dental", "Allied Health Professionals")
EMPLOYMENT_TYPES = ("Permanent", "Permanent", "Permanent", "Bank", "Fixed Term Temp", "Locum")
STATES = (
    *["active"] * 12,
    *["deactivated"] * 4,
    "closed",
    "closed",
    "offered",
    "confirmed",
    "invited",
    "connected",
)
OFFICER = "officer@northmoor.example"
NEVER_RIGHT = "this is the hash of no password"
_PASSPORTS = """
    INSERT INTO issuer.passports (organisation, id, state, holder_name, employee_number, assignment_number,
        connection, created_by, created_at, invitation_expires_at, wrong_codes, staff_group, employment_type)
    SELECT %(own)s, gen_random_uuid()::text, (%(states)s::text[])[1 + n %% %(of_states)s],
        (%(first)s::text[])[1 + n %% 10] || ' ' || (%(last)s::text[])[1 + (n / 10) %% 10] || '-' ||
        (%(last)s::text[])[1 + (n / 100) %% 10],
        (90200000 + n)::text, (90200000 + n)::text, 'bench-' || n, 'ottilie@northmoor.example',
        now() - n * interval '7 minutes', now() + interval '30 days', 0,
        (%(groups)s::text[])[1 + n %% 3], (%(types)s::text[])[1 + n %% 6]
    FROM generate_series(1, %(count)s) n
"""
_WORDS = """
    INSERT INTO issuer.passport_names
    SELECT DISTINCT organisation, replace(lower(word), 'ë', 'e'), id
    FROM issuer.passports, regexp_split_to_table(holder_name, '[ -]') word WHERE connection LIKE 'bench-%%'
"""
_PEOPLE = """
    INSERT INTO organisation.people (organisation, id, "user", name, email, roles, status, added_by, added_at,
        changed_at, first_signed_in_at)
    SELECT %(own)s, gen_random_uuid()::text, email, 'Person of HR', email,
        CASE email WHEN %(officer)s THEN ARRAY['nominated_user', 'administrator', 'auditor']
            ELSE ARRAY['nominated_user'] END, 'active', 'administrator@northmoor.example', now(), now(), now()
    FROM unnest(%(emails)s::text[]) email
"""
_REVIEWS = """
    INSERT INTO verifier.reviews (organisation, id, state, purpose, connection, created_by, created_at,
        invitation_expires_at)
    SELECT %(own)s, gen_random_uuid()::text,
        (ARRAY['connected', 'connected', 'closed'])[1 + n %% 3], 'Starting work on ward ' || n, 'bench-' || n,
        'ottilie@northmoor.example', now() - n * interval '7 minutes', now() + interval '30 days'
    FROM generate_series(1, %(count)s) n
"""
_REQUESTS = """
    INSERT INTO verifier.presentation_requests (organisation, id, review, state, types, reasons, requested_by,
        requested_at, answer_by, decided_at)
    SELECT %(own)s, gen_random_uuid()::text, id,
        (ARRAY['accepted', 'accepted', 'refused', 'declined'])[1 + (row_number() OVER ()) %% 4],
        ARRAY['identity', 'employment'], '[]', created_by, created_at, created_at, created_at
    FROM verifier.reviews WHERE connection LIKE 'bench-%%' AND state = 'connected'
"""
_TASKS = """
    INSERT INTO organisation.tasks (organisation, id, kind, passport, reason, state, opened_at, assignee)
    SELECT %(own)s, gen_random_uuid()::text, 'correction', id, 'incorrect', 'open', now(),
        (%(emails)s::text[])[1 + (row_number() OVER ()) %% %(people)s]
    FROM issuer.passports WHERE state = 'offered' LIMIT 400
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """What is measured."""

    origin: str
    portal: Process
    network: Network
    cookies: Sequence[str]
    """Of one session for each person who is signed in."""
    officer: str
    """Of an administrator who reads the audit, too, and clicks nothing."""
    passport: str
    """One that is active."""

    @property
    def meter(self) -> Meter:
        """What the portal uses."""
        return Meter(self.portal.pid or 0)

    @property
    def agent_meter(self) -> Meter:
        """What the agent uses."""
        process = self.network.agents[NORTHMOOR.slug].process
        return Meter((process and process.pid) or 0)


@asynccontextmanager
async def a_stage(folder: Path, *, passports: int, people: int) -> AsyncIterator[Stage]:
    """Start all of it; stop all of it at the end of the block."""
    emails = [f"person-{number}@northmoor.example" for number in range(people)]
    with EmbeddedPostgres.temporary() as postgres:
        async with a_network(folder, postgres, parties=(OPERATOR, NORTHMOOR)) as network:
            passport = _fill(postgres.provide(NORTHMOOR.slug), passports, emails)
            databases = postgres.provide("portal")
            settings = _settings(network, databases)
            config = folder / "portal.yml"
            config.write_text(yaml.safe_dump(settings))
            await asyncio.to_thread(
                subprocess.run, (*CONSOLE, "portal", "migrate", "--config", str(config)), check=True
            )
            *cookies, officer = await _signed_in(databases, [*emails, OFFICER])
            program = Program("portal", (*CONSOLE, "portal", "--config", str(config)), folder / "portal.log")
            process = await network.processes.start(program, ready=f"{settings['origin']}/status/ready")
            yield Stage(settings["origin"], process, network, cookies, officer, passport)


def _fill(databases: Databases, passports: int, emails: Sequence[str]) -> str:
    """As the owner, in one go: no agent has made this many in an afternoon. The id of one passport."""
    told = {
        "own": NORTHMOOR.ods_code,
        "count": passports,
        "states": list(STATES),
        "of_states": len(STATES),
        "first": FIRST_NAMES,
        "last": SURNAMES,
        "groups": list(STAFF_GROUPS),
        "types": list(EMPLOYMENT_TYPES),
        "emails": [*emails, OFFICER],
        "officer": OFFICER,
        "people": len(emails),
    }
    with psycopg.connect(databases.migration_url, autocommit=True) as connection:
        connection.execute(
            "SELECT set_config('staff_passport.organisation', %s, false)", [NORTHMOOR.ods_code]
        )
        for statement in (_PASSPORTS, _WORDS, _PEOPLE, _TASKS, _REVIEWS, _REQUESTS):
            connection.execute(statement.encode(), told)
        connection.execute("VACUUM ANALYZE")
        found = connection.execute(
            "SELECT id FROM issuer.passports WHERE state = 'active' LIMIT 1"
        ).fetchone()
    if found is None:
        raise RuntimeError("none of the passports is active")
    return str(found[0])


async def _signed_in(databases: Databases, emails: Sequence[str]) -> list[str]:
    """Accounts that nobody can sign in to, and a session of each, as if they had."""
    database, now, cookies = Database.at(databases.url), datetime.now(UTC), list[str]()
    accounts, sessions = AccountRecords(database), SessionRecords(database)
    for email in map(Email, emails):
        account = await accounts.add(
            email,
            password_hash=NEVER_RIGHT,
            totp_secret=b"none",
            recovery_codes=[],
            at=now,
        )
        token = SessionToken(secrets.token_urlsafe(32))
        await sessions.add(
            Session(
                digest_of(token),
                account,
                email,
                now,
                now,
                Proof(ASSURANCE, now),
                organisation=NORTHMOOR.ods_code,
            )
        )
        cookies.append(f"{SESSION_COOKIE}={token}")
    await database.dispose()
    return cookies


def _settings(network: Network, databases: Databases) -> Json:
    port, agent = free_port(), network.agents[NORTHMOOR.slug]
    return {
        "origin": f"http://127.0.0.1:{port}",
        "port": port,
        "database": {"url": databases.url, "migration_url": databases.migration_url},
        "totp_key": Fernet.generate_key().decode(),
        "form_key": secrets.token_hex(32),
        "signing": {"id": network.portal.id, "key": network.portal.private_pem},
        "organisations": {
            NORTHMOOR.ods_code: {
                "name": NORTHMOOR.name,
                "agent": agent.base,
                "api_key": agent.settings["admin"]["api_key"],
            }
        },
    }
