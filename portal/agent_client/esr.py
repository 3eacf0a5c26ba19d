"""Who is found in ESR, and what a second person says of whom may be another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from agent.domain.check_gaps import Lack
from agent.domain.ports.staff_records import Agreement, MatchStrength, SearchState
from agent.domain.workforce import CheckOutcome, CheckType
from portal.agent_client.calls import Answer, Calls


class FoundPerson(Answer):
    """Who was found, as ESR has them; no NI number is ever told."""

    employee_number: str
    legal_first_name: str
    middle_names: str
    legal_surname: str
    preferred_name: str
    date_of_birth: date
    leaving_date: date | None


class AnsweredRefusal(Answer):
    """Why something may not be, and who can mend it."""

    sentence: str
    mended_by: str | None


class FoundAssignment(Answer):
    """One assignment to choose; or not, where there are refusals."""

    number: str
    primary: bool
    status: str
    category: str
    fte: str
    start: date
    end: date | None
    fixed_term_end: date | None
    position_title: str
    department: str
    staff_group: str
    pay_band: str
    refusals: tuple[AnsweredRefusal, ...]


class FoundCheck(Answer):
    """One employment check, without what a certificate says."""

    type: CheckType
    outcome: CheckOutcome
    checked_on: date | None
    expires_on: date | None


class FoundGap(Answer):
    """A check that is not as it should be."""

    type: CheckType
    lack: Lack


class ComparedField(Answer):
    """Whether what was typed agrees with ESR."""

    name: str
    agreement: Agreement


class Match(Answer):
    """The one person who was found; nobody while a second person has to decide, and after they said no."""

    search: str
    state: SearchState
    strength: MatchStrength
    fields: tuple[ComparedField, ...]
    expires_at: datetime
    person: FoundPerson | None
    assignments: tuple[FoundAssignment, ...]
    checks: tuple[FoundCheck, ...]
    gaps: tuple[FoundGap, ...]


class WaitingMatch(Answer):
    """That one waits; of whom it is, its own page says."""

    search: str
    searched_by: str
    searched_at: datetime
    expires_at: datetime


class WaitingMatches(Answer):
    """A page of those that wait, the oldest first, and where the next one begins."""

    weak_matches: tuple[WaitingMatch, ...]
    next: str | None = None


class WeakMatch(WaitingMatch):
    """What was typed, while it waits, and whether ESR agrees; never what ESR says."""

    state: SearchState
    surname: str | None
    forenames: str | None
    date_of_birth: date | None
    fields: tuple[ComparedField, ...]
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class EsrCalls:
    """Searches, and weak matches."""

    calls: Calls

    async def search(self, typed: Mapping[str, str | None], *, key: str) -> Match:
        """Find the one person."""
        return await self.calls.act(Match, "/esr/searches", typed, key=key)

    async def found(self, search: str) -> Match:
        """One's own search, and who was found as they are now."""
        return await self.calls.read(Match, f"/esr/searches/{search}")

    async def waiting(self, *, cursor: str | None = None) -> WaitingMatches:
        """Those that wait for a second person."""
        return await self.calls.read(WaitingMatches, "/esr/weak-matches", cursor=cursor, limit="25")

    async def weak_match(self, search: str) -> WeakMatch:
        """One of them, decided or not."""
        return await self.calls.read(WeakMatch, f"/esr/weak-matches/{search}")

    async def decide(self, search: str, *, is_the_person: bool, key: str) -> WeakMatch:
        """Say, as the second person, whether it is the person."""
        decision = "confirmation" if is_the_person else "refusal"
        return await self.calls.act(WeakMatch, f"/esr/weak-matches/{search}/{decision}", key=key)
