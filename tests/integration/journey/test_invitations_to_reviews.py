"""A host's invitation is a bearer token: it lets one wallet in, in time, and says nothing of whose it is."""

from staff_passport.demo.network import CALDER_BAY, Network
from staff_passport.demo.wallet_client import WalletClient
from tests.support.holder import Holder
from tests.support.journey import as_owner, host, persona, refused, until, verdict


async def test_an_invitation_that_was_forwarded_shows_who_took_it_up_and_lets_nobody_else_in(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    await robin.an_active_passport("nurse")
    made = await host(network).post("/reviews", {"purpose": "Starting work, meant for another"})
    path = f"/reviews/{made['id']}"
    url = (await host(network).get(f"{path}/invitation"))["url"]

    await robin.connect(url)
    await until(lambda: host(network).get(path), lambda found: found["state"] == "connected")
    whom_it_was_for = await network.start_wallet("whom-it-was-for")
    late = await whom_it_was_for.post("/wallet/connections", {"invitation": url})
    asked = await host(network).post(f"{path}/presentation-requests", {"types": ["identity"]})
    await robin.present()
    decided = await verdict(network, asked)

    (identity,) = decided["credentials"]
    assert identity["claims"]["legalSurname"] == (await persona(network, "nurse"))["lastName"]
    assert (await refused(host(network).get(f"{path}/invitation"))).code == "invitation_closed"
    turned_away = await whom_it_was_for.get(f"/wallet/connections/{late['connection_id']}")
    assert turned_away["state"] == "request-sent"


async def test_an_invitation_that_ran_out_lets_nobody_in(network: Network, wallet: WalletClient) -> None:
    made = await host(network).post("/reviews", {"purpose": "Starting work"})
    path = f"/reviews/{made['id']}"
    url = (await host(network).get(f"{path}/invitation"))["url"]
    ran_out = "UPDATE verifier.reviews SET invitation_expires_at = now() - interval '1 day' WHERE id = %s"
    assert as_owner(network, CALDER_BAY, ran_out, made["id"]) == 1

    problem = await refused(host(network).get(f"{path}/invitation"))
    await wallet.post("/wallet/connections", {"invitation": url})

    assert problem.code == "invitation_closed"
    await until(lambda: host(network).get(path), lambda found: found["state"] == "closed")
    asked = await refused(host(network).post(f"{path}/presentation-requests", {}))
    assert (asked.status, asked.code) == (409, "review_closed")
