"""A host's own decision: once, by somebody, with a reason, and never against the verdict."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest

from agent.audit.chain import AuditChain
from agent.domain.actors import Actor
from agent.domain.clock import utc_now
from agent.domain.credentials import CredentialType
from agent.domain.errors import Conflict, NotFound, PolicyRefused
from agent.domain.review import Decision, Standing, Verdict
from agent.domain.workforce import OdsCode, Organisation
from agent.store.engine import Store
from agent.verifier.decisions import Decisions
from agent.verifier.records import (
    AcceptedCredentialRow,
    AcceptedRepository,
    PresentationRequestRow,
    ReviewRepository,
)

EMPLOYMENT = CredentialType.EMPLOYMENT
REASON = "Original documents were seen"


@dataclass
class Host:
    """A host organisation with a chain of its own."""

    store: Store
    own: Organisation = field(
        default_factory=lambda: Organisation(OdsCode(f"ZZ{uuid4().hex[:4].upper()}"), "A host", None)
    )

    @property
    def chain(self) -> AuditChain:
        return AuditChain(self.store, self.own.ods_code, b"a salt of a test")

    @property
    def wanjiru(self) -> Actor:
        return Actor("wanjiru", self.own.ods_code, frozenset(), None)

    async def judged(self, verdict: Verdict, standing: Standing = Standing.HOLDS) -> str:
        """A request with this verdict; what was accepted stands so now."""
        now, name = utc_now(), str(uuid4())
        async with self.store.unit(self.own.ods_code) as session:
            ReviewRepository(session, self.own.ods_code).add(
                PresentationRequestRow(
                    organisation=self.own.ods_code,
                    id=name,
                    review=name,
                    state=verdict,
                    types=[EMPLOYMENT],
                    reasons=[],
                    requested_by="wanjiru",
                    requested_at=now,
                    answer_by=now + timedelta(hours=1),
                    decided_at=None if verdict is Verdict.REQUESTED else now,
                )
            )
            if verdict is Verdict.ACCEPTED:
                await AcceptedRepository(session, self.own.ods_code).put(self._relied_on(name, standing))
        return name

    def _relied_on(self, request: str, standing: Standing) -> AcceptedCredentialRow:
        return AcceptedCredentialRow(
            organisation=self.own.ods_code,
            review=request,
            type=EMPLOYMENT,
            request=request,
            issuer="did:webvh:scid:registry.staff-passport.example:organisations:northmoor",
            status=[],
            standing=standing,
            checked_at=utc_now(),
            relied_on_until=utc_now() + timedelta(days=1),
        )

    async def decides(self, request: str, decision: Decision) -> PresentationRequestRow:
        decisions = Decisions(store=self.store, organisation=self.own, audit=self.chain)
        return await decisions.decide(request, decision, REASON, by=self.wanjiru)

    async def in_the_way(self, request: str) -> list[str]:
        decisions = Decisions(store=self.store, organisation=self.own, audit=self.chain)
        async with self.store.unit(self.own.ods_code) as session:
            row = await ReviewRepository(session, self.own.ods_code).request(request)
        return [refusal.code for refusal in await decisions.in_the_way(row)]

    async def told(self) -> list[tuple[str, str, str | None, str | None]]:
        """The outcomes in its audit."""
        return [
            (entry.actor, entry.action, entry.outcome, entry.code)
            for entry in await self.chain.entries()
            if entry.phase == "outcome"
        ]


@pytest.fixture
def host(store: Store) -> Host:
    return Host(store)


async def test_a_decision_says_who_why_and_when_and_stands_in_the_audit(host: Host) -> None:
    request = await host.judged(Verdict.ACCEPTED)

    row = await host.decides(request, Decision.ACCEPTED)

    assert (row.decision, row.decision_reason, row.decision_by) == ("accepted", REASON, "wanjiru")
    assert row.decision_at is not None
    assert row.state == Verdict.ACCEPTED
    assert await host.told() == [("wanjiru", "accept presentation", "done", None)]


@pytest.mark.parametrize("verdict", [Verdict.REFUSED, Verdict.DECLINED, Verdict.UNAVAILABLE])
async def test_what_did_not_pass_is_rejected_and_never_accepted(host: Host, verdict: Verdict) -> None:
    request = await host.judged(verdict)

    with pytest.raises(PolicyRefused):
        await host.decides(request, Decision.ACCEPTED)
    row = await host.decides(request, Decision.REJECTED)

    assert row.decision == "rejected"
    assert await host.told() == [
        ("wanjiru", "accept presentation", "refused", "verdict_not_accepted"),
        ("wanjiru", "reject presentation", "done", None),
    ]


async def test_what_was_revoked_after_the_verdict_is_not_accepted(host: Host) -> None:
    request = await host.judged(Verdict.ACCEPTED, Standing.REVOKED)

    with pytest.raises(PolicyRefused) as refused:
        await host.decides(request, Decision.ACCEPTED)

    assert [refusal.code for refusal in refused.value.refusals] == ["stands_otherwise"]


async def test_what_is_in_the_way_of_accepting_is_told_before_anybody_tries(host: Host) -> None:
    assert await host.in_the_way(await host.judged(Verdict.ACCEPTED)) == []
    assert await host.in_the_way(await host.judged(Verdict.ACCEPTED, Standing.REVOKED)) == [
        "stands_otherwise"
    ]
    assert await host.in_the_way(await host.judged(Verdict.REFUSED)) == ["verdict_not_accepted"]
    assert await host.told() == []


async def test_nothing_is_decided_before_there_is_a_verdict(host: Host) -> None:
    request = await host.judged(Verdict.REQUESTED)

    with pytest.raises(Conflict) as conflict:
        await host.decides(request, Decision.REJECTED)

    assert conflict.value.code == "no_verdict_yet"


async def test_a_decision_is_made_once(host: Host) -> None:
    request = await host.judged(Verdict.ACCEPTED)
    await host.decides(request, Decision.REJECTED)

    with pytest.raises(Conflict) as conflict:
        await host.decides(request, Decision.ACCEPTED)

    assert conflict.value.code == "decided_before"


async def test_another_organisations_request_is_not_there(host: Host, store: Store) -> None:
    request = await host.judged(Verdict.ACCEPTED)

    with pytest.raises(NotFound):
        await Host(store).decides(request, Decision.REJECTED)
