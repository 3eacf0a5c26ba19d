"""Real agents, and a trust list that changes, freezes, goes back, or is not there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from signed_documents.trust_lists import Authority, ListedOrganisation, TrustListing
from staff_passport.demo import trust as trust_list
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network
from staff_passport.demo.trust import ENTRIES, operator_of
from staff_passport.demo.waiting import until
from tests.support.holder import Holder
from tests.support.journey import ALL_TYPES, a_review, host, reasons, refused, verdict
from tests.support.network import YOUNG_COPY, an_agent_with
from tests.support.trust import TrustListOperator

type Json = dict[str, Any]
LIST = "https://list.staff-passport.example"


@pytest.fixture(scope="module")
async def holder(network: Network) -> Holder:
    """A person with a whole passport, whose presentation is always right."""
    someone = Holder(network, await network.start_wallet("listed"))
    await someone.an_active_passport("doctor")
    return someone


@pytest.fixture(scope="module")
async def review(network: Network, holder: Holder) -> str:
    return await a_review(network, holder.connect)


async def asked(network: Network, review: str) -> Json:
    return await host(network).post(f"{review}/presentation-requests", {})


async def decided(network: Network, holder: Holder, request: Json) -> tuple[str, list[str]]:
    await holder.present()
    found = await verdict(network, request)
    return found["verdict"], reasons(found)


async def presented(network: Network, holder: Holder, review: str) -> tuple[str, list[str]]:
    return await decided(network, holder, await asked(network, review))


async def test_a_suspended_issuer_does_not_count_until_two_people_have_restored_it(
    network: Network, holder: Holder, review: str
) -> None:
    """By its registration, which is where the operator decides; the list follows by itself."""
    olu, oona = operator_of(network), operator_of(network, 1)
    listed = (await olu.get("/applications?state=approved"))["applications"]
    path = f"/applications/{next(one['id'] for one in listed if one['ods_code'] == NORTHMOOR.ods_code)}"
    request = await asked(network, review)

    await olu.post(f"{path}/suspension", {"reason": "An incident."})
    assert await decided(network, holder, request) == ("refused", ["issuer_suspended"])

    problem = await refused(olu.post(f"{ENTRIES}/{NORTHMOOR.ods_code}/restoration-request"))
    assert problem.code == "not_approved"
    await olu.post(f"{path}/restoration-request")
    assert (await refused(olu.post(f"{path}/restoration"))).problem["refusals"][0]["code"] == "own_request"
    await oona.post(f"{path}/restoration")
    assert await presented(network, holder, review) == ("accepted", [])
    director = network.client(NORTHMOOR, "director")
    await until(
        lambda: director.get("/organisation/registration"), lambda found: found["state"] == "approved"
    )


async def test_a_host_that_is_suspended_asks_for_nothing(network: Network, review: str) -> None:
    olu, oona = operator_of(network), operator_of(network, 1)
    path = f"{ENTRIES}/{CALDER_BAY.ods_code}"
    await olu.post(f"{path}/suspension")

    problem = await refused(asked(network, review))

    assert {refusal["code"] for refusal in problem.problem["refusals"]} == {"asker_not_trusted"}
    await olu.post(f"{path}/restoration-request")
    assert (await refused(olu.post(f"{path}/restoration"))).status == 409
    await oona.post(f"{path}/restoration")
    shown = await network.client(CALDER_BAY).get(
        f"/trusted-organisations/{network.dids[CALDER_BAY.ods_code]}"
    )
    assert (shown["status"], shown["may_ask"]) == ("registered", ALL_TYPES)


async def test_root_and_online_keys_are_rotated_while_verdicts_are_given(
    network: Network, holder: Holder, review: str
) -> None:
    olu = operator_of(network)
    before = (await olu.get("/trust-list/root"))["root"]
    await olu.post("/trust-list/online-keys")
    await trust_list.renew_root(network)

    assert network.trust_root.read_text() == before  # what agents were given once stays good
    assert await presented(network, holder, review) == ("accepted", [])


async def test_a_young_copy_is_good_whatever_became_of_its_host(
    network: Network, holder: Holder, review: str
) -> None:
    timestamp = network.folder / "registry/data/trust-list/metadata/timestamp.json"
    before = timestamp.read_bytes()
    async with an_agent_with(network, CALDER_BAY, YOUNG_COPY):
        assert await presented(network, holder, review) == ("accepted", [])
        timestamp.write_text("{")
        try:
            assert await presented(network, holder, review) == ("accepted", [])
        finally:
            timestamp.write_bytes(before)


@dataclass
class ListHost:
    """A host of a list that a test signs itself: it answers whatever it is told to."""

    operator: TrustListOperator
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def publish(self, listing: TrustListing, **changed: Any) -> None:
        publication = await self.operator.publication(listing, **changed)
        self.files.update(publication.names())

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        if name not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[name])

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Where it is."""
        app = web.Application()
        app.router.add_get("/{name:.+}", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            yield "http://127.0.0.1:{}".format(*runner.addresses[0][1:2])
        finally:
            await runner.cleanup()


@pytest.fixture(scope="module")
async def list_host(network: Network, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ListHost]:
    """Calder Bay's agent verifies another list, from another root."""
    folder: Path = tmp_path_factory.mktemp("list")
    listing = ListHost(TrustListOperator())
    (folder / "root.json").write_bytes(listing.operator.roots[0].text)
    async with listing.serving() as base:
        told = {"root": str(folder / "root.json"), "folder": str(folder / "kept"), "url": LIST}
        origins = {"origin_map": {LIST: base}}
        await listing.publish(a_list(network))
        async with an_agent_with(network, CALDER_BAY, {"trust": told, "registry": origins}):
            yield listing


def a_list(network: Network, **northmoor: Any) -> TrustListing:
    """What the operator's own list says; Northmoor's entry may be changed."""
    every = tuple(Authority(type=each, valid_from=date(2026, 1, 1)) for each in ALL_TYPES)

    def entry(ods_code: str, name: str, **changed: Any) -> ListedOrganisation:
        said = {"may_issue": every, "may_ask": every, "dids": (network.dids[ods_code],), **changed}
        return ListedOrganisation(ods_code=ods_code, name=name, region="London", **said)

    return TrustListing(
        operator=network.dids[OPERATOR.ods_code],
        published=datetime.now(UTC),
        organisations=(
            entry(NORTHMOOR.ods_code, NORTHMOOR.name, **northmoor),
            entry(CALDER_BAY.ods_code, CALDER_BAY.name),
        ),
    )


async def test_a_list_that_has_expired_is_neither_yes_nor_no(
    network: Network, holder: Holder, review: str, list_host: ListHost
) -> None:
    request = await asked(network, review)
    await list_host.publish(a_list(network), lives={"timestamp": timedelta(seconds=-1)})

    assert await decided(network, holder, request) == ("unavailable", ["trust_list_expired"])
    assert (await refused(asked(network, review))).code == "trust_list_expired"

    await list_host.publish(a_list(network))
    assert await presented(network, holder, review) == ("accepted", [])


async def test_an_issuer_that_was_suspended_does_not_come_back_by_an_older_list(
    network: Network, holder: Holder, review: str, list_host: ListHost
) -> None:
    """Whoever has the host of the list puts back what was there, and has the agent start anew."""
    before = dict(list_host.files)
    suspended = {"suspensions": [{"since": datetime.now(UTC)}]}
    request = await asked(network, review)
    await list_host.publish(a_list(network, **suspended))
    assert await decided(network, holder, request) == ("refused", ["issuer_suspended"])

    request = await asked(network, review)
    newest, list_host.files = list_host.files, before
    async with an_agent_with(network, CALDER_BAY, {}):
        assert await decided(network, holder, request) == ("unavailable", ["trust_list_refused"])
    list_host.files = newest
    await list_host.publish(a_list(network))


async def test_what_was_issued_while_its_issuer_was_suspended_does_not_count_afterwards(
    network: Network, holder: Holder, review: str, list_host: ListHost
) -> None:
    now = datetime.now(UTC)
    over = {"since": now - timedelta(days=3), "until": now - timedelta(minutes=1)}
    await list_host.publish(a_list(network, suspensions=[over]))
    partly = await presented(network, holder, review)

    later = tuple(Authority(type=each, valid_from=date(2026, 1, 1)) for each in ALL_TYPES)
    succeeded = {"ods_code": "ZZSUC", "on": now.date() - timedelta(days=1)}
    until_then = {**succeeded, "credentials_until": now.date() + timedelta(days=9)}
    await list_host.publish(a_list(network, may_issue=later, successor=until_then))
    issued_by_nobody = await presented(network, holder, review)
    await list_host.publish(a_list(network))

    assert partly == ("accepted", [])  # it had a moment on that day
    assert issued_by_nobody == ("refused", ["issued_without_authority"])
