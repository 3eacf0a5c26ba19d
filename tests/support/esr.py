"""A whole ESR within the process, with the sandbox's people; and what stands round the plugin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from agent.domain.actors import PERMISSIONS, Actor, Role
from agent.domain.errors import Conflict, LimitReached, NotFound, Unavailable
from agent.domain.ports.audit import Audit, AuditOutcome, Intent, IntentId
from agent.domain.ports.staff_records import (
    FoundPerson,
    Match,
    MatchStrength,
    SearchCriteria,
    SearchId,
    SearchState,
)
from agent.domain.workforce import EmployeeNumber, NiNumber, OdsCode, assignment_number, ni_number
from agent.esr_plugin.esr import Esr
from agent.esr_plugin.limits import AttemptKind, Attempts, SearchAlert
from agent.esr_plugin.mapping import Json
from agent.esr_plugin.matching import Candidate
from agent.esr_plugin.searches import WEAK_LIFE, Decision, RememberedSearch, Searches
from esr_sandbox.directory import Directory, UnknownRecord
from esr_sandbox.records import Search, StaffMember
from esr_sandbox.settings import Settings

TODAY = date(2026, 11, 23)
NOON = datetime.combine(TODAY, time(12), UTC)
NORTHMOOR = OdsCode("ZZNM1")


def sandbox_settings(*, people: int = 0, **others: object) -> Settings:
    """The sandbox with its cast, and `people` more in each VPD."""
    clients = [
        {"client_id": "northmoor", "client_secret": "northmoor-secret", "vpd": "901"},
        {"client_id": "calder-bay", "client_secret": "calder-bay-secret", "vpd": "902"},
    ]
    values = {
        "clients": clients,
        "people_per_vpd": people,
        "today": TODAY,
        "control_token": "control",
        "port": 0,
    }
    return Settings.model_validate({**values, **others})


def a_directory(*, people: int = 0) -> Directory:
    """The sandbox's people as they stand on TODAY."""
    return Directory(sandbox_settings(people=people), lambda: TODAY)


def an_actor(
    employee_number: str | None = "90100001", *, user: str = "ottilie", person: str | None = None
) -> Actor:
    """A nominated user, by default the one who may do everything."""
    own = None if employee_number is None else EmployeeNumber(employee_number)
    return Actor(user, NORTHMOOR, PERMISSIONS[Role.NOMINATED_USER], own, person or f"person-{user}")


def criteria(
    surname: str = "Fennwick",
    forenames: str = "Amara",
    born: date = date(1990, 5, 17),
    *,
    ni: str | None = None,
    number: str | None = None,
) -> SearchCriteria:
    """What HR keys, by default of the nurse."""
    return SearchCriteria(
        surname, forenames, born, ni_number(ni) if ni else None, assignment_number(number) if number else None
    )


def a_candidate(
    number: str = "90100010",
    surname: str = "Fennwick",
    forename: str = "Amara",
    born: date = date(1990, 5, 17),
    ni: str | None = "JR482913B",
    *,
    other_surnames: tuple[str, ...] = (),
    other_forenames: tuple[str, ...] = (),
) -> Candidate:
    """A person as they are compared, by default the nurse."""
    return Candidate(
        EmployeeNumber(number),
        (surname, *other_surnames),
        (forename, *other_forenames),
        born,
        NiNumber(ni) if ni else None,
    )


def shown(match: Match) -> FoundPerson:
    """What a match shows, which it has to."""
    assert match.shown is not None
    return match.shown


class SandboxEsr(Esr):
    """One VPD of the sandbox, asked without HTTP. `unavailable` and `answers` make it fail."""

    def __init__(self, directory: Directory, vpd: str = "901") -> None:
        self.directory = directory
        self.vpd = vpd
        self.unavailable = False
        self.answers: dict[str, Json] = {}  # question → what is answered instead
        self.asked: list[str] = []

    async def candidates(self, search: Mapping[str, str]) -> Json:
        self._asked("candidates")
        if "candidates" in self.answers:
            return self.answers["candidates"]
        found = self.directory.candidates(self.vpd, Search.model_validate(search))
        return {"people": [each.on_the_wire() for each in found], "complete": True}

    async def person(self, number: EmployeeNumber) -> Json:
        return self._answer("person", number, lambda m: m.person.on_the_wire())

    async def assignments(self, number: EmployeeNumber) -> Json:
        return self._answer(
            "assignments", number, lambda m: {"assignments": [a.on_the_wire() for a in m.assignments]}
        )

    async def checks(self, number: EmployeeNumber) -> Json:
        return self._answer("checks", number, lambda m: {"checks": [c.on_the_wire() for c in m.checks]})

    async def user_access(self, number: EmployeeNumber) -> Json:
        return self._answer("user_access", number, lambda m: m.access.on_the_wire())

    def _answer(self, question: str, number: str, read: Callable[[StaffMember], Json]) -> Json:
        self._asked(question)
        if question in self.answers:
            return self.answers[question]
        try:
            return read(self.directory.member(self.vpd, number))
        except UnknownRecord as error:
            raise NotFound("No such record.", code="esr_record_not_found") from error

    def _asked(self, question: str) -> None:
        self.asked.append(question)
        if self.unavailable:
            raise Unavailable("ESR does not answer.", code="esr_unavailable")


class SearchesInMemory(Searches):
    """Recent searches without a database."""

    def __init__(self) -> None:
        self.kept: dict[SearchId, RememberedSearch] = {}

    async def keep(self, search: RememberedSearch) -> None:
        self.kept[search.id] = search

    async def own(self, search: SearchId, *, by: str, now: datetime) -> RememberedSearch:
        known = self.kept.get(search)
        if known is None or known.searcher != by or known.expires_at <= now:
            raise NotFound("There is no such search of yours.", code="search_not_found")
        return known

    async def weak(self, search: SearchId, *, now: datetime) -> RememberedSearch:
        known = self.kept.get(search)
        if known is None or known.strength is not MatchStrength.WEAK or known.expires_at <= now:
            raise NotFound("There is no such match.", code="weak_match_not_found")
        return known

    async def awaiting(
        self, *, now: datetime, after: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[RememberedSearch]:
        waiting = sorted(
            ((each.at, each.id), each) for each in self.kept.values() if each.state is SearchState.AWAITING
        )
        found = [each for at, each in waiting if each.expires_at > now and (after is None or at > after)]
        return found[:limit]

    async def decide(self, search: SearchId, decision: Decision) -> RememberedSearch:
        known = await self.weak(search, now=decision.at)
        if known.state is not SearchState.AWAITING:
            raise Conflict("Somebody has decided this already.", code="weak_match_decided")
        until = decision.at + WEAK_LIFE
        decided = replace(known, state=decision.state, decision=decision, keyed=None, expires_at=until)
        self.kept[search] = decided
        return decided


class AttemptsInMemory(Attempts):
    """Who searched, and which of it missed; nobody reaches a limit unless `full`."""

    def __init__(self) -> None:
        self.taken: list[tuple[AttemptKind, str]] = []
        self.misses: list[str] = []
        self.full = False

    async def take(self, kind: AttemptKind, *, by: Actor, now: datetime) -> str:
        if self.full:
            raise LimitReached("You have searched enough.", code="search_limit_reached", retry_after=60)
        self.taken.append((kind, by.id))
        return str(len(self.taken))

    async def missed(self, attempt: str, *, by: Actor, now: datetime) -> None:
        self.misses.append(attempt)

    async def page(self, *, after: tuple[datetime, str] | None, limit: int) -> Sequence[SearchAlert]:
        return []

    async def alert(self, alert: str) -> SearchAlert:
        raise NotFound("There is no such alert.")

    async def acknowledge(self, alert: str, *, by: Actor, now: datetime) -> SearchAlert:
        raise NotFound("There is no such alert.")


class AuditInMemory(Audit):
    """What was recorded: action, actor, subject, then the outcome and its code."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, str]] = []
        self.outcomes: list[tuple[AuditOutcome, str | None]] = []

    async def intend(self, action: str, *, actor: str, subject: str) -> Intent:
        self.entries.append((action, actor, subject))
        return Intent(IntentId(str(len(self.entries))), action, actor, subject)

    async def intend_within(self, action: str, *, actor: str, subject: str) -> Intent:
        return await self.intend(action, actor=actor, subject=subject)

    async def conclude(self, intent: Intent, outcome: AuditOutcome, *, code: str | None = None) -> None:
        del intent
        self.outcomes.append((outcome, code))

    async def note(
        self, action: str, *, actor: str, subject: str, outcome: AuditOutcome, code: str | None = None
    ) -> None:
        await self.conclude(await self.intend(action, actor=actor, subject=subject), outcome, code=code)
