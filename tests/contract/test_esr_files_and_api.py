"""Files and API are two ways to one ESR: what a change is told by is what a credential would say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

import schemas
from agent.audit.chain import AuditChain
from agent.domain.credentials import PASSPORT_TYPES, Claims
from agent.domain.workforce import Assignment, OdsCode, Organisation, StaffRecord, Vpd
from agent.esr_feed.importing import done
from agent.esr_feed.layout import Kind
from agent.esr_plugin import mapping
from agent.esr_plugin.feed import StaffFeed
from agent.esr_plugin.feed_records import SliceRow
from agent.esr_plugin.feed_settings import OutboundSettings
from agent.issuer.claims import claims_of
from agent.store.engine import Store
from esr_sandbox.directory import Directory
from esr_sandbox.records import StaffMember
from tests.support.esr import NOON, TODAY, sandbox_settings
from tests.support.neighbours import InGoodStanding

OWN = Organisation(OdsCode("ZZNM1"), "Northmoor Teaching Hospitals", Vpd("901"))
NOT_ESRS_TO_SAY = {
    "employer",
    "odsCode",
    "vpd",
    "assignmentNumber",
    "passportReference",
    "issuedOn",
    "origin",
    "assurancePolicy",
    "assuranceOutcome",
    "provider",
    "verifier",
    "methodOfVerification",
    "pedigree",
    "lastRefresh",
}
"""What an employing authority adds, and the number by which both ways name an assignment."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept of the files: by kind and record, what is in force today."""

    in_force: dict[tuple[str, str], SliceRow]

    @classmethod
    async def of(cls, store: Store) -> "Kept":
        async with store.unit(OWN.ods_code) as session:
            rows = (await session.scalars(select(SliceRow).order_by(SliceRow.starts))).all()
        return cls({(row.kind, row.record): row for row in rows if row.starts <= TODAY})

    def person(self, number: str) -> SliceRow:
        (found,) = (r for (kind, _), r in self.in_force.items() if kind == Kind.PERSON and r.number == number)
        return found

    def claims(self, number: str, assignment: str) -> dict[str, Any]:
        """Everything that credentials would say of somebody in an assignment."""
        person = self.person(number)
        post = next(
            r for (kind, _), r in self.in_force.items() if (kind, r.number) == ("assignment", assignment)
        )
        checks = self.in_force.get((Kind.CHECKS, person.record))
        told = {**person.facts, **post.facts}
        for kind, record in ((Kind.POSITION, post.position), (Kind.DEPARTMENT, post.department)):
            told |= self.in_force[kind, str(record)].facts
        for check in checks.facts.values() if checks else ():
            told |= check["claims"]
        return told


def told_by_the_api(member: StaffMember) -> Iterator[tuple[Assignment, Claims]]:
    """Each current assignment with all claims that would be issued today; of people whose record is whole."""
    person = mapping.person(member.person.on_the_wire())
    posts = mapping.assignments({"assignments": [each.on_the_wire() for each in member.assignments]})
    checks = mapping.checks({"checks": [each.on_the_wire() for each in member.checks]})
    for post in posts:
        last = min(day for day in (post.end, post.fixed_term_end, TODAY) if day)
        if post.start > TODAY or last < TODAY or person.leaving_date:
            continue
        record = StaffRecord(person, post, checks, NOON)
        try:
            told = [claims_of(each, record, OWN, passport="-", on=TODAY) for each in PASSPORT_TYPES]
        except schemas.ClaimsError:
            continue
        yield post, {name: value for claims in told for name, value in claims.items()}


async def test_what_is_kept_of_files_is_what_credentials_would_say(store: Store, tmp_path: Path) -> None:
    directory = Directory(sandbox_settings(people=300, seed=5, vpds=["901"]), lambda: TODAY)
    name, written = directory.outbound("901", "F")
    (tmp_path / name).write_text(written, encoding="utf-8")
    feed = StaffFeed(
        store=store,
        organisation=OWN,
        audit=AuditChain(store, OWN.ods_code, b"a salt"),
        standing=InGoodStanding(),
        settings=OutboundSettings(inbox=tmp_path, key=SecretStr("k" * 32)),
        importing=done,
        clock=lambda: datetime.combine(TODAY, time(6), UTC),
    )
    await feed.catch_up()
    kept, compared = await Kept.of(store), 0

    for member in directory.members("901"):
        for post, claims in told_by_the_api(member):
            said = {name: value for name, value in claims.items() if name not in NOT_ESRS_TO_SAY}
            files = kept.claims(member.person.employee_number, post.number)
            assert {name: files.get(name, "") for name in said} == said
            assert not files.keys() - said.keys()
            compared += 1
    assert compared > 200
