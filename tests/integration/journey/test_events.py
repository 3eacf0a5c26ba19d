"""Who watches is told what changes of what they may read, also over a restart of the agent."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from agent_client import AgentClient, CallFailed, Event
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.wallet_client import WalletClient
from tests.support.holder import Holder
from tests.support.journey import a_review, host, hr, verdict


async def first(events: AsyncGenerator[Event]) -> Event:
    """The first of them; nobody reads on."""
    async with aclosing(events) as open_ones:
        return await anext(open_ones)


async def until_told(client: AgentClient, kind: str, subject: str, after: str) -> Event:
    """The event that says so; it comes, however often one has to ask again."""
    while True:
        async with aclosing(client.events(after)) as events:
            async for event in events:
                after = event.id
                if (event.kind, event.subject) == (kind, subject):
                    return event


async def test_a_page_hears_of_a_passport_as_it_moves_and_of_nothing_before(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    await robin.an_active_passport("doctor")
    start = await first(hr(network).events())

    issued = await robin.a_confirmed_passport("nurse")
    subject = issued.path.rpartition("/")[2]
    told = [await until_told(hr(network), "passport", subject, start.id)]
    seen = told[-1].id
    await hr(network).post(f"{issued.path}/deactivation", {"reason": "other"})
    told.append(await until_told(hr(network), "passport", subject, seen))

    assert (start.kind, start.subject) == ("ready", None)
    assert (await hr(network).get(f"/passports/{told[-1].subject}"))["state"] in {"deactivated", "closed"}


async def test_what_changed_while_nobody_watched_is_told_after_the_agent_was_killed(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    await robin.an_active_passport("doctor")
    start = await first(host(network).events())
    review = await a_review(network, robin.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {})
    await robin.present("w3c")
    await verdict(network, asked)

    process = network.agents[CALDER_BAY.slug].process
    assert process is not None
    process.kill()
    await network.start_agent(CALDER_BAY)

    event = await until_told(host(network), "review", review.rpartition("/")[2], start.id)
    assert event.id > start.id


@pytest.mark.parametrize("after", ["x", "1", "-1-0"])
async def test_a_position_that_is_none_is_said_to_be_none(network: Network, after: str) -> None:
    with pytest.raises(CallFailed) as refused:
        await first(network.client(NORTHMOOR).events(after))
    assert refused.value.status == 422
