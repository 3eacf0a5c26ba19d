"""Passports and credentials as the store keeps them; claims are not among it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ColumnElement,
    Index,
    Integer,
    String,
    UniqueConstraint,
    delete,
    exists,
    false,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from agent.domain.credentials import ENDED_STATES, CredentialState, CredentialType
from agent.domain.errors import Conflict, NotFound
from agent.domain.passport import ENDED, PassportState, moved
from agent.domain.ports.exchanges import StatusEntry
from agent.domain.ports.status_lists import StatusPosition, StatusPurpose
from agent.domain.workforce import OdsCode
from agent.issuer.finding import PassportFilter, PassportNameRow, name_words, passports_named
from agent.store.each_once import each_once
from agent.store.tables import Instant, OfOrganisation, Table

OPEN_PASSPORT = text("state NOT IN ('closed', 'deactivated')")
NOT_ERASED = text("erased_at IS NULL")
POSITION_USED_ONCE = "status_list_position_used_once"
WITH_A_BIT = text("suspended OR state IN ('revoking', 'revoked')")
UNPUBLISHED = -1
_ONE_LIST = ["organisation", "purpose", "number"]
LIVE_CREDENTIAL = text("expires_at IS NULL AND state NOT IN ('rejected', 'withdrawn', 'failed', 'revoked')")
STATUS_OR_END = "(expires_at IS NULL) = (list_number IS NOT NULL AND list_index IS NOT NULL)"
SHORT_LIVED = text("expires_at IS NOT NULL")
AWAITED_SHORT_LIVED = text("expires_at IS NOT NULL AND state IN ('offering', 'pending', 'issuing')")


class PassportRow(OfOrganisation, Table):
    """One passport. `ended_for` says why one that ended did."""

    __tablename__ = "passports"
    __table_args__ = (
        Index(
            "one_open_passport",
            "organisation",
            "assignment_number",
            unique=True,
            postgresql_where=OPEN_PASSPORT,
        ),
        Index("passports_by_connection", "organisation", "connection", unique=True),
        Index("passports_by_state", "organisation", "state", "created_at", "id"),
        Index("passports_by_age", "organisation", "created_at", "id"),
        Index("passports_by_staff_group", "organisation", "staff_group", "created_at", "id"),
        Index("passports_by_employment_type", "organisation", "employment_type", "created_at", "id"),
        Index("passports_of_person", "organisation", "employee_number"),
        Index("passports_ended", "organisation", "ended_at", postgresql_where=NOT_ERASED),
        {"schema": "issuer"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    holder_name: Mapped[str] = mapped_column(String(200))
    employee_number: Mapped[str] = mapped_column(String(8))
    assignment_number: Mapped[str] = mapped_column(String(11))
    staff_group: Mapped[str | None] = mapped_column(String(100))  # when it was made; not kept before 0013
    employment_type: Mapped[str | None] = mapped_column(String(100))  # ESR's assignment category
    connection: Mapped[str] = mapped_column(String(36))
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(Instant)
    invitation_expires_at: Mapped[datetime] = mapped_column(Instant)
    wrong_codes: Mapped[int] = mapped_column(Integer, default=0)
    one_time_code: Mapped[str | None] = mapped_column(String(64))  # keyed digest
    one_time_code_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_by: Mapped[str | None] = mapped_column(String(120))
    confirmation: Mapped[str | None] = mapped_column(String(16))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    subject_did: Mapped[str | None] = mapped_column(String(120))  # the first that the wallet named: pinned
    ended_for: Mapped[str | None] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)  # since when nothing here says whose it was

    def move(self, to: PassportState, *, at: datetime, ended_for: str | None = None) -> None:
        """Go on to the next state. Raises `Conflict` when the passport's life does not lead there."""
        self.state = moved(PassportState(self.state), to)
        if to in ENDED:
            self.ended_for, self.ended_at = ended_for, at

    def erase(self, *, at: datetime) -> None:
        """Leave a passport of nobody: that there was one, and what became of it.

        Its credentials keep their places in the status lists, which are used for no other.
        """
        self.holder_name = self.employee_number = self.assignment_number = ""
        self.connection = self.id
        self.staff_group = self.employment_type = None
        self.subject_did = self.one_time_code = None
        self.erased_at = at


class CredentialRow(OfOrganisation, Table):
    """One credential; its id is also its exchange's."""

    __tablename__ = "credentials"
    __table_args__ = (
        UniqueConstraint("status_registry", "status_index", name="status_entry_used_once"),
        UniqueConstraint("organisation", "list_number", "list_index", name=POSITION_USED_ONCE),
        CheckConstraint(STATUS_OR_END, name="a_status_or_an_end"),
        Index(
            "credentials_with_a_bit",
            "organisation",
            "list_number",
            postgresql_where=WITH_A_BIT,
        ),
        Index(
            "one_live_credential",
            "organisation",
            "passport",
            "type",
            unique=True,
            postgresql_where=LIVE_CREDENTIAL,
        ),
        Index(
            "one_awaited_short_lived",
            "organisation",
            "passport",
            "type",
            unique=True,
            postgresql_where=AWAITED_SHORT_LIVED,
        ),
        Index(
            "short_lived_by_end",
            "organisation",
            "expires_at",
            postgresql_where=SHORT_LIVED,
        ),
        Index("credentials_of_passport", "organisation", "passport", "offered_at", "id"),
        Index("credentials_of_passport_by_state", "organisation", "passport", "state", "offered_at", "id"),
        Index("credentials_of_passport_by_type", "organisation", "passport", "type", "offered_at", "id"),
        Index("credentials_by_state", "organisation", "state", "changed_at"),
        {"schema": "issuer"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    passport: Mapped[str] = mapped_column(String(36))
    type: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(120))  # of its rejection, withdrawal or revocation
    comment: Mapped[str | None] = mapped_column(String(200))  # the holder's own words
    offered_by: Mapped[str] = mapped_column(String(120))
    offered_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    sent_again: Mapped[int] = mapped_column(Integer, default=0)  # since it changed, for want of an answer
    status_registry: Mapped[str | None] = mapped_column(String(300))
    status_index: Mapped[int | None] = mapped_column(Integer)
    list_number: Mapped[int | None] = mapped_column(Integer)
    list_index: Mapped[int | None] = mapped_column(Integer)
    suspended: Mapped[bool] = mapped_column(Boolean, default=False)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)  # of a short-lived one, which has no status

    @property
    def position(self) -> StatusPosition:
        """Where strangers read its status, used for no other credential ever.

        Raises `Conflict` for a short-lived one: it has none.
        """
        if self.list_number is None or self.list_index is None:
            sentence = "A short-lived credential has no status: it ends by itself."
            raise Conflict(sentence, code="credential_short_lived")
        return StatusPosition(self.list_number, self.list_index)

    def is_fresh(self, now: datetime) -> bool:
        """Whether it is short-lived, and has lived less than half of its life."""
        return self.expires_at is not None and now < self.offered_at + (self.expires_at - self.offered_at) / 2

    @property
    def short_lived(self) -> bool:
        """Whether it ends by itself, instead of by a status."""
        return self.expires_at is not None

    @property
    def credential_type(self) -> CredentialType:
        """The type as the domain has it."""
        return CredentialType(self.type)

    @property
    def status_entry(self) -> StatusEntry | None:
        """Where its status stands, once one is used up for it."""
        if self.status_registry is None or self.status_index is None:
            return None
        return StatusEntry(self.status_registry, self.status_index)


class StatusListRow(OfOrganisation, Table):
    """One list: how many changes were decided, how many of them it says, and until when that is valid."""

    __tablename__ = "status_lists"
    __table_args__ = (Index("status_lists_by_end", "organisation", "valid_until"), {"schema": "issuer"})

    purpose: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    valid_until: Mapped[datetime] = mapped_column(Instant)
    changes: Mapped[int] = mapped_column(BigInteger)
    published: Mapped[int] = mapped_column(BigInteger)  # `UNPUBLISHED` before it first is


class StatusListRepository:
    """One organisation's status lists, in one unit of work."""

    def __init__(self, session: AsyncSession, organisation: OdsCode) -> None:
        self._session = session
        self._organisation = organisation

    async def newest_number(self) -> int:
        """The list that new credentials go to."""
        query = select(func.max(CredentialRow.list_number)).where(
            CredentialRow.organisation == self._organisation
        )
        return await self._session.scalar(query) or 1

    async def unused(self, number: int, candidates: Iterable[int]) -> Sequence[int]:
        """Those of `candidates` that no credential of the list has, in their order."""
        wanted = list(candidates)
        query = select(CredentialRow.list_index).where(
            CredentialRow.organisation == self._organisation,
            CredentialRow.list_number == number,
            CredentialRow.list_index.in_(wanted),
        )
        used = set((await self._session.scalars(query)).all())
        return [index for index in wanted if index not in used]

    async def set_indices(self, purpose: StatusPurpose, number: int) -> Sequence[int]:
        """Whose bit is to be set."""
        revoked = CredentialRow.state.in_((CredentialState.REVOKING, CredentialState.REVOKED))
        query = select(CredentialRow.list_index).where(
            CredentialRow.organisation == self._organisation,
            CredentialRow.list_number == number,
            revoked if purpose is StatusPurpose.REVOCATION else CredentialRow.suspended,
            WITH_A_BIT,
        )
        return [index for index in await self._session.scalars(query) if index is not None]

    async def decided(self, purpose: StatusPurpose, number: int, *, at: datetime) -> None:
        """Count one more change that the list is to say; it counts when the unit is committed."""
        first = insert(StatusListRow).values(
            organisation=self._organisation,
            purpose=purpose,
            number=number,
            valid_until=at,
            changes=1,
            published=UNPUBLISHED,
        )
        await self._session.execute(
            first.on_conflict_do_update(index_elements=_ONE_LIST, set_={"changes": StatusListRow.changes + 1})
        )

    async def changes(self, purpose: StatusPurpose, number: int) -> int:
        """How many changes were decided."""
        row = await self._get(purpose, number)
        return 0 if row is None else row.changes

    async def published_changes(self, purpose: StatusPurpose, number: int) -> int:
        """How many of them the published list says; `UNPUBLISHED` while there is none."""
        row = await self._get(purpose, number)
        return UNPUBLISHED if row is None else row.published

    async def published(
        self, purpose: StatusPurpose, number: int, *, changes: int, valid_until: datetime
    ) -> None:
        """Remember a version, which says at least `changes`; what was decided meanwhile stays to be said."""
        version = {"published": changes, "valid_until": valid_until}
        first = insert(StatusListRow).values(
            organisation=self._organisation, purpose=purpose, number=number, changes=changes, **version
        )
        await self._session.execute(first.on_conflict_do_update(index_elements=_ONE_LIST, set_=version))

    async def due(self, moment: datetime) -> Sequence[StatusListRow]:
        """Lists that do not say all that was decided, or whose last version runs out before then."""
        unsaid = StatusListRow.published < StatusListRow.changes
        query = select(StatusListRow).where(
            StatusListRow.organisation == self._organisation, unsaid | (StatusListRow.valid_until < moment)
        )
        return (await self._session.scalars(query)).all()

    async def _get(self, purpose: StatusPurpose, number: int) -> StatusListRow | None:
        key = {"organisation": self._organisation, "purpose": purpose, "number": number}
        return await self._session.get(StatusListRow, key)


class MassRevocationRow(OfOrganisation, Table):
    """Passports that one person wants to end all at once, when another has agreed."""

    __tablename__ = "mass_revocations"
    __table_args__ = (
        Index("mass_revocations_by_age", "organisation", "asked_at", "id"),
        Index("mass_revocations_by_state", "organisation", "state", "asked_at", "id"),
        {"schema": "issuer"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    passports: Mapped[list[str]] = mapped_column(ARRAY(String(36)))
    reason: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_by_person: Mapped[str | None] = mapped_column(String(36))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class PassportRepository:
    """One organisation's passports, in one unit of work."""

    def __init__(self, session: AsyncSession, organisation: OdsCode) -> None:
        self._session = session
        self._organisation = organisation

    def add(self, passport: PassportRow) -> None:
        """Keep a new passport, to be found by each word of its name."""
        self._session.add(passport)
        self._session.add_all(
            PassportNameRow(organisation=self._organisation, word=word, passport=passport.id)
            for word in name_words(passport.holder_name)
        )

    async def erase(self, passport: str, *, at: datetime) -> None:
        """Leave a passport of nobody, which no name finds."""
        (await self.get(passport, lock=True)).erase(at=at)
        names = delete(PassportNameRow).where(
            PassportNameRow.organisation == self._organisation, PassportNameRow.passport == passport
        )
        await self._session.execute(names)

    async def get(self, passport: str, *, lock: bool = False) -> PassportRow:
        """One passport, perhaps locked until the unit ends. Raises `NotFound`."""
        key = {"organisation": self._organisation, "id": passport}
        row = await self._session.get(PassportRow, key, with_for_update=lock)
        if row is None:
            raise NotFound("There is no such passport.")
        return row

    async def of_connection(self, connection: str, *, lock: bool = False) -> PassportRow | None:
        """The passport for which this connection was made, if it was made for one."""
        query = select(PassportRow).where(
            PassportRow.organisation == self._organisation, PassportRow.connection == connection
        )
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def open_for(self, assignment_number: str) -> PassportRow | None:
        """The open passport for an assignment; there is one at most."""
        query = select(PassportRow).where(
            PassportRow.organisation == self._organisation,
            PassportRow.assignment_number == assignment_number,
            PassportRow.state.not_in(ENDED),
        )
        return (await self._session.scalars(query)).one_or_none()

    async def of_person(self, employee_number: str, *, lock: bool = False) -> Sequence[PassportRow]:
        """Every passport of one person, oldest first."""
        query = select(PassportRow).where(
            PassportRow.organisation == self._organisation, PassportRow.employee_number == employee_number
        )
        query = query.order_by(PassportRow.created_at, PassportRow.id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).all()

    async def open(self) -> Sequence[str]:
        """Every passport that has not ended, oldest first."""
        query = select(PassportRow.id).where(
            PassportRow.organisation == self._organisation, PassportRow.state.not_in(ENDED)
        )
        return (await self._session.scalars(query.order_by(PassportRow.created_at))).all()

    async def ended_before(self, moment: datetime) -> Sequence[PassportRow]:
        """Those that ended before then, and still say whose they were."""
        query = select(PassportRow).where(
            PassportRow.organisation == self._organisation, PassportRow.ended_at < moment, NOT_ERASED
        )
        return (await self._session.scalars(query.order_by(PassportRow.ended_at))).all()

    async def page(
        self, wanted: PassportFilter, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[PassportRow]:
        """Newest first, from just after the one that `after` names."""
        query = select(PassportRow).where(*self._wanted(wanted))
        if after is not None:
            position = (PassportRow.created_at < after[0]) | (
                (PassportRow.created_at == after[0]) & (PassportRow.id < after[1])
            )
            query = query.where(position)
        newest_first = query.order_by(PassportRow.created_at.desc(), PassportRow.id.desc())
        return (await self._session.scalars(newest_first.limit(limit))).all()

    def _wanted(self, wanted: PassportFilter) -> Iterator[ColumnElement[bool]]:
        yield PassportRow.organisation == self._organisation
        if wanted.state is not None:
            yield PassportRow.state == wanted.state
        if wanted.staff_group is not None:
            yield PassportRow.staff_group == wanted.staff_group
        if wanted.employment_type is not None:
            yield PassportRow.employment_type == wanted.employment_type
        if wanted.words is not None:
            yield self._named(wanted.words) if wanted.words else false()

    def _named(self, words: Sequence[str]) -> ColumnElement[bool]:
        return PassportRow.id.in_(passports_named(self._organisation, words))

    async def counts(self) -> Mapping[PassportState, int]:
        """How many there are in each state, read from the index alone."""
        query = select(PassportRow.state, func.count()).where(PassportRow.organisation == self._organisation)
        counted = await self._session.execute(query.group_by(PassportRow.state))
        return dict.fromkeys(PassportState, 0) | {PassportState(state): count for state, count in counted}

    async def staff_groups(self) -> Sequence[str]:
        """Those of the assignments that passports are for."""
        return await self._each_once(PassportRow.staff_group)

    async def employment_types(self) -> Sequence[str]:
        """Those of the assignments that passports are for."""
        return await self._each_once(PassportRow.employment_type)

    async def _each_once(self, column: InstrumentedAttribute[str | None]) -> Sequence[str]:
        query = each_once(column, PassportRow.organisation == self._organisation)
        return (await self._session.scalars(query)).all()

    async def waiting(self) -> Sequence[str]:
        """The connection of every passport that nobody has connected to yet, oldest first."""
        query = select(PassportRow.connection).where(
            PassportRow.organisation == self._organisation, PassportRow.state == PassportState.INVITED
        )
        return (await self._session.scalars(query.order_by(PassportRow.created_at, PassportRow.id))).all()

    async def invited_before(self, now: datetime) -> Sequence[PassportRow]:
        """Passports whose invitation nobody took up in time, locked."""
        query = select(PassportRow).where(
            PassportRow.organisation == self._organisation,
            PassportRow.state == PassportState.INVITED,
            PassportRow.invitation_expires_at < now,
        )
        return (await self._session.scalars(query.with_for_update(skip_locked=True))).all()


class CredentialRepository:
    """One organisation's credentials, in one unit of work."""

    def __init__(self, session: AsyncSession, organisation: OdsCode) -> None:
        self._session = session
        self._organisation = organisation

    def add(self, credential: CredentialRow) -> None:
        """Keep a new credential."""
        self._session.add(credential)

    async def get(self, credential: str, *, lock: bool = False) -> CredentialRow:
        """One credential, perhaps locked until the unit ends. Raises `NotFound`."""
        key = {"organisation": self._organisation, "id": credential}
        row = await self._session.get(CredentialRow, key, with_for_update=lock)
        if row is None:
            raise NotFound("There is no such credential.")
        return row

    async def remove(self, credential: CredentialRow) -> None:
        """Forget a credential that nobody was ever told of."""
        await self._session.delete(credential)

    async def holding(self, since: datetime, until: datetime) -> int:
        """How many that have not ended may have been signed between these moments."""
        query = select(func.count()).where(
            CredentialRow.organisation == self._organisation,
            CredentialRow.state.not_in(ENDED_STATES),
            CredentialRow.offered_at < until,
            CredentialRow.changed_at >= since,
        )
        return int((await self._session.execute(query)).scalar_one())

    async def of_passport(self, passport: str) -> Sequence[CredentialRow]:
        """A passport's credentials, oldest first."""
        query = select(CredentialRow).where(
            CredentialRow.organisation == self._organisation, CredentialRow.passport == passport
        )
        return (await self._session.scalars(query.order_by(CredentialRow.offered_at, CredentialRow.id))).all()

    async def page(
        self,
        passport: str,
        *,
        state: CredentialState | None,
        kind: CredentialType | None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[CredentialRow]:
        """A passport's credentials, oldest first, from just after the one that `after` names."""
        row = CredentialRow
        query = select(row).where(row.organisation == self._organisation, row.passport == passport)
        if state is not None:
            query = query.where(row.state == state)
        if kind is not None:
            query = query.where(row.type == kind)
        if after is not None:
            query = query.where(tuple_(row.offered_at, row.id) > after)
        return (await self._session.scalars(query.order_by(row.offered_at, row.id).limit(limit))).all()

    async def standing(
        self, states: Iterable[CredentialState], *, before: datetime
    ) -> Sequence[CredentialRow]:
        """Credentials that have been in one of `states` since before that instant."""
        query = select(CredentialRow).where(
            CredentialRow.organisation == self._organisation,
            CredentialRow.state.in_(list(states)),
            CredentialRow.changed_at < before,
        )
        return (await self._session.scalars(query.order_by(CredentialRow.changed_at))).all()

    async def short_lived_due(
        self, moment: datetime, states: Iterable[CredentialState]
    ) -> Sequence[CredentialRow]:
        """Short-lived credentials past half of their life that were not renewed, nor refused it."""
        newer = aliased(CredentialRow)
        renewed = exists().where(
            newer.organisation == CredentialRow.organisation,
            newer.passport == CredentialRow.passport,
            newer.type == CredentialRow.type,
            newer.expires_at > CredentialRow.expires_at,
            newer.state != CredentialState.FAILED,
        )
        half = CredentialRow.offered_at + (CredentialRow.expires_at - CredentialRow.offered_at) / 2
        query = select(CredentialRow).where(
            CredentialRow.organisation == self._organisation,
            CredentialRow.expires_at > moment,
            half <= moment,
            CredentialRow.state.in_(list(states)),
            CredentialRow.reason.is_(None),
            ~renewed,
        )
        return (await self._session.scalars(query.order_by(CredentialRow.expires_at))).all()

    async def short_lived_until(
        self, moment: datetime, states: Iterable[CredentialState]
    ) -> Sequence[CredentialRow]:
        """Short-lived credentials that have run out by then."""
        query = select(CredentialRow).where(
            CredentialRow.organisation == self._organisation,
            CredentialRow.expires_at <= moment,
            CredentialRow.state.in_(list(states)),
        )
        return (await self._session.scalars(query.order_by(CredentialRow.expires_at))).all()
