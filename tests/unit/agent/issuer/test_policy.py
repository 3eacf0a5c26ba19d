from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from agent.domain.credentials import PASSPORT_TYPES, CredentialType
from agent.domain.errors import PolicyRefused
from agent.domain.passporting import PASSPORTED_STATUSES
from agent.domain.workforce import AssignmentStatus, CheckOutcome, CheckType, StaffRecord
from agent.issuer.policy import (
    BINDING,
    ISSUANCE,
    SAME_RECORD,
    Binding,
    IssuanceRequest,
    Reissue,
)
from tests.support.staff import (
    TODAY,
    a_check,
    a_person,
    a_record,
    a_trusted_organisation,
    an_assignment,
    authorities,
)

DAY = timedelta(days=1)
NOON = datetime.combine(TODAY, time(12), UTC)


def refusals(record: StaffRecord | None = None, **changed: Any) -> list[str]:
    request = IssuanceRequest(record or a_record(), PASSPORT_TYPES, a_trusted_organisation(), NOON)
    return [refusal.code for refusal in ISSUANCE.refusals(replace(request, **changed))]


def test_a_person_at_work_with_all_checks_is_passported() -> None:
    assert refusals() == []


def test_the_last_day_of_an_assignment_is_current_and_the_next_is_not() -> None:
    assert refusals(a_record(assignment=an_assignment(end=TODAY))) == []
    assert refusals(a_record(assignment=an_assignment(end=TODAY - DAY))) == ["assignment_ended"]
    assert refusals(a_record(assignment=an_assignment(fixed_term_end=TODAY - DAY))) == ["assignment_ended"]
    assert refusals(a_record(assignment=an_assignment(start=TODAY + DAY))) == ["assignment_not_started"]


@pytest.mark.parametrize("status", sorted(set(AssignmentStatus) - PASSPORTED_STATUSES))
def test_nobody_who_is_away_suspended_or_leaving_is_passported(status: AssignmentStatus) -> None:
    assert refusals(a_record(assignment=an_assignment(status=status))) == ["assignment_status"]


@pytest.mark.parametrize("category", ["Agency", " agency ", ""])
def test_agency_staff_and_an_unknown_category_are_out_of_scope(category: str) -> None:
    assert refusals(a_record(assignment=an_assignment(category=category))) == ["assignment_category"]


def test_a_leavers_last_day_counts() -> None:
    assert refusals(a_record(person=a_person(leaving_date=TODAY))) == []
    assert refusals(a_record(person=a_person(leaving_date=TODAY - DAY))) == ["person_left"]


@pytest.mark.parametrize("missing", list(CheckType))
def test_a_check_that_is_absent_is_a_gap(missing: CheckType) -> None:
    checks = tuple(a_check(kind) for kind in CheckType if kind is not missing)

    assert refusals(a_record(checks=checks)) == ["checks_incomplete"]


def test_a_check_that_expired_yesterday_is_a_gap_and_one_that_expires_today_is_not() -> None:
    others = tuple(a_check(kind) for kind in CheckType if kind is not CheckType.RIGHT_TO_WORK)
    today = (*others, a_check(CheckType.RIGHT_TO_WORK, expires_on=TODAY))
    yesterday = (*others, a_check(CheckType.RIGHT_TO_WORK, expires_on=TODAY - DAY))
    pending = (*others, a_check(CheckType.RIGHT_TO_WORK, outcome=CheckOutcome.PENDING))

    assert refusals(a_record(checks=today)) == []
    assert refusals(a_record(checks=yesterday)) == ["checks_incomplete"]
    assert refusals(a_record(checks=pending)) == ["checks_incomplete"]


def test_an_issuer_is_trusted_today_for_every_type_or_not_at_all() -> None:
    only_identity = a_trusted_organisation(issuing=authorities(CredentialType.IDENTITY))
    ended = authorities(*CredentialType, valid_until=TODAY - DAY)
    last_day = authorities(*CredentialType, valid_until=TODAY)

    assert refusals(issuer=None) == ["issuer_not_trusted"]
    assert refusals(issuer=only_identity) == ["issuer_not_trusted"]
    assert refusals(issuer=a_trusted_organisation(issuing=ended)) == ["issuer_not_trusted"]
    assert refusals(issuer=a_trusted_organisation(issuing=last_day)) == []


def test_every_broken_rule_is_named_at_once() -> None:
    record = a_record(checks=(), assignment=an_assignment(end=TODAY - DAY, status=AssignmentStatus.INACTIVE))

    with pytest.raises(PolicyRefused) as refused:
        ISSUANCE.require(IssuanceRequest(record, PASSPORT_TYPES, None, NOON))

    assert [refusal.code for refusal in refused.value.refusals] == [
        "assignment_ended",
        "assignment_status",
        "checks_incomplete",
        "issuer_not_trusted",
    ]


def test_only_what_is_said_of_the_person_must_be_unchanged() -> None:
    offered = {"positionTitle": "Staff Nurse", "issuedOn": "2026-11-20", "lastRefresh": "2026-11-20"}
    later = {**offered, "issuedOn": "2026-11-23", "lastRefresh": "2026-11-23"}

    assert SAME_RECORD.refusals(Reissue(offered, later)) == ()
    (changed,) = SAME_RECORD.refusals(Reissue(offered, {**later, "positionTitle": "Sister"}))
    assert changed.code == "record_changed"
    assert "Sister" not in changed.sentence


FIRST = "did:key:z6MkwXG2WjeQnNxSoynSGYU8V9j3QzP3JSqhdmkHc6SaVWoT"
OTHER = "did:key:z6MkpTHR8VNsBxYAAWHutfoNfXsMUpNTf5o1jsB6jH2sG3m9"


def codes(*, subject: str | None, pinned: str | None = None, as_offered: bool = True) -> list[str]:
    return [refusal.code for refusal in BINDING.refusals(Binding(as_offered, subject, pinned))]


def test_a_wallet_that_names_nobody_gets_nothing() -> None:
    assert codes(subject=None) == ["subject_missing"]


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "did:",
        "Idris",
        "did:key:z6Mk\x00",
        f"{FIRST}\n",
        f"{FIRST}x",
        "did:web:example.test",
        "did:key:zDn" + "a" * 45,
    ],
)
def test_a_did_that_no_host_could_check_is_nobody_to_bind_a_credential_to(subject: str) -> None:
    assert codes(subject=subject) == ["subject_unknown"]


def test_a_credential_is_bound_to_the_did_that_was_named_first() -> None:
    assert codes(subject=FIRST) == codes(subject=FIRST, pinned=FIRST) == []
    assert codes(subject=OTHER, pinned=FIRST) == ["other_subject"]


def test_nobody_is_given_another_credential_than_was_offered() -> None:
    assert codes(subject=FIRST, as_offered=False) == ["request_differs"]
