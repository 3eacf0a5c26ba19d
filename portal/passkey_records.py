"""Passkeys as rows."""

from collections.abc import Callable

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from portal.accounts import AccountId, Email
from portal.database import Database
from portal.passkeys import KeptPasskeys, Owner, Passkey, PasskeyId
from portal.tables import AccountRow, PasskeyRow


class PasskeyRecords(KeptPasskeys):
    """Passkeys in the portal's schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, account: AccountId) -> list[Passkey]:
        theirs = select(PasskeyRow).where(PasskeyRow.account == account).order_by(PasskeyRow.made_at)
        async with self._database.unit() as unit:
            return [_passkey(row) for row in await unit.scalars(theirs)]

    async def add(self, passkey: Passkey) -> bool:
        values = {
            "id": passkey.id,
            "account": passkey.account,
            "name": passkey.name,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "made_at": passkey.made_at,
        }
        made = insert(PasskeyRow).values(values).on_conflict_do_nothing().returning(PasskeyRow.id)
        async with self._database.unit() as unit:
            return await unit.scalar(made) is not None

    async def use(self, passkey: PasskeyId, used: Callable[[Passkey], Passkey]) -> Owner | None:
        found = (
            select(PasskeyRow, AccountRow.email)
            .join(AccountRow, AccountRow.id == PasskeyRow.account)
            .where(PasskeyRow.id == passkey)
            .with_for_update(of=PasskeyRow)
        )
        async with self._database.unit() as unit:
            row = (await unit.execute(found)).first()
            if row is None:
                return None
            after = used(_passkey(row[0]))
            row[0].sign_count, row[0].used_at = after.sign_count, after.used_at
            return Owner(after.account, Email(row[1]))

    async def remove(self, account: AccountId, passkey: PasskeyId) -> None:
        async with self._database.unit() as unit:
            await unit.execute(
                delete(PasskeyRow).where(PasskeyRow.id == passkey, PasskeyRow.account == account)
            )


def _passkey(row: PasskeyRow) -> Passkey:
    return Passkey(
        PasskeyId(row.id),
        AccountId(row.account),
        row.name,
        row.public_key,
        row.sign_count,
        row.made_at,
        row.used_at,
    )
