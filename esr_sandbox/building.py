"""How one record of the sandbox is put together, from few facts and sensible others."""

from dataclasses import dataclass
from datetime import date, timedelta

from esr_sandbox.posts import Post
from esr_sandbox.records import (
    Assignment,
    Check,
    OpenDate,
    Person,
    StaffMember,
    SupplementaryRole,
    SystemStatus,
    UserAccess,
    UserStatus,
)

ADMINISTRATOR_ROLE = "Digital Passport Administrator"
ORACLE_END_OF_TIME = date(4712, 12, 31)
"""How ESR's database writes "no end"; real files have it, so ours do."""

_SUSPENDED: dict[UserStatus, SystemStatus] = {
    "Career Break": "Suspend Assignment",
    "Suspend With Pay": "Suspend Assignment",
    "Suspend No Pay": "Suspend Assignment",
    "Inactive Not Worked": "Suspend Assignment",
    "Terminate Process": "Terminate Assignment",
}


def person(
    number: str, first: str, last: str, born: date, ni_number: str, *, hired: date, title: str = "Mx"
) -> Person:
    """Make a current member of staff without middle, maiden, preferred or previous names."""
    return Person(
        employee_number=number,
        title=title,
        last_name=last,
        first_name=first,
        middle_names="",
        maiden_name="",
        preferred_name="",
        previous_last_name="",
        date_of_birth=born,
        ni_number=ni_number,
        hire_date=hired,
        actual_termination_date=None,
        csd_3_months=hired,
        csd_12_months=hired,
        nhs_start_date=hired,
        office_email=f"{number}@staff.example",
        nationality="",
        employee_status_flag="Current",
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a post is held."""

    category: str = "Permanent"
    status: UserStatus = "Active Assignment"
    fte: float = 1.0
    ends: OpenDate = None  # the last day of a fixed term


PERMANENT = Terms()
BANK = Terms(category="Bank", status="Bank", fte=0.0)


def assignment(
    number: str, post: Post, terms: Terms = PERMANENT, *, start: date, primary: bool = True
) -> Assignment:
    """Make one assignment without an end of its own."""
    return Assignment(
        assignment_number=number,
        system_assignment_status=_SUSPENDED.get(terms.status, "Active Assignment"),
        user_assignment_status=terms.status,
        assignment_category=terms.category,
        primary_assignment="Yes" if primary else "No",
        fte=terms.fte,
        normal_hours=round(37.5 * terms.fte, 2),
        effective_start=start,
        effective_end=ORACLE_END_OF_TIME,
        earliest_assignment_start=start,
        contract_end_date=terms.ends,
        assignment_end_date="",
        last_working_day=None,
        position_name=f"{_position_number(number)}|{post.title}|{post.occupation_code}|{post.area_of_work}",
        grade=f"NHS|{post.grade}",
        job=f"{post.staff_group}|{post.job_role}",
        organisation=post.department,
        location="Main site",
    )


def moved(each: Assignment, post: Post, position_number: str) -> Assignment:
    """Put the holder of an assignment into another post."""
    place = {
        "position_name": f"{position_number}|{post.title}|{post.occupation_code}|{post.area_of_work}",
        "grade": f"NHS|{post.grade}",
        "job": f"{post.staff_group}|{post.job_role}",
        "organisation": post.department,
    }
    return each.model_copy(update=place)


def _position_number(assignment_number: str) -> str:
    return str(3_000_000 + int(assignment_number.replace("-", "")) % 1_000_000)


def complete_checks(number: str, post: Post, *, on: date) -> tuple[Check, ...]:
    """Make the six checks as they stand when all was done by `on`."""
    return (
        Check(
            check_type="IDENTITY",
            outcome="Clear",
            check_date=on,
            checked_by="Recruitment Services",
            next_date=None,
            gpg45_profile="H1A",
        ),
        _check("RTW", on),
        _check("REG_QUAL", on, next_date=on + timedelta(days=3650))
        if post.is_registered
        else _not_required(),
        _check("HISTORY_REF", on),
        _dbs_check(number, post, on),
        Check(
            check_type="WORK_HEALTH",
            outcome="Clear",
            check_date=on,
            checked_by="Occupational Health",
            next_date=None,
            work_health_restrictions="No",
        ),
    )


def _check(kind: str, on: date, *, next_date: OpenDate = None) -> Check:
    values = {"check_type": kind, "outcome": "Clear", "check_date": on, "next_date": next_date}
    return Check.model_validate({**values, "checked_by": "Recruitment Services"})


def _not_required() -> Check:
    return Check(
        check_type="REG_QUAL", outcome="Not Required", check_date=None, checked_by="", next_date=None
    )


def _dbs_check(number: str, post: Post, on: date) -> Check:
    return Check(
        check_type="DBS",
        outcome="Clear",
        check_date=on,
        checked_by="Recruitment Services",
        next_date=on + timedelta(days=3650),
        dbs_level="Enhanced" if post.is_clinical else "Standard",
        dbs_certificate_reference=f"0017{number}",
        dbs_issue_date=on - timedelta(days=20),
        dbs_update_service="Yes" if post.is_clinical else "No",
        dbs_barred_lists="Adults and Children" if post.is_clinical else "None",
    )


def access(number: str, *roles: str, vpd: str, active: bool = True) -> UserAccess:
    """Make a user's access record with supplementary roles in `vpd`."""
    return UserAccess(
        employee_number=number,
        user_record_status="Active" if active else "Inactive",
        supplementary_roles=tuple(SupplementaryRole(role=role, vpd=vpd) for role in roles),
    )


def left(member: StaffMember, on: date) -> StaffMember:
    """Make a leaver of `member`, whose last day `on` is over."""
    assignments = tuple(ended(each, on) for each in member.assignments if each.effective_start <= on)
    return gone(member.model_copy(update={"assignments": assignments}), on)


def gone(member: StaffMember, on: date) -> StaffMember:
    """Note that `member`, whose assignments have ended, was employed until `on`."""
    termination = {"actual_termination_date": on, "employee_status_flag": "Ex-Employee"}
    changes = {
        "person": member.person.model_copy(update=termination),
        "access": member.access.model_copy(update={"user_record_status": "Inactive"}),
    }
    return member.model_copy(update=changes)


def with_status(each: Assignment, status: UserStatus) -> Assignment:
    """Give an assignment another status, and what the system makes of it."""
    system = _SUSPENDED.get(status, "Active Assignment")
    return each.model_copy(update={"user_assignment_status": status, "system_assignment_status": system})


def ending(each: Assignment, on: date) -> Assignment:
    """Give an assignment its last day, `on`, which is not over yet."""
    return each.model_copy(update={"assignment_end_date": on, "effective_end": on, "last_working_day": on})


def ended(each: Assignment, on: date) -> Assignment:
    """Give an assignment its last day, `on`, which is over."""
    status = {
        "user_assignment_status": "Terminate Process",
        "system_assignment_status": "Terminate Assignment",
    }
    return ending(each, on).model_copy(update=status)
