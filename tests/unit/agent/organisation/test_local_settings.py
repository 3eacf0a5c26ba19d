"""What an organisation can choose for itself, and who may choose it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from agent.domain.actors import PERMISSIONS, Permission, Role
from agent.domain.credentials import PASSPORT_TYPES, CredentialType
from agent.domain.errors import InvalidInput
from agent.domain.ports.invitation_lives import Invited, LivesAtStart
from agent.domain.workforce import OdsCode
from agent.organisation.local_settings import LocalValues, most_days, require_possible, values_at_start
from agent.organisation.local_settings_routes import ChangeLocalSettings

THREE_DAYS = {each: timedelta(days=3) for each in Invited}
AT_START = LocalValues(3, 3, PASSPORT_TYPES, 24)
OURS, THEIRS = OdsCode("ZZNM1"), OdsCode("ZZCB1")


def wrong(said: LocalValues, at_start: LocalValues = AT_START) -> dict[str, str]:
    """What is said of each value that cannot be chosen."""
    with pytest.raises(InvalidInput) as refused:
        require_possible(said, at_start)
    return refused.value.fields


def test_only_administrators_change_local_settings_and_everybody_reads_them() -> None:
    may = {role for role in Role if Permission.SETTINGS_MANAGE in PERMISSIONS[role]}

    assert may == {Role.ADMINISTRATOR}
    assert all(Permission.ORGANISATION_READ in PERMISSIONS[role] for role in Role)


def test_each_plugin_says_what_was_set_for_the_organisations_that_have_it() -> None:
    lives = LivesAtStart()
    lives.add(Invited.PASSPORT, {OURS: timedelta(days=2)})
    lives.add(Invited.REVIEW, {OURS: timedelta(days=3), THEIRS: timedelta(days=4)})

    assert lives.of(OURS) == {Invited.PASSPORT: timedelta(days=2), Invited.REVIEW: timedelta(days=3)}
    assert lives.of(THEIRS) == {Invited.REVIEW: timedelta(days=4)}
    assert lives.of(OdsCode("ZZXX1")) == {}


@pytest.mark.parametrize(
    ("life", "days"),
    [
        (timedelta(days=3), 3),
        (timedelta(hours=36), 2),
        (timedelta(minutes=1), 1),
        (timedelta(days=30), 30),
    ],
)
def test_what_was_set_at_start_is_told_in_whole_days(life: timedelta, days: int) -> None:
    assert values_at_start({Invited.PASSPORT: life}) == LocalValues(days, None, PASSPORT_TYPES, 24)


@pytest.mark.parametrize("days", [1, 14])
def test_an_invitation_is_open_for_a_day_to_a_fortnight(days: int) -> None:
    require_possible(replace(AT_START, passport_invitation_days=days, review_invitation_days=days), AT_START)


def test_what_was_set_at_start_can_be_chosen_however_long_it_is() -> None:
    at_start = values_at_start({**THREE_DAYS, Invited.REVIEW: timedelta(days=30)})

    require_possible(at_start, at_start)
    assert wrong(replace(at_start, review_invitation_days=31), at_start) == {
        "review_invitation_days": "between 1 and 30 days"
    }
    assert most_days(3) == 14


def test_everything_that_cannot_be_chosen_is_named_at_once() -> None:
    assert wrong(LocalValues(0, 15, (), 2)) == {
        "passport_invitation_days": "between 1 and 14 days",
        "review_invitation_days": "between 1 and 14 days",
        "usual_types": "at least one is needed",
        "usual_wait_hours": "one of 1, 24, 168",
    }


def test_days_are_said_for_what_the_organisation_invites_to_and_for_nothing_else() -> None:
    reviews_alone = values_at_start({Invited.REVIEW: timedelta(days=3)})

    require_possible(replace(reviews_alone, review_invitation_days=5), reviews_alone)
    assert wrong(replace(reviews_alone, passport_invitation_days=3), reviews_alone) == {
        "passport_invitation_days": "this organisation does not invite to these"
    }
    assert wrong(replace(AT_START, passport_invitation_days=None)) == {
        "passport_invitation_days": "between 1 and 14 days"
    }


def test_types_are_kept_once_each_in_the_order_of_a_passport() -> None:
    said = ChangeLocalSettings.model_validate_json(
        '{"passport_invitation_days": 3, "review_invitation_days": 3, "usual_wait_hours": 24, "version": 0,'
        ' "usual_types": ["employment", "identity", "employment"]}'
    )

    assert said.values.usual_types == (CredentialType.IDENTITY, CredentialType.EMPLOYMENT)


@pytest.mark.parametrize("left_out", ["passport_invitation_days", "usual_types", "version"])
def test_nothing_is_left_as_it_is_for_want_of_being_said(left_out: str) -> None:
    said = {
        "passport_invitation_days": 3,
        "review_invitation_days": 3,
        "usual_types": ["identity"],
        "usual_wait_hours": 24,
        "version": 0,
    }
    del said[left_out]

    with pytest.raises(ValidationError, match=left_out):
        ChangeLocalSettings.model_validate(said)
