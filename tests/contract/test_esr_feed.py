"""What every import of outbound files keeps to, on a real PostgreSQL and as the agent's own role."""

import asyncio
import contextlib
import hashlib
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from agent.audit.chain import AuditChain
from agent.domain.errors import Conflict, PolicyRefused, Refusal, Unavailable
from agent.domain.ports.personal_data import CategoryName, DataSubject
from agent.domain.ports.standing import OrganisationStanding, Use
from agent.domain.workforce import EmployeeNumber, OdsCode, Organisation, Vpd
from agent.esr_feed.importing import done
from agent.esr_feed.jobs import Answer, Job
from agent.esr_feed.layout import Kind
from agent.esr_plugin.feed import CaughtUp, StaffFeed
from agent.esr_plugin.feed_personal_data import FeedPersonalData
from agent.esr_plugin.feed_settings import OutboundSettings
from agent.esr_plugin.import_process import in_a_process
from agent.store.engine import Store
from tests.support.esr_file import (
    VPD,
    a_deletion,
    a_department,
    a_person,
    a_position,
    a_registration,
    an_assignment,
    checks,
    somebody,
    write,
)

MORNING = datetime(2026, 11, 27, 6, tzinfo=UTC)
PLACES = [a_position(), a_department()]
_codes = count(1)


class Standing(OrganisationStanding):
    """An organisation whose ESR link is active, until it is not."""

    active = True

    async def require(self, use: Use) -> None:
        if not self.active:
            raise PolicyRefused("use of ESR", (Refusal("esr_link_inactive", "The ESR link is not active."),))

    async def credentials_until(self) -> None:
        """No such day."""


class Office:
    """One organisation with its inbox; time stands still until somebody moves it."""

    def __init__(self, store: Store, inbox: Path, importing: Callable[[Job], Any] = done) -> None:
        self.code = OdsCode(f"ZZ{next(_codes):03}")
        self.own = Organisation(self.code, "Northmoor", Vpd(VPD))
        self.store, self.inbox, self.now = store, inbox, MORNING
        self.standing = Standing()
        self.audit = AuditChain(store, self.code, b"a salt of a test")
        self.columns: dict[Kind, list[str]] = {}
        self.importing = importing
        self.sequence = 0

    @property
    def feed(self) -> StaffFeed:
        settings = OutboundSettings(inbox=self.inbox, key=SecretStr("k" * 32), columns=self.columns)
        return StaffFeed(
            store=self.store,
            organisation=self.own,
            audit=self.audit,
            standing=self.standing,
            settings=settings,
            importing=self.importing,
            clock=lambda: self.now,
        )

    async def gets(self, *body: str, kind: str = "D", sequence: int | None = None, vpd: str = VPD) -> str:
        """A file comes in and is imported; how that ended, with its code."""
        self.sequence = self.sequence + 1 if sequence is None else sequence
        self.now += timedelta(seconds=1)
        write(self.inbox, body, kind, self.sequence, vpd=vpd)
        await self.feed.catch_up()
        state, code = (await self.rows("SELECT state, code FROM esr.imports ORDER BY started_at"))[-1]
        return f"{state} {code or ''}".strip()

    async def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        async with self.store.unit(self.code) as session:
            return [tuple(row) for row in await session.execute(text(query))]

    async def told(self) -> list[tuple[Any, ...]]:
        """Every change: its kind, of whom or of which assignment, and what differs."""
        query = "SELECT kind, coalesce(assignment_number, employee_number), differences FROM esr.changes"
        rows = await self.rows(f"{query} ORDER BY position")
        return [(kind, whose, [each["name"] for each in told]) for kind, whose, told in rows]

    async def kept(self) -> int:
        return int((await self.rows("SELECT count(*) FROM esr.slices"))[0][0])

    async def last(self, column: str) -> Any:
        """Of the last import."""
        rows = await self.rows("SELECT to_jsonb(imports) FROM esr.imports ORDER BY started_at")
        return rows[-1][0][column]

    async def everything(self) -> Sequence[tuple[Any, ...]]:
        """All that an import changes."""
        queries = (
            "SELECT kind, record, starts, ends, facts::text, digest FROM esr.slices ORDER BY 1, 2, 3",
            "SELECT sequence, day, last_position FROM esr.feeds",
            "SELECT position, kind FROM esr.changes ORDER BY 1",
        )
        return [row for query in queries for row in await self.rows(query)]

    def a_day_later(self, days: int = 1) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    return Office(store, tmp_path)


@pytest.fixture
async def staffed(office: Office) -> Office:
    """With two people, out of a first full file."""
    assert await office.gets(*somebody(1), *somebody(2), *PLACES, kind="F") == "imported"
    return office


async def test_the_first_file_tells_no_change_for_nothing_was_known_before(staffed: Office) -> None:
    assert await staffed.told() == []
    assert await staffed.kept() == 10
    assert await staffed.last("counts") == {
        "lines": 10,
        "unchanged": 0,
        "added": 10,
        "changed": 0,
        "removed": 0,
        "passed_over": {},
        "changes": 0,
    }


async def test_nothing_is_kept_that_no_credential_carries(staffed: Office) -> None:
    kept = repr(await staffed.rows("SELECT * FROM esr.slices")) + repr(
        await staffed.rows("SELECT * FROM esr.imports")
    )

    for secret in ("JR482913B", "31415.92", "Single", "12A0001E"):
        assert secret not in kept


async def test_a_changed_assignment_is_told_with_what_it_was_and_is(staffed: Office) -> None:
    assert await staffed.gets(an_assignment(1, FTE="0.6")) == "imported"

    ((kind, person, number, differences),) = await staffed.rows(
        "SELECT kind, employee_number, assignment_number, differences FROM esr.changes"
    )
    assert (kind, person, number) == ("assignment_changed", "90100001", "90100001")
    assert differences == [{"name": "fte", "before": "1.00", "after": "0.60"}]


async def test_a_change_of_what_no_credential_carries_is_told_to_nobody(staffed: Office) -> None:
    body = [an_assignment(1, AnnualSalary="99999"), a_person(1, EthnicOrigin="A", NINumber="AB123456C")]

    assert await staffed.gets(*body) == "imported"
    assert await staffed.told() == []
    assert (await staffed.last("counts"))["changed"] == 2


async def test_a_changed_name_is_told_without_any_value(staffed: Office) -> None:
    await staffed.gets(a_person(1, LastName="Fennwyck"))

    assert await staffed.told() == [("person_changed", "90100001", ["legalSurname"])]
    assert "Fennwyck" not in repr(await staffed.rows("SELECT * FROM esr.changes"))


async def test_a_position_or_a_department_that_changes_changes_every_assignment_in_it(
    staffed: Office,
) -> None:
    await staffed.gets(
        a_department(OrganisationName="Ward 8"), a_position(PositionName="3559596|Charge Nurse|N6A|Acute")
    )

    assert await staffed.told() == [
        ("assignment_changed", "90100001", ["department", "positionTitle"]),
        ("assignment_changed", "90100002", ["department", "positionTitle"]),
    ]


async def test_a_deleted_assignment_has_ended(staffed: Office) -> None:
    await staffed.gets(a_deletion("assignment", PersonId="500001", AssignmentId="700001"))

    assert await staffed.told() == [("assignment_ended", "90100001", [])]


async def test_a_fixed_term_that_is_over_has_ended_the_assignment(staffed: Office) -> None:
    await staffed.gets(an_assignment(1, ContractEndDate="20261127"))
    assert await staffed.told() == [("assignment_changed", "90100001", ["fixedTermEndDate"])]
    staffed.a_day_later()
    await staffed.feed.catch_up()

    assert (await staffed.told())[1:] == [("assignment_ended", "90100001", [])]


async def test_what_ended_is_not_forgotten_before_it_is_told(staffed: Office) -> None:
    await staffed.gets(a_person(1, ActualTerminationDate="20261127"))
    kept = FeedPersonalData(staffed.store, staffed.own, lambda: staffed.now)
    staffed.a_day_later(3)
    assert await kept.erase_due(CategoryName.STAFF, before=staffed.now - timedelta(days=1)) == 0
    await staffed.feed.catch_up()

    assert ("person_left", "90100001", []) in await staffed.told()


async def test_a_new_day_needs_no_inbox(staffed: Office) -> None:
    await staffed.gets(a_person(1, ActualTerminationDate="20261127"))
    staffed.a_day_later()
    staffed.inbox = staffed.inbox / "away"
    with pytest.raises(Unavailable):
        await staffed.feed.catch_up()

    assert ("person_left", "90100001", []) in await staffed.told()


async def test_of_somebody_who_works_here_nothing_is_erased_that_tells_of_their_leaving(
    staffed: Office,
) -> None:
    kept = FeedPersonalData(staffed.store, staffed.own, lambda: staffed.now)
    whom = DataSubject(EmployeeNumber("90100001"))
    assert await kept.erase(whom) == 0
    await staffed.gets(a_person(1, ActualTerminationDate="20261127"))
    staffed.a_day_later()
    await staffed.feed.catch_up()
    assert ("person_left", "90100001", []) in await staffed.told()
    assert await kept.erase(whom) == 2


async def test_an_export_says_which_fields_are_kept_and_none_of_what_they_say(staffed: Office) -> None:
    await staffed.gets(an_assignment(1, FTE="0.6"))
    kept = FeedPersonalData(staffed.store, staffed.own, lambda: staffed.now)
    held = await kept.held_of(DataSubject(EmployeeNumber("90100001")))

    assert {"legalSurname", "fte"} <= {name for each in held for name in each.data.get("fields", [])}
    assert not [word for word in ("Fennwick", "0.60", "1990-05-17") if word in repr(held)]


async def test_an_older_full_file_does_not_turn_the_time_back(office: Office) -> None:
    assert await office.gets(*somebody(1), *PLACES, kind="F", sequence=3) == "imported"
    older = write(office.inbox, [*somebody(2), *PLACES], "F", 2)
    older.write_text(older.read_text().replace("~F~20", "~F~19"))
    office.now += timedelta(seconds=1)
    await office.feed.catch_up()
    rows = await office.rows("SELECT state, code FROM esr.imports ORDER BY started_at")
    assert rows[-1] == ("refused", "file_out_of_order")
    assert await office.gets(an_assignment(1, FTE="0.6"), sequence=4) == "imported"


async def test_neither_does_a_file_without_assignments_or_a_delta_that_deletes_everybody(
    office: Office,
) -> None:
    everybody = [line for number in range(1, 41) for line in somebody(number)]
    people = [a_person(number) for number in range(1, 41)]
    gone = [a_deletion("person", PersonId=str(500_000 + number)) for number in range(1, 41)]
    assert await office.gets(*everybody, *PLACES, kind="F") == "imported"

    assert await office.gets(*people, *PLACES, kind="F") == "refused too_many_gone"
    assert await office.gets(*gone, sequence=2) == "refused too_many_gone"
    assert await office.told() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"AssignmentNumber": "90100001 -2"},
        {"FTE": ""},
        {"UserAssignmentStatus": "Active Assignment - Local"},
    ],
    ids=["a number with a space", "no FTE", "a status of the trust's own"],
)
async def test_what_trusts_write_in_their_own_way_stops_no_file(
    staffed: Office, changed: dict[str, str]
) -> None:
    assert await staffed.gets(an_assignment(1, **changed)) == "imported"


async def test_a_full_file_that_leaves_too_many_out_is_not_taken(office: Office) -> None:
    everybody = [line for number in range(1, 41) for line in somebody(number)]
    some = [line for number in range(1, 30) for line in somebody(number)]
    few = [line for number in range(1, 31) for line in somebody(number)]
    assert await office.gets(*everybody, *PLACES, kind="F") == "imported"
    before = await office.everything()

    assert await office.gets(*some, *PLACES, kind="F") == "refused too_many_gone"
    assert await office.everything() == before
    assert (await office.last("counts"))["gone"]["person"] == 11

    assert await office.gets(*few, *PLACES, kind="F") == "imported"
    assert len([kind for kind, _, _ in await office.told() if kind == "person_left"]) == 10


async def test_a_leaver_is_told_on_the_day_after_their_last(staffed: Office) -> None:
    await staffed.gets(a_person(1, ActualTerminationDate="20261127"))
    assert await staffed.told() == []
    staffed.a_day_later()
    assert (await staffed.feed.catch_up()).rolled

    assert await staffed.told() == [("person_left", "90100001", []), ("assignment_ended", "90100001", [])]
    assert await staffed.rows("SELECT count(*) FROM esr.slices WHERE person = '500001'") == [(0,)]


async def test_what_is_to_come_into_force_later_does_so_on_its_day_without_a_file(staffed: Office) -> None:
    await staffed.gets(
        an_assignment(1, EffectiveEnd="20261129"), an_assignment(1, EffectiveStart="20261130", FTE="0.5")
    )
    assert await staffed.told() == []
    staffed.a_day_later(2)
    await staffed.feed.catch_up()
    assert await staffed.told() == []
    staffed.a_day_later()
    await staffed.feed.catch_up()

    assert await staffed.told() == [("assignment_changed", "90100001", ["fte"])]
    assert await staffed.rows("SELECT starts::text FROM esr.slices WHERE record = '700001'") == [
        ("2026-11-30",)
    ]


async def test_a_slice_that_began_later_counts_even_if_nobody_closed_the_one_before(staffed: Office) -> None:
    await staffed.gets(an_assignment(1, EffectiveStart="20261101", AssignmentEndDate="20261128"))
    staffed.a_day_later(2)
    await staffed.feed.catch_up()
    staffed.a_day_later()
    await staffed.feed.catch_up()

    assert await staffed.told() == [("assignment_ended", "90100001", [])]


async def test_days_are_counted_in_london(staffed: Office) -> None:
    staffed.now = datetime(2027, 6, 30, 22, 59, tzinfo=UTC)
    await staffed.feed.catch_up()
    staffed.now += timedelta(minutes=1)

    assert (await staffed.feed.catch_up()).rolled
    assert not (await staffed.feed.catch_up()).rolled


async def test_checks_are_renewed_and_lapse_by_word_and_by_time(staffed: Office) -> None:
    renewed = "Clear|20261120|Recruitment Services|20261130|Enhanced|001790100001|20191120|Yes|Adults"
    await staffed.gets(
        checks(1, Dbs=renewed), checks(2, RightToWork="Not Clear|20261120|Recruitment Services|")
    )
    kinds = [(kind, whose) for kind, whose, _ in await staffed.told()]
    assert kinds == [("check_renewed", "90100001"), ("check_lapsed", "90100002")]
    staffed.a_day_later(4)
    await staffed.feed.catch_up()

    assert await staffed.rows('SELECT kind, "check" FROM esr.changes WHERE position > 2') == [
        ("check_lapsed", "criminal_record")
    ]


async def test_a_changed_registration_is_told_without_its_number(staffed: Office) -> None:
    await staffed.gets(a_registration(1, Number="99Z9999E"))

    (row,) = await staffed.rows("SELECT kind, differences FROM esr.changes")
    assert row == ("registration_changed", [{"name": "registrationNumber", "before": None, "after": None}])


async def test_a_full_file_ends_what_it_no_longer_has(staffed: Office) -> None:
    assert await staffed.gets(*somebody(2), *PLACES, kind="F") == "imported"

    assert await staffed.told() == [("person_left", "90100001", []), ("assignment_ended", "90100001", [])]
    counts = await staffed.last("counts")
    assert (counts["unchanged"], counts["removed"]) == (6, 4)
    assert await staffed.kept() == 6


async def test_the_same_file_twice_changes_nothing_the_second_time(staffed: Office) -> None:
    await staffed.gets(an_assignment(1, FTE="0.6"))
    before = await staffed.everything()
    (file,) = staffed.inbox.glob("*_D_*")
    content = file.read_bytes()
    file.with_name("GO_901_D_20261128_00000003.DAT").write_bytes(content)
    staffed.now += timedelta(seconds=1)
    await staffed.feed.catch_up()

    assert await staffed.last("state") == "unchanged"
    assert await staffed.everything() == before


async def test_a_file_that_was_looked_at_is_left_alone(staffed: Office) -> None:
    assert await staffed.feed.catch_up() == CaughtUp((), rolled=False)


async def test_what_is_no_file_or_has_another_name_is_no_outbound_file(office: Office) -> None:
    os.mkfifo(office.inbox / "GO_901_F_20261127_00000001.DAT")
    (office.inbox / "GO_901_F_20261127_00000002.DAT.part").write_text("HDR~901~F")

    assert await office.feed.catch_up() == CaughtUp((), rolled=False)


async def test_an_inbox_that_is_not_there_is_told(office: Office) -> None:
    office.inbox /= "elsewhere"
    with pytest.raises(Unavailable) as unavailable:
        await office.feed.catch_up()

    assert unavailable.value.code == "inbox_unreadable"


async def test_one_rejected_line_and_nothing_changes(staffed: Office) -> None:
    before = await staffed.everything()
    state = await staffed.gets(an_assignment(1, FTE="0.6"), a_person(1, DOB="never"), checks(2, Dbs="Gone"))

    assert state == "rejected lines_rejected"
    assert await staffed.everything() == before
    assert await staffed.last("rejected") == [[3, "DOB", "not_a_date"], [4, "Dbs", "not_in_the_list"]]
    assert await staffed.last("rejected_count") == 2


async def test_all_rejected_lines_are_counted_and_a_thousand_kept(office: Office) -> None:
    await office.gets(*["?"] * 1_500, kind="F")

    assert await office.last("rejected_count") == 1_500
    assert len(await office.last("rejected")) == 1_000


async def test_a_file_that_was_mended_is_imported(office: Office) -> None:
    assert await office.gets(a_person(DOB="never"), kind="F") == "rejected lines_rejected"
    assert await office.gets(a_person(), kind="F", sequence=1) == "imported"


@pytest.mark.parametrize(
    "body",
    [
        [an_assignment(1, FTE="0.6"), an_assignment(1, FTE="0.5")],
        [an_assignment(1, FTE="0.6"), an_assignment(1)],
        [an_assignment(1), an_assignment(1, FTE="0.6")],
    ],
    ids=["both new", "new and known", "known and new"],
)
@pytest.mark.parametrize("kind", ["F", "D"])
async def test_two_lines_about_one_record_from_one_day_are_rejected(
    staffed: Office, body: list[str], kind: str
) -> None:
    assert await staffed.gets(*body, kind=kind) == "rejected lines_rejected"
    assert [reason for _, _, reason in await staffed.last("rejected")] == ["duplicate_record"]


async def test_a_file_of_another_vpd_is_refused(office: Office) -> None:
    assert await office.gets(*somebody(), kind="F", vpd="902") == "refused vpd_not_ours"


async def test_a_delta_needs_what_it_is_a_delta_of(office: Office) -> None:
    assert await office.gets(*somebody(), kind="D") == "refused file_missing"


async def test_an_old_delta_is_out_of_order(staffed: Office) -> None:
    assert await staffed.gets(an_assignment(1, FTE="0.6")) == "imported"
    assert await staffed.gets(an_assignment(1, FTE="0.7"), sequence=1) == "refused file_out_of_order"


async def test_a_gap_is_told_once_and_the_file_is_taken_when_the_missing_one_has_come(
    staffed: Office,
) -> None:
    assert await staffed.gets(an_assignment(1, FTE="0.4"), sequence=3) == "refused file_missing"
    assert (await staffed.feed.catch_up()).imports == ()
    write(staffed.inbox, [an_assignment(1, FTE="0.6")], "D", 2)

    assert len((await staffed.feed.catch_up()).imports) == 2
    told = await staffed.rows("SELECT differences FROM esr.changes ORDER BY position")
    assert [row[0][0]["after"] for row in told] == ["0.60", "0.40"]


async def test_a_full_file_may_always_come_and_starts_the_row_anew(staffed: Office) -> None:
    assert await staffed.gets(*somebody(1), *somebody(2), *PLACES, kind="F", sequence=40) == "imported"
    assert await staffed.gets(an_assignment(1, FTE="0.6"), sequence=41) == "imported"
    assert await staffed.gets(*somebody(1), kind="F", sequence=1) == "imported"
    assert await staffed.gets(an_assignment(1, FTE="0.6"), sequence=2) == "imported"


async def test_another_order_of_columns_reads_every_line_anew_and_changes_nothing(staffed: Office) -> None:
    staffed.columns = {
        Kind.DEPARTMENT: ["OrganisationName", "OrganisationId", "EffectiveFrom", "EffectiveTo"]
    }
    body = [*somebody(1), *somebody(2), a_position(), "ORA~Ward 7~30~20100101~"]

    assert await staffed.gets(*body, kind="F") == "imported"
    assert (await staffed.last("counts"))["changed"] == 10
    assert await staffed.told() == []


async def test_nothing_is_imported_while_the_esr_link_is_not_active(office: Office) -> None:
    office.standing.active = False
    with pytest.raises(PolicyRefused):
        await office.gets(*somebody(), kind="F")

    assert await office.kept() == 0
    assert await office.audit.length() == 0


async def test_an_import_stands_in_the_audit_with_its_outcome(staffed: Office) -> None:
    await staffed.gets("?")
    entries = await staffed.audit.entries()
    (name,) = (await staffed.rows("SELECT id FROM esr.imports WHERE state = 'rejected'"))[0]

    assert {entry.actor for entry in entries} == {"system:esr"}
    assert [(entry.phase, entry.outcome, entry.code) for entry in entries] == [
        ("intent", None, None),
        ("outcome", "done", None),
        ("intent", None, None),
        ("outcome", "refused", "lines_rejected"),
    ]
    assert entries[-1].subject == staffed.audit.reference(name)


async def test_one_import_at_a_time(staffed: Office) -> None:
    async with staffed.store.alone(f"staff feed {staffed.code}") as alone:
        assert alone
        with pytest.raises(Conflict) as conflict:
            await staffed.feed.catch_up()

    assert conflict.value.code == "import_under_way"


async def test_another_organisation_sees_and_changes_nothing_of_ours(
    staffed: Office, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "theirs").mkdir()
    theirs = Office(store, tmp_path / "theirs")
    before = await staffed.everything()

    assert await theirs.gets(a_person(1, LastName="Else"), kind="F") == "imported"
    assert await theirs.gets(a_deletion("person", PersonId="500001")) == "imported"
    assert await staffed.everything() == before
    assert await theirs.kept() == 0


async def test_the_process_imports_as_the_function_does(store: Store, tmp_path: Path) -> None:
    office = Office(store, tmp_path, in_a_process)

    assert await office.gets(*somebody(1), *PLACES, kind="F") == "imported"
    assert await office.gets(an_assignment(1, FTE="0.6")) == "imported"
    assert await office.told() == [("assignment_changed", "90100001", ["fte"])]
    assert await office.gets("?") == "rejected lines_rejected"


async def test_an_importing_process_that_is_killed_in_the_middle_has_changed_nothing(
    staffed: Office,
) -> None:
    """Stopped once it has written, and before it commits: another holds the row that it needs last."""
    before = await staffed.everything()

    async def killed(job: Job) -> Answer:
        async with staffed.store.unit(staffed.code) as session:
            await session.execute(text("SELECT * FROM audit.chain_heads FOR UPDATE"))
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "agent.esr_feed.importing"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            talking = asyncio.create_task(process.communicate(job.as_json().encode()))
            waiting = text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname ="
                " current_database()"
            )
            while not await session.scalar(waiting):
                await session.execute(text("SELECT pg_stat_clear_snapshot(), pg_sleep(0.02)"))
            process.send_signal(signal.SIGKILL)
            said, _ = await talking
            assert said == b""
        raise Unavailable("It was killed.", code="import_failed")

    staffed.importing = killed
    with pytest.raises(Unavailable):
        await staffed.gets(an_assignment(1, FTE="0.6"))

    assert await staffed.everything() == before
    assert await staffed.last("state") == "failed"
    staffed.importing = done
    staffed.now += timedelta(minutes=2)
    await staffed.feed.catch_up()
    assert await staffed.told() == [("assignment_changed", "90100001", ["fte"])]


async def test_a_failure_is_tried_again_ever_more_seldom(staffed: Office) -> None:
    tried = 0

    async def failing(_job: Job) -> Answer:
        nonlocal tried
        tried += 1
        raise Unavailable("It does not answer.", code="import_failed")

    staffed.importing = failing
    write(staffed.inbox, [an_assignment(1, FTE="0.6")], "D", 2)
    for _ in range(60):
        with contextlib.suppress(Unavailable):
            await staffed.feed.catch_up()
        staffed.now += timedelta(minutes=1)

    assert 4 <= tried <= 6


async def test_an_import_that_was_cut_short_with_its_agent_is_closed_and_done_again(staffed: Office) -> None:
    async def cut_short(_job: Job) -> Answer:
        raise asyncio.CancelledError

    staffed.importing = cut_short
    write(staffed.inbox, [an_assignment(1, FTE="0.6")], "D", 2)
    with pytest.raises(asyncio.CancelledError):
        await staffed.feed.catch_up()
    staffed.importing = done
    await staffed.feed.catch_up()
    assert [row[0] for row in await staffed.rows("SELECT code FROM esr.imports WHERE state = 'failed'")] == [
        "import_interrupted"
    ]
    staffed.now += timedelta(minutes=2)
    await staffed.feed.catch_up()

    assert await staffed.told() == [("assignment_changed", "90100001", ["fte"])]


async def test_a_job_goes_over_the_pipe_without_its_secrets_on_any_command_line(staffed: Office) -> None:
    seen = list[Job]()

    async def looked_at(job: Job) -> Answer:
        seen.append(Job.of(job.as_json()))
        return await done(job)

    staffed.importing = looked_at
    await staffed.gets(an_assignment(1, FTE="0.6"))
    (job,) = seen

    assert job.key == hashlib.sha256(b"k" * 32).digest()
    assert job.database not in repr(job)
    assert job.key.hex() not in repr(job)


async def test_within_a_file_the_later_line_about_a_record_counts(staffed: Office) -> None:
    gone = a_deletion("assignment", PersonId="500001", AssignmentId="700001")
    changed = an_assignment(FTE="0.5")
    assert await staffed.gets(changed, gone) == "imported"
    assert await staffed.told() == [("assignment_ended", "90100001", [])]


async def test_a_record_that_is_deleted_and_told_again_stays(staffed: Office) -> None:
    gone = a_deletion("assignment", PersonId="500001", AssignmentId="700001")
    before = await staffed.everything()
    assert await staffed.gets(gone, an_assignment()) == "imported"
    assert await staffed.told() == []
    assert [row for row in await staffed.everything() if row[0] == "assignment"] == [
        row for row in before if row[0] == "assignment"
    ]


def damaged(content: bytes, random: Random) -> bytes:
    """A file as a bad line, a full disk or a careless editor leaves it."""
    at, length = random.randrange(len(content)), random.randrange(1, 60)
    match random.randrange(6):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + content[at + length :]
        case 2:
            return content[:at] + random.randbytes(length) + content[at + length :]
        case 3:
            return content[:at] + content[at : at + length] * 2 + content[at + length :]
        case 4:
            return content[:at] + b"\x00" + content[at:]
        case _:
            lines = content.splitlines(keepends=True)
            random.shuffle(lines)
            return b"".join(lines)


async def test_whatever_a_file_is_like_it_is_taken_whole_or_changes_nothing(staffed: Office) -> None:
    random = Random(20261127)  # noqa: S311  # damage, not secrets
    states = set()
    for sequence in range(2, 42):
        path = write(staffed.inbox, [*somebody(1), *somebody(2), *somebody(3), *PLACES], "F", sequence)
        path.write_bytes(damaged(path.read_bytes(), random))
        before = await staffed.everything()
        staffed.now += timedelta(seconds=1)
        await staffed.feed.catch_up()
        state = await staffed.last("state")
        states.add(state)
        assert state in {"imported", "rejected", "refused", "unchanged"}
        assert state == "imported" or await staffed.everything() == before
    assert {"imported", "rejected"} <= states


async def test_a_line_of_a_gigabyte_is_rejected_by_a_process_that_stays_small(staffed: Office) -> None:
    peak = 0
    # Its own word: what the system tells of a child begins with what its parent had.
    program = (
        "import sys; from agent.esr_feed import importing; code = importing.main();"
        " sys.stderr.write(open('/proc/self/status').read()); sys.exit(code)"
    )

    async def importing(job: Job) -> Answer:
        nonlocal peak
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program), stdin=pipe, stdout=pipe, stderr=pipe
        )
        said, status = await process.communicate(job.as_json().encode())
        (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status.decode())
        peak = int(kilobytes) * 1024
        return Answer.of(said.decode())

    staffed.importing = importing
    with write(staffed.inbox, [], "D", 2).open("r+b") as sparse:
        sparse.truncate(1 << 30)
    staffed.now += timedelta(seconds=1)
    await staffed.feed.catch_up()

    assert await staffed.last("state") == "rejected"
    assert 0 < peak < 200 * 2**20
