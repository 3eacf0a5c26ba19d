"""What an organisation chose for itself, and how long its records are kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from agent.domain.credentials import PASSPORT_TYPES, CredentialType
from portal.agent_client.local_settings import Days, LocalSettings, Retention
from portal.forms.local_settings import TYPE_FIELD, TYPES, WAIT, LocalSettingsForm
from portal.pages.words import CREDENTIAL
from portal.presenting import moment

DONE = {"changes": "The settings are changed. They count from the next invitation and the next request on."}
_DAY, _YEAR, _HOUR = timedelta(days=1), timedelta(days=365), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of record, as the table shows it."""

    category: str
    what: str
    kept_for: str
    counted_from: str


@dataclass(frozen=True, slots=True)
class LocalSettingsPage:
    """What can be chosen, as the design system's macros take it; a hint is None for what is not asked."""

    passport_hint: str | None
    review_hint: str | None
    types: list[dict[str, object]]
    types_hint: str
    waits: list[dict[str, object]]
    waits_hint: str
    changed: str
    kept: Sequence[Kept]
    done: str | None

    @property
    def has_choices(self) -> bool:
        """Whether the organisation invites anybody: an operator does not."""
        return self.passport_hint is not None or self.review_hint is not None


def local_settings_page(
    known: LocalSettings, form: LocalSettingsForm, retention: Retention | None, *, done: str | None
) -> LocalSettingsPage:
    """What is gone by, with what somebody is about to choose."""
    types, wait = known.usual_types, known.usual_wait_hours
    return LocalSettingsPage(
        _days_hint(known.passport_invitation_days),
        _days_hint(known.review_invitation_days),
        _type_items(form.types),
        _now(_named(types.value), _named(types.at_start)),
        _wait_items(wait.possible, form.wait),
        _now(period(wait.value * _HOUR), period(wait.at_start * _HOUR)),
        _changed(known),
        [] if retention is None else _kept(retention),
        DONE.get(done or ""),
    )


def period(time: timedelta) -> str:
    """How long something lasts, in the largest unit of which it is a whole number."""
    for unit, name in ((_YEAR, "year"), (_DAY, "day")):
        if time >= unit and not time % unit:
            return _counted(time // unit, name)
    return _counted(time // _HOUR, "hour")


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _now(value: str, at_start: str) -> str:
    if value == at_start:
        return f"At the moment: {value}, as installed."
    return f"At the moment: {value}. As installed: {at_start}."


def _days_hint(days: Days | None) -> str | None:
    if days is None:
        return None
    told = _now(_counted(days.value, "day"), _counted(days.at_start, "day"))
    return f"From {days.least} to {days.most} days. {told}"


def _named(types: Collection[CredentialType]) -> str:
    return ", ".join(CREDENTIAL[each].lower() for each in PASSPORT_TYPES if each in types)


def _type_items(chosen: Collection[CredentialType]) -> list[dict[str, object]]:
    return [
        {
            "name": f"{TYPE_FIELD}{each}",
            "id": TYPES if place == 0 else f"{TYPES}-{each}",
            "value": "yes",
            "text": CREDENTIAL[each],
            "checked": each in chosen,
        }
        for place, each in enumerate(PASSPORT_TYPES)
    ]


def _wait_items(possible: Sequence[int], chosen: str) -> list[dict[str, object]]:
    return [
        {
            "id": WAIT if place == 0 else f"{WAIT}-{hours}",
            "value": str(hours),
            "text": period(hours * _HOUR).capitalize(),
            "checked": str(hours) == chosen,
        }
        for place, hours in enumerate(possible)
    ]


def _changed(known: LocalSettings) -> str:
    if known.changed_at is None:
        return "Nobody has changed them since the service was installed."
    return f"Last changed on {moment(known.changed_at)}, by {known.changed_by}."


def _kept(retention: Retention) -> list[Kept]:
    return [
        Kept(each.category.capitalize(), each.what, period(each.kept_for), each.counted_from)
        for each in retention.categories
    ]
