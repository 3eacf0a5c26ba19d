"""What is looked for in the audit, and what its pages say."""

from datetime import UTC, datetime

import pytest

from agent.domain.credentials import CredentialType
from agent.domain.ports.audit import AuditOutcome
from agent.domain.review import ReviewId, Standing
from portal.agent_client.alerts import Alert, AlertPage
from portal.agent_client.audit import Acts, ChainState, EntryPage
from portal.agent_client.subject_requests import Export, Held
from portal.errors import CannotBeRead
from portal.forms.alerts import AlertFilter
from portal.forms.audit import AuditSearch, read_format, read_length
from portal.forms.subject_requests import SubjectForm
from portal.pages.alerts import alert_list
from portal.pages.audit import OUTCOMES, act_list, audit_list, outcome
from portal.pages.subject_requests import records

NOON = datetime(2026, 6, 30, 11, 5, tzinfo=UTC)


def test_every_outcome_has_its_words() -> None:
    assert OUTCOMES.keys() == set(AuditOutcome)
    assert outcome(None) == "Begun"


def test_days_are_days_in_london_and_the_last_one_counts() -> None:
    wanted = AuditSearch.read({"since": "2026-06-30", "until": "2026-06-30"}).wanted

    assert wanted["since"] == "2026-06-30T00:00:00+01:00"
    assert wanted["before"] == "2026-07-01T00:00:00+01:00"


def test_what_is_empty_is_not_looked_for() -> None:
    assert set(AuditSearch.read({"actor": " "}).wanted.values()) == {None}


def test_each_field_that_cannot_be_read_is_named() -> None:
    search = AuditSearch.read({"actor": "x" * 121, "since": "yesterday", "until": "2026-02-30"})

    assert [error.field for error in search.errors] == ["actor", "since", "until"]
    assert [error.field for error in AuditSearch.read({"until": "9999-12-31"}).errors] == ["until"]


@pytest.mark.parametrize("after", ["-1", "x", "1" * 11, "\N{SUPERSCRIPT TWO}"])
def test_a_place_that_no_page_names_cannot_be_read(after: str) -> None:
    with pytest.raises(CannotBeRead):
        AuditSearch.read({"after": after})


def test_a_file_is_of_a_known_format_and_length() -> None:
    assert (read_format({"format": "csv"}), read_length({"length": "12"}), read_length({})) == (
        "csv",
        "12",
        None,
    )
    with pytest.raises(CannotBeRead):
        read_format({"format": "exe"})
    with pytest.raises(CannotBeRead):
        read_length({"length": "all"})


def test_a_search_leads_on_within_itself() -> None:
    search = AuditSearch.read({"actor": "wanjiru", "after": "50"})

    shown = audit_list(EntryPage(entries=(), next=100), ChainState(entries=120, signed=110), search)

    assert shown.next == "/audit?actor=wanjiru&after=100"
    assert shown.first == "/audit?actor=wanjiru"
    assert shown.table == "/audit/export?format=csv&actor=wanjiru"
    assert shown.signed == "/audit/export?format=jsonl&length=110"


def test_every_action_that_there_is_can_be_chosen_and_the_one_that_was_stays_chosen() -> None:
    page, state = EntryPage(entries=()), ChainState(entries=2)
    shown = audit_list(page, state, AuditSearch(action="see ESR"), ["create review", "search"])

    assert [(choice["value"], choice["text"], choice["selected"]) for choice in shown.actions] == [
        ("", "Anything", False),
        ("create review", "Create review", False),
        ("search", "Search", False),
        ("see ESR", "See ESR", True),
    ]
    assert audit_list(page, state, AuditSearch()).actions == [
        {"value": "", "text": "Anything", "selected": True}
    ]


def test_who_saw_something_is_told_page_by_page() -> None:
    path = "/passports/p-1/acts"

    first, last = act_list(Acts(acts=(), next=50), path, 0), act_list(Acts(acts=()), path, 50)

    assert (first.next, first.first) == (f"{path}?after=50", None)
    assert (last.next, last.first) == (None, path)


def test_before_anything_was_signed_there_is_nothing_to_check() -> None:
    assert audit_list(EntryPage(entries=()), ChainState(entries=0), AuditSearch()).signed is None


def test_alerts_are_those_that_nobody_took_note_of_unless_all_are_wanted() -> None:
    alert = Alert(
        id="a-1",
        review=ReviewId("r-1"),
        request="q-1",
        type=CredentialType.EMPLOYMENT,
        standing=Standing.REVOKED,
        raised_at=NOON,
    )

    shown = alert_list(AlertPage(alerts=(alert,), next="on"), AlertFilter.read({"review": "r-1"}))

    assert [(row.what, row.word.text, row.href) for row in shown.rows] == [
        ("Employment", "Revoked by its issuer", "/reviews/r-1/requests/q-1")
    ]
    assert shown.other == "/alerts?review=r-1&show=all"
    assert shown.next == "/alerts?review=r-1&cursor=on"
    assert AlertFilter.read({"show": "all"}).unseen is False


def test_a_person_who_asks_is_named_in_one_way() -> None:
    assert [error.field for error in SubjectForm.read({}).errors] == ["kind", "whose"]
    assert SubjectForm.read({"kind": "employee_number", "whose": " 1 "}).errors == ()


def test_what_is_held_is_said_in_words_and_whole() -> None:
    data = {"made_at": "then", "claims": {"name": "Idris"}, "shown": [{"type": "x"}], "note": None}

    (record,) = records(Export(records=(Held(category="passports", data=data),), who_did_what=()))

    assert record.heading == "Passports"
    assert [(row["key"], row["value"]) for row in record.rows] == [
        ({"text": name}, {"text": text, "classes": "portal-wide"})
        for name, text in (("made at", "then"), ("claims: name", "Idris"), ("shown 1: type", "x"))
    ]
