"""Passports are found by name and by what their assignments have; they, reviews and tasks are counted."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest

from agent.audit.chain import AuditChain
from agent.domain.actors import PERMISSIONS, Actor, Permission, Role
from agent.domain.errors import Conflict
from agent.domain.passport import PassportState
from agent.domain.ports.tasks import NewTask, TaskKind
from agent.domain.review import ReviewState, Verdict
from agent.domain.workforce import OdsCode, Organisation
from agent.issuer.counted import CountedPassports
from agent.issuer.finding import PassportFilter, name_words
from agent.issuer.records import PassportRepository, PassportRow
from agent.organisation.duties.tasks import StoredTasks, TaskFilter, TaskState, Whose
from agent.organisation.overview import Overview, Seen
from agent.store.engine import Store
from agent.verifier.counted import CountedReviews
from agent.verifier.records import PresentationRequestRow, ReviewRepository, ReviewRow

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NURSES, DOCTORS = "Nursing and Midwifery Registered", "Medical and Dental"


class Office:
    """HR of one organisation, whose passports are made one a minute."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.own = OdsCode(uuid4().hex[:6].upper())
        self._numbers = count(1)

    async def has(self, name: str, **told: str) -> str:
        number = next(self._numbers)
        at = NOON + timedelta(minutes=number)
        row = PassportRow(
            organisation=self.own,
            id=str(uuid4()),
            holder_name=name,
            employee_number="90100010",
            assignment_number=f"{90_000_000 + number}",
            connection=f"connection-{number}",
            created_by="ottilie@northmoor.example",
            created_at=at,
            invitation_expires_at=at,
            **({"state": "active"} | told),
        )
        async with self.store.unit(self.own) as session:
            PassportRepository(session, self.own).add(row)
        return row.id

    async def finds(self, name: str | None = None, **wanted: str) -> list[str]:
        """The names on the passports, the newest first."""
        words = None if name is None else name_words(name)
        state = PassportState(wanted.pop("state")) if "state" in wanted else None
        return [row.holder_name for row in await self.page(PassportFilter(state, words=words, **wanted))]

    async def page(
        self, wanted: PassportFilter, after: PassportRow | None = None, *, limit: int = 50
    ) -> list[PassportRow]:
        position = None if after is None else (after.created_at, after.id)
        async with self.store.unit(self.own) as session:
            passports = PassportRepository(session, self.own)
            return list(await passports.page(wanted, after=position, limit=limit))


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("fenn", ["Amara Fennwick"]),
        ("AMARA", ["Amara Fennwick"]),
        ("zoe", ["Zoë O'Brien-Łukasik"]),
        ("luka zo", ["Zoë O'Brien-Łukasik"]),
        ("obrien", ["Zoë O'Brien-Łukasik"]),
        ("am", ["Amos Fell", "Amara Fennwick"]),
        ("am fe", ["Amos Fell", "Amara Fennwick"]),
        ("am fenn", ["Amara Fennwick"]),
        ("wick", []),
        ("amara fell", []),
        ("%", []),
        ("' OR true --", []),
        ("", []),
    ],
)
async def test_a_passport_is_found_by_how_the_words_of_its_name_begin(
    office: Office, searched: str, found: list[str]
) -> None:
    for name in ("Amara Fennwick", "Zoë O'Brien-Łukasik", "Amos Fell"):
        await office.has(name)

    assert await office.finds(searched) == found


async def test_a_name_with_one_word_twice_or_without_letters_is_kept(office: Office) -> None:
    await office.has("Ali Ali")
    await office.has("--")

    assert await office.finds("ali") == ["Ali Ali"]
    assert await office.finds() == ["--", "Ali Ali"]


async def test_nobody_finds_another_organisations_staff(office: Office, store: Store) -> None:
    await Office(store).has("Amara Fennwick")

    assert await office.finds("amara") == []


async def test_filters_narrow_one_another(office: Office) -> None:
    await office.has("Amara Fennwick", staff_group=NURSES, employment_type="Permanent")
    await office.has("Idris Calderford", staff_group=DOCTORS, employment_type="Permanent")
    await office.has("Amos Fell", staff_group=NURSES, employment_type="Bank", state="closed")
    await office.has("From Before")

    assert await office.finds(staff_group=NURSES) == ["Amos Fell", "Amara Fennwick"]
    assert await office.finds(employment_type="Permanent") == ["Idris Calderford", "Amara Fennwick"]
    assert await office.finds(staff_group=NURSES, state="closed") == ["Amos Fell"]
    assert await office.finds("a", staff_group=NURSES, employment_type="Permanent") == ["Amara Fennwick"]
    assert await office.finds(staff_group="Students") == []


async def test_every_passport_that_is_searched_for_is_on_one_page(office: Office) -> None:
    for number in range(7):
        await office.has(f"{'Amara' if number % 2 else 'Idris'} Fennwick")
    wanted = PassportFilter(words=("fenn",))

    first = await office.page(wanted, limit=4)
    second = await office.page(wanted, first[-1], limit=4)

    assert (len(first), len(second)) == (4, 3)
    assert {row.id for row in first + second} == {row.id for row in await office.page(wanted)}


async def test_what_was_erased_is_found_by_no_name(office: Office) -> None:
    gone = await office.has("Amara Fennwick", staff_group=NURSES, employment_type="Bank", state="closed")
    await office.has("Amara Fell")
    async with office.store.unit(office.own) as session:
        await PassportRepository(session, office.own).erase(gone, at=NOON)

    assert await office.finds("amara") == ["Amara Fell"]
    assert await office.finds(staff_group=NURSES) == []
    assert await office.finds() == ["Amara Fell", ""]


async def test_a_list_can_be_narrowed_to_what_there_is(office: Office, store: Store) -> None:
    await Office(store).has("Somebody Else", staff_group="Students", employment_type="Honorary")
    await office.has("From Before")
    for group, kind in ((NURSES, "Bank"), (NURSES, "Permanent"), (DOCTORS, "Bank")):
        await office.has("Amara Fennwick", staff_group=group, employment_type=kind)

    async with store.unit(office.own) as session:
        passports = PassportRepository(session, office.own)
        assert await passports.staff_groups() == [DOCTORS, NURSES]
        assert await passports.employment_types() == ["Bank", "Permanent"]


async def test_with_no_passports_there_is_nothing_to_narrow_or_count(office: Office) -> None:
    async with office.store.unit(office.own) as session:
        passports = PassportRepository(session, office.own)
        assert await passports.staff_groups() == []
        assert await passports.counts() == dict.fromkeys(PassportState, 0)


async def test_passports_are_counted_by_state(office: Office, store: Store) -> None:
    await Office(store).has("Somebody Else")
    for state in ("active", "active", "invited"):
        await office.has("Amara Fennwick", state=state)

    async with store.unit(office.own) as session:
        counts = await PassportRepository(session, office.own).counts()

    assert counts == dict.fromkeys(PassportState, 0) | {PassportState.ACTIVE: 2, PassportState.INVITED: 1}


async def test_reviews_and_their_verdicts_are_counted(office: Office) -> None:
    for number, state in enumerate(("invited", "connected", "connected")):
        await a_review(office, number, state)
    for verdict in ("accepted", "refused", "accepted", "requested"):
        await a_request(office, verdict)

    async with office.store.unit(office.own) as session:
        states, verdicts = await ReviewRepository(session, office.own).counts()

    assert not_none(states) == {ReviewState.INVITED: 1, ReviewState.CONNECTED: 2}
    assert not_none(verdicts) == {Verdict.ACCEPTED: 2, Verdict.REFUSED: 1, Verdict.REQUESTED: 1}


async def test_each_sees_first_what_they_may_read(office: Office) -> None:
    await office.has("Amara Fennwick", state="invited")
    await a_review(office, 1, "connected")
    tasks = StoredTasks(office.store, office.own, AuditChain(office.store, office.own, b"a salt of a test"))
    for assignee in ("ottilie", "kofi", None):
        await tasks.open(NewTask(TaskKind.CORRECTION, "p", None, "incorrect", None, assignee=assignee))
    own = Organisation(office.own, "Northmoor", None)
    counted = (CountedPassports(office.store, own), CountedReviews(office.store, own))
    overview = Overview(office.store, office.own, counted, tasks)

    async def seen(*roles: Role) -> Seen:
        permissions = frozenset[Permission]().union(*(PERMISSIONS[role] for role in roles))
        return await overview.of(Actor("ottilie", office.own, permissions, None), tasks=5)

    user, verifier, auditor = (
        await seen(Role.NOMINATED_USER),
        await seen(Role.VERIFIER),
        await seen(Role.AUDITOR),
    )

    assert user.counts["passports"]["states"]["invited"] == 1
    assert user.counts["reviews"]["states"]["connected"] == 1
    assert [row.assignee for row in user.tasks[Whose.MINE]] == ["ottilie"]
    assert {row.assignee for row in user.tasks[Whose.OTHERS]} == {"kofi", None}
    assert (list(verifier.counts), dict(verifier.tasks)) == (["reviews"], {})
    assert (auditor.counts, auditor.tasks) == ({}, {})


def not_none[K](counts: Mapping[K, int]) -> dict[K, int]:
    return {key: number for key, number in counts.items() if number}


async def a_review(office: Office, number: int, state: str) -> None:
    row = ReviewRow(
        organisation=office.own,
        id=str(uuid4()),
        state=state,
        purpose="Starting work",
        connection=f"connection-{number}",
        created_by="wanjiru@calder-bay.example",
        created_at=NOON,
        invitation_expires_at=NOON,
    )
    async with office.store.unit(office.own) as session:
        session.add(row)


async def a_request(office: Office, verdict: str) -> None:
    row = PresentationRequestRow(
        organisation=office.own,
        id=str(uuid4()),
        review="a-review",
        state=verdict,
        types=["identity"],
        reasons=[],
        requested_by="wanjiru@calder-bay.example",
        requested_at=NOON,
        answer_by=NOON,
    )
    async with office.store.unit(office.own) as session:
        session.add(row)


class Desk:
    """Two people of one HR office, and what they have to look at."""

    def __init__(self, store: Store) -> None:
        self.own = OdsCode(uuid4().hex[:6].upper())
        self.tasks = StoredTasks(store, self.own, AuditChain(store, self.own, b"a salt of a test"))
        everything = PERMISSIONS[Role.NOMINATED_USER]
        self.ottilie, self.kofi = (
            Actor(f"{name}@northmoor.example", self.own, everything, None) for name in ("ottilie", "kofi")
        )

    async def opens(self, passport: str, of: Actor | None) -> None:
        assignee = None if of is None else of.id
        task = NewTask(TaskKind.CORRECTION, passport, None, "incorrect", None, assignee=assignee)
        await self.tasks.open(task)

    async def sees(self, by: Actor, whose: Whose | None, state: TaskState | None = None) -> list[str]:
        """The passports that tasks are about, the newest first."""
        wanted = TaskFilter(state, whose)
        return [row.passport for row in await self.tasks.page(wanted, by=by, after=None, limit=9)]

    async def id_of(self, passport: str) -> str:
        return (await self.tasks.of_passports(frozenset({passport})))[0].id


@pytest.fixture
async def desk(store: Store) -> Desk:
    made = Desk(store)
    await made.opens("ottilies", made.ottilie)
    await made.opens("nobodys", None)
    await made.opens("kofis", made.kofi)
    return made


async def test_whose_a_task_is_depends_on_who_asks(desk: Desk) -> None:
    assert await desk.sees(desk.ottilie, Whose.MINE) == ["ottilies"]
    assert await desk.sees(desk.ottilie, Whose.OTHERS) == ["kofis", "nobodys"]
    assert await desk.sees(desk.kofi, Whose.MINE) == ["kofis"]
    assert await desk.sees(desk.kofi, None) == ["kofis", "nobodys", "ottilies"]


async def test_a_task_that_somebody_takes_up_is_theirs(desk: Desk) -> None:
    for passport in ("nobodys", "kofis"):
        await desk.tasks.take_up(await desk.id_of(passport), by=desk.ottilie)

    assert await desk.sees(desk.kofi, Whose.MINE) == []
    assert await desk.sees(desk.ottilie, Whose.MINE) == ["kofis", "nobodys", "ottilies"]
    assert await desk.sees(desk.ottilie, Whose.OTHERS) == []


async def test_a_task_that_was_closed_is_not_taken_up(desk: Desk) -> None:
    task = await desk.id_of("kofis")
    await desk.tasks.close(task, TaskState.DONE, None, by=desk.kofi)

    with pytest.raises(Conflict, match="done already"):
        await desk.tasks.take_up(task, by=desk.ottilie)
    assert await desk.sees(desk.kofi, Whose.MINE, TaskState.OPEN) == []
    assert await desk.sees(desk.kofi, Whose.MINE, TaskState.DONE) == ["kofis"]
