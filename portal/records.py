"""Accounts, sessions and drafts as rows."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.accounts import Account, AccountId, Accounts, Email, Judged
from portal.database import Database
from portal.drafts import KeptDrafts, SealedDraft
from portal.sessions import KeptSessions, Session, TokenDigest
from portal.tables import AccountRow, DraftRow, SessionRow, SignInTryRow


class AccountKnown(Exception):
    """There is an account for this e-mail address already."""


class AccountRecords(Accounts):
    """Accounts in the portal's schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_email(self, email: Email) -> Account | None:
        async with self._database.unit() as unit:
            row = await unit.scalar(select(AccountRow).where(AccountRow.email == email))
            return None if row is None else _account(row)

    async def decide(self, account: AccountId, decision: Callable[[Account], Judged]) -> bool:
        async with self._database.unit() as unit:
            # Locked, so that of two tries with one code the second sees that it was used.
            row = await unit.scalar(select(AccountRow).where(AccountRow.id == account).with_for_update())
            if row is None:
                return False
            judged = decision(_account(row))
            _keep(judged.account, row)
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
        """Make an account. Raises `AccountKnown`."""
        identifier = AccountId(uuid4().hex)
        values = {
            "id": identifier,
            "email": email,
            "password_hash": password_hash,
            "totp_secret": totp_secret,
            "totp_step": 0,
            "recovery_codes": recovery_codes,
            "wrong_tries": 0,
            "created_at": at,
        }
        async with self._database.unit() as unit:
            made = insert(AccountRow).values(values).on_conflict_do_nothing().returning(AccountRow.id)
            if await unit.scalar(made) is None:
                raise AccountKnown(email)
        return identifier

    async def remove(self, email: Email) -> bool:
        """Remove an account, and with it every session; whether there was one."""
        async with self._database.unit() as unit:
            gone = delete(AccountRow).where(AccountRow.email == email).returning(AccountRow.id)
            return await unit.scalar(gone) is not None


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
                    organisation=session.organisation,
                )
            )

    async def find(self, digest: TokenDigest) -> Session | None:
        found = select(SessionRow, AccountRow.email).join(AccountRow).where(SessionRow.digest == digest)
        async with self._database.unit() as unit:
            row = (await unit.execute(found)).first()
            return None if row is None else _session(row[0], Email(row[1]))

    async def keep(self, session: Session) -> None:
        changed = {"seen_at": session.seen_at, "organisation": session.organisation}
        async with self._database.unit() as unit:
            await unit.execute(update(SessionRow).where(SessionRow.digest == session.digest).values(changed))

    async def remove(self, digest: TokenDigest) -> None:
        async with self._database.unit() as unit:
            await unit.execute(delete(SessionRow).where(SessionRow.digest == digest))

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


def _account(row: AccountRow) -> Account:
    return Account(
        id=AccountId(row.id),
        email=Email(row.email),
        password_hash=row.password_hash,
        totp_secret=row.totp_secret,
        totp_step=row.totp_step,
        recovery_codes=frozenset(row.recovery_codes),
        wrong_tries=row.wrong_tries,
        locked_until=row.locked_until,
    )


def _keep(account: Account, row: AccountRow) -> None:
    row.totp_step = account.totp_step
    row.recovery_codes = sorted(account.recovery_codes)
    row.wrong_tries = account.wrong_tries
    row.locked_until = account.locked_until


def _session(row: SessionRow, email: Email) -> Session:
    return Session(
        digest=TokenDigest(row.digest),
        account=AccountId(row.account),
        email=email,
        signed_in_at=row.signed_in_at,
        seen_at=row.seen_at,
        organisation=row.organisation,
    )
