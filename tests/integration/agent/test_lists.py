"""Every list has pages and filters, and every row is on exactly one page."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from agent.audit.chain import AuditChain, Wanted
from agent.domain.clock import utc_now
from agent.domain.credentials import CredentialState, CredentialType
from agent.domain.errors import InvalidInput
from agent.domain.ports.audit import AuditOutcome
from agent.domain.review import ReviewState, Verdict
from agent.domain.workforce import OdsCode
from agent.issuer.records import CredentialRepository, CredentialRow
from agent.paging import chosen, instant
from agent.store.engine import Store
from agent.verifier.records import PresentationRequestRow, ReviewRepository, ReviewRow

ENDED = ("rejected", "withdrawn", "revoked")


@pytest.fixture
def own() -> OdsCode:
    return OdsCode(uuid4().hex[:6].upper())


def a_credential(own: OdsCode, number: int) -> CredentialRow:
    """One of many that were offered two at a time."""
    at = utc_now() - timedelta(hours=1) + timedelta(seconds=number // 2)
    return CredentialRow(
        organisation=own,
        id=str(uuid4()),
        passport="a-passport",
        type=list(CredentialType)[number % 3],
        state=ENDED[number // 3 % 3],
        offered_by="ottilie@northmoor.example",
        offered_at=at,
        changed_at=at,
        list_number=1,
        list_index=number,
    )


def a_request(own: OdsCode, number: int) -> PresentationRequestRow:
    at = utc_now() - timedelta(hours=1) + timedelta(seconds=number // 2)
    return PresentationRequestRow(
        organisation=own,
        id=str(uuid4()),
        review="a-review",
        state=(Verdict.ACCEPTED, Verdict.DECLINED)[number % 2],
        types=["identity"],
        reasons=[],
        requested_by="wanjiru@calder-bay.example",
        requested_at=at,
        answer_by=at,
    )


async def test_a_passports_credentials_are_paged_and_filtered(store: Store, own: OdsCode) -> None:
    rows = [a_credential(own, number) for number in range(9)]
    async with store.unit(own) as session:
        session.add_all([*rows, *[another_passports(own, number) for number in range(9, 12)]])
    in_order = sorted(rows, key=lambda row: (row.offered_at, row.id))

    async def page(
        after: CredentialRow | None = None,
        *,
        state: CredentialState | None = None,
        kind: CredentialType | None = None,
    ) -> list[str]:
        position = None if after is None else (after.offered_at, after.id)
        async with store.unit(own) as session:
            found = await CredentialRepository(session, own).page(
                "a-passport", state=state, kind=kind, after=position, limit=4
            )
        return [row.id for row in found]

    ids = [row.id for row in in_order]
    assert [await page(), await page(in_order[3]), await page(in_order[7])] == [ids[:4], ids[4:8], ids[8:]]
    assert await page(state=CredentialState.REVOKED) == [row.id for row in in_order if row.state == "revoked"]
    assert await page(kind=CredentialType.IDENTITY) == [row.id for row in in_order if row.type == "identity"]
    assert len(await page(kind=CredentialType.IDENTITY, state=CredentialState.REVOKED)) == 1
    async with store.unit(own) as session:
        assert len(await CredentialRepository(session, own).of_passport("a-passport")) == 9


def another_passports(own: OdsCode, number: int) -> CredentialRow:
    row = a_credential(own, number)
    row.passport = "another-passport"
    return row


async def test_a_reviews_requests_are_paged_and_filtered(store: Store, own: OdsCode) -> None:
    rows = [a_request(own, number) for number in range(5)]
    async with store.unit(own) as session:
        session.add_all(rows)
    in_order = sorted(rows, key=lambda row: (row.requested_at, row.id))

    async def page(after: PresentationRequestRow | None = None, *, state: Verdict | None = None) -> list[str]:
        position = None if after is None else (after.requested_at, after.id)
        async with store.unit(own) as session:
            found = await ReviewRepository(session, own).requests_of(
                "a-review", state=state, after=position, limit=3
            )
        return [row.id for row in found]

    ids = [row.id for row in in_order]
    assert [await page(), await page(in_order[2])] == [ids[:3], ids[3:]]
    assert await page(state=Verdict.DECLINED) == [row.id for row in in_order if row.state == "declined"]


async def test_the_requests_with_a_verdict_are_paged_over_all_reviews(store: Store, own: OdsCode) -> None:
    rows = [a_request(own, number) for number in range(10)]
    for number, row in enumerate(rows):
        row.review = f"review-{number % 3}"
    another = OdsCode(uuid4().hex[:6].upper())
    for organisation in (own, another):
        async with store.unit(organisation) as session:
            session.add_all(a_review(organisation, f"review-{number}") for number in range(3))
    async with store.unit(own) as session:
        session.add_all(rows)
    newest_first = sorted(rows, key=lambda row: (row.requested_at, row.id), reverse=True)
    declined = [(row.id, f"About review-{row.review[-1]}") for row in newest_first if row.state == "declined"]

    async def page(of: OdsCode, after: PresentationRequestRow | None = None) -> list[tuple[str, str]]:
        position = None if after is None else (after.requested_at, after.id)
        async with store.unit(of) as session:
            found = await ReviewRepository(session, of).requests_with(
                Verdict.DECLINED, after=position, limit=3
            )
        return [(row.id, purpose) for row, purpose in found]

    third = next(row for row in rows if row.id == declined[2][0])
    assert [await page(own), await page(own, third)] == [declined[:3], declined[3:]]
    assert await page(another) == []


def a_review(own: OdsCode, identifier: str) -> ReviewRow:
    return ReviewRow(
        organisation=own,
        id=identifier,
        state=ReviewState.CONNECTED,
        purpose=f"About {identifier}",
        connection=str(uuid4()),
        created_by="wanjiru@calder-bay.example",
        created_at=utc_now(),
        invitation_expires_at=utc_now(),
    )


async def test_the_audit_chain_is_filtered_by_action_actor_and_time(store: Store, own: OdsCode) -> None:
    chain = AuditChain(store, own, b"a salt of a test")
    for number in range(3):
        intent = await chain.intend("search", actor="ottilie", subject=str(number))
        await chain.conclude(intent, AuditOutcome.DONE)
    await chain.intend("create passport", actor="kofi", subject="x")
    fourth = (await chain.entries())[3].at

    async def found(after: int = 0, **named: Any) -> list[int]:
        return [entry.sequence for entry in await chain.entries(Wanted(**named), after=after, limit=4)]

    assert await found(action="search") == [1, 2, 3, 4]
    assert await found(action="search", after=4) == [5, 6]
    assert await found(actor="kofi") == [7]
    assert await found(since=fourth) == [4, 5, 6, 7]
    assert await found(since=fourth, actor="ottilie", after=4) == [5, 6]


async def test_who_did_what_with_one_thing_is_paged_and_told_with_its_outcome(
    store: Store, own: OdsCode
) -> None:
    chain = AuditChain(store, own, b"a salt of a test")
    for number in range(3):
        intent = await chain.intend("see passport", actor=f"person-{number}", subject="a-passport")
        await chain.intend("search", actor="ottilie", subject="nobody")
        if number != 1:
            await chain.conclude(intent, AuditOutcome.DONE)

    first = await chain.acts_on("a-passport", limit=2)
    rest = await chain.acts_on("a-passport", after=first[-1][0].sequence, limit=2)

    told = [(entry.actor, outcome) for entry, outcome in [*first, *rest]]
    assert told == [("person-0", "done"), ("person-1", None), ("person-2", "done")]
    assert await chain.acts_on("another-passport") == []
    assert await chain.knows("a-passport", but="look up who acted")
    assert not await chain.knows("a-passport", but="see passport")


async def test_every_action_that_was_done_is_named_once(store: Store, own: OdsCode) -> None:
    chain = AuditChain(store, own, b"a salt of a test")
    assert await chain.actions() == []
    for action in ("search", "create passport", "search", "see passport"):
        await chain.intend(action, actor="ottilie", subject="x")

    assert await chain.actions() == ["create passport", "search", "see passport"]


def test_a_filter_names_what_there_is_or_the_call_is_refused() -> None:
    assert chosen({"state": "revoked"}, "state", CredentialState) is CredentialState.REVOKED
    assert chosen({}, "state", CredentialState) is None
    with pytest.raises(InvalidInput, match="no such state"):
        chosen({"state": "ended"}, "state", CredentialState)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-02", "2026-11-02T12:00:00", "9" * 40])
def test_an_instant_has_a_time_zone(text: str) -> None:
    with pytest.raises(InvalidInput, match="since is an instant"):
        instant({"since": text}, "since")
