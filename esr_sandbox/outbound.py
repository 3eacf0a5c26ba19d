"""The records of ESR's outbound file, as `schemas/esr/outbound.yml` has them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from zlib import crc32

from esr_sandbox import unwanted
from esr_sandbox.establishment import Department, Establishment
from esr_sandbox.layout import Cells, Entry, Kind
from esr_sandbox.records import Assignment, Check, CheckType, OpenDate, Person, Registration, StaffMember
from esr_sandbox.slices import day, later_persons, later_terms, person_start

CHECK_COLUMNS: dict[CheckType, str] = {
    "IDENTITY": "Identity",
    "RTW": "RightToWork",
    "REG_QUAL": "RegistrationQualification",
    "HISTORY_REF": "HistoryReferences",
    "DBS": "Dbs",
    "WORK_HEALTH": "WorkHealth",
}
_OPEN_ENDS = ("", "19000101", "47121231")


def department_entry(department: Department) -> Entry:
    """Make the record of a department."""
    cells = {
        "OrganisationId": department.organisation_id,
        "EffectiveFrom": written(department.effective_from),
        "OrganisationName": department.name,
        "LastUpdate": department.stamp or stamp(datetime.combine(department.effective_from, time(9))),
    }
    return Entry(Kind.ORGANISATION, (cells,))


def entries(member: StaffMember, establishment: Establishment) -> Iterator[Entry]:
    """Make every record of a member of staff, a position before the assignment that is in it."""
    writer = _Writer(member, {each.name: each.organisation_id for each in establishment.departments})
    yield writer.person()
    for each in member.assignments:
        yield from writer.positions(each)
        yield writer.assignment(each)
    if member.checks:
        yield writer.checks()
    for registration in member.registrations:
        yield writer.registration(registration)


def written(value: OpenDate) -> str:
    """Write a date; an open one is blank."""
    known = day(value)
    return "" if known is None else known.isoformat().replace("-", "")


def stamp(moment: datetime) -> str:
    """Write an update stamp."""
    return f"{moment:%Y%m%d %H%M%S}"


class _Writer:
    """Writes the records of one member of staff."""

    def __init__(self, member: StaffMember, organisations: Mapping[str, str]) -> None:
        self._member = member
        self._organisations = organisations
        self._number = member.person.employee_number
        self._id = f"2{self._number}"
        self._chance = crc32(self._number.encode())
        self._first_stamp = stamp(datetime.combine(member.person.hire_date, time(9)))

    def person(self) -> Entry:
        """Write the person as they were, are and will be."""
        member = self._member
        now, later = person_start(member), later_persons(member)
        ends = self._ends_of_now([each.effective_start for each in later], None)
        lines = [
            (each.effective_start, each.effective_end, each.person)
            for each in member.person_slices
            if each.effective_start < now
        ]
        lines += [(now, next(ends), member.person)]
        lines += [(each.effective_start, next(ends), each.person) for each in later]
        last_update = self._stamp(Kind.PERSON, self._id)
        return Entry(Kind.PERSON, tuple(self._person(*line, last_update) for line in lines))

    def _ends_of_now(self, starts: list[date], last: OpenDate) -> Iterator[OpenDate]:
        """Each slice lasts until the day before the next one; the last as long as the record."""
        yield from (start - timedelta(days=1) for start in starts)
        yield last

    def _person(self, start: date, end: OpenDate, who: Person, last_update: str) -> Cells:
        left = who.employee_status_flag == "Ex-Employee"
        return {
            "PersonId": self._id,
            "EffectiveStart": written(start),
            "EffectiveEnd": self._end(end),
            "EmployeeNumber": who.employee_number,
            "Title": who.title,
            "LastName": who.last_name,
            "FirstName": who.first_name,
            "MiddleNames": who.middle_names,
            "MaidenName": who.maiden_name,
            "PreferredName": who.preferred_name,
            "PreviousLastName": who.previous_last_name,
            "Gender": "FM"[self._chance % 2],
            "DOB": written(who.date_of_birth),
            "NINumber": who.ni_number,
            "HireDate": written(who.hire_date),
            "ActualTerminationDate": self._end(who.actual_termination_date),
            "TerminationReason": "Voluntary Resignation" if left else "",
            "EmployeeStatusFlag": who.employee_status_flag,
            "WTROptOut": "No",
            "EthnicOrigin": unwanted.ethnic_origin(self._chance),
            "MaritalStatus": unwanted.marital_status(self._chance),
            "CSD3Months": written(who.csd_3_months),
            "CSD12Months": written(who.csd_12_months),
            "SystemPersonType": "EX_EMP" if left else "EMP",
            "UserPersonType": "Ex-employee" if left else "Employee",
            "OfficeEmail": who.office_email,
            "NHSStartDate": written(who.nhs_start_date),
            "LastUpdate": last_update,
            "DisabilityFlag": unwanted.disability_flag(self._chance),
            "Nationality": who.nationality,
        }

    def assignment(self, now: Assignment) -> Entry:
        """Write an assignment on its terms as they were, are and will be."""
        last_update = self._stamp(Kind.ASSIGNMENT, f"{self._id}/{_assignment_id(now)}")
        return Entry(
            Kind.ASSIGNMENT,
            tuple(self._assignment(each, end, last_update) for each, end in self._terms(now)),
        )

    def _terms(self, now: Assignment) -> Iterator[tuple[Assignment, OpenDate]]:
        later = later_terms(self._member, now)
        for each in self._member.assignment_slices:
            if each.assignment_number == now.assignment_number and each.effective_start < now.effective_start:
                yield each, each.effective_end
        ends = self._ends_of_now([each.effective_start for each in later], now.effective_end)
        yield from zip((now, *later), ends, strict=True)

    def _assignment(self, each: Assignment, end: OpenDate, last_update: str) -> Cells:
        return {
            "PersonId": self._id,
            "AssignmentId": _assignment_id(each),
            "EffectiveStart": written(each.effective_start),
            "EffectiveEnd": self._end(end),
            "EarliestAssignmentStart": written(each.earliest_assignment_start),
            "AssignmentType": "E",
            "AssignmentNumber": each.assignment_number,
            "SystemAssignmentStatus": each.system_assignment_status,
            "UserAssignmentStatus": each.user_assignment_status,
            "EmployeeStatusFlag": self._member.person.employee_status_flag,
            "PayrollName": "Monthly",
            "PayrollPeriodType": "Calendar Month",
            "LocationId": "1",
            "SupervisorFlag": "No",
            "EmployeeCategory": "Full Time" if each.fte >= 1 else "Part Time",
            "AssignmentCategory": each.assignment_category,
            "PrimaryAssignment": each.primary_assignment,
            "NormalHours": f"{each.normal_hours:g}",
            "Frequency": "W",
            "GradeContractHours": "37.5",
            "FTE": f"{each.fte:g}",
            "OrganisationId": self._organisations[each.organisation],
            "PositionId": _position_id(each),
            "PositionName": each.position_name,
            "Grade": each.grade,
            "StartDateInGrade": written(each.effective_start),
            "AnnualSalary": unwanted.annual_salary(each.grade, each.fte, self._chance),
            "JobName": each.job,
            "TandAFlag": "No",
            "ContractEndDate": self._end(each.contract_end_date),
            "AfcFlag": "Yes" if "|XR" in each.grade else "No",
            "LastUpdate": last_update,
            "LastWorkingDay": written(each.last_working_day),
            "ManagerFlag": "No",
            "AssignmentEndDate": self._end(each.assignment_end_date),
        }

    def positions(self, now: Assignment) -> Iterator[Entry]:
        """Write every position that an assignment was, is or will be in."""
        held = {_position_id(each): each for each, _ in self._terms(now)}
        held[_position_id(now)] = now
        for identifier, each in held.items():
            yield Entry(Kind.POSITION, (self._position(identifier, each),))

    def _position(self, identifier: str, each: Assignment) -> Cells:
        number, _, occupation_code, _ = _parts(each.position_name, 4)
        staff_group, job_role = _parts(each.job, 2)
        _, payscale, _ = _parts(each.grade, 3)
        return {
            "PositionId": identifier,
            "EffectiveFrom": written(each.earliest_assignment_start) or written(each.effective_start),
            "PositionNumber": number,
            "PositionName": each.position_name,
            "BudgetedFTE": "1",
            "JobStaffGroup": staff_group,
            "JobRole": job_role,
            "OccupationCode": occupation_code,
            "Payscale": payscale,
            "OrganisationId": self._organisations[each.organisation],
            "HiringStatus": "Active",
            "PositionType": "Permanent",
            "WorkplaceOrgCode": f"ZZ{self._number[:3]}",
            "LastUpdate": self._stamp(Kind.POSITION, identifier),
        }

    def checks(self) -> Entry:
        """Write the employment checks, all on one line."""
        cells = {CHECK_COLUMNS[each.check_type]: _composite(each) for each in self._member.checks}
        last_update = self._stamp(Kind.CHECKS, self._id)
        return Entry(Kind.CHECKS, ({"PersonId": self._id, **cells, "LastUpdate": last_update},))

    def registration(self, each: Registration) -> Entry:
        """Write one professional registration."""
        cells = {
            "PersonId": self._id,
            "RegistrationId": each.registration_id,
            "Body": each.body,
            "Number": each.number,
            "Status": each.status,
            "RegisteredFrom": written(each.registered_from),
            "ExpiryDate": self._end(each.expiry_date),
            "LastUpdate": self._stamp(Kind.REGISTRATION, f"{self._id}/{each.registration_id}"),
        }
        return Entry(Kind.REGISTRATION, (cells,))

    def _stamp(self, kind: Kind, identifier: str) -> str:
        return self._member.stamps.get(f"{kind}/{identifier}", self._first_stamp)

    def _end(self, value: OpenDate) -> str:
        """Write a last day; an open one in one of three ways, for one person always the same."""
        return written(value) or _OPEN_ENDS[self._chance % 3]


def _assignment_id(each: Assignment) -> str:
    employee, _, post = each.assignment_number.partition("-")
    return f"3{employee}{int(post or 1):02d}"


def _position_id(each: Assignment) -> str:
    return f"{_assignment_id(each)}{each.position_name.partition('|')[0]}"


def _parts(composite: str, count: int) -> list[str]:
    return [*composite.split("|"), *[""] * count][:count]


def _composite(check: Check) -> str:
    parts = [check.outcome, written(check.check_date), check.checked_by.replace("|", " ")]
    return "|".join([*parts, written(check.next_date), *_details(check)])


def _details(check: Check) -> list[str]:
    """What only this kind of check has; blank where it was never recorded."""
    recorded = check.model_fields_set
    match check.check_type:
        case "IDENTITY":
            return [check.gpg45_profile]
        case "DBS":
            return [
                check.dbs_level if "dbs_level" in recorded else "",
                check.dbs_certificate_reference if "dbs_certificate_reference" in recorded else "",
                written(check.dbs_issue_date),
                check.dbs_update_service if "dbs_update_service" in recorded else "",
                check.dbs_barred_lists if "dbs_barred_lists" in recorded else "",
            ]
        case "WORK_HEALTH":
            return [check.work_health_restrictions if "work_health_restrictions" in recorded else ""]
        case _:
            return []
