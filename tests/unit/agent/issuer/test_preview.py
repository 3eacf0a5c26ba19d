"""What a passport would say, before there is one."""

from dataclasses import replace
from datetime import UTC, datetime

from agent.domain.actors import Actor
from agent.domain.credentials import CredentialType
from agent.domain.ports.staff_records import SearchId
from agent.domain.workforce import AssignmentNumber, CheckType, StaffRecord
from agent.issuer.preview import NOT_YET_MADE, Previews
from tests.support.neighbours import KnownAs, OnRecord, Registered
from tests.support.staff import DID, NORTHMOOR, a_record, a_trusted_organisation

OTTILIE = Actor("ottilie@northmoor.example", NORTHMOOR.ods_code, frozenset(), None)
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Chosen(OnRecord):
    """Staff records in which whoever was searched for is this one person."""

    async def chosen(self, search: SearchId, number: AssignmentNumber, *, by: Actor) -> StaffRecord:
        return self.everyone


def previews(record: StaffRecord) -> Previews:
    return Previews(
        organisation=NORTHMOOR,
        staff_records=Chosen(record),
        identity=KnownAs(DID),
        trust=Registered({DID: a_trusted_organisation()}),
        clock=lambda: AT,
    )


async def test_a_preview_says_what_an_offer_would() -> None:
    preview = await previews(a_record()).of(SearchId("s"), AssignmentNumber("90100010"), by=OTTILIE)

    assert preview.refusals == ()
    assert list(preview.claims) == list(CredentialType)
    assert preview.claims[CredentialType.IDENTITY]["legalSurname"] == "Fennwick"
    assert {claims["passportReference"] for claims in preview.claims.values()} == {NOT_YET_MADE}


async def test_what_cannot_be_said_is_not_and_everything_in_the_way_is_named() -> None:
    whole = a_record()
    checks = tuple(each for each in whole.checks if each.type is not CheckType.WORK_HEALTH)
    lacking = replace(whole, checks=checks)

    preview = await previews(lacking).of(SearchId("s"), AssignmentNumber("90100010"), by=OTTILIE)

    assert CredentialType.EMPLOYMENT_CHECKS not in preview.claims
    assert [each.code for each in preview.refusals] == ["checks_incomplete", "claims_incomplete"]
    assert "“Employment checks” must say" in preview.refusals[1].sentence
