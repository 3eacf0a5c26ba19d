"""What the person with our own wallet does, as tests need it."""

from typing import Any

from staff_passport.demo.network import Network
from staff_passport.demo.waiting import until
from staff_passport.demo.wallet_client import WalletClient
from tests.support.journey import Issued, a_connected_passport, credentials_in, hr

type Json = dict[str, Any]


class Holder:
    """A person, by the wallet in their hand."""

    def __init__(self, network: Network, wallet: WalletClient) -> None:
        self.network = network
        self.wallet = wallet

    async def connect(self, url: str) -> str:
        """Scan an invitation."""
        return str((await self.wallet.connect(url))["id"])

    async def a_confirmed_passport(self, key: str, **also: str) -> Issued:
        """A passport whose connection was confirmed by the compared code."""
        issued = await a_connected_passport(self.network, key, self.connect, **also)
        code = await self.code(issued)
        await hr(self.network).post(f"{issued.path}/compared-code", {"code": code})
        return issued

    async def an_active_passport(self, key: str, **also: str) -> Issued:
        """A passport with all three credentials in the wallet."""
        issued = await self.a_confirmed_passport(key, **also)
        await hr(self.network).post(f"{issued.path}/offers")
        for offer in await self.offers(issued):
            await self.accept(offer)
        await credentials_in(self.network, issued, "active")
        return issued

    async def is_offered_what_is_missing(self, issued: Issued) -> None:
        """Whatever ended is offered anew, and accepted."""
        made = await hr(self.network).post(f"{issued.path}/offers")
        count = sum(one["state"] == "pending" for one in made["credentials"])
        for offer in await self.offers(issued, count):
            await self.accept(offer)
        await credentials_in(self.network, issued, "active")

    async def code(self, issued: Issued) -> str:
        """The code that the wallet shows, to be read out."""
        return str((await self.wallet.get(f"/wallet/connections/{issued.connection}"))["comparison_code"])

    async def offers(self, issued: Issued, count: int = 3) -> list[Json]:
        """The offers that wait for an answer, once there are `count` of them."""
        path = f"/wallet/offers?state=offer-received&connection_id={issued.connection}"

        async def waiting() -> list[Json]:
            found: list[Json] = (await self.wallet.get(path))["offers"]
            return found

        return await until(waiting, lambda found: len(found) == count)

    async def accept(self, offer: Json) -> None:
        """Accept one offer."""
        await self.wallet.post(f"/wallet/offers/{offer['id']}/accept")

    async def decline(self, offer: Json, reason: str, comment: str) -> None:
        """Decline one offer."""
        await self.wallet.post(
            f"/wallet/offers/{offer['id']}/decline", {"reason": reason, "comment": comment}
        )

    async def request(self) -> Json:
        """The one presentation request that waits for an answer."""

        async def waiting() -> list[Json]:
            found: list[Json] = (await self.wallet.get("/wallet/requests?state=request-received"))["requests"]
            return found

        (request,) = await until(waiting, lambda found: len(found) == 1)
        return request

    async def present(self, form: str = "anoncreds") -> Json:
        """Agree to the one request that waits, in one of the forms that a wallet may have."""
        request = await self.request()
        agreed = {"digest": request["digest"], "form": form}
        return await self.wallet.post(f"/wallet/requests/{request['id']}/present", agreed)

    async def refuse_to_present(self) -> None:
        """Decline the one request that waits."""
        request = await self.request()
        await self.wallet.post(f"/wallet/requests/{request['id']}/decline", {"comment": "Not today"})
