"""What the phone's pages say, and what stands before them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from jinja2 import Environment

from wallet.holder.connections import Connection
from wallet.holder.credentials import Format, HeldCredential, Status
from wallet.holder.hosts import Host, Standing
from wallet.holder.offers import DeclineReason, Offer
from wallet.holder.requests import Answer, PresentationRequest
from wallet.holder.selection import Ask, Predicate, Selection
from wallet.phone import words
from wallet.phone.app import templates
from wallet.phone.door import Door
from wallet.phone.forms import Rejection, one_time_code, pasted
from wallet.phone.pages.credentials import bundle, card_of, cards, showings
from wallet.phone.pages.diary import history, shared_with
from wallet.phone.pages.happenings import meeting, waiting
from wallet.phone.pages.requests import asking
from wallet.phone.pages.who import Colour, Who
from wallet.phone.views import ROUTES

DID = "did:webvh:scid:registry.example:organisations:northmoor"
NORTHMOOR = Host(Standing.REGISTERED, "Northmoor Teaching Hospitals", "ZZNM1", "Your staff passport")
ISSUERS = {DID: NORTHMOOR}
NOON = "2026-03-02T12:00:00.000000Z"
HOSTILE = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}\n" + "x" * 300


def a_connection(**changed: Any) -> Connection:
    made = Connection(
        "connection-1", "completed", "An agent", "did:1", "did:2", "12345678", False, NORTHMOOR, None, NOON
    )
    return replace(made, **changed)


def an_offer(**changed: Any) -> Offer:
    made = Offer(
        id="offer-1",
        connection_id="connection-1",
        state="offer-received",
        formats=("anoncreds",),
        type="EmploymentCredential",
        schema_id=None,
        cred_def_id=None,
        issuer=DID,
        attributes={"positionTitle": "Staff Nurse"},
        comment=None,
        credential_id="credential-1",
        error=None,
        received_at=NOON,
        changed_at=NOON,
    )
    return replace(made, **changed)


def held(form: Format = Format.W3C, status: Status = Status.VALID, **changed: Any) -> HeldCredential:
    made = HeldCredential(
        id=f"credential-{form}",
        format=form,
        type="EmploymentCredential",
        schema_id=None,
        cred_def_id=None,
        issuer=DID,
        attributes={"positionTitle": "Staff Nurse", "fte": "1.00"},
        status=status,
        revocation_registry_id=None,
        revocation_index=None,
        stored_at=NOON,
    )
    return replace(made, **changed)


def a_request(**changed: Any) -> PresentationRequest:
    made = PresentationRequest(
        id="request-1",
        connection_id="connection-1",
        state="request-received",
        formats=(Format.ANONCREDS,),
        name=None,
        comment="Ward 4",
        asks=(Ask("one", ("positionTitle",), (), None),),
        digest="0" * 64,
        host=NORTHMOOR,
        error=None,
        received_at=NOON,
        changed_at=NOON,
    )
    return replace(made, **changed)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("positionTitle", "Position title"),
        ("odsCode", "ODS code"),
        ("gpg45Profile", "GPG45 profile"),
        ("dbsCertificateReference", "DBS certificate reference"),
        ("lastRefresh", "Last refresh"),
        ("passport_number", "Passport number"),
        ("<b>", "<b>"),
    ],
)
def test_a_claim_has_a_name_in_plain_words(name: str, said: str) -> None:
    assert words.label(name) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1990-05-17", "17 May 1990"),
        ("2026-02-30", "2026-02-30"),
        ("true", "Yes"),
        ("false", "No"),
        ("adults_and_children", "Adults and children"),
        ("Staff Nurse", "Staff Nurse"),
        ("a\x00b\u202ec", "a bc"),
    ],
)
def test_a_value_is_said_as_people_say_it(value: str, said: str) -> None:
    assert words.value_of(value) == said


def test_a_check_is_one_line_with_its_days() -> None:
    claims = words.Claims.of(
        {
            "rightToWorkOutcome": "clear",
            "rightToWorkCheckDate": "2025-01-02",
            "rightToWorkExpiryDate": "2027-01-02",
            "identityCheckDate": "2025-01-03",
            "origin": "ESR",
            "middleNames": "",
        }
    )

    notes = ("Checked on 2 January 2025", "Expires, or is checked again, on 2 January 2027")
    assert claims.own == (
        words.Claim("Right to work", "Clear", notes),
        words.Claim("Identity checked on", "3 January 2025"),
    )
    assert claims.provenance == (words.Claim("Origin", "ESR"),)


def test_an_instant_is_said_as_a_clock_in_london_shows_it() -> None:
    assert words.moment("2026-07-02 12:00:00.000000Z") == "2 July 2026 at 1:00pm"
    assert words.moment("never") == ""


def test_several_words_are_said_as_one_would_say_them() -> None:
    assert [words.listed(each) for each in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


@pytest.mark.parametrize("standing", [each for each in Standing if each is not Standing.REGISTERED])
def test_a_stranger_has_no_name_but_what_it_calls_itself(standing: Standing) -> None:
    who = Who.of(Host(standing, "Northmoor Teaching Hospitals", "ZZNM1"), HOSTILE)

    assert (who.name, who.ods_code, who.known) == ("Unknown sender", None, False)
    assert who.calls_itself is not None
    assert len(who.calls_itself) == 80
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in who.calls_itself


def test_who_is_not_remembered_is_unknown() -> None:
    assert not Who.of(None, "Northmoor Teaching Hospitals").known


def test_the_forms_of_a_credential_are_one_card_and_the_worst_of_them_counts() -> None:
    anoncreds = held(
        Format.ANONCREDS,
        Status.VALID,
        type="employment",
        attributes={
            "fte": "1.00",
            "positionTitle": "Staff Nurse",
            "credentialStatus": "there",
            "payBand": "",
        },
    )

    (card,) = cards([anoncreds, held(status=Status.SUSPENDED)], ISSUERS)

    assert (card.title, card.tag.text, card.issuer.name) == ("Employment", "Suspended", NORTHMOOR.name)
    assert [claim.label for claim in card.claims.own] == ["Position title", "Full-time equivalent"]
    assert card_of([card], "credential-anoncreds") is card
    assert card_of([card], "another") is None


def test_what_holds_stands_before_what_does_not() -> None:
    old = held(stored_at="2026-01-01", attributes={"a": "1"})
    revoked = held(status=Status.REVOKED, stored_at="2026-02-01", attributes={"a": "2"})

    assert [card.is_valid for card in cards([revoked, old], ISSUERS)] == [True, False]


def test_what_waits_is_told_with_who_it_came_from() -> None:
    offers = [an_offer(), an_offer(id="offer-2"), an_offer(id="offer-3", state="done")]

    found = waiting([a_connection()], offers, [a_request(), a_request(state="done")])

    assert [(each.sentence, each.who.name, each.href) for each in found] == [
        ("offers you 2 credentials", NORTHMOOR.name, "/organisations/connection-1/offers"),
        ("asks to see something", NORTHMOOR.name, "/requests/request-1"),
    ]


@pytest.mark.parametrize(
    ("changed", "tag", "colour"),
    [
        ({"state": "request-sent"}, "On its way", Colour.WAITING),
        ({"state": "credential-received"}, "Not kept yet", Colour.WAITING),
        ({"state": "done"}, "In your wallet", Colour.GOOD),
        ({"state": "abandoned", "error": "declined: incorrect"}, "You rejected it", Colour.BAD),
        ({"state": "abandoned", "error": "withdrawn"}, "Withdrawn", Colour.BAD),
    ],
)
def test_how_an_offer_stands(changed: Mapping[str, Any], tag: str, colour: Colour) -> None:
    (line,) = meeting(a_connection(), [an_offer(**changed)], []).lines

    assert (line.tag.text, line.tag.colour) == (tag, colour)


def test_what_came_and_could_not_be_checked_can_be_tried_again() -> None:
    came = an_offer(state="credential-received", error="the registry did not answer")

    (line,) = meeting(a_connection(), [came], []).lines

    assert line.again == "offer-1"


@pytest.mark.parametrize(
    ("changed", "tag"),
    [
        ({"state": "abandoned", "error": "declined"}, "Not shared"),
        ({"state": "presentation-sent"}, "Shared"),
        ({"state": "done"}, "Shared"),
        ({"state": "abandoned", "error": "other"}, "Ended"),
    ],
)
def test_what_became_of_a_request(changed: Mapping[str, Any], tag: str) -> None:
    asked = asking(a_request(**changed), Who.of(NORTHMOOR))

    assert not asked.is_open
    assert asked.outcome is not None
    assert asked.outcome.text == tag


def test_a_code_is_shown_in_two_halves_while_nothing_else_came() -> None:
    met = meeting(a_connection(), [], [])

    assert (met.code, met.asks_for_code) == ("1234 5678", True)
    assert not meeting(a_connection(), [an_offer()], []).asks_for_code
    assert meeting(a_connection(state="request-sent", comparison_code=None), [], []).code is None


def test_a_host_sees_what_it_asks_for_and_nothing_else() -> None:
    asks = (
        Ask("one", ("positiontitle",), (), None),
        Ask("two", ("fte",), (), Predicate(">=", 1)),
    )
    credential = held(Format.ANONCREDS)
    answer = Answer(Format.ANONCREDS, asks, Selection({"one": credential, "two": credential}, ()))

    (showing,) = showings(answer, ISSUERS)

    assert showing.claims.own == (words.Claim("Position title", "Staff Nurse"),)
    assert showing.proofs == ("Full-time equivalent is at least 1, without showing the number",)


def test_an_offer_that_another_would_sign_is_told_apart() -> None:
    other = replace(NORTHMOOR, name="Calder Bay Community Care")

    assert bundle(a_connection(), [an_offer()], ISSUERS).stranger is None
    found = bundle(a_connection(), [an_offer()], {DID: other}).stranger
    assert found is not None
    assert found.name == other.name


def test_the_history_is_told_newest_first() -> None:
    shared = {
        "request_id": "request-1",
        "connection_id": "connection-1",
        "label": None,
        "name": NORTHMOOR.name,
        "ods_code": "ZZNM1",
        "shared_at": "2026-03-02T13:00:00+00:00",
        "credentials": [
            {"credential_id": "credential-w3c", "type": "EmploymentCredential", "attributes": ["fte"]},
            {"credential_id": "other", "type": "StaffIdentityCredential", "attributes": ["dateOfBirth"]},
        ],
    }
    held_cards = cards([held(stored_at="2026-03-02T12:30:00Z")], ISSUERS)
    rejected = an_offer(state="abandoned", error="declined: other: No", changed_at="2026-03-02 12:45:00Z")

    lines = history(held_cards, [a_connection()], [rejected, an_offer(state="done")], [], [shared])

    assert [(line.text, line.tag.text, line.note) for line in lines] == [
        ("Employment and identity", "Shared", None),
        ("Employment", "You rejected it", "Another reason: No"),
        ("Employment", "Received", None),
        ("You answered their invitation", "Connected", None),
    ]
    assert [line.text for line in shared_with([shared], held_cards[0])] == ["Employment and identity"]


def rendered(environment: Environment, template: str, **shown: object) -> str:
    everywhere = {
        "title": "A title",
        "waits": True,
        "errors": {},
        "path": "/",
        "nonce": "n",
        "form_token": "t",
        "last": 0,
    }
    return environment.get_template(template).render(everywhere | shown)


def test_what_others_wrote_is_escaped_on_every_page() -> None:
    stranger = a_connection(label=HOSTILE, host=None)
    offer = an_offer(attributes={HOSTILE: HOSTILE}, comment=HOSTILE, type=HOSTILE)
    own = held(attributes={HOSTILE: HOSTILE}, type=HOSTILE)
    held_cards = cards([own], {})
    asked = asking(a_request(comment=HOSTILE, host=None), Who.of(None, HOSTILE))
    environment = templates()

    shown = [
        rendered(
            environment,
            "home.html",
            waiting=waiting([stranger], [offer], []),
            cards=held_cards,
            organisations=[],
        ),
        rendered(environment, "offers.html", bundle=bundle(stranger, [offer], {})),
        rendered(environment, "organisation.html", met=meeting(stranger, [], []), code_was_sent=False),
        rendered(environment, "request.html", asking=asked),
        rendered(environment, "credential.html", card=held_cards[0], shared=()),
        rendered(environment, "history.html", lines=history(held_cards, [stranger], [], [], [])),
    ]

    for page in shown:
        assert "<script>" not in page.replace('<script src="/static/phone.js"', "")
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page


def test_an_invitation_may_have_been_broken_into_lines() -> None:
    assert pasted({"invitation": [" https://x.example?oob=ab\r\n cd \n"]}) == "https://x.example?oob=abcd"


@pytest.mark.parametrize(
    ("typed", "code"), [("1234 5678", "12345678"), ("12-34", "1234"), ("", None), ("12 34 <b>", None)]
)
def test_a_one_time_code_is_digits_however_it_is_typed(typed: str, code: str | None) -> None:
    assert one_time_code({"code": [typed]}) == code


def test_a_rejection_says_everything_that_is_missing() -> None:
    nothing = Rejection.read({"reason": ["because"], "comment": ["x" * 501]})

    assert set(nothing.errors) == {"offer", "reason", "comment"}
    whole = Rejection.read({"offer": ["offer-1"], "reason": ["incorrect"], "comment": [" My name "]})
    assert (whole.errors, whole.reason, whole.comment) == ({}, DeclineReason.INCORRECT, "My name")


def test_a_form_belongs_to_one_browser_of_one_phone() -> None:
    door = Door(8777)

    assert door.token("one") == door.token("one")
    assert door.token("one") != door.token("another")
    assert door.token("one") != Door(8777).token("one")


def test_no_page_is_said_twice_and_nothing_is_done_by_looking() -> None:
    said = [(route.method, route.path) for route in ROUTES]

    assert len(said) == len(set(said))
    doing = {"scanned", "connect", "send_code", "answer_offers", "reject", "try_again", "share", "decline"}
    assert {route.view.__name__ for route in ROUTES if route.method == "POST"} == doing
