"""A holder may answer an offer at any time, and so before we have kept that it was sent."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest

from agent.audit.chain import AuditChain
from agent.domain.actors import PERMISSIONS, Actor, Role
from agent.domain.credentials import (
    PASSPORT_TYPES,
    CredentialExchangeId,
    CredentialFormat,
    RevocationReason,
    W3cDataModel,
)
from agent.domain.workforce import OdsCode, Organisation
from agent.issuer.records import PassportRow
from agent.issuer.service import EmploymentIssuance
from agent.issuer.status_lists import StatusListKeeping
from agent.store.engine import Store
from tests.support.neighbours import (
    Accepting,
    InGoodStanding,
    KnownAs,
    Nominated,
    OnRecord,
    PublishedLists,
    Registered,
    TaskList,
    Wallets,
)
from tests.support.staff import DID, NORTHMOOR, TODAY, a_record, a_trusted_organisation

NOON = datetime.combine(TODAY, time(12), UTC)


@dataclass
class Employer:
    """An employing authority, and a wallet that is faster than it is."""

    store: Store
    own: Organisation = field(
        default_factory=lambda: replace(NORTHMOOR, ods_code=OdsCode(uuid4().hex[:6].upper()))
    )

    def __post_init__(self) -> None:
        everything = PERMISSIONS[Role.NOMINATED_USER]
        self.hr = Actor("ottilie@northmoor.example", self.own.ods_code, everything, None)
        self.exchanges = Accepting(self.accepted)
        self.passport = str(uuid4())
        self.published = PublishedLists()
        self.standing = InGoodStanding()

    async def accepted(self, exchange: CredentialExchangeId) -> None:
        await self.issuance.issue(exchange)

    @property
    def chain(self) -> AuditChain:
        return AuditChain(self.store, self.own.ods_code, b"a salt of a test")

    @property
    def issuance(self) -> EmploymentIssuance:
        return EmploymentIssuance(
            store=self.store,
            organisation=self.own,
            audit=self.chain,
            exchanges=self.exchanges,
            connections=Wallets(),
            status_lists=StatusListKeeping(
                store=self.store, organisation=self.own, publisher=self.published, clock=lambda: NOON
            ),
            status_publisher=self.published,
            formats=frozenset({CredentialFormat.ANONCREDS}),
            w3c_data_model=W3cDataModel.V1_1,
            staff_records=OnRecord(a_record()),
            users=Nominated(self.hr),
            standing=self.standing,
            tasks=TaskList(),
            identity=KnownAs(DID),
            trust=Registered({DID: a_trusted_organisation(ods_code=self.own.ods_code)}),
            clock=lambda: NOON,
        )

    async def confirm_a_connection(self) -> None:
        row = PassportRow(
            organisation=self.own.ods_code,
            id=self.passport,
            state="confirmed",
            holder_name="Amara Fennwick",
            employee_number="90100010",
            assignment_number="90100010",
            connection="a-connection",
            created_by=self.hr.id,
            created_at=NOON,
            invitation_expires_at=NOON,
            wrong_codes=0,
        )
        async with self.store.unit(self.own.ods_code) as session:
            session.add(row)

    async def states(self) -> list[str]:
        return [row.state for row in await self.issuance.credentials(self.passport)]


@pytest.fixture
async def employer(store: Store) -> Employer:
    made = Employer(store)
    await made.confirm_a_connection()
    return made


async def test_a_holder_who_accepts_before_the_offer_is_kept_as_sent_has_the_credential_at_once(
    employer: Employer,
) -> None:
    await employer.issuance.offer(employer.passport, by=employer.hr)

    assert await employer.states() == ["issued"] * len(PASSPORT_TYPES)
    assert employer.exchanges.sent == employer.exchanges.signed == list(employer.exchanges.offers)
    assert employer.exchanges.withdrawn == []
    assert {entry.outcome for entry in await employer.chain.entries() if entry.outcome} == {"done"}


async def test_a_holder_who_has_it_before_the_offer_is_kept_as_sent_has_an_active_passport(
    employer: Employer,
) -> None:
    async def accepted_and_stored(exchange: CredentialExchangeId) -> None:
        await employer.issuance.issue(exchange)
        await employer.issuance.acknowledged(exchange)

    employer.exchanges.meanwhile = accepted_and_stored

    await employer.issuance.offer(employer.passport, by=employer.hr)
    ended = await employer.issuance.deactivate(
        employer.passport, RevocationReason.EMPLOYMENT_ENDED, by=employer.hr
    )

    assert ended.state == "deactivated"
    assert await employer.states() == ["revoked"] * len(PASSPORT_TYPES)


async def test_the_day_after_a_successor_lets_credentials_count_they_are_revoked(employer: Employer) -> None:
    await employer.issuance.offer(employer.passport, by=employer.hr)
    employer.standing.until = TODAY

    await employer.issuance.end_if_succeeded()
    assert await employer.states() == ["issued"] * len(PASSPORT_TYPES)
    employer.standing.until = TODAY - timedelta(days=1)
    await employer.issuance.end_if_succeeded()

    assert await employer.states() == ["revoked"] * len(PASSPORT_TYPES)
    async with employer.store.unit(employer.own.ods_code) as session:
        row = await session.get_one(
            PassportRow, {"organisation": employer.own.ods_code, "id": employer.passport}
        )
    assert (row.state, row.ended_for) == ("deactivated", RevocationReason.ORGANISATION_SUCCEEDED)
