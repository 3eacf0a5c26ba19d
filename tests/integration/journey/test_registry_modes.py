"""A registry that others run: the same journey, written and read over TLS at another machine's address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from tests.support.holder import Holder
from tests.support.journey import a_review, host, hr, reasons, verdict
from tests.support.network import ELSEWHERE, agents_with


@asynccontextmanager
async def elsewhere(port: int) -> AsyncIterator[tuple[int, list[str]]]:
    """The port at `ELSEWHERE` that leads to `port` here, and who came."""
    came = list[str]()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def lead_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(str(writer.get_extra_info("peername")))
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, back), carry(there, writer), return_exceptions=True)

    server = await asyncio.start_server(lead_on, ELSEWHERE, 0)
    async with server:
        yield server.sockets[0].getsockname()[1], came


async def test_credentials_are_issued_judged_and_revoked_on_a_registry_that_others_run(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert network.registry_tls is not None
    authority = Path(network.registry_tls["certificate"]).with_name("authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # as a machine is told whom it believes
    rowena = Holder(network, await network.start_wallet("rowena"))
    northmoor = network.client(NORTHMOOR)

    async with elsewhere(network.registry_tls["port"]) as (port, came):
        registry = {"mode": "webvh-external", "registry_url": f"https://{ELSEWHERE}:{port}"}
        async with agents_with(network, {"registry": registry}):
            await network.client(CALDER_BAY).get("/organisation/did")
            body = {"change": {"kind": "rotate_update_keys"}}
            changed = await northmoor.post("/organisation/did/changes", body)
            issued = await rowena.an_active_passport("nurse")
            before = [await presented(network, rowena, form) for form in ("w3c", "anoncreds")]
            await hr(network).post(f"{issued.path}/deactivation", {"reason": "other"})
            after = await presented(network, rowena, "w3c")

    assert changed["standing"] == "published"
    assert before == [("accepted", []), ("accepted", [])]
    assert after == ("refused", ["revoked"])
    assert came


async def presented(network: Network, holder: Holder, form: str) -> tuple[str, list[str]]:
    review = await a_review(network, holder.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {})
    await holder.present(form)
    decided = await verdict(network, asked)
    return decided["verdict"], reasons(decided)
