"""Endpoints that strangers name, at real agents and wallets: nothing arrives where nobody allowed it."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import base58
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.encoding import multikey
from staff_passport.demo.network import CALDER_BAY, Network
from staff_passport.demo.waiting import until
from staff_passport.demo.wallet_client import WalletClient, WalletFailed
from tests.support.journey import host
from tests.support.strange_hosts import StrangeHost, a_strange_host
from tests.support.wallet_process import wallet_program, wallet_settings

type Json = dict[str, Any]
KEY = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
NOT_ALLOWED = "127.0.0.2"
"""The tests' agents and wallets may send to 127.0.0.1, and to nothing else that is not public."""


@pytest.fixture
async def within() -> AsyncIterator[StrangeHost]:
    """A host within the walls, that no stranger should reach."""
    async with a_strange_host(NOT_ALLOWED) as listening:
        yield listening


def an_invitation(endpoint: str) -> str:
    did_key = f"did:key:{multikey(KEY)}"
    service = {
        "id": "#inline",
        "type": "did-communication",
        "recipientKeys": [did_key],
        "serviceEndpoint": endpoint,
    }
    return invitation_to(service)


def an_invitation_by_did(endpoint: str) -> str:
    """The endpoint stands in the document that a did:peer:4 carries."""
    service = {
        "id": "#didcomm",
        "type": "did-communication",
        "recipientKeys": ["#key"],
        "serviceEndpoint": endpoint,
    }
    document = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "verificationMethod": [{"id": "#key", "type": "Multikey", "publicKeyMultibase": multikey(KEY)}],
        "service": [service],
    }
    encoded = multibase(b"\x80\x04" + json.dumps(document).encode())  # 0x0200 says JSON (multicodec)
    digest = multibase(b"\x12\x20" + hashlib.sha256(encoded.encode()).digest())
    return invitation_to(f"did:peer:4{digest}:{encoded}")


def multibase(raw: bytes) -> str:
    return "z" + base58.b58encode(raw).decode()


def invitation_to(service: Json | str) -> str:
    message = {
        "@type": "https://didcomm.org/out-of-band/1.1/invitation",
        "@id": str(uuid4()),
        "label": "The prize draw",
        "handshake_protocols": ["https://didcomm.org/didexchange/1.1"],
        "services": [service],
    }
    packed = base64.urlsafe_b64encode(json.dumps(message).encode()).decode().rstrip("=")
    return f"https://prizes.example/?oob={packed}"


@pytest.mark.parametrize("kind", [an_invitation, an_invitation_by_did])
@pytest.mark.parametrize("scheme", ["http", "https", "ws", "wss"])
async def test_an_invitation_to_a_private_address_is_refused_by_a_wallet(
    wallet: WalletClient, within: StrangeHost, kind: Any, scheme: str
) -> None:
    invitation = kind(f"{scheme}://{within.address}:{within.port}")

    with pytest.raises(WalletFailed) as refused:
        await wallet.post("/wallet/connections", {"invitation": invitation})

    assert refused.value.code == "endpoint_not_allowed"
    assert within.connections == 0
    assert "connections" in await wallet.get("/wallet/connections")


@pytest.mark.parametrize("status", [302, 307])
async def test_an_endpoint_that_redirects_into_the_walls_leads_a_wallet_nowhere(
    wallet: WalletClient, within: StrangeHost, status: int
) -> None:
    asked = asyncio.Event()

    async def elsewhere(_request: web.BaseRequest) -> web.StreamResponse:
        asked.set()
        return web.Response(status=status, headers={"Location": within.url})

    async with a_strange_host("127.0.0.1", elsewhere) as redirecting:
        await wallet.post("/wallet/connections", {"invitation": an_invitation(redirecting.url)})
        await asyncio.wait_for(asked.wait(), 30)
        assert "connections" in await wallet.get("/wallet/connections")

    assert within.connections == 0


async def test_an_agent_sends_nothing_to_the_private_address_that_a_wallet_names_as_its_own(
    network: Network, wallet: WalletClient, within: StrangeHost
) -> None:
    hostile = await a_wallet_that_says_it_is_at(within, network)
    made = await host(network).post("/reviews", {"purpose": "Starting work"})
    url = (await host(network).get(f"/reviews/{made['id']}/invitation"))["url"]

    await hostile.post("/wallet/connections", {"invitation": url})
    await until(lambda: log_of_the_host(network), lambda log: f"Nothing is sent to {NOT_ALLOWED}" in log)
    other = await host(network).post("/reviews", {"purpose": "Starting work as well"})
    await wallet.connect((await host(network).get(f"/reviews/{other['id']}/invitation"))["url"])

    assert within.connections == 0
    (connection,) = (await hostile.get("/wallet/connections"))["connections"]
    assert connection["state"] == "request-sent"


async def a_wallet_that_says_it_is_at(elsewhere: StrangeHost, network: Network) -> WalletClient:
    storage = network.postgres.provide_wallet("wallet-hostile")
    settings = wallet_settings(storage, {network.environment.origin: network.registry_url})
    settings["didcomm"]["endpoint"] = elsewhere.url
    base = f"http://127.0.0.1:{settings['control']['port']}"
    program = wallet_program(settings, network.folder / "wallet-hostile")
    await network.processes.start(program, ready=f"{base}/status/ready")
    return WalletClient(network.session, base, settings["control"]["api_key"])


async def log_of_the_host(network: Network) -> str:
    log = network.agents[CALDER_BAY.slug].program.log_file
    return await asyncio.to_thread(log.read_text)
