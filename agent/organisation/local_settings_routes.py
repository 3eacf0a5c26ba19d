"""The routes of local settings: everybody of the organisation reads them, administrators change them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from agent.domain.actors import Permission
from agent.domain.credentials import PASSPORT_TYPES, CredentialType
from agent.organisation.local_settings import WAITS, LocalSettings, LocalState, LocalValues, most_days
from agent.routing import Answer, Body, Call, RouteTable

LOCAL_SETTINGS_ROUTES = RouteTable("organisation")


class ChangeLocalSettings(Body):
    """Everything as it is to be, and the version that was read.

    Days are null for a kind to which the organisation does not invite.
    """

    passport_invitation_days: int | None
    review_invitation_days: int | None
    usual_types: Annotated[frozenset[CredentialType], Field(min_length=1)]
    usual_wait_hours: int
    version: Annotated[int, Field(ge=0)]

    @property
    def values(self) -> LocalValues:
        """What is said, but for the version; types in the order in which a passport has them."""
        return LocalValues(
            self.passport_invitation_days,
            self.review_invitation_days,
            tuple(each for each in PASSPORT_TYPES if each in self.usual_types),
            self.usual_wait_hours,
        )


class DaysAnswer(Answer):
    """How many days it is now, how many it is when nothing is chosen, and what can be chosen."""

    value: int
    at_start: int
    least: int
    most: int


class TypesAnswer(Answer):
    """Which it is now, which when nothing is chosen, and what can be chosen."""

    value: tuple[CredentialType, ...]
    at_start: tuple[CredentialType, ...]
    possible: tuple[CredentialType, ...]


class HoursAnswer(Answer):
    """How many hours it is now, how many when nothing is chosen, and what can be chosen."""

    value: int
    at_start: int
    possible: tuple[int, ...]


class LocalSettingsAnswer(Answer):
    """Local settings; days are null for a kind to which the organisation does not invite.

    `version` is 0, and nobody has changed them, while they are as they were set at start.
    """

    passport_invitation_days: DaysAnswer | None
    review_invitation_days: DaysAnswer | None
    usual_types: TypesAnswer
    usual_wait_hours: HoursAnswer
    version: int
    changed_by: str | None
    changed_at: datetime | None


@LOCAL_SETTINGS_ROUTES.get(
    "/local-settings",
    permission=Permission.ORGANISATION_READ,
    summary="What the organisation chose for itself, and who changed it last",
    answer=LocalSettingsAnswer,
)
async def local_settings(call: Call[None]) -> LocalSettingsAnswer:
    """Tell what is gone by now."""
    return _answer(await call.inject(LocalSettings).state())


@LOCAL_SETTINGS_ROUTES.post(
    "/local-settings",
    permission=Permission.SETTINGS_MANAGE,
    summary="Change what the organisation chose for itself; 409 when somebody did since it was read",
    body=ChangeLocalSettings,
    answer=LocalSettingsAnswer,
    idempotent=True,
)
async def change_local_settings(call: Call[ChangeLocalSettings]) -> LocalSettingsAnswer:
    """Change them, from the next invitation and the next request on."""
    said = call.body
    return _answer(await call.inject(LocalSettings).change(said.values, read=said.version, by=call.actor))


def _answer(state: LocalState) -> LocalSettingsAnswer:
    now, at_start = state.values, state.at_start
    return LocalSettingsAnswer(
        passport_invitation_days=_days(now.passport_invitation_days, at_start.passport_invitation_days),
        review_invitation_days=_days(now.review_invitation_days, at_start.review_invitation_days),
        usual_types=TypesAnswer(
            value=now.usual_types, at_start=at_start.usual_types, possible=PASSPORT_TYPES
        ),
        usual_wait_hours=HoursAnswer(
            value=now.usual_wait_hours, at_start=at_start.usual_wait_hours, possible=WAITS
        ),
        version=state.version,
        changed_by=state.changed_by,
        changed_at=state.changed_at,
    )


def _days(now: int | None, at_start: int | None) -> DaysAnswer | None:
    if now is None or at_start is None:
        return None
    return DaysAnswer(value=now, at_start=at_start, least=1, most=most_days(at_start))
