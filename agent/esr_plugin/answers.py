"""What is answered of who was found: enough to be sure of the person, and no NI number."""

from collections.abc import Iterable
from datetime import date, datetime

from agent.domain.check_gaps import Lack, check_gaps
from agent.domain.errors import Refusal
from agent.domain.passporting import PASSPORTABLE, Tenure
from agent.domain.ports.staff_records import Agreement, Match, MatchStrength, SearchState
from agent.domain.workforce import (
    Assignment,
    AssignmentStatus,
    CheckOutcome,
    CheckType,
    EmploymentCheck,
    Person,
)
from agent.routing import Answer


class PersonAnswer(Answer):
    """Who was found: enough to be sure of the person, and no NI number."""

    employee_number: str
    legal_first_name: str
    middle_names: str
    legal_surname: str
    preferred_name: str
    date_of_birth: date
    leaving_date: date | None


class RefusalAnswer(Answer):
    """Why something may not be, and who can mend it."""

    code: str
    sentence: str
    mended_by: str | None


class AssignmentAnswer(Answer):
    """One assignment to choose; or not, where there are refusals."""

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
    occupation_code: str
    refusals: tuple[RefusalAnswer, ...]


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
    """The one person found, why, and what there is to choose from. Nothing is chosen for anybody.

    While a second person has to decide, and when they said no, there is no `person`.
    """

    search: str
    state: SearchState
    strength: MatchStrength
    fields: tuple[FieldAnswer, ...]
    expires_at: datetime
    person: PersonAnswer | None
    assignments: tuple[AssignmentAnswer, ...]
    checks: tuple[CheckAnswer, ...]
    gaps: tuple[CheckGapAnswer, ...]


def match_answer(match: Match, today: date) -> MatchAnswer:
    """What of a match is answered."""
    shown = match.shown
    checks = shown.checks if shown else ()
    gaps = check_gaps(checks, on=today) if shown else ()
    return MatchAnswer(
        search=match.search,
        state=match.state,
        strength=match.strength,
        fields=field_answers(match.fields),
        expires_at=match.expires_at,
        person=_person(shown.person) if shown else None,
        assignments=tuple(_assignment(each, today) for each in shown.assignments) if shown else (),
        checks=tuple(map(_check, checks)),
        gaps=tuple(CheckGapAnswer(type=gap.type, lack=gap.lack) for gap in gaps),
    )


def field_answers(fields: Iterable[tuple[str, Agreement]]) -> tuple[FieldAnswer, ...]:
    """Whether each field agrees."""
    return tuple(FieldAnswer(name=name, agreement=how) for name, how in fields)


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


def _assignment(assignment: Assignment, today: date) -> AssignmentAnswer:
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
        occupation_code=position.occupation_code,
        refusals=tuple(map(refusal_answer, PASSPORTABLE.refusals(Tenure(assignment, today)))),
    )


def refusal_answer(refusal: Refusal) -> RefusalAnswer:
    """One broken rule, as an answer shows it."""
    return RefusalAnswer(code=refusal.code, sentence=refusal.sentence, mended_by=refusal.mended_by)


def _check(check: EmploymentCheck) -> CheckAnswer:
    return CheckAnswer(
        type=check.type, outcome=check.outcome, checked_on=check.checked_on, expires_on=check.expires_on
    )
