"""Who invites and who asks, as the wallet sees it: every way in which somebody could seem to be another."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from signed_documents.errors import DocumentRefused, DocumentUnavailable, Reason
from signed_documents.host_statements import (
    ASKS,
    INVITES,
    Ends,
    condensed,
    expanded,
    said_of_invitation,
    said_of_request,
)
from signed_documents.resolution import WebvhReader
from signed_documents.statements import sign_statement
from signed_documents.trust_lists import Authority, ListedOrganisation, Successor, Suspension, TrustListing
from tests.support.signing import NOON, Clock, Publisher, Web, a_publisher
from wallet.holder.hosts import Asked, Host, Hosts, Standing
from wallet.holder.problems import NotPossible, Unavailable

type Json = dict[str, Any]
TYPES = {"StaffIdentityCredential": "identity", "EmploymentCredential": "employment"}
ENDS = Ends("did:peer:4zQmHost:zLong", "did:peer:4zQmPerson:zLong")
LATER = NOON + timedelta(hours=1)
THREAD = "5f0c5d0e-0000-4000-8000-000000000001"
PURPOSE = "Starting work on ward 4"


@pytest.fixture
async def host() -> Publisher:
    return await a_publisher("calder-bay")


@pytest.fixture
def web(host: Publisher) -> Web:
    web = Web()
    web.publish(host)
    return web


def listed(host: Publisher, **changes: Any) -> ListedOrganisation:
    asks = (Authority(type="identity", valid_from=date(2026, 1, 1)),)
    said: Json = {
        "name": "Calder Bay Community Care",
        "ods_code": "ZZCB1",
        "region": "North",
        "may_ask": asks,
    }
    return ListedOrganisation(**{**said, "dids": (host.did,), **changes})


def answering(*organisations: ListedOrganisation) -> Callable[[], Awaitable[TrustListing]]:
    async def current() -> TrustListing:
        return TrustListing(operator="did:webvh:operator", published=NOON, organisations=organisations)

    return current


def raising(error: Exception) -> Callable[[], Awaitable[TrustListing]]:
    async def current() -> TrustListing:
        raise error

    return current


def looking(
    web: Web, trust: Callable[[], Awaitable[TrustListing]] | None, clock: Clock | None = None, **also: Any
) -> Hosts:
    clock = clock or Clock()
    policy: Json = {"types": TYPES, "declines": True, **also}
    return Hosts(WebvhReader(web, clock=clock), trust, clock=clock, **policy)


def an_invitation(**changes: Any) -> Json:
    said: Json = {"@id": THREAD, "goal": PURPOSE, "label": "Anybody", "services": [{"recipientKeys": ["k"]}]}
    return {**said, **changes}


async def signed_invitation(by: Publisher, *, until: datetime = LATER, **changes: Any) -> Json:
    invitation = an_invitation(**changes)
    said = said_of_invitation(invitation, issuer=by.did, expires=until)
    statement = await sign_statement(INVITES, said, issuer=by.did, signer=by.signer, now=NOON)
    return {**invitation, "~host": condensed(statement)}


def what_is_asked(by: Publisher, **changes: Any) -> Json:
    domain = by.log.did.base_url
    dif = {"options": {"challenge": "a", "domain": domain}, "presentation_definition": {}, **changes}
    return {"dif/presentation-exchange/definitions@v1.0": dif, "anoncreds/proof-request@v1.0": {"name": "n"}}


async def signed_request(
    by: Publisher, *, ends: Ends = ENDS, at: datetime = NOON, until: datetime | None = None, **changes: Any
) -> Asked:
    content, expires = what_is_asked(by, **changes), until or at + timedelta(hours=1)
    said = said_of_request(THREAD, PURPOSE, content, ends, issuer=by.did, expires=expires)
    statement = await sign_statement(ASKS, said, issuer=by.did, signer=by.signer, now=at)
    return Asked(THREAD, PURPOSE, content, statement)


async def test_a_registered_host_is_named_as_the_list_names_it(host: Publisher, web: Web) -> None:
    hosts = looking(web, answering(listed(host)))
    expected = Host(Standing.REGISTERED, "Calder Bay Community Care", "ZZCB1", PURPOSE, ("identity",))
    assert await hosts.who_invites(await signed_invitation(host)) == expected
    assert await hosts.who_asks(await signed_request(host), ENDS) == expected
    hosts.require_welcome(expected)
    hosts.require_may_ask(expected, {"StaffIdentityCredential"})


async def test_who_says_nothing_proves_nothing(host: Publisher, web: Web) -> None:
    hosts = looking(web, answering(listed(host)))
    found = await hosts.who_invites(an_invitation())
    assert found.standing is Standing.UNPROVEN
    assert hosts.is_turned_away(found)
    with pytest.raises(NotPossible, match="registered"):
        hosts.require_welcome(found)


@pytest.mark.parametrize(
    "changes",
    [
        {"@id": "5f0c5d0e-0000-4000-8000-000000000002"},
        {"goal": "Something else"},
        {"services": [{"recipientKeys": ["of somebody in between"]}]},
        {"label": "Another"},
        {"~did-commitment": "zOfSomebodyElse"},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_an_invitation_that_was_changed_is_nobodys(host: Publisher, web: Web, changes: Json) -> None:
    hosts = looking(web, answering(listed(host)))
    invitation = {**await signed_invitation(host), **changes}
    assert (await hosts.who_invites(invitation)).standing is Standing.UNPROVEN


async def test_a_request_that_is_passed_on_over_another_connection_is_nobodys(
    host: Publisher, web: Web
) -> None:
    hosts = looking(web, answering(listed(host)))
    asked = await signed_request(host)
    relayed = Ends("did:peer:4zQmRelay", ENDS.person)
    assert (await hosts.who_asks(asked, relayed)).standing is Standing.UNPROVEN
    elsewhere = Ends(ENDS.host, "did:peer:4zQmAnother")
    assert (await hosts.who_asks(asked, elsewhere)).standing is Standing.UNPROVEN


async def test_a_request_that_was_changed_is_nobodys(host: Publisher, web: Web) -> None:
    hosts = looking(web, answering(listed(host)))
    asked = await signed_request(host)
    for changed in (
        Asked("another thread", asked.purpose, asked.content, asked.statement),
        Asked(asked.thread, "Another purpose", asked.content, asked.statement),
        Asked(asked.thread, None, asked.content, asked.statement),
        Asked(asked.thread, asked.purpose, {**asked.content, "one more": {}}, asked.statement),
        Asked(asked.thread, asked.purpose, {"anoncreds/proof-request@v1.0": {}}, asked.statement),
        Asked(asked.thread, asked.purpose, {}, asked.statement),
    ):
        assert (await hosts.who_asks(changed, ENDS)).standing is Standing.UNPROVEN


async def test_nobody_asks_for_a_presentation_made_for_anothers_domain(host: Publisher, web: Web) -> None:
    """A registered host could else show it, as if it were the person, to the host whose domain it is."""
    options = {"challenge": "a", "domain": "https://registry.staff-passport.example/organisations/another"}
    asked = await signed_request(host, options=options)
    hosts = looking(web, answering(listed(host)))
    assert (await hosts.who_asks(asked, ENDS)).standing is Standing.UNPROVEN


async def test_a_statement_is_worth_nothing_once_it_has_expired(host: Publisher, web: Web) -> None:
    clock = Clock()
    hosts = looking(web, answering(listed(host)), clock)
    invitation, asked = await signed_invitation(host), await signed_request(host)
    clock.pass_time(timedelta(hours=1))
    assert (await hosts.who_invites(invitation)).standing is Standing.UNPROVEN
    assert (await hosts.who_asks(asked, ENDS)).standing is Standing.UNPROVEN


async def test_what_was_said_of_an_invitation_says_nothing_of_a_request(host: Publisher, web: Web) -> None:
    invitation = await signed_invitation(host)
    asked = await signed_request(host)
    stated = expanded(invitation["~host"], invitation)
    swapped = Asked(asked.thread, asked.purpose, asked.content, stated)
    assert (await looking(web, answering(listed(host))).who_asks(swapped, ENDS)).standing is Standing.UNPROVEN


async def test_one_organisation_does_not_sign_for_another(host: Publisher, web: Web) -> None:
    other = await a_publisher("northmoor")
    web.publish(other)
    said = said_of_invitation(an_invitation(), issuer=host.did, expires=LATER)
    forged = await sign_statement(INVITES, said, issuer=host.did, signer=other.signer, now=NOON)
    hosts = looking(web, answering(listed(host)))
    assert (
        await hosts.who_invites({**an_invitation(), "~host": condensed(forged)})
    ).standing is Standing.UNPROVEN


@pytest.mark.parametrize(
    "statement",
    [None, "", 1, [], {}, ["", "", "", "", ""], ["did:webvh:x", "now", "2100-01-01T00:00:00Z", "#", "z"]],
    ids=str,
)
async def test_what_is_no_statement_proves_nothing(host: Publisher, web: Web, statement: object) -> None:
    hosts = looking(web, answering(listed(host)))
    found = await hosts.who_invites({**an_invitation(), "~host": statement})
    assert found.standing is Standing.UNPROVEN


@pytest.mark.parametrize("until", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
async def test_an_end_that_is_out_of_time_is_none(host: Publisher, web: Web, until: str) -> None:
    invitation = await signed_invitation(host)
    issuer, issued, _, fragment, value = invitation["~host"]
    told = {**invitation, "~host": [issuer, issued, until, fragment, value]}
    assert (await looking(web, answering(listed(host))).who_invites(told)).standing is Standing.UNPROVEN


@pytest.mark.parametrize(
    "changes",
    [
        {"dids": ("did:webvh:another",)},
        {"suspensions": (Suspension(since=NOON - timedelta(days=1)),)},
        {"successor": Successor(ods_code="ZZNM1", on=date(2026, 11, 1), credentials_until=date(2026, 12, 1))},
    ],
    ids=["not listed", "suspended", "succeeded"],
)
async def test_who_is_not_registered_now_is_turned_away(host: Publisher, web: Web, changes: Json) -> None:
    hosts = looking(web, answering(listed(host, **changes)))
    found = await hosts.who_invites(await signed_invitation(host))
    assert found == Host(Standing.UNREGISTERED)
    assert hosts.is_turned_away(found)


@pytest.mark.parametrize("listing", [answering(), raising(DocumentUnavailable("nobody answers"))])
async def test_a_stranger_does_not_learn_that_somebody_looks(
    host: Publisher, web: Web, listing: Callable[[], Awaitable[TrustListing]]
) -> None:
    """Of a DID that the list does not have, its host is not asked: it could count who looks, and when."""
    hosts = looking(web, listing)
    await hosts.who_invites(await signed_invitation(host))
    await hosts.who_asks(await signed_request(host), ENDS)
    assert web.asked == []


async def test_a_stranger_is_turned_away_also_when_its_own_host_says_nothing(host: Publisher) -> None:
    silent = Web({host.log.did.log_url: DocumentUnavailable("the host did not answer")})
    hosts = looking(silent, answering())
    assert hosts.is_turned_away(await hosts.who_asks(await signed_request(host), ENDS))


@pytest.mark.parametrize(
    "error",
    [DocumentUnavailable("nobody answers"), DocumentRefused(Reason.ROLLED_BACK, "an older list")],
    ids=["unavailable", "rolled back"],
)
async def test_without_a_list_nobody_is_declined_and_nothing_is_shared(
    host: Publisher, web: Web, error: Exception
) -> None:
    hosts = looking(web, raising(error))
    found = await hosts.who_asks(await signed_request(host), ENDS)
    assert found.standing is Standing.UNAVAILABLE
    assert not hosts.is_turned_away(found)
    with pytest.raises(Unavailable):
        hosts.require_welcome(found)


async def test_a_registry_that_is_away_is_no_proof_against_a_host(host: Publisher) -> None:
    web = Web({host.log.did.log_url: DocumentUnavailable("the host did not answer")})
    hosts = looking(web, answering(listed(host)))
    assert (await hosts.who_invites(await signed_invitation(host))).standing is Standing.UNAVAILABLE


@pytest.mark.parametrize("asked", [{"EmploymentCredential"}, {"StaffIdentityCredential", None}, {"Anything"}])
async def test_a_registered_host_gets_only_what_it_may_ask_for(
    host: Publisher, web: Web, asked: set[str | None]
) -> None:
    hosts = looking(web, answering(listed(host)))
    found = await hosts.who_asks(await signed_request(host), ENDS)
    with pytest.raises(NotPossible, match="to ask for that"):
        hosts.require_may_ask(found, asked)


async def test_an_authority_that_ran_out_is_none(host: Publisher, web: Web) -> None:
    past = Authority(type="identity", valid_from=date(2025, 1, 1), valid_until=date(2026, 11, 1))
    hosts = looking(web, answering(listed(host, may_ask=(past,))))
    assert (await hosts.who_asks(await signed_request(host), ENDS)).may_ask == ()


async def test_an_authority_begins_with_the_day_in_london() -> None:
    summer = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # half past midnight in London
    host, web = await a_publisher("calder-bay", created=summer), Web()
    web.publish(host)
    from_tomorrow = Authority(type="identity", valid_from=date(2026, 7, 2))
    hosts = looking(web, answering(listed(host, may_ask=(from_tomorrow,))), Clock(summer))
    asked = await signed_request(host, at=summer)
    assert (await hosts.who_asks(asked, ENDS)).may_ask == ("identity",)


async def test_where_the_person_is_asked_a_stranger_is_shown_as_one(host: Publisher, web: Web) -> None:
    hosts = looking(web, None, declines=False)
    found = await hosts.who_invites(await signed_invitation(host))
    assert found.standing is Standing.UNPROVEN
    assert not hosts.is_turned_away(found)
    hosts.require_welcome(found)
    hosts.require_may_ask(found, {"Anything"})


async def test_an_issuer_is_called_what_the_list_calls_it(web: Web, host: Publisher) -> None:
    hosts = looking(web, answering(listed(host)))

    assert await hosts.listed(host.did) == Host(Standing.REGISTERED, "Calder Bay Community Care", "ZZCB1")
    assert await hosts.listed("did:webvh:somebody:else.example") == Host(Standing.UNREGISTERED)


async def test_an_issuer_that_is_suspended_or_that_nobody_can_look_up_has_no_name(
    web: Web, host: Publisher
) -> None:
    suspended = listed(host, suspensions=(Suspension(since=NOON - timedelta(hours=1)),))

    assert await looking(web, answering(suspended)).listed(host.did) == Host(Standing.UNREGISTERED)
    away = raising(DocumentUnavailable("the list is away"))
    assert await looking(web, away).listed(host.did) == Host(Standing.UNAVAILABLE)
    assert await looking(web, None).listed(host.did) == Host(Standing.UNPROVEN)
