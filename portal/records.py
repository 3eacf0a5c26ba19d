"""Accounts, sessions and drafts as rows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, Select, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal.accounts import Account, AccountId, Accounts, Email, Judged
from portal.attempts import Attempt, AttemptDigest, KeptAttempts
from portal.database import Database
from portal.drafts import KeptDrafts, SealedDraft
from portal.openid.person import ProvenPerson
from portal.openid.refusals import NotSignedInThere, Reason
from portal.openid.service import KnownPeople
from portal.sessions import KeptSessions, Proof, Session, TokenDigest
from portal.tables import (
    AccountRow,
    AttemptRow,
    DraftRow,
    LocalSignInRow,
    ProviderSubjectRow,
    SessionRow,
    SignInTryRow,
)


class AccountKnown(Exception):
    """The person of this e-mail address signs in here already."""


class AccountRecords(Accounts):
    """Accounts in the portal's schema, of those who sign in here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_email(self, email: Email) -> Account | None:
        return await self._one(_local().where(AccountRow.email == email))

    async def by_id(self, account: AccountId) -> Account | None:
        return await self._one(_local().where(AccountRow.id == account))

    async def _one(self, which: Select[LocalSignInRow, str]) -> Account | None:
        async with self._database.unit() as unit:
            row = (await unit.execute(which)).first()
            return None if row is None else _account(row[0], Email(row[1]))

    async def decide(self, account: AccountId, decision: Callable[[Account], Judged]) -> bool:
        async with self._database.unit() as unit:
            # Locked, so that of two tries with one code the second sees that it was used.
            locked = _local().where(AccountRow.id == account).with_for_update(of=LocalSignInRow)
            row = (await unit.execute(locked)).first()
            if row is None:
                return False
            judged = decision(_account(row[0], Email(row[1])))
            _keep(judged.account, row[0])
            return judged.accepted

    async def count_try(self, address: str, since: datetime, now: datetime) -> int:
        async with self._database.unit() as unit:
            await unit.execute(delete(SignInTryRow).where(SignInTryRow.at < since))
            unit.add(SignInTryRow(address=address, at=now))
            await unit.flush()
            tries = select(func.count()).where(SignInTryRow.address == address, SignInTryRow.at >= since)
            return await unit.scalar(tries) or 0

    async def add(
        self,
        email: Email,
        *,
        password_hash: str,
        totp_secret: bytes,
        recovery_codes: list[str],
        at: datetime,
    ) -> AccountId:
        """Let somebody sign in here. Raises `AccountKnown`."""
        async with self._database.unit() as unit:
            identifier = await _account_of(unit, email, at)
            values = {
                "account": identifier,
                "password_hash": password_hash,
                "totp_secret": totp_secret,
                "totp_step": 0,
                "recovery_codes": recovery_codes,
                "wrong_tries": 0,
            }
            made = insert(LocalSignInRow).values(values).on_conflict_do_nothing()
            if await unit.scalar(made.returning(LocalSignInRow.account)) is None:
                raise AccountKnown(email)
        return identifier

    async def remove(self, email: Email) -> bool:
        """Remove an account, and with it every way to sign in and every session; whether there was one."""
        async with self._database.unit() as unit:
            gone = delete(AccountRow).where(AccountRow.email == email).returning(AccountRow.id)
            return await unit.scalar(gone) is not None


class PeopleOfProviders(KnownPeople):
    """Accounts of those who sign in elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def admit(self, person: ProvenPerson, at: datetime) -> AccountId:
        async with self._database.unit() as unit:
            account = await _account_of(unit, person.email, at)
            values = {"account": account, "issuer": person.issuer, "subject": person.subject}
            await unit.execute(insert(ProviderSubjectRow).values(values).on_conflict_do_nothing())
            known = await unit.get_one(ProviderSubjectRow, (account, person.issuer))
            if known.subject != person.subject:
                raise NotSignedInThere(Reason.ANOTHER_SUBJECT)
            return account


_SESSION = (  # made once, and past the mapper: every page asks for it
    select(SessionRow.__table__, AccountRow.__table__.c.email)
    .join_from(SessionRow.__table__, AccountRow.__table__)
    .where(SessionRow.__table__.c.digest == bindparam("token"))
)


class SessionRecords(KeptSessions):
    """Sessions in the portal's schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: Session) -> None:
        async with self._database.unit() as unit:
            unit.add(
                SessionRow(
                    digest=session.digest,
                    account=session.account,
                    signed_in_at=session.signed_in_at,
                    seen_at=session.seen_at,
                    assurance=session.proof.assurance,
                    proven_at=session.proof.at,
                    provider=session.proof.provider,
                    organisation=session.organisation,
                )
            )

    async def find(self, digest: TokenDigest) -> Session | None:
        async with self._database.look() as connection:
            row = (await connection.execute(_SESSION, {"token": digest})).one_or_none()
        return None if row is None else _session(row)

    async def keep(self, session: Session) -> None:
        changed = {"seen_at": session.seen_at, "organisation": session.organisation}
        async with self._database.unit() as unit:
            await unit.execute(update(SessionRow).where(SessionRow.digest == session.digest).values(changed))

    async def remove(self, digest: TokenDigest) -> None:
        async with self._database.unit() as unit:
            await unit.execute(delete(SessionRow).where(SessionRow.digest == digest))

    async def remove_all_of(self, account: AccountId) -> None:
        async with self._database.unit() as unit:
            await unit.execute(delete(SessionRow).where(SessionRow.account == account))

    async def remove_ended(self, *, seen_before: datetime, signed_in_before: datetime) -> None:
        ended = or_(SessionRow.seen_at < seen_before, SessionRow.signed_in_at < signed_in_before)
        async with self._database.unit() as unit:
            await unit.execute(delete(SessionRow).where(ended))


class DraftRecords(KeptDrafts):
    """Drafts in the portal's schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, draft: SealedDraft) -> None:
        async with self._database.unit() as unit:
            unit.add(DraftRow(digest=draft.digest, account=draft.account, sealed=draft.sealed, at=draft.at))

    async def find(self, digest: str, account: AccountId) -> SealedDraft | None:
        found = select(DraftRow).where(DraftRow.digest == digest, DraftRow.account == account)
        async with self._database.unit() as unit:
            row = await unit.scalar(found)
            return None if row is None else SealedDraft(row.digest, account, row.sealed, row.at)

    async def remove_before(self, instant: datetime) -> None:
        async with self._database.unit() as unit:
            await unit.execute(delete(DraftRow).where(DraftRow.at < instant))


class AttemptRecords(KeptAttempts):
    """Sign-ins under way, in the portal's schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, attempt: Attempt, *, now: datetime) -> None:
        async with self._database.unit() as unit:
            await unit.execute(delete(AttemptRow).where(AttemptRow.ends_at <= now))
            unit.add(
                AttemptRow(
                    digest=attempt.digest, purpose=attempt.purpose, to=attempt.to, ends_at=attempt.ends_at
                )
            )

    async def take(self, digest: AttemptDigest) -> Attempt | None:
        taken = delete(AttemptRow).where(AttemptRow.digest == digest).returning(AttemptRow)
        async with self._database.unit() as unit:
            row = await unit.scalar(taken)
            return None if row is None else Attempt(digest, row.purpose, row.to, row.ends_at)


def _local() -> Select[LocalSignInRow, str]:
    return select(LocalSignInRow, AccountRow.email).join(AccountRow, AccountRow.id == LocalSignInRow.account)


async def _account_of(unit: AsyncSession, email: Email, at: datetime) -> AccountId:
    """The account of an address, made if there is none."""
    values = {"id": uuid4().hex, "email": email, "created_at": at}
    await unit.execute(insert(AccountRow).values(values).on_conflict_do_nothing())
    found = await unit.scalars(select(AccountRow.id).where(AccountRow.email == email))
    return AccountId(found.one())


def _account(row: LocalSignInRow, email: Email) -> Account:
    return Account(
        id=AccountId(row.account),
        email=email,
        password_hash=row.password_hash,
        totp_secret=row.totp_secret,
        totp_step=row.totp_step,
        recovery_codes=frozenset(row.recovery_codes),
        wrong_tries=row.wrong_tries,
        locked_until=row.locked_until,
    )


def _keep(account: Account, row: LocalSignInRow) -> None:
    row.password_hash = account.password_hash
    row.totp_step = account.totp_step
    row.recovery_codes = sorted(account.recovery_codes)
    row.wrong_tries = account.wrong_tries
    row.locked_until = account.locked_until


def _session(row: Row[Any]) -> Session:
    return Session(
        digest=TokenDigest(row.digest),
        account=AccountId(row.account),
        email=Email(row.email),
        signed_in_at=row.signed_in_at,
        seen_at=row.seen_at,
        proof=Proof(row.assurance, row.proven_at, row.provider),
        organisation=row.organisation,
    )
