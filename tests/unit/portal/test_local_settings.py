"""Local settings, as forms read them and pages show them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.domain.credentials import PASSPORT_TYPES, CredentialType
from portal.agent_client.local_settings import LocalSettings, Retention
from portal.errors import CannotBeRead
from portal.forms.fields import of_agent
from portal.forms.local_settings import CHANGED, LocalSettingsForm, at_fields
from portal.pages.local_settings import LocalSettingsPage, local_settings_page, period

DAYS = {"value": 5, "at_start": 3, "least": 1, "most": 14}
SENT = {
    "passport_invitation_days": " 7 ",
    "review_invitation_days": "14",
    "type_employment": "yes",
    "usual_wait_hours": "168",
    "version": "2",
}


def local_settings(**changed: Any) -> LocalSettings:
    told = {
        "passport_invitation_days": DAYS,
        "review_invitation_days": DAYS,
        "usual_types": {"value": ["identity", "employment"], "at_start": list(PASSPORT_TYPES)},
        "usual_wait_hours": {"value": 1, "at_start": 24, "possible": [1, 24, 168]},
        "version": 2,
        "changed_by": "ada@northmoor.example",
        "changed_at": datetime(2026, 6, 30, 11, 5, tzinfo=UTC),
    }
    return LocalSettings.model_validate(told | changed)


KNOWN = local_settings()
NO_PASSPORTS = local_settings(passport_invitation_days=None)
NO_REVIEWS = local_settings(review_invitation_days=None)


def page(known: LocalSettings = KNOWN, retention: Retention | None = None) -> LocalSettingsPage:
    return local_settings_page(known, LocalSettingsForm.of(known), retention, done=None)


def test_a_form_is_sent_as_the_agent_takes_it() -> None:
    form = LocalSettingsForm.read(SENT)

    assert form.errors(KNOWN) == ()
    assert form.said(KNOWN) == {
        "passport_invitation_days": 7,
        "review_invitation_days": 14,
        "usual_types": (CredentialType.EMPLOYMENT,),
        "usual_wait_hours": 168,
        "version": 2,
    }


def test_a_form_is_shown_as_things_are_and_sent_back_changes_nothing() -> None:
    form = LocalSettingsForm.of(KNOWN)

    assert form == LocalSettingsForm("5", "5", KNOWN.usual_types.value, "1", "2")
    assert form.errors(KNOWN) == ()


@pytest.mark.parametrize(
    "days", ["", "0", "15", "-3", "3.5", "three", "\N{SUPERSCRIPT THREE}", "٣", "9" * 400]
)
def test_days_are_a_whole_number_within_bounds(days: str) -> None:
    told = LocalSettingsForm.read({**SENT, "passport_invitation_days": days}).errors(KNOWN)

    assert [(each.field, each.sentence) for each in told] == [
        ("passport_invitation_days", "Enter a whole number of days for passports, from 1 to 14")
    ]


def test_everything_that_is_missing_is_named_at_once() -> None:
    told = LocalSettingsForm.read({"version": "0"}).errors(KNOWN)

    assert [each.field for each in told] == [
        "passport_invitation_days",
        "review_invitation_days",
        "usual_types",
        "usual_wait_hours",
    ]


@pytest.mark.parametrize("wait", ["2", "01", "a day", ""])
def test_no_other_wait_is_chosen_than_is_offered(wait: str) -> None:
    told = LocalSettingsForm.read({**SENT, "usual_wait_hours": wait}).errors(KNOWN)

    assert [each.field for each in told] == ["usual_wait_hours"]


@pytest.mark.parametrize("version", ["", "-1", "<script>"])
def test_a_form_that_was_made_on_nothing_known_has_to_be_looked_at_again(version: str) -> None:
    assert LocalSettingsForm.read({**SENT, "version": version}).errors(KNOWN) == (CHANGED,)


def test_the_same_choices_are_made_on_what_is_known_by_now() -> None:
    form = LocalSettingsForm.read(SENT)

    assert form.on(local_settings(version=9)) == replace(form, version="9")


def test_what_an_organisation_does_not_do_is_neither_asked_nor_sent() -> None:
    sent = {name: text for name, text in SENT.items() if name != "passport_invitation_days"}
    form = LocalSettingsForm.read(sent)

    assert form.errors(NO_PASSPORTS) == ()
    assert form.said(NO_PASSPORTS)["passport_invitation_days"] is None
    assert page(NO_PASSPORTS).passport_hint is None
    assert page(NO_PASSPORTS).has_choices


def test_who_asks_for_nothing_keeps_what_is_usual() -> None:
    form = LocalSettingsForm.read({"passport_invitation_days": "7", "version": "2"})

    assert form.errors(NO_REVIEWS) == ()
    said = form.said(NO_REVIEWS)
    assert said["review_invitation_days"] is None
    assert (said["usual_types"], said["usual_wait_hours"]) == (KNOWN.usual_types.value, 1)


def test_who_invites_nobody_has_nothing_to_choose() -> None:
    assert not page(local_settings(passport_invitation_days=None, review_invitation_days=None)).has_choices


def test_what_the_agent_cannot_read_is_said_at_its_field() -> None:
    told = of_agent(CannotBeRead("invalid_input", fields={"usual_types.0": "x"}), at_fields(KNOWN))

    assert [(each.field, each.sentence) for each in told] == [
        ("usual_types", "Choose at least one thing to ask for")
    ]


def test_each_choice_says_what_counts_now_and_what_does_when_nothing_is_chosen() -> None:
    shown = page()

    assert shown.passport_hint == "From 1 to 14 days. At the moment: 5 days. As installed: 3 days."
    assert shown.types_hint == (
        "At the moment: identity, employment. As installed: identity, employment, employment checks."
    )
    assert shown.waits_hint == "At the moment: 1 hour. As installed: 1 day."
    usual = {"value": 24, "at_start": 24, "possible": [24]}
    assert page(local_settings(usual_wait_hours=usual)).waits_hint == "At the moment: 1 day, as installed."
    assert [each["checked"] for each in shown.types] == [True, True, False]
    assert [(each["text"], each["checked"]) for each in shown.waits] == [
        ("1 hour", True),
        ("1 day", False),
        ("7 days", False),
    ]


def test_the_first_of_each_group_is_what_the_error_summary_leads_to() -> None:
    shown = page()

    assert (shown.types[0]["id"], shown.waits[0]["id"]) == ("usual_types", "usual_wait_hours")


def test_a_page_says_who_changed_them_last() -> None:
    assert page().changed == "Last changed on 30 June 2026 at 12:05pm, by ada@northmoor.example."
    untouched = local_settings(version=0, changed_by=None, changed_at=None)
    assert page(untouched).changed == "Nobody has changed them since the service was installed."


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(days=2190), "6 years"),
        (timedelta(days=365), "1 year"),
        (timedelta(days=30), "30 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(0), "0 hours"),
    ],
)
def test_a_time_is_told_in_the_largest_unit_that_it_is_whole_in(time: timedelta, words: str) -> None:
    assert period(time) == words


def test_how_long_records_are_kept_is_shown_to_whoever_may_know() -> None:
    told = {
        "category": "tasks",
        "what": "what is wrong",
        "counted_from": "closing",
        "kept_for": "P730D",
        "due": 3,
    }
    retention = Retention.model_validate({"categories": [told]})

    (kept,) = page(retention=retention).kept

    assert (kept.category, kept.what, kept.kept_for, kept.counted_from) == (
        "Tasks",
        "what is wrong",
        "2 years",
        "closing",
    )
    assert page().kept == []
