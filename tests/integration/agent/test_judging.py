"""A judgement always ends: what breaks it is neither yes nor no, and its act has an outcome."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest

from agent.audit.chain import AuditChain
from agent.domain.clock import Clock, utc_now
from agent.domain.credentials import PASSPORT_TYPES, CredentialFormat, CredentialType
from agent.domain.ports.presentations import PresentationRequestId, PresentedCredential, UnjudgedPresentation
from agent.domain.ports.status_lists import StatusEntryId
from agent.domain.review import Verdict
from agent.domain.workforce import OdsCode, Organisation
from agent.issuer.claims import claims_of
from agent.national_schemas import national_schema_ids
from agent.store.engine import Store
from agent.verifier.accepted import AcceptedCredentials
from agent.verifier.records import PresentationRequestRow, ReviewRepository
from agent.verifier.service import PassportVerification
from tests.support.anoncreds_objects import ObjectsOf
from tests.support.neighbours import OPERATOR, KnownAs, Presented, Registered, SaidOf, Wallets
from tests.support.staff import DID, NORTHMOOR, TODAY, a_record


@dataclass
class Host:
    """A host organisation with a chain of its own, and what wallets presented to it."""

    store: Store
    own: Organisation = field(
        default_factory=lambda: Organisation(OdsCode(f"ZZ{uuid4().hex[:4].upper()}"), "A host", None)
    )
    presented: Presented = field(default_factory=Presented)
    clock: Clock = utc_now

    @property
    def chain(self) -> AuditChain:
        return AuditChain(self.store, self.own.ods_code, b"a salt of a test")

    @property
    def verification(self) -> PassportVerification:
        trust, lists, year = Registered(), SaidOf(), timedelta(days=365)
        return PassportVerification(
            store=self.store,
            organisation=self.own,
            audit=self.chain,
            connections=Wallets(),
            presentations=self.presented,
            identity=KnownAs("did:webvh:scid:registry.staff-passport.example:organisations:host"),
            trust=trust,
            objects=ObjectsOf(OPERATOR),
            status_lists=lists,
            accepted=AcceptedCredentials(
                store=self.store,
                organisation=self.own,
                audit=self.chain,
                trust=trust,
                status_lists=lists,
                record_at_most=year,
            ),
            answer_within=timedelta(hours=1),
            record_at_most=year,
            short_life_at_most=timedelta(0),
            clock=self.clock,
        )

    async def a_request(
        self, state: Verdict = Verdict.REQUESTED, *, ago: timedelta = timedelta(0)
    ) -> PresentationRequestId:
        now = self.clock() - ago
        row = PresentationRequestRow(
            organisation=self.own.ods_code,
            id=str(uuid4()),
            review="a-review",
            state=state,
            types=list(PASSPORT_TYPES),
            reasons=[],
            requested_by="wanjiru@calder-bay.example",
            requested_at=now,
            answer_by=now + timedelta(hours=1),
        )
        async with self.store.unit(self.own.ods_code) as session:
            ReviewRepository(session, self.own.ods_code).add(row)
        return PresentationRequestId(row.id)

    async def ended(self, request: PresentationRequestId) -> tuple[str, list[str]]:
        row = await self.verification.get(request)
        return row.state, [reason["code"] for reason in row.reasons]


@pytest.fixture
def host(store: Store) -> Host:
    return Host(store)


@pytest.mark.parametrize(
    "broken",
    [RecursionError("Amara"), KeyError("Amara"), UnicodeError("Amara")],
    ids=lambda error: type(error).__name__,
)
async def test_a_presentation_that_breaks_its_judge_is_unavailable(
    host: Host, broken: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    request = await host.a_request()
    host.presented.shown[request] = broken

    await host.verification.judge(request)

    assert await host.ended(request) == ("unavailable", ["judging_failed"])
    entries = await host.chain.entries()
    assert [(entry.outcome, entry.code) for entry in entries] == [
        (None, None),
        ("unavailable", "judging_failed"),
    ]
    assert type(broken).__qualname__ in caplog.text
    assert "Amara" not in caplog.text


async def test_a_strangers_status_lists_are_not_read(host: Host) -> None:
    host.clock = lambda: datetime.combine(TODAY, time(12), UTC)
    request = await host.a_request()
    host.presented.shown[request] = UnjudgedPresentation(
        None, tuple(map(shown_by_a_stranger, PASSPORT_TYPES))
    )

    await host.verification.judge(request)

    assert await host.ended(request) == ("refused", ["issuer_unknown", "issuer_not_trusted_for_type"])


def shown_by_a_stranger(credential: CredentialType) -> PresentedCredential:
    return PresentedCredential(
        credential,
        CredentialFormat.ANONCREDS,
        national_schema_ids(OPERATOR)[credential],
        DID,
        claims_of(credential, a_record(), NORTHMOOR, passport="a-passport", on=TODAY),
        (StatusEntryId("https://stranger.example/status/revocation/1#7"),),
        proven_unrevoked=True,
    )


async def test_a_judgement_that_was_cut_short_is_made_anew_and_ends(host: Host) -> None:
    request = await host.a_request(Verdict.JUDGING)
    host.presented.shown[request] = RecursionError()

    await host.verification.catch_up()

    assert await host.ended(request) == ("unavailable", ["judging_failed"])


async def test_a_judgement_that_runs_is_left_alone_however_old_its_request_is(host: Host) -> None:
    request = await host.a_request(ago=timedelta(minutes=50))
    host.presented.shown[request] = RecursionError()
    host.presented.meanwhile = host.verification.catch_up

    await host.verification.judge(request)

    assert await host.ended(request) == ("unavailable", ["judging_failed"])
    assert [entry.action for entry in await host.chain.entries()] == ["judge presentation"] * 2
