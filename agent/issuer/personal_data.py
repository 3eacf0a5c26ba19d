"""What the issuer holds of its staff: passports, what was offered and issued, and connections to wallets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from agent.domain.clock import Clock, utc_now
from agent.domain.credentials import CredentialExchangeId
from agent.domain.errors import Conflict
from agent.domain.passport import ENDED
from agent.domain.ports.connections import ConnectionId, Connections
from agent.domain.ports.exchanges import CredentialExchanges
from agent.domain.ports.personal_data import Category, CategoryName, DataSubject, HeldRecord, PersonalData
from agent.domain.ports.tasks import Tasks
from agent.domain.workforce import Organisation
from agent.issuer.records import CredentialRepository, CredentialRow, PassportRepository, PassportRow
from agent.store.engine import Store
from agent.store.idempotency import IdempotencyKeys

PASSPORTS, CREDENTIALS = CategoryName.PASSPORTS, "credentials"
CATEGORIES = (
    Category(
        PASSPORTS,
        "name, employee and assignment number, staff group and employment type, the wallet's DID, who"
        " confirmed whose wallet it is; and the credentials: the claims that were offered, and what became of"
        " them",
        "to give members of staff a passport, and to take it back",
        "the member of staff, who shows it to whom they choose",
        "the passport's end",
        timedelta(days=2 * 365),
        ("issuer.passports", "issuer.passport_names", "issuer.credentials"),
    ),
)
_UNTOLD = frozenset({"organisation", "id", "one_time_code"})


class IssuerPersonalData(PersonalData):
    """One employing authority's."""

    def __init__(
        self,
        store: Store,
        organisation: Organisation,
        exchanges: CredentialExchanges,
        connections: Connections,
        tasks: Tasks,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._organisation = organisation.ods_code
        self._exchanges = exchanges
        self._connections = connections
        self._tasks = tasks
        self._clock = clock

    @property
    def categories(self) -> Sequence[Category]:
        return CATEGORIES

    async def things_of(self, subject: DataSubject) -> frozenset[str]:
        found = await self._of(subject)
        return frozenset(
            {passport.id for passport, _ in found}
            | {row.id for _, credentials in found for row in credentials}
        )

    async def held_of(self, subject: DataSubject) -> Sequence[HeldRecord]:
        records = []
        for passport, credentials in await self._of(subject):
            records.append(HeldRecord(PASSPORTS, passport.id, _told(passport)))
            records += [
                HeldRecord(CREDENTIALS, row.id, _told(row) | {"claims": await self._claims(row)})
                for row in credentials
            ]
        return records

    async def require_erasable(self, subject: DataSubject) -> None:
        if open_ones := [
            passport.id for passport, _ in await self._of(subject) if passport.state not in ENDED
        ]:
            raise Conflict(
                f"There are passports that have not ended: {', '.join(open_ones)}. Deactivate them first.",
                code="passport_open",
            )

    async def erase(self, subject: DataSubject) -> int:
        found = await self._of(subject)
        for passport, credentials in found:
            await self._erase(passport, credentials)
        return sum(1 + len(credentials) for _, credentials in found)

    async def due(self, category: CategoryName, *, before: datetime) -> int:
        return len(await self._ended(before)) if category == PASSPORTS else 0

    async def erase_due(self, category: CategoryName, *, before: datetime) -> int:
        rows = await self._ended(before) if category == PASSPORTS else ()
        for passport in rows:
            await self._erase(passport, await self._credentials(passport))
        return len(rows)

    async def _erase(self, passport: PassportRow, credentials: Sequence[CredentialRow]) -> None:
        """First what is encrypted, then the row that leads to it: cut short, the next try finds it again."""
        for credential in credentials:
            await self._exchanges.erase(CredentialExchangeId(credential.id))
        await self._connections.end(ConnectionId(passport.connection))
        await self._tasks.forget_about(passport.id)
        keys = IdempotencyKeys(self._store, self._organisation)
        await keys.forget_answers_about({passport.id, *(row.id for row in credentials)})
        async with self._store.unit(self._organisation) as session:
            rows = CredentialRepository(session, self._organisation)
            for credential in credentials:
                (await rows.get(credential.id, lock=True)).comment = None
            await PassportRepository(session, self._organisation).erase(passport.id, at=self._clock())

    async def _claims(self, credential: CredentialRow) -> dict[str, str]:
        exchange = await self._exchanges.look_up(CredentialExchangeId(credential.id))
        return dict(exchange.offered or {})

    async def _of(self, subject: DataSubject) -> Sequence[tuple[PassportRow, Sequence[CredentialRow]]]:
        if subject.employee_number is None:
            return ()
        async with self._store.unit(self._organisation) as session:
            passports = await PassportRepository(session, self._organisation).of_person(
                subject.employee_number
            )
        return [(passport, await self._credentials(passport)) for passport in passports]

    async def _credentials(self, passport: PassportRow) -> Sequence[CredentialRow]:
        async with self._store.unit(self._organisation) as session:
            return await CredentialRepository(session, self._organisation).of_passport(passport.id)

    async def _ended(self, before: datetime) -> Sequence[PassportRow]:
        async with self._store.unit(self._organisation) as session:
            return await PassportRepository(session, self._organisation).ended_before(before)


def _told(row: PassportRow | CredentialRow) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key)
        for column in type(row).__table__.columns
        if column.key not in _UNTOLD
    }
