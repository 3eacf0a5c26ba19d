"""The journey with AnonCreds objects on a real Indy pool: only ids differ."""

from collections.abc import AsyncIterator

import pytest

from agent_client import CallFailed
from staff_passport.demo import trust
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network
from tests.indy.network import restart_with, trust_ledger_did
from tests.indy.pool.pool import RunningPool
from tests.support.holder import Holder
from tests.support.journey import (
    ALL_TYPES,
    Issued,
    a_review,
    credentials,
    credentials_in,
    host,
    hr,
    reasons,
    refused,
    until,
    verdict,
)

ENDED = {"reason": "employment_ended"}


@pytest.fixture(scope="session")
async def amara(network: Network) -> Holder:
    """Somebody whose wallet knows the ledger."""
    return Holder(network, await network.start_wallet("amara"))


@pytest.fixture(scope="session")
async def issued(amara: Holder) -> Issued:
    """Her passport."""
    return await amara.an_active_passport("nurse")


@pytest.fixture(scope="session")
async def review(network: Network, amara: Holder, issued: Issued) -> str:
    """Where a host asks her."""
    return await a_review(network, amara.connect)


@pytest.fixture
async def without_its_ledger_did(network: Network) -> AsyncIterator[Network]:
    """The network, in whose trust list the issuer has its did:webvh alone."""
    code = NORTHMOOR.ods_code
    await trust.change(network, code, {"dids": [network.dids[code]]})
    yield network
    await trust_ledger_did(network, NORTHMOOR)


async def test_schemas_and_definitions_stand_on_the_ledger(network: Network, pool: RunningPool) -> None:
    schemas = (await network.client(OPERATOR).post("/national-schemas"))["ids"]
    definitions = (await network.client(NORTHMOOR).post("/organisation/credential-definitions"))["ids"]

    assert {name.split(":")[2] for name in schemas.values()} == {
        "StaffIdentityCredential",
        "EmploymentCredential",
        "EmploymentChecksCredential",
    }
    for schema in schemas.values():
        assert await pool.read("schema", schema)
    for definition in definitions.values():
        assert await pool.read("cred_def", definition)


async def test_an_organisation_that_the_ledger_does_not_know_writes_nothing_there(network: Network) -> None:
    made = await network.client(CALDER_BAY).post("/organisation/ledger-did")

    assert (made["did"][:8], made["registered"]) == ("did:sov:", False)


async def test_a_credential_on_the_ledger_is_presented_and_accepted(
    network: Network, amara: Holder, review: str
) -> None:
    asked = await host(network).post(f"{review}/presentation-requests", {})
    await amara.present()
    accepted = await verdict(network, asked)

    assert (accepted["verdict"], reasons(accepted)) == ("accepted", [])
    assert [shown["type"] for shown in accepted["credentials"]] == ALL_TYPES
    assert all(shown["issuer"] == network.dids["ZZNM1"] for shown in accepted["credentials"])


async def test_a_ledger_did_that_the_trust_list_does_not_have_is_a_strangers(
    without_its_ledger_did: Network, amara: Holder, review: str
) -> None:
    network = without_its_ledger_did

    asked = await host(network).post(f"{review}/presentation-requests", {})
    await amara.present()
    judged = await verdict(network, asked)

    assert judged["verdict"] == "refused"
    assert "issuer_unknown" in reasons(judged)


async def test_a_ledger_that_does_not_answer_delays_a_revocation_and_loses_nothing(
    network: Network, pool: RunningPool, amara: Holder, issued: Issued, review: str
) -> None:
    employment = (await credentials(network, issued))["employment"]
    path = f"/credentials/{employment['id']}/revocation"

    with pool.held_up():
        problem = await refused(hr(network).post(path, ENDED))
    assert problem.status == 503
    assert (await credentials(network, issued))["employment"]["state"] == "revoking"

    async def again() -> str:
        try:
            return str((await hr(network).post(path, ENDED))["state"])
        except CallFailed as failed:
            return failed.code

    assert await until(again, lambda state: state == "revoked")
    asked = await host(network).post(f"{review}/presentation-requests", {"answer_within_seconds": 2})
    request = await amara.request()
    assert (await verdict(network, asked))["verdict"] == "unavailable"
    path = f"/wallet/requests/{request['id']}"
    await until(lambda: amara.wallet.get(path), lambda found: found["state"] == "abandoned")


async def test_what_was_revoked_on_the_ledger_is_not_accepted(
    network: Network, amara: Holder, issued: Issued, review: str
) -> None:
    await hr(network).post(f"{issued.path}/deactivation", ENDED)
    await credentials_in(network, issued, "revoked")

    asked = await host(network).post(f"{review}/presentation-requests", {})
    await amara.present("w3c")
    assert reasons(await verdict(network, asked)) == ["revoked"]


async def test_an_agreement_that_no_setting_accepts_is_not_accepted(
    network: Network, pool: RunningPool
) -> None:
    other = {"registry": {"indy": {"taa": {"version": "0.9"}}}}
    await restart_with(network, CALDER_BAY, other)
    made = await network.client(CALDER_BAY).post("/organisation/ledger-did")
    await pool.register_endorser(made["did"], made["verkey"])

    problem = await refused(network.client(CALDER_BAY).post("/organisation/ledger-did"))

    assert (problem.status, problem.code) == (409, "taa_not_accepted")
