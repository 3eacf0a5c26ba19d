"""What a person does with a stock phone on the way from one scan to a presentation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from staff_passport.demo.network import Network
from tests.interop.credo.client import CredoWallet, Offer, PresentationRequest, RegistryAt
from tests.support.journey import Issued, a_connected_passport, credentials_in, hr, until


@asynccontextmanager
async def a_phone_on(network: Network) -> AsyncIterator[CredoWallet]:
    """A stock phone that reaches the network's registry."""
    assert network.registry_tls is not None
    registry = RegistryAt(
        network.environment.origin.removeprefix("https://"),
        network.registry_tls["port"],
        Path(network.registry_tls["certificate"]).with_name("authority.pem"),
    )
    async with CredoWallet.start(registry=registry) as started:
        yield started


async def a_confirmed_passport(network: Network, key: str, phone: CredoWallet) -> Issued:
    """A passport whose holder typed the one-time code back, as a chat message on the phone."""
    issued = await a_connected_passport(network, key, phone.connect)
    code = (await hr(network).post(f"{issued.path}/one-time-code"))["code"]
    await phone.send_message(issued.connection, f"{code[:4]} {code[4:]}")
    await until(lambda: hr(network).get(issued.path), lambda found: found["state"] == "confirmed")
    return issued


async def offers(phone: CredoWallet, issued: Issued) -> list[Offer]:
    """The three offers that a person sees after one scan."""

    async def waiting() -> list[Offer]:
        return await phone.offers(connection_id=issued.connection, state="offer-received")

    return await until(waiting, lambda found: len(found) == 3)


async def given(network: Network, phone: CredoWallet, person: str) -> Issued:
    """Credentials of `person` that `phone` accepted."""
    issued = await a_confirmed_passport(network, person, phone)
    await hr(network).post(f"{issued.path}/offers")
    for offer in await offers(phone, issued):
        await phone.accept_offer(offer.id)
    await credentials_in(network, issued, "active")
    return issued


async def the_request(phone: CredoWallet) -> PresentationRequest:
    """The one request that waits for the person's answer."""

    async def waiting() -> list[PresentationRequest]:
        return await phone.requests(state="request-received")

    (request,) = await until(waiting, lambda found: len(found) == 1)
    return request
