"""People with our wallet in their hands, who agree to everything as soon as it comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bench.happenings import Happenings
from staff_passport.demo.wallet_client import WalletClient

type Json = dict[str, Any]
LISTENS_SECONDS = 30


class Holder:
    """One wallet. The same for both sides, and never what is measured."""

    def __init__(self, wallet: WalletClient, tasks: asyncio.TaskGroup) -> None:
        self.wallet = wallet
        self._tasks = tasks
        self._happenings = Happenings()

    async def connect(self, invitation: str) -> str:
        """Take up an invitation; the wallet's own id of the connection, once it stands."""
        made = await self.wallet.post("/wallet/connections", {"invitation": invitation})
        connection = str(made["connection_id"])
        await self._happenings.next(connection, "connection", "completed")
        return connection

    async def comparison_code(self, connection: str) -> str:
        """What the person reads out."""
        return str((await self.wallet.get(f"/wallet/connections/{connection}"))["comparison_code"])

    async def until_issued(self, connection: str, count: int) -> None:
        """Wait until so many more credentials are stored."""
        for _ in range(count):
            await self._happenings.next(connection, "offer", "done")

    async def until_presented(self, connection: str) -> None:
        """Wait until one more presentation was acknowledged."""
        await self._happenings.next(connection, "request", "done")

    async def listen(self) -> None:
        """Follow the wallet's events, and agree."""
        last = 0
        while True:
            answer = await self.wallet.get(f"/wallet/events?after={last}&timeout={LISTENS_SECONDS}")
            last = answer["last"]
            for event in answer["events"]:
                self._take(event)

    def _take(self, event: Json) -> None:
        match event["kind"], event["state"]:
            case "offer", "offer-received":
                self._tasks.create_task(self._accept(event["id"]))
            case "request", "request-received":
                self._tasks.create_task(self._present(event["id"]))
            case kind, state:
                connection = event["id"] if kind == "connection" else event["connection_id"]
                self._happenings.tell((connection, kind, state), event)

    async def _accept(self, offer: str) -> None:
        await self.wallet.post(f"/wallet/offers/{offer}/accept")

    async def _present(self, request: str) -> None:
        seen = await self.wallet.get(f"/wallet/requests/{request}")
        await self.wallet.post(f"/wallet/requests/{request}/present", {"digest": seen["digest"]})


@asynccontextmanager
async def listening(*holders: Holder) -> AsyncIterator[None]:
    """Let every holder follow their wallet for the length of the block."""
    async with asyncio.TaskGroup() as group:
        listeners = [group.create_task(holder.listen()) for holder in holders]
        yield
        for listener in listeners:
            listener.cancel()
