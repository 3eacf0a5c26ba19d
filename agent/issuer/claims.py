"""From a staff record to the claims that `schemas/` declares; nothing comes from a caller's body."""

from collections.abc import Mapping
from datetime import date

import schemas
from agent.domain.credentials import Claims, CredentialType, Pedigree, Provenance
from agent.domain.errors import Refusal, Refused
from agent.domain.workforce import Assignment as AssignmentRecord
from agent.domain.workforce import CheckType, EmploymentCheck, Organisation, Person, StaffRecord

_PREFIX = {
    CheckType.IDENTITY: "identity",
    CheckType.RIGHT_TO_WORK: "rightToWork",
    CheckType.REGISTRATION: "registration",
    CheckType.HISTORY: "history",
    CheckType.CRIMINAL_RECORD: "criminalRecord",
    CheckType.WORK_HEALTH: "workHealth",
}


def claims_of(
    credential: CredentialType, record: StaffRecord, employer: Organisation, *, passport: str, on: date
) -> Claims:
    """Every claim of one type, in the definition's order; an absent optional one is empty.

    Raises `schemas.ClaimsError` when a required claim is missing from the record.
    """
    checks = {check.type: check for check in record.checks}
    known: Mapping[CredentialType, Mapping[str, str]] = {
        CredentialType.IDENTITY: _identity(record.person, checks.get(CheckType.IDENTITY)),
        CredentialType.EMPLOYMENT: _employment(record.person, record.assignment, employer),
        CredentialType.EMPLOYMENT_CHECKS: _employment_checks(record.checks),
    }
    told = {
        **known[credential],
        **_provenance(provenance(record, employer)),
        "passportReference": passport,
        "issuedOn": on.isoformat(),
    }
    return schemas.complete_claims(schemas.load(credential), told)


def attestable(
    credential: CredentialType, record: StaffRecord, employer: Organisation, *, passport: str, on: date
) -> Claims:
    """As `claims_of`. Raises `Refused`, naming what the record lacks."""
    try:
        return claims_of(credential, record, employer, passport=passport, on=on)
    except schemas.ClaimsError as error:
        definition = schemas.load(credential)
        lacking = ", ".join(definition.claim(name).label.en for name in error.problems)
        sentence = f"The staff record lacks what “{definition.title.en}” must say: {lacking}."
        refusal = Refusal("claims_incomplete", sentence, "the ESR team of the employing authority")
        raise Refused(sentence, (refusal,)) from error


def provenance(record: StaffRecord, employer: Organisation) -> Provenance:
    """Where these claims come from: the employer's own ESR, as it was just read."""
    return Provenance(
        origin="ESR",
        assurance_policy="NHS Employment Check Standards",
        assurance_outcome="Verified",
        provider=employer.name,
        verifier=employer.name,
        verification_method="ESR record read at issue",
        pedigree=Pedigree.AUTHORITATIVE,
        last_refresh=record.read_at.date().isoformat(),
    )


def _identity(person: Person, check: EmploymentCheck | None) -> dict[str, str]:
    return {
        "legalFirstName": person.legal_first_name,
        "middleNames": person.middle_names,
        "legalSurname": person.legal_surname,
        "preferredName": person.preferred_name,
        "dateOfBirth": person.date_of_birth.isoformat(),
        "identityCheckDate": _date(check.checked_on) if check else "",
        "evidenceCheckedBy": check.checked_by if check else "",
        **(dict(check.details) if check else {}),
    }


def _employment(person: Person, assignment: AssignmentRecord, employer: Organisation) -> dict[str, str]:
    position = assignment.position
    return {
        "employer": employer.name,
        "odsCode": employer.ods_code,
        "vpd": employer.vpd or "",
        "assignmentNumber": assignment.number,
        "positionTitle": position.title,
        "department": position.department,
        "areaOfWork": position.area_of_work,
        "staffGroup": position.staff_group,
        "jobRole": position.job_role,
        "occupationCode": position.occupation_code,
        "payBand": position.pay_band,
        "assignmentCategory": assignment.category,
        "assignmentStatus": assignment.status,
        "fte": assignment.fte,
        "startDate": assignment.start.isoformat(),
        "fixedTermEndDate": _date(assignment.fixed_term_end),
        "continuousServiceDate": _date(person.continuous_service_date),
    }


def _employment_checks(checks: tuple[EmploymentCheck, ...]) -> dict[str, str]:
    told: dict[str, str] = {}
    for check in checks:
        prefix = _PREFIX[check.type]
        told[f"{prefix}Outcome"] = check.outcome
        if check.type is CheckType.IDENTITY:
            continue  # its date and details belong to the identity credential
        told |= {f"{prefix}CheckDate": _date(check.checked_on), **dict(check.details)}
        if check.type is not CheckType.HISTORY:  # which does not run out
            told[f"{prefix}ExpiryDate"] = _date(check.expires_on)
    return told


def _provenance(provenance: Provenance) -> dict[str, str]:
    return {
        "origin": provenance.origin,
        "assurancePolicy": provenance.assurance_policy,
        "assuranceOutcome": provenance.assurance_outcome,
        "provider": provenance.provider,
        "verifier": provenance.verifier,
        "methodOfVerification": provenance.verification_method,
        "pedigree": provenance.pedigree,
        "lastRefresh": provenance.last_refresh,
    }


def _date(day: date | None) -> str:
    return day.isoformat() if day else ""
