"""Who may have a short-lived credential, and the form in which it is offered and proposed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.exchanges import CredentialProposal, ShortLife
from agent.issuer.policy import IN_TIME, SHORT_LIVED, Acceptance, Binding, Renewable
from agent.issuer.settings import IssuerSettings, StockWallets
from agent.issuer.short_lived_form import read_proposal, without_status

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
KEY = "did:key:z6MkqAVbK8pMerTbFWKXoyvRapWEiPN5Z7cDc63y8ft38tAk"
OTHER_KEY = "did:key:z6Mkuo5uzeQqLkptxJMducm58XWsg9FbTXH9QYgRVRNhfEPt"
EMPLOYMENT = CredentialType.EMPLOYMENT
PHONE = ConnectionId("a-connection")
DUE = Renewable(
    EMPLOYMENT,
    Binding(as_offered=True, subject=KEY, pinned=None),
    held=frozenset({EMPLOYMENT}),
    awaited=frozenset(),
    fresh=frozenset(),
)


def refusals(**changed: Any) -> list[str]:
    return [refusal.code for refusal in SHORT_LIVED.refusals(replace(DUE, **changed))]


def settings(**told: Any) -> IssuerSettings:
    return IssuerSettings(code_key=SecretStr("at-least-16-characters"), **told)


def test_what_a_holder_has_may_be_short_lived_about_a_key_of_theirs() -> None:
    assert refusals() == []
    assert refusals(binding=Binding(as_offered=True, subject=KEY, pinned=KEY)) == []


def test_what_hr_did_not_offer_or_took_back_is_not_given_in_another_form() -> None:
    assert refusals(held=frozenset({CredentialType.IDENTITY})) == ["credential_not_held"]


@pytest.mark.parametrize(
    "subject",
    [
        "did:peer:4zQmVqPEqFQh5Hi7nZ3JaXLxbcj2qsPPPf7Nb7fYsKxNsbBc",
        "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",  # an X25519 key: it cannot sign
        "did:key:z6Mk",
        "did:key:",
        "did:key:z0",
        KEY + "x",
        KEY.removeprefix("did:"),
    ],
)
def test_a_subject_is_a_did_key_that_can_sign(subject: str) -> None:
    assert refusals(binding=Binding(as_offered=True, subject=subject, pinned=None))[0] == "subject_unknown"


def test_a_passport_keeps_to_the_first_key() -> None:
    assert refusals(binding=Binding(as_offered=True, subject=KEY, pinned=OTHER_KEY)) == ["other_subject"]


def test_one_offer_of_a_type_waits_at_a_time() -> None:
    assert refusals(awaited=frozenset({EMPLOYMENT})) == ["offer_in_progress"]
    assert refusals(awaited=frozenset({CredentialType.IDENTITY})) == []


def test_nobody_has_esr_asked_again_before_half_of_a_life() -> None:
    assert refusals(fresh=frozenset({EMPLOYMENT})) == ["not_due"]
    assert refusals(fresh=frozenset({CredentialType.IDENTITY})) == []


def test_an_offer_is_accepted_before_it_ends_and_while_its_holder_has_what_it_repeats() -> None:
    late, taken_back = Acceptance(NOON, NOON, held=True), Acceptance(NOON, NOON - SECOND, held=False)

    assert IN_TIME.refusals(Acceptance(NOON, NOON - SECOND, held=True)) == ()
    assert [refusal.code for refusal in IN_TIME.refusals(late)] == ["offer_expired"]
    assert [refusal.code for refusal in IN_TIME.refusals(taken_back)] == ["credential_not_held"]


def test_an_end_takes_the_place_of_the_status() -> None:
    credential = {"issuer": "did:x", "credentialSubject": {"employer": "Northmoor"}, "credentialStatus": []}

    assert without_status(credential, ShortLife(KEY, NOON)) == {
        "issuer": "did:x",
        "credentialSubject": {"id": KEY, "employer": "Northmoor"},
        "expirationDate": "2026-11-23T12:00:00Z",
    }


def a_proposal(**changed: object) -> dict[str, object]:
    credential = {"type": ["VerifiableCredential", "EmploymentCredential"], "credentialSubject": {"id": KEY}}
    return {"credential": credential | changed}


def test_a_proposal_is_read_for_its_type_and_its_subject_alone() -> None:
    claims = {"id": KEY, "positionTitle": "Consultant"}

    assert read_proposal(PHONE, a_proposal(credentialSubject=claims)) == CredentialProposal(
        PHONE, EMPLOYMENT, KEY
    )


@pytest.mark.parametrize(
    "detail",
    [
        None,
        [],
        {},
        {"credential": None},
        a_proposal(type=["VerifiableCredential"]),
        a_proposal(type="EmploymentCredential"),
        a_proposal(credentialSubject=[{"id": KEY}]),
        a_proposal(credentialSubject={"id": 7}),
        a_proposal(credentialSubject={}),
    ],
    ids=str,
)
def test_a_proposal_of_another_form_proposes_nothing(detail: object) -> None:
    assert read_proposal(PHONE, detail) == CredentialProposal(PHONE, None, None)


def test_another_type_is_none_of_ours() -> None:
    foreign = a_proposal(type=["VerifiableCredential", "DegreeCredential"])

    assert read_proposal(PHONE, foreign).credential is None


def test_an_issuer_that_says_nothing_answers_no_proposal() -> None:
    assert settings().stock_wallets is StockWallets.NONE


def test_no_life_is_longer_than_a_week() -> None:
    assert settings().short_life == settings(short_life=WEEK).short_life == WEEK
    for life in (WEEK + SECOND, timedelta(0)):
        with pytest.raises(ValidationError):
            settings(short_life=life)


def test_short_lived_credentials_are_w3cs() -> None:
    with pytest.raises(ValidationError, match="stock_wallets"):
        settings(stock_wallets="proposal", formats={CredentialFormat.ANONCREDS})
