"""A weak match: nothing is shown of it before another person has said that it is the one who is meant."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent.domain.actors import Actor
from agent.domain.errors import Conflict, NotFound, PolicyRefused
from agent.domain.ports.audit import AuditOutcome
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.staff_records import Match, MatchStrength, SearchId, SearchState
from agent.domain.second_person import Asker
from agent.domain.workforce import AssignmentNumber, EmployeeNumber, Vpd
from agent.esr_plugin.access import EsrAccess, EsrGate
from agent.esr_plugin.service import EsrStaffRecords
from agent.esr_plugin.weak_matches import WeakMatches
from tests.support.esr import (
    NOON,
    AttemptsInMemory,
    AuditInMemory,
    SandboxEsr,
    SearchesInMemory,
    a_directory,
    an_actor,
    criteria,
    shown,
)
from tests.support.neighbours import InGoodStanding

POST = AssignmentNumber("90100010")
OTTILIE = an_actor()
KOFI = an_actor("90100002", user="kofi")
MISSPELT = criteria("Fenwick", "Amara")


class Everybody(NominatedUsers):
    """Whoever searches is known, with the employee number that they had."""

    async def actor(self, user_id: str, *, signed_in_at: datetime | None = None) -> Actor:
        return replace(OTTILIE, id=user_id)

    async def asker(self, user_id: str | None, person: str | None) -> Asker | None:
        return Asker(str(user_id), person, EmployeeNumber("90100001"))


class Office:
    """Two nominated users and their ESR."""

    def __init__(self) -> None:
        self.now = NOON
        self.esr = SandboxEsr(a_directory())
        self.audit, self.searches, self.attempts = AuditInMemory(), SearchesInMemory(), AttemptsInMemory()
        gate = EsrGate(EsrAccess(self.esr, Vpd("901")), InGoodStanding())
        self.records = EsrStaffRecords(
            self.esr, gate, self.searches, self.attempts, self.audit, search_key=b"key", clock=self.clock
        )
        self.weak = WeakMatches(self.searches, gate, Everybody(), self.audit, self.clock)

    def clock(self) -> datetime:
        return self.now

    async def search(self) -> Match:
        return await self.records.search(MISSPELT, by=OTTILIE)


@pytest.fixture
def office() -> Office:
    return Office()


async def test_it_shows_nobody_and_waits(office: Office) -> None:
    match = await office.search()
    assert (match.state, match.strength, match.shown) == (SearchState.AWAITING, MatchStrength.WEAK, None)
    assert match.expires_at == NOON + timedelta(hours=24)
    assert "person" not in office.esr.asked
    assert office.attempts.misses == ["1"]


async def test_the_second_person_sees_what_was_keyed_and_what_agrees(office: Office) -> None:
    await office.search()
    (waiting,) = await office.weak.awaiting()
    assert waiting.keyed is not None
    assert (waiting.keyed.surname, waiting.keyed.forenames) == ("Fenwick", "Amara")
    assert dict(waiting.fields) == {
        "surname": "differs",
        "forenames": "agrees",
        "date_of_birth": "agrees",
        "ni_number": "not_given",
        "number": "not_given",
    }


async def test_whoever_searched_sees_and_chooses_only_once_another_has_confirmed(office: Office) -> None:
    match = await office.search()
    assert (await office.records.found(match.search, by=OTTILIE)).shown is None
    with pytest.raises(Conflict) as undecided:
        await office.records.chosen(match.search, POST, by=OTTILIE)
    assert undecided.value.code == "weak_match_undecided"

    await office.weak.confirm(match.search, by=KOFI)

    found = await office.records.found(match.search, by=OTTILIE)
    assert found.state is SearchState.CONFIRMED
    assert shown(found).person.legal_surname == "Fennwick"
    assert (await office.records.chosen(match.search, POST, by=OTTILIE)).person == shown(found).person


async def test_who_confirmed_is_not_shown_the_person(office: Office) -> None:
    match = await office.search()
    await office.weak.confirm(match.search, by=KOFI)
    with pytest.raises(NotFound):
        await office.records.found(match.search, by=KOFI)


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (OTTILIE, "own_request"),
        (replace(OTTILIE, id="ottilie-by-another-sign-in"), "own_request"),
        (an_actor("90100001", user="other", person="somebody-else"), "own_request"),  # the same record in ESR
        (replace(KOFI, person=None), "not_a_person"),
    ],
    ids=["oneself", "another sign-in", "another name with one's number", "a program"],
)
async def test_nobody_confirms_their_own(office: Office, by: Actor, code: str) -> None:
    match = await office.search()
    with pytest.raises(PolicyRefused) as refused:
        await office.weak.confirm(match.search, by=by)
    assert code in [each.code for each in refused.value.refusals]
    assert (await office.records.found(match.search, by=OTTILIE)).shown is None


async def test_the_second_person_has_to_be_let_in_by_esr_too(office: Office) -> None:
    match = await office.search()
    with pytest.raises(PolicyRefused):
        await office.weak.confirm(match.search, by=an_actor("90100003", user="tegan"))
    assert office.audit.entries[-1][:2] == ("confirm weak match", "tegan")
    assert office.audit.outcomes[-1] == (AuditOutcome.REFUSED, "esr_role_missing")


async def test_nobody_looks_at_one_whom_esr_does_not_let_in(office: Office) -> None:
    match = await office.search()
    with pytest.raises(PolicyRefused):
        await office.weak.get(match.search, by=an_actor("90100004", user="samir"))


async def test_whose_number_was_another_when_they_searched_does_not_confirm_it_either(office: Office) -> None:
    match = await office.records.search(MISSPELT, by=an_actor("90100002", user="ottilie"))
    with pytest.raises(PolicyRefused) as refused:
        await office.weak.confirm(match.search, by=an_actor("90100002", user="kofi", person="somebody-else"))
    assert [each.code for each in refused.value.refusals] == ["own_request"]


async def test_what_was_keyed_is_forgotten_once_it_is_decided(office: Office) -> None:
    match = await office.search()
    assert (await office.weak.refuse(match.search, by=KOFI)).keyed is None
    assert (await office.weak.get(match.search, by=KOFI)).keyed is None


async def test_a_refused_one_stays_refused(office: Office) -> None:
    match = await office.search()
    await office.weak.refuse(match.search, by=KOFI)
    with pytest.raises(Conflict) as decided:
        await office.weak.confirm(match.search, by=KOFI)
    assert decided.value.code == "weak_match_decided"
    with pytest.raises(Conflict) as refused:
        await office.records.chosen(match.search, POST, by=OTTILIE)
    assert refused.value.code == "weak_match_refused"
    assert (await office.records.found(match.search, by=OTTILIE)).shown is None


async def test_whoever_searched_may_let_it_be(office: Office) -> None:
    match = await office.search()
    assert (await office.weak.refuse(match.search, by=OTTILIE)).state is SearchState.REFUSED


async def test_after_a_day_nobody_decides_it_any_more(office: Office) -> None:
    match = await office.search()
    office.now += timedelta(hours=24)
    assert await office.weak.awaiting() == []
    with pytest.raises(NotFound):
        await office.weak.confirm(match.search, by=KOFI)


async def test_a_person_who_was_found_surely_is_nothing_to_decide(office: Office) -> None:
    match = await office.records.search(criteria(ni="JR482913B"), by=OTTILIE)
    with pytest.raises(NotFound):
        await office.weak.get(match.search, by=KOFI)
    with pytest.raises(NotFound):
        await office.weak.confirm(SearchId("made-up"), by=KOFI)
