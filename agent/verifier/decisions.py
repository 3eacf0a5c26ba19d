"""The host's own word: once there is a verdict, a person accepts or rejects, and says why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.credentials import CredentialType
from agent.domain.errors import Conflict, Refusal
from agent.domain.policy import Policy
from agent.domain.ports.audit import Audit
from agent.domain.review import OPEN, Decision, Standing, Verdict
from agent.domain.workforce import Organisation
from agent.store.engine import Store
from agent.verifier.records import AcceptedRepository, PresentationRequestRow, ReviewRepository

_HOST = "the host"
_ISSUER = "the organisation that issued it"
_ACTIONS = {Decision.ACCEPTED: "accept presentation", Decision.REJECTED: "reject presentation"}


@dataclass(frozen=True, slots=True)
class Presented:
    """What came of a request, as it is when a person wants to accept it."""

    verdict: Verdict
    asked: tuple[CredentialType, ...]
    standings: Mapping[CredentialType, Standing]
    """Of what is relied on still; what was replaced or ran out is not among it."""


def verdict_is_accepted(presented: Presented) -> Refusal | None:
    """Nobody accepts what a rule refused, what the person declined, or what nobody can tell."""
    if presented.verdict is Verdict.ACCEPTED:
        return None
    sentence = f"The verdict is {presented.verdict}: only an accepted one can be accepted."
    return Refusal("verdict_not_accepted", sentence, _HOST)


def nothing_was_replaced_or_ran_out(presented: Presented) -> Refusal | None:
    """A presentation counts until a newer one takes its place, or it is too old to rely on."""
    over = [each for each in presented.asked if each not in presented.standings]
    if presented.verdict is not Verdict.ACCEPTED or not over:
        return None
    return Refusal("presentation_over", f"Presented anew since, or too long ago: {_named(over)}.", _HOST)


def everything_holds_still(presented: Presented) -> Refusal | None:
    """What its issuer took back after the verdict does not count."""
    changed = [each for each, standing in presented.standings.items() if standing is not Standing.HOLDS]
    if not changed:
        return None
    return Refusal("stands_otherwise", f"It does not count any more: {_named(changed)}.", _ISSUER)


ACCEPTING = Policy(
    "accepting", (verdict_is_accepted, nothing_was_replaced_or_ran_out, everything_holds_still)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """One host organisation's."""

    store: Store
    organisation: Organisation
    audit: Audit
    clock: Clock = utc_now

    async def in_the_way(self, row: PresentationRequestRow) -> tuple[Refusal, ...]:
        """What keeps it from being accepted, as it stands now; nothing when it can be."""
        async with self.store.unit(self.organisation.ods_code) as session:
            return ACCEPTING.refusals(await self._as_it_stands(session, row))

    async def decide(
        self, request: str, decision: Decision, reason: str, *, by: Actor
    ) -> PresentationRequestRow:
        """Record what `by` decided, for good: to think again is to ask again.

        Raises `NotFound`, `Conflict` without a verdict or after another decision, `PolicyRefused`.
        """
        unit = self.store.unit(self.organisation.ods_code)
        async with self.audit.kept_with(unit, _ACTIONS[decision], actor=by.id, subject=request) as session:
            row = await ReviewRepository(session, self.organisation.ods_code).request(request, lock=True)
            _require_undecided(row)
            if decision is Decision.ACCEPTED:
                ACCEPTING.require(await self._as_it_stands(session, row))
            row.decision, row.decision_reason = decision, reason
            row.decision_by, row.decision_at = by.id, self.clock()
        return row

    async def _as_it_stands(self, session: AsyncSession, row: PresentationRequestRow) -> Presented:
        relied_on = await AcceptedRepository(session, self.organisation.ods_code).of_request(row.id)
        standings = {CredentialType(each.type): Standing(each.standing) for each in relied_on}
        return Presented(Verdict(row.state), row.asked, standings)


def _require_undecided(row: PresentationRequestRow) -> None:
    if row.state in OPEN:
        raise Conflict("There is no verdict yet.", code="no_verdict_yet")
    if row.decision is not None:
        raise Conflict(f"It was {row.decision} before; ask the person again.", code="decided_before")


def _named(types: Iterable[CredentialType]) -> str:
    return ", ".join(each.replace("_", " ") for each in types)
