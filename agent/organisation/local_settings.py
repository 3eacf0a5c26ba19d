"""Local settings: what an organisation chose for itself; its administrators change them without a restart."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import SmallInteger, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.credentials import PASSPORT_TYPES, CredentialType
from agent.domain.errors import Conflict, InvalidInput
from agent.domain.ports.audit import Audit
from agent.domain.ports.invitation_lives import InvitationLives, Invited
from agent.domain.workforce import Organisation
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table

LONGEST_DAYS = 14
WAITS = (1, 24, 168)
"""Hours for which an answer can be waited for."""
USUAL_WAIT = 24
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LocalValues:
    """Everything that can be chosen; no days of a kind to which the organisation does not invite."""

    passport_invitation_days: int | None
    review_invitation_days: int | None
    usual_types: tuple[CredentialType, ...]
    usual_wait_hours: int


def values_at_start(lives: Mapping[Invited, timedelta]) -> LocalValues:
    """What is gone by while nothing is chosen, in whole days: a part of one is told as a day."""
    days = {invited: max(1, ceil(life / _DAY)) for invited, life in lives.items()}
    return LocalValues(days.get(Invited.PASSPORT), days.get(Invited.REVIEW), PASSPORT_TYPES, USUAL_WAIT)


def most_days(at_start: int) -> int:
    """The longest that can be chosen: what was set at start can be, however long."""
    return max(LONGEST_DAYS, at_start)


def require_possible(said: LocalValues, at_start: LocalValues) -> None:
    """Raise `InvalidInput`, naming every value that cannot be chosen."""
    wrong = {
        "passport_invitation_days": _days_wrong(
            said.passport_invitation_days, at_start.passport_invitation_days
        ),
        "review_invitation_days": _days_wrong(said.review_invitation_days, at_start.review_invitation_days),
        "usual_types": None if said.usual_types else "at least one is needed",
        "usual_wait_hours": None
        if said.usual_wait_hours in WAITS
        else f"one of {', '.join(map(str, WAITS))}",
    }
    if named := {name: sentence for name, sentence in wrong.items() if sentence is not None}:
        raise InvalidInput("These local settings cannot be chosen.", fields=named)


def _days_wrong(said: int | None, at_start: int | None) -> str | None:
    if at_start is None:
        return None if said is None else "this organisation does not invite to these"
    if said is None or not 1 <= said <= most_days(at_start):
        return f"between 1 and {most_days(at_start)} days"
    return None


class LocalSettingsRow(OfOrganisation, Table):
    """What one organisation chose, and who changed it last; a value is null while it is as set at start."""

    __tablename__ = "local_settings"
    __table_args__ = ({"schema": "organisation"},)

    passport_invitation_days: Mapped[int | None] = mapped_column(SmallInteger)
    review_invitation_days: Mapped[int | None] = mapped_column(SmallInteger)
    usual_types: Mapped[list[str] | None] = mapped_column(ARRAY(String(40)))
    usual_wait_hours: Mapped[int | None] = mapped_column(SmallInteger)
    version: Mapped[int]
    changed_by: Mapped[str] = mapped_column(String(120))
    changed_at: Mapped[datetime] = mapped_column(Instant)

    def days(self, of: Invited) -> int | None:
        """For how long an invitation is open, if that was chosen."""
        return self.passport_invitation_days if of is Invited.PASSPORT else self.review_invitation_days


@dataclass(frozen=True, slots=True)
class LocalState:
    """What the organisation goes by, and who said so last; version 0 while nobody did."""

    values: LocalValues
    at_start: LocalValues
    version: int = 0
    changed_by: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings(InvitationLives):
    """One organisation's."""

    store: Store
    organisation: Organisation
    audit: Audit
    lives: Mapping[Invited, timedelta]
    clock: Clock = utc_now

    async def life(self, of: Invited) -> timedelta:
        row = await self._row()
        days = None if row is None else row.days(of)
        return self.lives[of] if days is None else timedelta(days=days)

    async def state(self) -> LocalState:
        """What is gone by now."""
        row = await self._row()
        return LocalState(self._at_start, self._at_start) if row is None else self._state(row)

    async def change(self, said: LocalValues, *, read: int, by: Actor) -> LocalState:
        """Go by `said` from now on, which was decided on the version that was `read`.

        Raises `InvalidInput`, and `Conflict` with code `local_settings_changed` when it is not that version
        any more.
        """
        require_possible(said, self._at_start)
        own = self.organisation.ods_code
        async with self.audit.kept_with(
            self.store.unit(own), "change local settings", actor=by.id, subject=own
        ) as session:
            row = await session.get(LocalSettingsRow, own, with_for_update=True)
            row = row or LocalSettingsRow(organisation=own, version=0)
            if row.version != read:
                raise _changed_since()
            self._choose(row, said)
            row.version, row.changed_by, row.changed_at = read + 1, by.id, self.clock()
            session.add(row)
            await _kept(session)
        return self._state(row)

    @property
    def _at_start(self) -> LocalValues:
        return values_at_start(self.lives)

    async def _row(self) -> LocalSettingsRow | None:
        async with self.store.joined(self.organisation.ods_code) as session:
            return await session.get(LocalSettingsRow, self.organisation.ods_code)

    def _choose(self, row: LocalSettingsRow, said: LocalValues) -> None:
        """Keep what differs from what was set at start; whatever does not goes on to follow that."""
        at_start = self._at_start
        for name in (each.name for each in fields(LocalValues)):
            value = getattr(said, name)
            setattr(row, name, None if value == getattr(at_start, name) else value)

    def _state(self, row: LocalSettingsRow) -> LocalState:
        at_start, types = self._at_start, row.usual_types or ()
        values = LocalValues(
            _days_now(row.passport_invitation_days, at_start.passport_invitation_days),
            _days_now(row.review_invitation_days, at_start.review_invitation_days),
            tuple(each for each in PASSPORT_TYPES if each in types) or at_start.usual_types,
            row.usual_wait_hours or at_start.usual_wait_hours,
        )
        return LocalState(values, at_start, row.version, row.changed_by, row.changed_at)


def _days_now(chosen: int | None, at_start: int | None) -> int | None:
    """What was chosen, for as long as the organisation invites to these at all."""
    return None if at_start is None else chosen or at_start


async def _kept(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:  # two change them for the first time at once
        raise _changed_since() from error


def _changed_since() -> Conflict:
    sentence = "Somebody else changed the local settings after you had opened them."
    return Conflict(sentence, code="local_settings_changed")
