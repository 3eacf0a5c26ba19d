"""People and their one-time links, as the store keeps them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from sqlalchemy import Index, String, bindparam, func, or_, select, text, tuple_, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.actors import Role
from agent.domain.errors import NotFound
from agent.domain.workforce import OdsCode
from agent.store.tables import Instant, OfOrganisation, Table

NOT_REMOVED = text("status <> 'removed'")
HAS_SIGNED_IN = text('"user" IS NOT NULL')
HAS_TOKEN = text("token IS NOT NULL")


class PersonStatus(StrEnum):
    """Whether somebody may act now."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    JOIN = "join"
    PROVE_EMAIL = "prove_email"


class PersonRow(OfOrganisation, Table):
    """One person; `user` is what their sign-in calls them, once they have signed in."""

    __tablename__ = "people"
    __table_args__ = (
        Index("people_by_user", "organisation", "user", unique=True, postgresql_where=HAS_SIGNED_IN),
        Index("people_by_email", "organisation", "email", unique=True, postgresql_where=NOT_REMOVED),
        Index("people_by_name", "organisation", "name", "id"),
        Index("people_by_status", "organisation", "status", "name", "id"),
        {"schema": "organisation"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user: Mapped[str | None] = mapped_column(String(120))
    was_user: Mapped[str | None] = mapped_column(String(120))  # of who was removed
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    roles: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    status: Mapped[str] = mapped_column(String(10))
    employee_number: Mapped[str | None] = mapped_column(String(8))
    added_by: Mapped[str] = mapped_column(String(120))
    added_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    first_signed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    sessions_from: Mapped[datetime | None] = mapped_column(Instant)  # who signed in before has to do so again

    def has_role(self, role: Role) -> bool:
        """Whether this is one of theirs."""
        return role in self.roles


class InvitationRow(OfOrganisation, Table):
    """A one-time link. Its token is made when it is sent, and only its digest is kept."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index("invitations_by_token", "organisation", "token", unique=True, postgresql_where=HAS_TOKEN),
        Index("invitations_of_person", "organisation", "person", "purpose"),
        {"schema": "organisation"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person: Mapped[str] = mapped_column(String(36))
    purpose: Mapped[str] = mapped_column(String(12))
    email: Mapped[str] = mapped_column(String(254))  # to which it is sent, whatever the person's is by then
    token: Mapped[str | None] = mapped_column(String(64))
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class WhoIs:
    """What a look-up needs of a person."""

    id: str
    status: PersonStatus
    roles: Sequence[str]
    employee_number: str | None
    sessions_from: datetime | None


_PEOPLE = cast("SqlTable", PersonRow.__table__)
_WHO_IS = select(
    _PEOPLE.c.id, _PEOPLE.c.status, _PEOPLE.c.roles, _PEOPLE.c.employee_number, _PEOPLE.c.sessions_from
).where(_PEOPLE.c.organisation == bindparam("own"), _PEOPLE.c.user == bindparam("called"))


class PeopleRepository:
    """One organisation's people, in one unit of work."""

    def __init__(self, session: AsyncSession, organisation: OdsCode) -> None:
        self._session = session
        self._organisation = organisation

    def add(self, row: PersonRow | InvitationRow) -> None:
        """Keep a new row."""
        self._session.add(row)

    async def get(self, person: str, *, lock: bool = False) -> PersonRow:
        """One person, perhaps locked until the unit ends. Raises `NotFound`."""
        key = {"organisation": self._organisation, "id": person}
        if (row := await self._session.get(PersonRow, key, with_for_update=lock)) is None:
            raise NotFound("There is no such person.")
        return row

    async def of_user(self, user: str) -> PersonRow | None:
        """Who signs in with this id."""
        query = select(PersonRow).where(PersonRow.organisation == self._organisation, PersonRow.user == user)
        return (await self._session.scalars(query)).one_or_none()

    async def who_is(self, user: str) -> WhoIs | None:
        """What is to be known of a caller: asked at every call, so only that, and as a plain row."""
        row = (
            await self._session.execute(_WHO_IS, {"own": self._organisation, "called": user})
        ).one_or_none()
        return None if row is None else WhoIs(*row)

    async def ever_signed_in(self, users: Sequence[str]) -> frozenset[str]:
        """Which of these sign-ins are or were somebody's."""
        row = PersonRow
        query = select(row.user, row.was_user).where(
            row.organisation == self._organisation, or_(row.user.in_(users), row.was_user.in_(users))
        )
        return frozenset(each for pair in await self._session.execute(query) for each in pair if each)

    async def sessions_ended(self, user: str) -> datetime | None:
        """When all that somebody had open was ended who signed in so and was removed; None if nobody did."""
        row = PersonRow
        query = select(func.max(row.sessions_from)).where(
            row.organisation == self._organisation, row.was_user == user
        )
        return await self._session.scalar(query)

    async def in_role(self, role: Role, *, lock: bool = False) -> Sequence[PersonRow]:
        """Everybody with a role who was not removed, perhaps locked, always in one order."""
        query = select(PersonRow).where(
            PersonRow.organisation == self._organisation, PersonRow.roles.contains([role]), NOT_REMOVED
        )
        query = query.order_by(PersonRow.id).execution_options(populate_existing=True)
        return (await self._session.scalars(query.with_for_update() if lock else query)).all()

    async def page(
        self,
        *,
        status: PersonStatus | None,
        role: Role | None,
        name: str | None,
        after: tuple[str, str] | None,
        limit: int,
    ) -> Sequence[PersonRow]:
        """By name, from just after the one that `after` names; `name` is how the name begins."""
        row = PersonRow
        query = select(row).where(row.organisation == self._organisation)
        if status is not None:
            query = query.where(row.status == status)
        if role is not None:
            query = query.where(row.roles.contains([role]))
        if name is not None:
            query = query.where(func.lower(row.name).startswith(name.lower(), autoescape=True))
        if after is not None:
            query = query.where(tuple_(row.name, row.id) > after)
        return (await self._session.scalars(query.order_by(row.name, row.id).limit(limit))).all()

    async def removed_before(self, moment: datetime) -> Sequence[PersonRow]:
        """Who was removed before then, and is still called by their name."""
        query = select(PersonRow).where(
            PersonRow.organisation == self._organisation,
            PersonRow.status == PersonStatus.REMOVED,
            PersonRow.changed_at < moment,
            PersonRow.name != "",
        )
        return (await self._session.scalars(query.with_for_update())).all()

    async def invitation(self, invitation: str, *, lock: bool = False) -> InvitationRow | None:
        """One link."""
        key = {"organisation": self._organisation, "id": invitation}
        return await self._session.get(InvitationRow, key, with_for_update=lock)

    async def invitation_with(self, token: str) -> InvitationRow | None:
        """The link whose token has this digest, locked."""
        query = select(InvitationRow).where(
            InvitationRow.organisation == self._organisation, InvitationRow.token == token
        )
        return (await self._session.scalars(query.with_for_update())).one_or_none()

    async def end_invitations(self, person: str, purposes: Iterable[LinkPurpose] = LinkPurpose) -> None:
        """Make the person's links useless."""
        await self._session.execute(
            update(InvitationRow)
            .where(
                InvitationRow.organisation == self._organisation,
                InvitationRow.person == person,
                InvitationRow.purpose.in_(list(purposes)),
                InvitationRow.used_at.is_(None),
            )
            .values(token=None, expires_at=InvitationRow.made_at)
        )
