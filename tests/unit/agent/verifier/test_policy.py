from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.credentials import PASSPORT_TYPES, CredentialFormat, CredentialType
from agent.domain.ports.presentations import PresentedCredential, ProofFault, UnjudgedPresentation
from agent.domain.ports.status_lists import CredentialStatus
from agent.issuer.claims import claims_of
from agent.verifier.policy import ACCEPTANCE, Evidence, asker_may_ask
from agent.verifier.presentation_requests import proof_request
from tests.support.staff import DID, NORTHMOOR, TODAY, a_record, a_trusted_organisation, authorities

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # of that day
SCHEMAS = {credential: f"schema of {credential}" for credential in CredentialType}


def shown(credential: CredentialType, **changed: Any) -> PresentedCredential:
    claims = claims_of(credential, a_record(), NORTHMOOR, passport="a-passport", on=TODAY)
    impeccable = PresentedCredential(
        credential, CredentialFormat.ANONCREDS, SCHEMAS[credential], DID, claims, (), proven_unrevoked=True
    )
    return replace(impeccable, **changed)


def evidence(*credentials: PresentedCredential, **changed: Any) -> Evidence:
    presentation = UnjudgedPresentation(None, credentials or tuple(map(shown, PASSPORT_TYPES)))
    impeccable = Evidence(
        presentation=presentation,
        asked=PASSPORT_TYPES,
        national_schemas=SCHEMAS,
        issuers={DID: a_trusted_organisation()},
        statuses=(CredentialStatus.VALID,) * len(presentation.credentials),
        on=TODAY,
        record_at_most=timedelta(days=365),
        at=NOON,
        short_life_at_most=timedelta(0),
    )
    return replace(impeccable, **changed)


def refusals(judged: Evidence) -> list[str]:
    return [refusal.code for refusal in ACCEPTANCE.refusals(judged)]


def with_claims(credential: CredentialType, **claims: str) -> Evidence:
    """An impeccable passport but for these claims."""
    others = [shown(kind) for kind in PASSPORT_TYPES if kind is not credential]
    changed = shown(credential)
    return evidence(*others, replace(changed, claims={**changed.claims, **claims}))


def test_an_impeccable_passport_is_accepted() -> None:
    assert refusals(evidence()) == []


@pytest.mark.parametrize("fault", list(ProofFault))
def test_proofs_that_do_not_hold_are_refused_by_name_whatever_they_show(fault: ProofFault) -> None:
    nothing = evidence(presentation=UnjudgedPresentation(fault, ()), statuses=())

    assert fault in refusals(nothing)
    assert "issuer_unknown" in refusals(nothing)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (CredentialStatus.REVOKED, "revoked"),
        (CredentialStatus.SUSPENDED, "suspended"),
        (CredentialStatus.NO_SUCH_ENTRY, "status_entry_unknown"),
        (CredentialStatus.OTHER_ISSUERS_LIST, "status_list_not_the_issuers"),
    ],
)
def test_what_its_issuers_lists_speak_against_is_refused(status: CredentialStatus, code: str) -> None:
    judged = evidence(statuses=(CredentialStatus.VALID, status, CredentialStatus.VALID))

    assert refusals(judged) == [code]


def test_an_issuer_that_nobody_registered_is_refused_for_that_and_not_for_lists_that_nobody_read() -> None:
    judged = evidence(issuers={DID: None}, statuses=(CredentialStatus.NOT_ASKED,) * 3)

    assert refusals(judged) == ["issuer_unknown", "issuer_not_trusted_for_type"]


def in_both_formats(**changed: Any) -> Evidence:
    """A passport shown twice, the second time in W3C's form."""
    twice = [shown(kind, format=form) for form in CredentialFormat for kind in PASSPORT_TYPES]
    twice[-1] = replace(twice[-1], **changed)
    return evidence(*twice)


def test_a_passport_may_be_shown_in_both_formats() -> None:
    assert refusals(in_both_formats()) == []


def test_two_formats_of_one_credential_say_the_same() -> None:
    claims = {**shown(PASSPORT_TYPES[-1]).claims, "dbsUpdateService": "false"}

    assert "formats_differ" in refusals(in_both_formats(claims=claims))


def test_each_format_that_is_shown_is_shown_in_full() -> None:
    partly = [*map(shown, PASSPORT_TYPES), shown(PASSPORT_TYPES[0], format=CredentialFormat.W3C)]

    assert refusals(evidence(*partly)) == ["credential_missing"]


def test_each_type_is_shown_once_and_in_full() -> None:
    two = [shown(CredentialType.IDENTITY), shown(CredentialType.EMPLOYMENT)]
    partly = replace(shown(CredentialType.EMPLOYMENT_CHECKS), claims={"issuedOn": "2026-11-23"})

    assert "credential_missing" in refusals(evidence(*two))
    assert "credential_missing" in refusals(evidence(*two, two[0], shown(CredentialType.EMPLOYMENT_CHECKS)))
    assert "credential_missing" in refusals(evidence(*two, partly))


def test_a_schema_of_somebodys_own_is_refused() -> None:
    own = shown(CredentialType.IDENTITY, schema_id="another")

    judged = evidence(own, shown(CredentialType.EMPLOYMENT), shown(CredentialType.EMPLOYMENT_CHECKS))

    assert refusals(judged) == ["schema_unknown"]


def test_an_issuer_is_registered_today_and_for_the_type() -> None:
    yesterday = TODAY - timedelta(days=1)
    ended = a_trusted_organisation(issuing=authorities(*CredentialType, valid_until=yesterday))
    partial = a_trusted_organisation(issuing=authorities(CredentialType.IDENTITY))

    assert "issuer_unknown" in refusals(evidence(issuers={}))
    assert "issuer_unknown" in refusals(evidence(issuers={DID: None}))
    assert refusals(evidence(issuers={DID: ended})) == ["issuer_not_trusted_for_type"]
    assert refusals(evidence(issuers={DID: partial})) == ["issuer_not_trusted_for_type"]


def test_an_issuer_had_its_authority_when_it_issued_too() -> None:
    yesterday = TODAY - timedelta(days=1)
    issued_before = with_claims(CredentialType.IDENTITY, issuedOn=yesterday.isoformat())
    begun = a_trusted_organisation(issuing=authorities(*CredentialType, valid_from=TODAY))
    for_longer = a_trusted_organisation(issuing=authorities(*CredentialType, valid_from=yesterday))

    assert refusals(replace(issued_before, issuers={DID: begun})) == ["issued_without_authority"]
    assert refusals(replace(issued_before, issuers={DID: for_longer})) == []


def test_credentials_of_two_organisations_are_not_one_passport() -> None:
    other = shown(CredentialType.IDENTITY, issuer_did="did:other")
    others = a_trusted_organisation(did="did:other", ods_code="ZZCB1")
    both = {DID: a_trusted_organisation(), "did:other": others}

    judged = evidence(
        other, shown(CredentialType.EMPLOYMENT), shown(CredentialType.EMPLOYMENT_CHECKS), issuers=both
    )

    assert refusals(judged) == ["issuers_differ"]


def test_one_persons_identity_does_not_go_with_anothers_employment() -> None:
    assert refusals(with_claims(CredentialType.EMPLOYMENT, passportReference="another")) == [
        "passports_differ"
    ]
    assert refusals(with_claims(CredentialType.IDENTITY, passportReference="")) == ["passports_differ"]


def test_an_organisation_speaks_for_itself_alone() -> None:
    assert refusals(with_claims(CredentialType.EMPLOYMENT, odsCode="ZZCB1")) == ["employer_differs"]


def test_a_status_that_was_not_proven_is_refused() -> None:
    unproven = shown(CredentialType.IDENTITY, proven_unrevoked=False)

    judged = evidence(unproven, shown(CredentialType.EMPLOYMENT), shown(CredentialType.EMPLOYMENT_CHECKS))

    assert refusals(judged) == ["status_not_proven"]


@pytest.mark.parametrize(
    "claims",
    [
        {"issuedOn": "2026-11-24"},
        {"lastRefresh": "2024-01-01"},
        {"lastRefresh": "2026-11-24"},
        {"issuedOn": ""},
    ],
)
def test_what_was_issued_tomorrow_or_from_an_old_record_is_refused(claims: dict[str, str]) -> None:
    assert refusals(with_claims(CredentialType.IDENTITY, **claims)) == ["record_too_old"]


@pytest.mark.parametrize(
    "claims",
    [
        {"startDate": "2026-11-24"},
        {"startDate": "soon"},
        {"fixedTermEndDate": "2026-11-22"},
        {"fixedTermEndDate": "never"},
        {"assignmentStatus": "Suspend With Pay"},
    ],
)
def test_employment_that_is_not_current_is_refused(claims: dict[str, str]) -> None:
    assert refusals(with_claims(CredentialType.EMPLOYMENT, **claims)) == ["employment_not_current"]


def test_the_last_day_of_a_fixed_term_is_current() -> None:
    assert refusals(with_claims(CredentialType.EMPLOYMENT, fixedTermEndDate="2026-11-23")) == []


@given(st.text(max_size=20).filter(lambda text: text not in {"clear", "not_required"}))
def test_an_outcome_that_is_not_settled_is_refused_whatever_it_says(outcome: str) -> None:
    assert "checks_not_clear" in refusals(
        with_claims(CredentialType.EMPLOYMENT_CHECKS, criminalRecordOutcome=outcome)
    )


def test_a_check_that_expired_is_refused() -> None:
    judged = with_claims(CredentialType.EMPLOYMENT_CHECKS, rightToWorkExpiryDate="2026-11-22")

    assert refusals(judged) == ["checks_not_clear"]


def test_a_host_asks_only_for_what_it_may() -> None:
    identity_only = a_trusted_organisation(asking=authorities(CredentialType.IDENTITY))

    assert asker_may_ask(a_trusted_organisation(), PASSPORT_TYPES, NOON) is None
    assert asker_may_ask(identity_only, [CredentialType.IDENTITY], NOON) is None
    assert asker_may_ask(identity_only, PASSPORT_TYPES, NOON) is not None
    assert asker_may_ask(None, PASSPORT_TYPES, NOON) is not None


def test_a_request_restricts_by_national_schema_and_asks_for_one_moment() -> None:
    asked = proof_request(PASSPORT_TYPES, SCHEMAS, purpose="Starting work", at=1_763_856_000)

    assert asked["non_revoked"] == {"from": 1_763_856_000, "to": 1_763_856_000}
    for credential in PASSPORT_TYPES:
        wanted = asked["requested_attributes"][credential]
        assert wanted["restrictions"] == [{"schema_id": SCHEMAS[credential]}]
    assert asked["nonce"].isdigit()
