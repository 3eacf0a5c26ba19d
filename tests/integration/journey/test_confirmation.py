"""A connection belongs to a person only once they have proven it."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from agent.comparison_code import comparison_code
from agent.domain.ports.connections import ConnectionDids
from staff_passport.demo.network import NORTHMOOR, Network
from staff_passport.demo.wallet_client import WalletClient
from tests.support.holder import Holder
from tests.support.journey import (
    Issued,
    a_connected_passport,
    a_passport,
    as_owner,
    hr,
    refused,
    until,
)
from tests.support.stock_agent import StockAgent, a_stock_agent, make_store

type Json = dict[str, Any]
COMMITMENT = "~did-commitment"


def another(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**8:08}"


async def test_the_fifth_wrong_code_closes_the_passport(network: Network, wallet: WalletClient) -> None:
    robin = Holder(network, wallet)
    issued = await a_connected_passport(network, "twin-two", robin.connect)
    wrong = {"code": another(await robin.code(issued))}

    problems = [await refused(hr(network).post(f"{issued.path}/compared-code", wrong)) for _ in range(5)]

    assert {problem.code for problem in problems} == {"wrong_code"}
    closed = await hr(network).get(issued.path)
    assert (closed["state"], closed["ended_for"], closed["wrong_codes"]) == ("closed", "wrong_codes", 5)
    right = {"code": await robin.code(issued)}
    assert (await refused(hr(network).post(f"{issued.path}/compared-code", right))).code == "passport_closed"


async def test_a_one_time_code_that_comes_back_over_the_connection_confirms_it(
    network: Network, wallet: WalletClient
) -> None:
    issued = await a_connected_passport(network, "bank", Holder(network, wallet).connect)
    code = (await hr(network).post(f"{issued.path}/one-time-code"))["code"]

    await say(wallet, issued, code)

    confirmed = await until(lambda: hr(network).get(issued.path), lambda found: found["state"] != "connected")
    assert (confirmed["state"], confirmed["confirmation"]) == ("confirmed", "one_time_code")
    assert (confirmed["confirmed_by"], confirmed["wrong_codes"]) == ("holder", 0)


async def test_a_one_time_code_is_good_for_its_own_passport_while_it_is_fresh_and_the_newest(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await a_connected_passport(network, "twin-two", robin.connect)
    another_passport = await a_connected_passport(network, "bank", robin.connect)
    await hr(network).post(f"{issued.path}/one-time-code")
    foreign = (await hr(network).post(f"{another_passport.path}/one-time-code"))["code"]
    replaced = (await hr(network).post(f"{issued.path}/one-time-code"))["code"]
    newest = (await hr(network).post(f"{issued.path}/one-time-code"))["code"]

    await say(wallet, issued, foreign)
    await say(wallet, issued, replaced)
    await until(lambda: wrong_codes(network, issued), lambda found: found == 2)
    age(network, "one_time_code_expires_at", issued.passport["id"])
    await say(wallet, issued, newest)

    await until(lambda: wrong_codes(network, issued), lambda found: found == 3)
    assert (await hr(network).get(issued.path))["state"] == "connected"


async def say(wallet: WalletClient, issued: Issued, text: str) -> None:
    """Write to the employer over the connection."""
    await wallet.post(f"/wallet/connections/{issued.connection}/messages", {"content": text})


async def wrong_codes(network: Network, issued: Issued) -> int:
    """How many wrong codes were counted."""
    return int((await hr(network).get(issued.path))["wrong_codes"])


async def test_nothing_is_offered_before_the_connection_is_confirmed(
    network: Network, wallet: WalletClient
) -> None:
    invited = await a_passport(network, "last-day")
    connected = await a_connected_passport(network, "twin-two", Holder(network, wallet).connect)

    assert (await refused(hr(network).post(f"/passports/{invited['id']}/offers"))).code == "passport_invited"
    assert (await refused(hr(network).post(f"{connected.path}/offers"))).code == "passport_connected"


async def test_another_organisations_passport_is_not_there_whoever_knows_its_id(network: Network) -> None:
    """It stands in the same table, and it is confirmed."""
    theirs = str(uuid4())
    added = "INSERT INTO issuer.passports (organisation, id, state, holder_name, employee_number, "
    added += "assignment_number, connection, created_by, created_at, invitation_expires_at, wrong_codes) "
    added += "VALUES ('ZZXX1', %s, 'confirmed', 'Somebody', '90900001', '90900001', %s, 'x', now(), now(), 0)"
    assert as_owner(network, NORTHMOOR, added, theirs, theirs, of="ZZXX1") == 1

    offered = await refused(hr(network).post(f"/passports/{theirs}/offers"))
    ended = await refused(hr(network).post(f"/passports/{theirs}/deactivation", {"reason": "other"}))
    coded = await refused(hr(network).post(f"/passports/{theirs}/one-time-code"))
    read = await refused(hr(network).get(f"/passports/{theirs}"))

    problems = [(problem.status, problem.code) for problem in (offered, ended, coded, read)]
    assert problems == [(404, "not_found")] * 4
    unchanged = "UPDATE issuer.passports SET state = 'closed' WHERE id = %s AND state = 'confirmed'"
    assert as_owner(network, NORTHMOOR, unchanged, theirs, of="ZZXX1") == 1


async def test_a_thief_who_takes_up_an_invitation_cannot_know_the_code(
    network: Network, wallet: WalletClient
) -> None:
    """The person's own wallet shows another code, or none: only the two ends of one connection agree."""
    thief, robin = Holder(network, wallet), Holder(network, wallet)
    stolen = await a_connected_passport(network, "twin-two", thief.connect)
    own = await a_connected_passport(network, "bank", robin.connect)

    problem = await refused(hr(network).post(f"{stolen.path}/compared-code", {"code": await robin.code(own)}))

    assert problem.code == "wrong_code"
    assert (await hr(network).get(stolen.path))["state"] == "connected"


@pytest.fixture(scope="module")
async def between(network: Network, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StockAgent]:
    """Who stands between both ends: an agent that keeps to the protocol, with DIDs of its choice."""
    storage = network.postgres.provide("between").wallet
    await make_store(storage)
    async with a_stock_agent(storage, tmp_path_factory.mktemp("between")) as agent:
        yield agent


async def test_who_stands_in_between_has_no_commitment_that_fits(
    network: Network, wallet: WalletClient, between: StockAgent
) -> None:
    """Whether its own invitation has the employer's, or none: the person sees no code to read out."""
    employers = opened((await invited(network, "twin-two"))["url"])
    own = opened((await between.invite()).url)

    with_employers = closed_up(own | {COMMITMENT: employers[COMMITMENT]})
    without = closed_up({key: value for key, value in employers.items() if key != COMMITMENT})
    shown = [await wallet.connect(url) for url in (with_employers, without)]

    assert [(each["comparison_code"], each["sender_unproven"]) for each in shown] == [(None, True)] * 2


async def test_the_code_is_that_of_the_dids_by_which_both_ends_met(
    network: Network, between: StockAgent
) -> None:
    """Else who stands in between could choose another when it has seen the employer's."""
    passport = await invited(network, "twin-two")
    received = await between.post("/out-of-band/receive-invitation?auto_accept=true", opened(passport["url"]))
    connection = received["connection_id"]
    met = await between.webhooks.until("connections", connection_id=connection, rfc23_state="completed")
    other = (await between.post("/wallet/did/create", {"method": "did:peer:4"}))["result"]["did"]

    await between.post(f"/did-rotate/{connection}/rotate", {"to_did": other})
    await until(
        lambda: between.get(f"/connections/{connection}"), lambda found: found["my_did"] != met["my_did"]
    )
    code = comparison_code(ConnectionDids(ours=met["their_did"], theirs=met["my_did"]))
    confirmed = await hr(network).post(f"/passports/{passport['id']}/compared-code", {"code": code})

    assert confirmed["state"] == "confirmed"


async def invited(network: Network, key: str) -> Json:
    """A passport's id, and the link of its invitation."""
    passport = await a_passport(network, key)
    invitation = await hr(network).get(f"/passports/{passport['id']}/invitation")
    return {"id": passport["id"], "url": invitation["url"]}


def opened(url: str) -> Json:
    """The invitation in a link."""
    encoded = parse_qs(urlsplit(url).query)["oob"][0]
    invitation: Json = json.loads(base64.urlsafe_b64decode(encoded + "=="))
    return invitation


def closed_up(invitation: Json) -> str:
    """A link with an invitation in it."""
    encoded = base64.urlsafe_b64encode(json.dumps(invitation).encode()).decode().rstrip("=")
    return f"https://anywhere.example/?oob={encoded}"


async def test_an_invitation_is_used_once(network: Network, wallet: WalletClient) -> None:
    passport = await a_passport(network, "twin-two")
    url = (await hr(network).get(f"/passports/{passport['id']}/invitation"))["url"]
    first = await wallet.connect(url)
    path = f"/passports/{passport['id']}"
    await until(lambda: hr(network).get(path), lambda found: found["state"] == "connected")

    second = await network.start_wallet("second")
    taken = await second.post("/wallet/connections", {"invitation": url})
    closed = await refused(hr(network).get(f"{path}/invitation"))
    code = (await wallet.get(f"/wallet/connections/{first['id']}"))["comparison_code"]
    confirmed = await hr(network).post(f"{path}/compared-code", {"code": code})

    assert closed.code == "invitation_closed"
    assert confirmed["state"] == "confirmed"
    turned_away = await second.get(f"/wallet/connections/{taken['connection_id']}")
    assert (turned_away["state"], turned_away["comparison_code"]) == ("request-sent", None)


async def test_an_invitation_that_ran_out_lets_nobody_in(network: Network, wallet: WalletClient) -> None:
    passport = await a_passport(network, "twin-two")
    path = f"/passports/{passport['id']}"
    url = (await hr(network).get(f"{path}/invitation"))["url"]
    age(network, "invitation_expires_at", passport["id"])

    problem = await refused(hr(network).get(f"{path}/invitation"))
    await wallet.post("/wallet/connections", {"invitation": url})

    assert problem.code == "invitation_closed"
    closed = await until(lambda: hr(network).get(path), lambda found: found["state"] != "invited")
    assert (closed["state"], closed["ended_for"]) == ("closed", "invitation_expired")


def age(network: Network, deadline: str, passport: str) -> None:
    """Let a passport's deadline have passed a day ago."""
    passed = f"UPDATE issuer.passports SET {deadline} = now() - interval '1 day' WHERE id = %s"  # noqa: S608  # our own names
    assert as_owner(network, NORTHMOOR, passed, passport) == 1
