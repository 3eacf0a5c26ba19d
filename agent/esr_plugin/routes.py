"""Searching ESR for one person, over HTTP."""

from datetime import date

from aiohttp import web

from agent.domain.actors import Permission
from agent.domain.check_gaps import Lack, check_gaps
from agent.domain.clock import london_day, utc_now
from agent.domain.ports.staff_records import Agreement, Match, MatchStrength, StaffRecords
from agent.domain.workforce import (
    Assignment,
    AssignmentStatus,
    CheckOutcome,
    CheckType,
    EmploymentCheck,
    Person,
)
from agent.esr_plugin.feed_routes import FEED_ROUTES
from agent.esr_plugin.requests import SearchBody, criteria
from agent.routing import Answer, Call, RouteTable

ROUTES = RouteTable("esr_plugin")
ROUTES.include(FEED_ROUTES)


class PersonAnswer(Answer):
    """Who was found: enough to be sure of the person, and no NI number."""

    employee_number: str
    legal_first_name: str
    middle_names: str
    legal_surname: str
    preferred_name: str
    date_of_birth: date
    leaving_date: date | None


class AssignmentAnswer(Answer):
    """One current assignment to choose."""

    number: str
    primary: bool
    status: AssignmentStatus
    category: str
    fte: str
    start: date
    end: date | None
    fixed_term_end: date | None
    position_title: str
    department: str
    area_of_work: str
    staff_group: str
    job_role: str
    pay_band: str


class CheckAnswer(Answer):
    """One employment check, without what a certificate says."""

    type: CheckType
    outcome: CheckOutcome
    checked_on: date | None
    expires_on: date | None


class CheckGapAnswer(Answer):
    """A check that is absent, pending, not clear or lapsed."""

    type: CheckType
    lack: Lack


class FieldAnswer(Answer):
    """Whether what was keyed agrees with ESR."""

    name: str
    agreement: Agreement


class MatchAnswer(Answer):
    """The one person found, why, and what there is to choose from. Nothing is chosen for anybody."""

    search: str
    strength: MatchStrength
    fields: tuple[FieldAnswer, ...]
    person: PersonAnswer
    assignments: tuple[AssignmentAnswer, ...]
    checks: tuple[CheckAnswer, ...]
    gaps: tuple[CheckGapAnswer, ...]


@ROUTES.post(
    "/esr/searches",
    permission=Permission.ESR_SEARCH,
    summary="Find one person in the organisation's own ESR",
    body=SearchBody,
    answer=MatchAnswer,
)
async def search(call: Call[SearchBody]) -> MatchAnswer:
    """Search as the actor; the gate, the match and the record of it are the service's."""
    today = london_day(utc_now())
    sought = criteria(call.body, today=today)
    match = await call.inject(StaffRecords).search(sought, by=call.actor)
    return _match(match, today)


def _match(match: Match, today: date) -> MatchAnswer:
    gaps = check_gaps(match.checks, on=today)
    return MatchAnswer(
        search=match.search,
        strength=match.strength,
        fields=tuple(FieldAnswer(name=name, agreement=how) for name, how in match.fields),
        person=_person(match.person),
        assignments=tuple(map(_assignment, match.assignments)),
        checks=tuple(map(_check, match.checks)),
        gaps=tuple(CheckGapAnswer(type=gap.type, lack=gap.lack) for gap in gaps),
    )


def _person(person: Person) -> PersonAnswer:
    return PersonAnswer(
        employee_number=person.employee_number,
        legal_first_name=person.legal_first_name,
        middle_names=person.middle_names,
        legal_surname=person.legal_surname,
        preferred_name=person.preferred_name,
        date_of_birth=person.date_of_birth,
        leaving_date=person.leaving_date,
    )


def _assignment(assignment: Assignment) -> AssignmentAnswer:
    position = assignment.position
    return AssignmentAnswer(
        number=assignment.number,
        primary=assignment.primary,
        status=assignment.status,
        category=assignment.category,
        fte=assignment.fte,
        start=assignment.start,
        end=assignment.end,
        fixed_term_end=assignment.fixed_term_end,
        position_title=position.title,
        department=position.department,
        area_of_work=position.area_of_work,
        staff_group=position.staff_group,
        job_role=position.job_role,
        pay_band=position.pay_band,
    )


def _check(check: EmploymentCheck) -> CheckAnswer:
    return CheckAnswer(
        type=check.type, outcome=check.outcome, checked_on=check.checked_on, expires_on=check.expires_on
    )


async def register(app: web.Application) -> None:
    """Serve the routes."""
    ROUTES.register(app)
