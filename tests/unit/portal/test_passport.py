"""One passport's page: how far it is, and what its credentials' states mean."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.domain.credentials import CredentialState, CredentialType, RevocationReason
from agent.domain.passport import ConfirmationMethod, PassportId, PassportState
from portal.agent_client.passports import Credential, Invitation, PassportDetails
from portal.forms.confirmation import CodeForm
from portal.forms.revocation import ReasonForm
from portal.pages.confirmation import shown_code, tries_left
from portal.pages.passport import invitation_part, means, passport_part
from portal.pages.revocation import ending, revocation, suspension
from portal.pages.words import CREDENTIAL, CREDENTIAL_STATE, REVOCATION

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONFIRMED = {
    "confirmed_at": NOON,
    "confirmed_by": "kofi@northmoor.example",
    "confirmation": ConfirmationMethod.COMPARED_CODE,
}


def a_passport(state: PassportState, **changed: Any) -> PassportDetails:
    known: dict[str, Any] = {
        "id": PassportId("p-1"),
        "state": state,
        "holder_name": "Idris Calderford",
        "assignment_number": "90100011",
        "created_at": NOON - timedelta(hours=1),
        "created_by": "ottilie@northmoor.example",
        "invitation_expires_at": NOON + timedelta(days=3),
        "wrong_codes": 0,
        "confirmation": None,
        "confirmed_by": None,
        "confirmed_at": None,
        "ended_for": None,
    }
    return PassportDetails(**known | changed)


def a_credential(
    state: CredentialState, kind: CredentialType = CredentialType.IDENTITY, **changed: Any
) -> Credential:
    known: dict[str, Any] = {
        "id": f"{kind}-{state}",
        "type": kind,
        "state": state,
        "suspended": False,
        "reason": None,
        "comment": None,
        "offered_by": "ottilie@northmoor.example",
        "offered_at": NOON + timedelta(minutes=1),
        "changed_at": NOON + timedelta(minutes=2),
        "expires_at": None,
    }
    return Credential(**known | changed)


def all_in(state: CredentialState) -> list[Credential]:
    return [a_credential(state, kind) for kind in CredentialType]


def statuses(passport: PassportDetails, *credentials: Credential) -> list[str]:
    told: list[str] = []
    for step in passport_part(passport, credentials).steps:
        status: Any = step["status"]
        told.append(status.get("text") or status["tag"]["text"])
    return told


def test_every_state_type_and_reason_has_its_words() -> None:
    assert CREDENTIAL_STATE.keys() == set(CredentialState)
    assert CREDENTIAL.keys() == set(CredentialType)
    assert REVOCATION.keys() == set(RevocationReason)
    assert all(means(a_credential(state)) for state in CredentialState)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PassportState.INVITED, ["Completed", "Waiting for them", *["Cannot start yet"] * 3]),
        (PassportState.CONNECTED, [*["Completed"] * 2, "To do", *["Cannot start yet"] * 2]),
        (PassportState.CONFIRMED, [*["Completed"] * 3, "To do", "Cannot start yet"]),
        (PassportState.OFFERED, [*["Completed"] * 4, "Waiting for them"]),
        (PassportState.ACTIVE, ["Completed"] * 5),
    ],
)
def test_each_step_says_how_it_stands(state: PassportState, expected: list[str]) -> None:
    assert statuses(a_passport(state)) == expected


def test_a_passport_of_which_some_are_not_answered_is_not_finished() -> None:
    credentials = [
        a_credential(CredentialState.ACTIVE),
        a_credential(CredentialState.PENDING, CredentialType.EMPLOYMENT),
    ]

    assert statuses(a_passport(PassportState.ACTIVE), *credentials)[-1] == "Waiting for them"


def test_a_passport_that_ended_says_how_far_it_came() -> None:
    closed = a_passport(PassportState.CLOSED, wrong_codes=5, ended_for="wrong_codes")
    ended = a_passport(PassportState.DEACTIVATED, ended_for="employment_ended", **CONFIRMED)

    assert statuses(closed) == [*["Completed"] * 2, *["Not reached"] * 3]
    assert statuses(ended, *all_in(CredentialState.REVOKED)) == ["Completed"] * 5
    assert passport_part(closed, ()).ended_for == "A wrong code was entered five times."
    assert passport_part(ended, ()).ended_for == "The employment has ended."


@pytest.mark.parametrize(
    ("state", "credentials", "may"),
    [
        (PassportState.CONNECTED, [], False),
        (PassportState.CONFIRMED, [], True),
        (PassportState.OFFERED, all_in(CredentialState.PENDING), False),
        (PassportState.OFFERED, all_in(CredentialState.REJECTED), True),
        (PassportState.DEACTIVATED, all_in(CredentialState.REVOKED), False),
    ],
)
def test_what_is_missing_can_be_offered_once_the_person_is_confirmed(
    state: PassportState, credentials: list[Credential], *, may: bool
) -> None:
    assert passport_part(a_passport(state), credentials).may_offer is may


def test_only_the_newest_credential_of_a_type_stands_on_the_page() -> None:
    old = a_credential(CredentialState.REJECTED)
    new = a_credential(CredentialState.PENDING)
    short_lived = a_credential(CredentialState.ACTIVE, expires_at=NOON)

    part = passport_part(a_passport(PassportState.OFFERED), [old, new, short_lived])

    assert [line.id for line in part.credentials] == [new.id]
    assert part.says == "Offered, not accepted. Identity: Offered"


def test_what_the_person_declined_says_why_in_words_and_in_their_own() -> None:
    declined = a_credential(CredentialState.REJECTED, reason="incorrect", comment="My name is wrong")

    (line,) = passport_part(a_passport(PassportState.OFFERED), [declined]).credentials

    assert line.means.startswith("They say that something in it is wrong.")
    assert line.comment == "My name is wrong"


def test_why_an_offer_was_taken_back_is_said_for_every_known_code() -> None:
    codes = "checks_incomplete,person_left"

    assert means(a_credential(CredentialState.WITHDRAWN, reason=codes)) == (
        "An employment check has a gap now. The person has left."
    )
    assert means(a_credential(CredentialState.WITHDRAWN, reason="of_tomorrow")) == (
        "The offer was taken back. Reason: of tomorrow."
    )


def test_who_has_a_credential_can_lose_it_for_a_while_or_for_good() -> None:
    held, pending = a_credential(CredentialState.ACTIVE), a_credential(CredentialState.PENDING)
    paused = a_credential(CredentialState.ACTIVE, suspended=True)
    active = a_passport(PassportState.ACTIVE)

    acts = [
        [act for act, _ in passport_part(active, [each]).credentials[0].acts]
        for each in (held, paused, pending)
    ]

    assert acts == [["Suspend", "Revoke"], ["Reinstate", "Revoke"], []]
    assert passport_part(active, [paused]).credentials[0].word.text == "Suspended"


def test_the_history_says_who_did_what_the_newest_first() -> None:
    passport = a_passport(PassportState.ACTIVE, **CONFIRMED)

    told = passport_part(passport, [a_credential(CredentialState.ACTIVE)]).history

    assert [(each.what, each.who) for each in told] == [
        ("Identity: issued", None),
        ("Identity offered", "ottilie@northmoor.example"),
        ("Confirmed by the code that their wallet showed", "kofi@northmoor.example"),
        ("Passport made, and the person invited", "ottilie@northmoor.example"),
    ]


def test_an_invitation_is_a_picture_and_a_letter_that_cannot_be_more_than_a_letter() -> None:
    invitation = Invitation(url="https://a.example?oob=x&y=z", qr_svg="<svg/>")

    part = invitation_part(invitation, "A\nBcc: everybody@example.com", "Northmoor & Sons")

    assert part.picture == "data:image/svg+xml;base64,PHN2Zy8+"
    assert part.mail.count("&") == 1
    assert "\n" not in part.mail
    assert "oob%3Dx%26y%3Dz" in part.mail


def test_ending_says_what_it_does() -> None:
    def consequences(state: PassportState, *credentials: Credential) -> str:
        return " ".join(ending(passport_part(a_passport(state), credentials)).consequences)

    assert "nothing is revoked" in consequences(PassportState.INVITED)
    assert "1 offer is taken back." in consequences(
        PassportState.OFFERED, a_credential(CredentialState.PENDING)
    )
    active = consequences(PassportState.ACTIVE, *all_in(CredentialState.ACTIVE))
    assert "3 credentials are revoked." in active
    assert "cannot be undone" in active


def test_revoking_asks_why_and_suspending_does_not() -> None:
    (line,) = passport_part(
        a_passport(PassportState.ACTIVE), [a_credential(CredentialState.ACTIVE)]
    ).credentials

    assert revocation(line).asks_for_reason
    assert not suspension(line).asks_for_reason


@pytest.mark.parametrize(
    "sent", [{}, {"reason": ""}, {"reason": "organisation_succeeded"}, {"reason": "<b>"}]
)
def test_a_reason_is_one_of_those_that_people_choose_from(sent: dict[str, str]) -> None:
    assert ReasonForm.read(sent).reason is None
    assert ReasonForm.read({"reason": "device_lost"}).reason is RevocationReason.DEVICE_LOST


@pytest.mark.parametrize("code", ["1234 5678", " 1234-5678 ", "12 34 56 78"])
def test_a_code_counts_however_it_is_grouped(code: str) -> None:
    form = CodeForm.read({"code": code})

    assert (form.code, form.errors) == ("12345678", ())


@pytest.mark.parametrize("code", ["", "1234567", "123456789", "1234567a", "١٢٣٤٥٦٧٨", "1" * 10_000])
def test_what_is_no_code_is_no_try(code: str) -> None:
    assert CodeForm.read({"code": code}).errors != ()


def test_tries_are_counted_down() -> None:
    def said(wrong: int) -> str:
        return tries_left(passport_part(a_passport(PassportState.CONNECTED, wrong_codes=wrong), ()))

    assert said(0) == "After 5 wrong codes the passport is closed."
    assert said(3) == "2 more tries, then the passport is closed."
    assert said(4) == "1 more try, then the passport is closed."


def test_a_one_time_code_is_shown_in_halves_where_one_was_just_made() -> None:
    shown = shown_code({"told": "12345678", "until": NOON.isoformat()})

    assert shown is not None
    assert (shown.text, shown.until) == ("1234 5678", NOON)
    assert shown_code({}) is None
