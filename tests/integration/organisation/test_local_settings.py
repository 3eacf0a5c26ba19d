"""What an organisation chose for itself: kept as it was decided, and never over somebody else's change."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.domain.actors import Role
from agent.domain.credentials import PASSPORT_TYPES, CredentialType
from agent.domain.errors import Conflict, InvalidInput
from agent.domain.ports.invitation_lives import Invited
from agent.organisation.local_settings import LocalSettings, LocalState, LocalValues
from tests.integration.organisation.conftest import Office, somebody

THREE_DAYS = {each: timedelta(days=3) for each in Invited}
AT_START = LocalValues(3, 3, PASSPORT_TYPES, 24)
CHOSEN = LocalValues(7, 1, (CredentialType.EMPLOYMENT,), 168)


def settings(office: Office, lives: Mapping[Invited, timedelta] = THREE_DAYS) -> LocalSettings:
    return LocalSettings(
        store=office.store, organisation=office.own, audit=office.chain, lives=lives, clock=office.clock
    )


async def audited(office: Office) -> list[tuple[str, str | None, str | None]]:
    """Who did something, and how that ended."""
    return [(each.actor, each.outcome, each.code) for each in await office.chain.entries()]


async def test_nothing_is_chosen_until_somebody_does(office: Office) -> None:
    local = settings(office, {Invited.PASSPORT: timedelta(hours=36)})

    assert await local.state() == LocalState(
        replace(AT_START, passport_invitation_days=2, review_invitation_days=None),
        replace(AT_START, passport_invitation_days=2, review_invitation_days=None),
    )
    assert await local.life(Invited.PASSPORT) == timedelta(hours=36)


async def test_what_is_chosen_counts_at_once_and_says_who_chose_it(office: Office) -> None:
    local, ada = settings(office), somebody(Role.ADMINISTRATOR, own=office.own.ods_code, person="ada")

    changed = await local.change(CHOSEN, read=0, by=ada)

    assert changed == LocalState(CHOSEN, AT_START, 1, "ada", office.clock())
    assert await settings(office).state() == changed
    lives = [await local.life(each) for each in (Invited.PASSPORT, Invited.REVIEW)]
    assert lives == [timedelta(days=7), timedelta(days=1)]
    assert await audited(office) == [("ada", None, None), ("ada", "done", None)]
    assert {each.action for each in await office.chain.entries()} == {"change local settings"}


async def test_what_is_as_it_was_set_at_start_goes_on_to_follow_that(office: Office) -> None:
    ada = somebody(Role.ADMINISTRATOR, own=office.own.ods_code)
    await settings(office).change(CHOSEN, read=0, by=ada)
    await settings(office).change(replace(CHOSEN, passport_invitation_days=3), read=1, by=ada)

    another_start = settings(office, {**THREE_DAYS, Invited.PASSPORT: timedelta(days=10)})

    assert await another_start.life(Invited.PASSPORT) == timedelta(days=10)
    assert await another_start.life(Invited.REVIEW) == timedelta(days=1)


async def test_a_page_that_is_saved_as_it_was_shown_changes_no_life(office: Office) -> None:
    local = settings(office, {each: timedelta(hours=36) for each in Invited})
    shown = await local.state()

    await local.change(shown.values, read=0, by=somebody(own=office.own.ods_code))

    assert await local.life(Invited.REVIEW) == timedelta(hours=36)


@pytest.mark.parametrize("read", [0, 2])
async def test_what_was_decided_on_another_version_changes_nothing(office: Office, read: int) -> None:
    local = settings(office)
    ada, bo = (somebody(own=office.own.ods_code, person=each) for each in ("ada", "bo"))
    await local.change(CHOSEN, read=0, by=ada)

    with pytest.raises(Conflict) as refused:
        await local.change(AT_START, read=read, by=bo)

    assert refused.value.code == "local_settings_changed"
    assert (await local.state()).values == CHOSEN
    assert (await audited(office))[-1] == ("bo", "failed", "local_settings_changed")


@pytest.mark.parametrize("version", [0, 1])
async def test_of_two_who_change_them_at_the_same_time_one_is_told(office: Office, version: int) -> None:
    local, ada = settings(office), somebody(own=office.own.ods_code)
    if version:
        await local.change(AT_START, read=0, by=ada)
    others = [replace(CHOSEN, passport_invitation_days=days) for days in range(4, 9)]

    ended = await asyncio.gather(
        *(local.change(each, read=version, by=ada) for each in others), return_exceptions=True
    )

    (kept,) = [each for each in ended if isinstance(each, LocalState)]
    assert await local.state() == kept
    assert kept.version == version + 1
    refused = [each for each in ended if isinstance(each, Conflict)]
    assert {each.code for each in refused} == {"local_settings_changed"}
    assert len(refused) == len(others) - 1


async def test_what_cannot_be_chosen_changes_nothing(office: Office) -> None:
    local = settings(office)

    with pytest.raises(InvalidInput):
        await local.change(replace(CHOSEN, usual_wait_hours=0), read=0, by=somebody(own=office.own.ods_code))

    assert (await local.state()).version == 0


async def test_what_was_chosen_is_not_told_of_what_the_organisation_does_no_more(office: Office) -> None:
    await settings(office).change(CHOSEN, read=0, by=somebody(own=office.own.ods_code))

    without_passports = settings(office, {Invited.REVIEW: timedelta(days=3)})

    assert (await without_passports.state()).values == replace(CHOSEN, passport_invitation_days=None)
