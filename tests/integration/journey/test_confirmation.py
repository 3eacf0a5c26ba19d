"""A connection belongs to a person only once they have proven it."""

import psycopg

from staff_passport.demo.network import NORTHMOOR, Network
from staff_passport.demo.wallet_client import WalletClient, WalletFailed
from tests.support.holder import Holder
from tests.support.journey import a_connected_passport, a_passport, hr, refused, until


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


async def test_nothing_is_offered_before_the_connection_is_confirmed(
    network: Network, wallet: WalletClient
) -> None:
    invited = await a_passport(network, "maternity")
    connected = await a_connected_passport(network, "twin-two", Holder(network, wallet).connect)

    assert (await refused(hr(network).post(f"/passports/{invited['id']}/offers"))).code == "passport_invited"
    assert (await refused(hr(network).post(f"{connected.path}/offers"))).code == "passport_connected"
    assert (await refused(hr(network).post("/passports/somebody-elses/offers"))).status == 404


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


async def test_an_invitation_is_used_once(network: Network, wallet: WalletClient) -> None:
    passport = await a_passport(network, "twin-two")
    url = (await hr(network).get(f"/passports/{passport['id']}/invitation"))["url"]
    first = await wallet.connect(url)
    path = f"/passports/{passport['id']}"
    await until(lambda: hr(network).get(path), lambda found: found["state"] == "connected")

    second = await network.start_wallet("second")
    try:
        made = await second.post("/wallet/connections", {"invitation": url})
        events = (await second.get("/wallet/events?after=0&timeout=3"))["events"]
        states = {event["state"] for event in events if event["id"] == made["connection_id"]}
    except WalletFailed:
        states = set()

    assert "completed" not in states
    assert (await refused(hr(network).get(f"{path}/invitation"))).code == "invitation_closed"
    code = (await wallet.get(f"/wallet/connections/{first['id']}"))["comparison_code"]
    assert (await hr(network).post(f"{path}/compared-code", {"code": code}))["state"] == "confirmed"


async def test_an_invitation_that_ran_out_lets_nobody_in(network: Network, wallet: WalletClient) -> None:
    passport = await a_passport(network, "twin-two")
    path = f"/passports/{passport['id']}"
    url = (await hr(network).get(f"{path}/invitation"))["url"]
    age_invitation(network, passport["id"])

    problem = await refused(hr(network).get(f"{path}/invitation"))
    await wallet.post("/wallet/connections", {"invitation": url})

    assert problem.code == "invitation_closed"
    closed = await until(lambda: hr(network).get(path), lambda found: found["state"] != "invited")
    assert (closed["state"], closed["ended_for"]) == ("closed", "invitation_expired")


def age_invitation(network: Network, passport: str) -> None:
    """Make a passport's invitation a week older, as its database's owner."""
    databases = network.postgres.provide(NORTHMOOR.slug)
    with psycopg.connect(databases.migration_url) as connection:
        connection.execute("SELECT set_config('staff_passport.organisation', %s, true)", [NORTHMOOR.ods_code])
        changed = connection.execute(
            "UPDATE issuer.passports SET invitation_expires_at = now() - interval '1 day' WHERE id = %s",
            [passport],
        )
        assert changed.rowcount == 1
