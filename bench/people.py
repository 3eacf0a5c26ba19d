"""Whom credentials are issued to: those of the ESR sandbox's people whom our policy lets pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import schemas
from agent.domain.credentials import PASSPORT_TYPES, Claims, CredentialType
from agent.domain.ports.trust import Authority, TrustedOrganisation
from agent.domain.workforce import Organisation, StaffRecord
from agent.esr_plugin import mapping
from agent.issuer.claims import claims_of
from agent.issuer.policy import ISSUANCE, IssuanceRequest
from esr_sandbox import generator
from esr_sandbox.records import StaffMember

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MemberOfStaff:
    """One person with their main assignment, as ESR has them."""

    record: StaffRecord
    keyed: Json  # what HR types into the search

    @property
    def assignment_number(self) -> str:
        return self.record.assignment.number

    def claims(self, employer: Organisation, on: date) -> dict[CredentialType, Claims]:
        """What our agent states of them, word for word."""
        passport = str(uuid4())
        return {
            each: claims_of(each, self.record, employer, passport=passport, on=on) for each in PASSPORT_TYPES
        }


def eligible_staff(
    seed: int, vpd: str, *, people: int, today: date, employer: Organisation
) -> Iterator[MemberOfStaff]:
    """Everyone of the sandbox to whom `employer` issues today, in the sandbox's order."""
    for member in generator.staff(seed, vpd, people=people, today=today):
        found = _as_member_of_staff(member)
        if found is not None and _would_be_issued(found, employer, today):
            yield found


def _as_member_of_staff(member: StaffMember) -> MemberOfStaff | None:
    """As our ESR plugin reads them; nobody without a main assignment, or without an NI number."""
    person = member.person
    wire = {
        "assignments": [each.on_the_wire() for each in member.assignments],
        "checks": [each.on_the_wire() for each in member.checks],
    }
    main = [each for each in mapping.assignments(wire) if each.primary]
    if not main or not person.ni_number:
        return None
    read = mapping.person(person.on_the_wire())
    record = StaffRecord(read, main[0], mapping.checks(wire), datetime.now(UTC))
    return MemberOfStaff(record, _keyed(member))


def _keyed(member: StaffMember) -> Json:
    person = member.person
    return {
        "surname": person.last_name,
        "forenames": person.first_name,
        "date_of_birth": person.date_of_birth.isoformat(),
        "ni_number": person.ni_number,
    }


def _would_be_issued(member: MemberOfStaff, employer: Organisation, today: date) -> bool:
    every = tuple(Authority(each, today) for each in PASSPORT_TYPES)
    entry = TrustedOrganisation("", employer.ods_code, employer.name, every, every)
    noon = datetime.combine(today, time(12), UTC)
    if ISSUANCE.refusals(IssuanceRequest(member.record, PASSPORT_TYPES, entry, noon)):
        return False
    try:
        member.claims(employer, today)
    except schemas.ClaimsError:
        return False
    return True
