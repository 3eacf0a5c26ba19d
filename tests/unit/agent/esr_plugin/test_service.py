"""Searching, choosing and reading again, against a whole ESR within the process."""

from dataclasses import asdict
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.errors import (
    Conflict,
    LimitReached,
    NotFound,
    PolicyRefused,
    Refused,
    StaffPassportError,
    Unavailable,
)
from agent.domain.ports.audit import AuditOutcome
from agent.domain.ports.staff_records import MatchStrength, SearchCriteria, SearchId
from agent.domain.workforce import AssignmentNumber, CheckType, EmployeeNumber, Vpd
from agent.esr_plugin.access import EsrAccess, EsrGate
from agent.esr_plugin.mapping import MalformedAnswer
from agent.esr_plugin.service import EsrStaffRecords
from esr_sandbox import building
from esr_sandbox.directory import Directory
from esr_sandbox.records import Person
from tests.support.esr import (
    NOON,
    TODAY,
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

NURSE = criteria(ni="JR482913B")
DOCTOR = criteria("Calderford", "Idris", date(1988, 9, 2), number="90100011")
FIRST_POST = AssignmentNumber("90100011")


class Office:
    """An HR office with its ESR, and a clock that can be moved."""

    def __init__(self, directory: Directory | None = None, vpd: str = "901") -> None:
        self.now = NOON
        self.actor = an_actor()
        self.esr = SandboxEsr(directory or a_directory(), vpd)
        self.audit = AuditInMemory()
        self.searches = SearchesInMemory()
        self.attempts = AttemptsInMemory()
        self.records = EsrStaffRecords(
            self.esr,
            EsrGate(EsrAccess(self.esr, Vpd(vpd)), InGoodStanding()),
            self.searches,
            self.attempts,
            self.audit,
            search_key=b"a search key",
            clock=self.clock,
        )

    def clock(self) -> datetime:
        return self.now

    async def code_of(self, sought: SearchCriteria) -> str:
        with pytest.raises(StaffPassportError) as error:
            await self.records.search(sought, by=an_actor())
        return error.value.code


@pytest.fixture
def office() -> Office:
    return Office()


async def test_a_person_is_found_with_current_assignments_and_checks(office: Office) -> None:
    match = await office.records.search(DOCTOR, by=an_actor())
    assert match.strength is MatchStrength.NUMBER
    assert shown(match).person.legal_surname == "Calderford"
    assert [(each.number, each.primary) for each in shown(match).assignments] == [
        ("90100011", True),
        ("90100011-2", False),
    ]
    assert [each.type for each in shown(match).checks] == list(CheckType)


async def test_a_second_posts_number_finds_the_person(office: Office) -> None:
    sought = criteria("Calderford", "Idris", date(1988, 9, 2), number="90100011-2")
    match = await office.records.search(sought, by=an_actor())
    assert shown(match).person.employee_number == "90100011"


async def test_a_post_that_the_person_does_not_have_finds_nobody_surely(office: Office) -> None:
    sought = criteria("Calderford", "Idris", date(1988, 9, 2), number="90100011-7")
    match = await office.records.search(sought, by=an_actor())
    assert (match.strength, match.shown) == (MatchStrength.WEAK, None)


async def test_a_suspended_assignment_is_shown(office: Office) -> None:
    sought = criteria("Rushbridge", "Marcus", date(1987, 7, 7), number="90100012")
    match = await office.records.search(sought, by=an_actor())
    assert [each.status for each in shown(match).assignments] == ["Suspend With Pay"]


async def test_a_leavers_assignment_is_shown_for_three_months(office: Office) -> None:
    sought = criteria("Crestbourne", "Nadia", date(1976, 12, 25), ni="MT550013A")
    match = await office.records.search(sought, by=an_actor())
    assert [each.end for each in shown(match).assignments] == [TODAY - timedelta(days=30)]
    assert shown(match).person.leaving_date == TODAY - timedelta(days=30)
    office.now += timedelta(days=61)
    assert shown(await office.records.search(sought, by=an_actor())).assignments == ()


async def test_current_assignments_come_before_those_that_ended_or_are_to_come(office: Office) -> None:
    member = office.esr.directory.member("901", "90100011")
    first, second = member.assignments
    ended = building.ended(first, TODAY - timedelta(days=1))
    office.esr.directory.put("901", member.model_copy(update={"assignments": (ended, second)}))
    match = await office.records.search(DOCTOR, by=an_actor())
    assert [each.number for each in shown(match).assignments] == ["90100011-2", "90100011"]


async def test_it_is_london_that_says_which_day_it_is(office: Office) -> None:
    member = office.esr.directory.member("901", "90100010")
    last_day = date(2026, 6, 30)
    posts = tuple(building.ending(each, last_day) for each in member.assignments)
    office.esr.directory.put("901", member.model_copy(update={"assignments": posts}))
    office.now = datetime.fromisoformat("2026-09-28T22:59:00+00:00")  # the 90th day, in London too
    assert len(shown(await office.records.search(NURSE, by=an_actor())).assignments) == 1
    office.now = datetime.fromisoformat("2026-09-28T23:01:00+00:00")  # already the 91st in London
    assert shown(await office.records.search(NURSE, by=an_actor())).assignments == ()


@pytest.mark.parametrize(
    ("sought", "code"),
    [
        (criteria("Nobody", "At All"), "person_not_found"),
        (criteria("Thornbeck", "Sofia", date(1994, 8, 21)), "several_people"),
        (criteria("Stanford", "Wanjiru", date(1979, 3, 18), ni="HR200001A"), "person_not_found"),
    ],
    ids=["nobody", "twins", "somebody of another VPD"],
)
async def test_whoever_is_not_found_is_not_shown_and_the_search_is_recorded(
    office: Office, sought: SearchCriteria, code: str
) -> None:
    assert await office.code_of(sought) == code
    assert office.searches.kept == {}
    assert len(office.audit.entries) == 1
    assert office.audit.outcomes[0][1] == code
    assert office.attempts.misses == ["1"]


async def test_every_search_is_recorded_without_what_was_searched_for(office: Office) -> None:
    await office.records.search(NURSE, by=an_actor())
    ((action, actor, subject),) = office.audit.entries
    assert (action, actor) == ("search ESR", "ottilie")
    assert len(subject) == 64
    assert office.audit.outcomes == [(AuditOutcome.DONE, None)]


async def test_a_refused_user_learns_nothing_and_is_recorded(office: Office) -> None:
    with pytest.raises(PolicyRefused):
        await office.records.search(NURSE, by=an_actor("90100003"))
    assert office.esr.asked == ["user_access"]
    assert office.audit.outcomes == [(AuditOutcome.REFUSED, "esr_role_missing")]


async def test_an_esr_that_does_not_answer_is_unavailable_and_recorded_so(office: Office) -> None:
    office.esr.unavailable = True
    with pytest.raises(Unavailable):
        await office.records.search(NURSE, by=an_actor())
    assert office.audit.outcomes == [(AuditOutcome.UNAVAILABLE, "esr_unavailable")]


async def test_an_assignment_of_the_person_found_can_be_chosen(office: Office) -> None:
    match = await office.records.search(DOCTOR, by=an_actor())
    record = await office.records.chosen(match.search, AssignmentNumber("90100011-2"), by=an_actor())
    assert record.person == shown(match).person
    assert record.assignment == shown(match).assignments[1]
    assert record.checks == shown(match).checks
    assert record.read_at == NOON


@pytest.mark.parametrize(
    ("user", "number", "minutes", "code"),
    [
        ("kofi", "90100011", 0, "search_not_found"),  # somebody else's search
        ("ottilie", "90100011", 30, "search_not_found"),  # half an hour later
        ("ottilie", "90100010", 0, "assignment_not_found"),  # somebody else's assignment
        ("ottilie", "90100011-3", 0, "assignment_not_found"),
    ],
)
async def test_nothing_else_can_be_chosen(
    office: Office, user: str, number: str, minutes: int, code: str
) -> None:
    match = await office.records.search(DOCTOR, by=an_actor())
    office.now += timedelta(minutes=minutes)
    with pytest.raises(NotFound) as not_found:
        await office.records.chosen(match.search, AssignmentNumber(number), by=an_actor(user=user))
    assert not_found.value.code == code


async def test_a_search_that_never_was_cannot_be_chosen_from(office: Office) -> None:
    with pytest.raises(NotFound):
        await office.records.chosen(SearchId("made-up"), FIRST_POST, by=an_actor())


async def test_whoever_lost_the_role_since_the_search_may_not_choose_or_read(office: Office) -> None:
    match = await office.records.search(DOCTOR, by=an_actor())
    office.esr.answers["user_access"] = {
        "employeeNumber": "90100001",
        "userRecordStatus": "Active",
        "supplementaryRoles": [],
    }
    with pytest.raises(PolicyRefused):
        await office.records.chosen(match.search, FIRST_POST, by=an_actor())
    with pytest.raises(PolicyRefused):
        await office.records.record(EmployeeNumber("90100011"), FIRST_POST, by=an_actor())


async def test_an_assignment_that_ended_is_read_with_its_end(office: Office) -> None:
    record = await office.records.record(
        EmployeeNumber("90100013"), AssignmentNumber("90100013"), by=an_actor()
    )
    assert record.assignment.end == TODAY - timedelta(days=30)
    assert record.assignment.status == "Terminate Process"


async def test_a_person_who_is_gone_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound) as not_found:
        await office.records.record(EmployeeNumber("90199999"), AssignmentNumber("90199999"), by=an_actor())
    assert not_found.value.code == "person_not_found"


@pytest.mark.parametrize("question", ["person", "assignments"])
async def test_an_answer_about_somebody_else_is_never_taken(office: Office, question: str) -> None:
    other = office.esr.directory.member("901", "90100010")
    office.esr.answers = {
        "person": other.person.on_the_wire(),
        "assignments": {"assignments": [each.on_the_wire() for each in other.assignments]},
    }
    office.esr.answers = {question: office.esr.answers[question]}
    with pytest.raises(MalformedAnswer):
        await office.records.record(EmployeeNumber("90100011"), FIRST_POST, by=an_actor())


async def test_candidates_that_esr_cut_off_find_nobody(office: Office) -> None:
    nurse = office.esr.directory.member("901", "90100010").person.on_the_wire()
    office.esr.answers["candidates"] = {"people": [nurse], "complete": False}
    assert await office.code_of(NURSE) == "several_people"


async def test_a_refusal_to_show_several_people_names_none(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        await office.records.search(criteria("Thornbeck", "Sofia", date(1994, 8, 21)), by=an_actor())
    assert "Thornbeck" not in str(refused.value.refusals)


# Every use is recorded, whoever was let in


async def test_every_use_is_recorded_and_each_clause_that_failed(office: Office) -> None:
    match = await office.records.search(DOCTOR, by=an_actor())
    await office.records.chosen(match.search, FIRST_POST, by=an_actor())
    with pytest.raises(PolicyRefused):
        await office.records.record(EmployeeNumber("90100011"), FIRST_POST, by=an_actor("90100003"))
    with pytest.raises(PolicyRefused):
        await office.records.chosen(match.search, FIRST_POST, by=an_actor(None, user="nobody"))
    acts = zip(office.audit.entries, office.audit.outcomes, strict=True)
    assert [(action, actor, outcome, code) for (action, actor, _), (outcome, code) in acts] == [
        ("search ESR", "ottilie", AuditOutcome.DONE, None),
        ("choose assignment in ESR", "ottilie", AuditOutcome.DONE, None),
        ("read ESR record", "ottilie", AuditOutcome.REFUSED, "esr_role_missing"),
        ("choose assignment in ESR", "nobody", AuditOutcome.REFUSED, "employee_number_not_recorded"),
    ]


async def test_a_record_that_is_read_is_known_to_the_audit_by_no_number(office: Office) -> None:
    number = EmployeeNumber("90100011")
    for _ in range(2):
        await office.records.record(number, FIRST_POST, by=an_actor())
    first, second = (subject for _, _, subject in office.audit.entries)
    assert first == second
    assert len(first) == 64


async def test_whoever_searched_enough_is_not_let_search_more(office: Office) -> None:
    office.attempts.full = True
    with pytest.raises(LimitReached):
        await office.records.search(NURSE, by=an_actor())
    assert office.esr.asked == ["user_access"]
    assert office.audit.outcomes == [(AuditOutcome.REFUSED, "search_limit_reached")]


# Batches


async def test_a_batch_asks_at_the_gate_once(office: Office) -> None:
    async with office.records.batch(by=an_actor()) as batch:
        for sought in (NURSE, DOCTOR):
            assert (await batch.search(sought)).shown is not None
        await batch.record(EmployeeNumber("90100011"), FIRST_POST)
    assert office.esr.asked.count("user_access") == 1
    assert [kind for kind, _ in office.attempts.taken] == ["row", "row"]


async def test_a_batch_is_over_after_25_people(office: Office) -> None:
    async with office.records.batch(by=an_actor()) as batch:
        for _ in range(25):
            await batch.search(NURSE)
        with pytest.raises(Conflict) as over:
            await batch.search(NURSE)
    assert over.value.code == "batch_over"


async def test_a_batch_is_over_after_a_minute(office: Office) -> None:
    async with office.records.batch(by=an_actor()) as batch:
        office.now += timedelta(seconds=59)
        await batch.record(EmployeeNumber("90100011"), FIRST_POST)
        office.now += timedelta(seconds=1)
        with pytest.raises(Conflict):
            await batch.record(EmployeeNumber("90100011"), FIRST_POST)


async def test_after_a_batch_nothing_more_is_let_through(office: Office) -> None:
    async with office.records.batch(by=an_actor()) as batch:
        pass
    with pytest.raises(Conflict):
        await batch.search(NURSE)


@pytest.mark.parametrize(
    "sought",
    [criteria(number="90199998"), criteria(ni="AB123456C"), criteria("Fenwick", number="90199998")],
    ids=["another number", "another NI number", "a misspelt name"],
)
async def test_no_row_finds_anybody_without_a_number_of_theirs(
    office: Office, sought: SearchCriteria
) -> None:
    async with office.records.batch(by=an_actor()) as batch:
        with pytest.raises(NotFound) as not_found:
            await batch.search(sought)
    assert not_found.value.code == "person_not_found"
    assert office.searches.kept == {}
    assert office.attempts.misses == ["1"]


async def test_a_row_with_the_number_and_another_surname_waits_for_a_second_person(office: Office) -> None:
    async with office.records.batch(by=an_actor()) as batch:
        match = await batch.search(criteria("Stanford", ni="JR482913B"))
    assert (match.strength, match.shown) == (MatchStrength.WEAK, None)


async def test_whoever_may_not_use_esr_gets_no_batch(office: Office) -> None:
    with pytest.raises(PolicyRefused):
        async with office.records.batch(by=an_actor("90100004")):
            pytest.fail("the gate is shut")
    assert office.audit.outcomes == [(AuditOutcome.REFUSED, "esr_record_inactive")]


VPDS = ("901", "902")
DIRECTORY = a_directory(people=40)  # the first 25 invented ones of 902 work in 901, too
IN_EACH_VPD = {vpd: [member.person for member in DIRECTORY.members(vpd)] for vpd in VPDS}
NI_NUMBERS = frozenset(person.ni_number for people in IN_EACH_VPD.values() for person in people)


def an_office_of(vpd: str) -> Office:
    office = Office(DIRECTORY, vpd)
    office.actor = an_actor(f"{vpd}00001")
    return office


@given(
    vpd=st.sampled_from(VPDS),
    person=st.sampled_from([*IN_EACH_VPD["901"], *IN_EACH_VPD["902"]]),
    with_ni_number=st.booleans(),
    with_number=st.booleans(),
)
async def test_nobody_of_another_vpd_is_ever_found_and_no_ni_number_is_told(
    *, vpd: str, person: Person, with_ni_number: bool, with_number: bool
) -> None:
    sought = criteria(
        person.last_name,
        person.first_name,
        person.date_of_birth,
        ni=person.ni_number if with_ni_number else None,
        number=person.employee_number if with_number else None,
    )
    office = an_office_of(vpd)
    try:
        match = await office.records.search(sought, by=office.actor)
    except Refused as refused:
        told = f"{refused} {refused.refusals}"
    except NotFound as error:
        assert not person.employee_number.startswith(vpd)
        told = str(error)
    else:
        if match.shown is not None:
            number = match.shown.person.employee_number
            assert number in {each.employee_number for each in IN_EACH_VPD[vpd]}
            assert all(each.number.startswith(vpd) for each in match.shown.assignments)
        told = repr(asdict(match))
    assert not [each for each in NI_NUMBERS if each in told + repr(office.audit.entries)]


async def test_the_same_person_is_another_record_in_each_vpd() -> None:
    found = set()
    for vpd in VPDS:
        office = an_office_of(vpd)
        sought = criteria("Valemere", "Harpreet", date(1983, 2, 8), ni="PX640021A")
        match = await office.records.search(sought, by=office.actor)
        found.add(shown(match).person.employee_number)
    assert found == {"90100021", "90200021"}
