"""What a host keys around a review, and what its pages say."""

from datetime import UTC, datetime
from typing import Any

import pytest

import schemas
from agent.domain.credentials import PASSPORT_TYPES, CredentialFormat, CredentialType
from agent.domain.review import Decision, ReviewId, ReviewState, Standing, Verdict
from portal.agent_client.local_settings import LocalSettings
from portal.agent_client.reviews import (
    Invitation,
    Presented,
    Request,
    RequestId,
    RequestPage,
    Review,
    TrustedOrganisation,
)
from portal.errors import CannotBeRead, NotFound
from portal.forms.fields import identifier
from portal.forms.reviews import AskForm, DecisionForm, PurposeForm, ReviewFilter
from portal.pages.claims import CLAIMS, PROVENANCE
from portal.pages.reviews import (
    ADVICE,
    ask_choices,
    decision_choices,
    request_line,
    review_page,
    shown,
)
from portal.pages.words import CREDENTIAL, DECISION, FORMAT, REVIEW, STANDING, VERDICT
from portal.presenting import moment

NOON = datetime(2026, 6, 30, 11, 5, tzinfo=UTC)
DID = "did:webvh:scid:registry.staff-passport.example:organisations:northmoor"


def a_review(**changed: Any) -> Review:
    told = {
        "id": "r-1",
        "state": ReviewState.CONNECTED,
        "purpose": "Starting work on Ward 4",
        "created_by": "wanjiru",
        "created_at": NOON,
        "invitation_expires_at": NOON,
    }
    return Review.model_validate(told | changed)


def a_request(verdict: Verdict = Verdict.ACCEPTED, **changed: Any) -> Request:
    told = {
        "id": RequestId("q-1"),
        "review": ReviewId("r-1"),
        "verdict": verdict,
        "types": [CredentialType.EMPLOYMENT],
        "requested_by": "wanjiru",
        "requested_at": NOON,
        "answer_by": NOON,
    }
    return Request.model_validate(told | changed)


def a_credential(standing: Standing | None = Standing.HOLDS, **changed: Any) -> Presented:
    told = {
        "type": CredentialType.EMPLOYMENT,
        "format": CredentialFormat.W3C,
        "issuer": DID,
        "claims": {"employer": "Northmoor", "issuedOn": "2026-06-01"},
        "standing": standing,
        "checked_at": NOON,
    }
    return Presented.model_validate(told | changed)


def local_settings(types: list[str], hours: int) -> LocalSettings:
    told = {
        "passport_invitation_days": None,
        "review_invitation_days": None,
        "usual_types": {"value": types, "at_start": types},
        "usual_wait_hours": {"value": hours, "at_start": hours, "possible": [hours]},
        "version": 0,
        "changed_by": None,
        "changed_at": None,
    }
    return LocalSettings.model_validate(told)


def text_of(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["key"]["text"]: row["value"]["text"] for row in rows}


def test_every_state_has_its_words() -> None:
    assert REVIEW.keys() == set(ReviewState)
    assert VERDICT.keys() == set(Verdict)
    assert STANDING.keys() == set(Standing)
    assert DECISION.keys() == set(Decision)
    assert CREDENTIAL.keys() == set(CredentialType)
    assert FORMAT.keys() == set(CredentialFormat)


def test_every_verdict_says_what_it_means() -> None:
    assert ADVICE.keys() == {
        Verdict.ACCEPTED,
        Verdict.REFUSED,
        Verdict.DECLINED,
        Verdict.UNAVAILABLE,
    }


@pytest.mark.parametrize("kind", PASSPORT_TYPES)
def test_claims_are_called_what_their_definition_calls_them(kind: CredentialType) -> None:
    defined = {claim.name: claim.label.en for claim in schemas.load(kind).claims}

    assert CLAIMS[kind] | PROVENANCE == defined


def test_a_moment_is_a_day_and_a_time_in_london() -> None:
    assert moment(NOON) == "30 June 2026 at 12:05pm"


def test_a_purpose_is_text_that_can_be_read() -> None:
    assert PurposeForm.read({"purpose": "  Ward 4 "}).errors == ()
    for text in ("", "ab", "x" * 201):
        assert [error.field for error in PurposeForm.read({"purpose": text}).errors] == ["purpose"]


@pytest.mark.parametrize(("hours", "wait"), [(1, "1h"), (24, "1d"), (168, "7d"), (72, "1d")])
def test_a_request_begins_with_what_the_organisation_usually_asks_for_in_whatever_format(
    hours: int, wait: str
) -> None:
    form = AskForm.usual(local_settings(["employment"], hours))

    assert form == AskForm((CredentialType.EMPLOYMENT,), "any", wait)
    assert form.errors == ()
    assert form.formats is None


def test_only_what_is_ticked_is_asked_for() -> None:
    form = AskForm.read({"ask_employment": "yes", "form": "w3c", "wait": "1h"})

    assert form.errors == ()
    assert (form.types, form.formats) == ((CredentialType.EMPLOYMENT,), (CredentialFormat.W3C,))


def test_a_request_for_nothing_or_in_no_format_is_no_request() -> None:
    errors = AskForm.read({"form": "x", "wait": "x"}).errors

    assert [error.field for error in errors] == ["ask_identity", "form", "wait"]


def test_a_decision_needs_a_reason() -> None:
    assert [error.field for error in DecisionForm.read({}).errors] == ["decision", "reason"]
    assert DecisionForm.read({"decision": "rejected", "reason": "Not the person"}).errors == ()


@pytest.mark.parametrize("query", [{"state": "<script>"}, {"cursor": "x" * 301}])
def test_a_filter_that_no_page_has_cannot_be_read(query: dict[str, str]) -> None:
    with pytest.raises(CannotBeRead):
        ReviewFilter.read(query)


@pytest.mark.parametrize("text", ["", "..", "a/b", "a?b=c", "a%2f", "x" * 37])
def test_what_cannot_be_an_identifier_is_not_asked_about(text: str) -> None:
    with pytest.raises(NotFound):
        identifier(text)


def test_what_the_host_will_see_is_said_before_it_is_asked_for() -> None:
    (identity, *_) = ask_choices(AskForm.usual(local_settings(list(PASSPORT_TYPES), 24))).types

    told = ", ".join(CLAIMS[CredentialType.IDENTITY].values())
    assert identity["hint"] == {"text": f"You will see: {told}."}


def test_an_invitation_is_a_picture_within_the_page() -> None:
    page = review_page(
        a_review(state=ReviewState.INVITED),
        RequestPage(presentation_requests=()),
        Invitation(url="https://x.example", qr_svg="<svg/>"),
    )

    assert page.qr == "data:image/svg+xml;base64,PHN2Zy8+"
    assert not page.may_ask


def test_a_person_is_asked_one_thing_at_a_time() -> None:
    waiting = RequestPage(presentation_requests=(a_request(Verdict.REQUESTED),))
    answered = RequestPage(presentation_requests=(a_request(Verdict.UNAVAILABLE),))

    assert not review_page(a_review(), waiting, None).may_ask
    assert review_page(a_review(), answered, None).may_ask
    assert review_page(a_review(), answered, None).says == "The review is now: Nobody can tell"


def test_a_credential_says_who_issued_it_and_how_it_was_checked() -> None:
    issuers = {DID: TrustedOrganisation(ods_code="ZZNM1", name="Northmoor Teaching Hospitals")}

    told = text_of(shown(a_credential(), issuers).checks)

    assert told["Issued by"] == "Northmoor Teaching Hospitals (ZZNM1)"
    assert told["Issued on"] == "1 June 2026"
    assert told["Status"] == "Counts"
    assert told["Status last known"] == "30 June 2026 at 12:05pm"
    assert DID in told["Signature"]


@pytest.mark.parametrize("kind", PASSPORT_TYPES)
def test_a_credential_of_any_type_says_each_of_its_claims_and_where_they_come_from(
    kind: CredentialType,
) -> None:
    claims = {name: f"the {name}" for name in CLAIMS[kind] | PROVENANCE}
    everything = shown(a_credential(type=kind, claims=claims), {})

    assert text_of(everything.claims) == {label: f"the {name}" for name, label in CLAIMS[kind].items()}
    assert text_of(everything.provenance) == {label: f"the {name}" for name, label in PROVENANCE.items()}


def test_where_a_claim_comes_from_is_said_as_people_write_it_and_what_is_not_said_is_a_dash() -> None:
    claims = {"origin": "ESR", "lastRefresh": "2026-06-01", "passportReference": "P-1"}
    told = text_of(shown(a_credential(claims=claims), {}).provenance)

    assert list(told) == list(PROVENANCE.values())
    assert (told["Origin"], told["Last refresh"], told["Passport reference"]) == ("ESR", "1 June 2026", "P-1")
    assert told["Verifier"] == "\N{EN DASH}"


def test_an_issuer_has_no_name_but_that_on_the_trust_list() -> None:
    told = text_of(shown(a_credential(), {DID: None}).checks)

    assert told["Issued by"] == "The trust list does not say at the moment"


@pytest.mark.parametrize(
    ("request_", "may"),
    [
        (a_request(in_the_way=[]), ["accepted", "rejected"]),
        (a_request(in_the_way=[{"code": "stands_otherwise", "sentence": "It does not."}]), ["rejected"]),
        (a_request(), ["rejected"]),
    ],
)
def test_what_can_be_accepted_is_what_the_agent_says_can_be(request_: Request, may: list[str]) -> None:
    assert [choice["value"] for choice in decision_choices(request_, "")] == may


def test_a_decision_is_made_once_and_after_the_verdict() -> None:
    decided = {"decision": "rejected", "reason": "Not the person", "by": "wanjiru", "at": NOON}

    assert not request_line(a_request(Verdict.JUDGING)).may_be_decided
    assert request_line(a_request(Verdict.DECLINED)).may_be_decided
    assert not request_line(a_request(decision=decided)).may_be_decided
