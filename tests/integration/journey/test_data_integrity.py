"""W3C credentials of the second data model, signed as JSON, with a wallet that says it takes them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from staff_passport.demo.network import NORTHMOOR, Network
from tests.support.holder import Holder
from tests.support.journey import (
    Issued,
    a_review,
    credentials,
    host,
    hr,
    reasons,
    running_otherwise,
    verdict,
)

type Json = dict[str, Any]


@pytest.fixture(scope="module")
async def modern(network: Network) -> AsyncIterator[Network]:
    """Northmoor offers the second data model."""
    async with running_otherwise(network, NORTHMOOR, issuer={"w3c_data_model": "2.0"}):
        yield network


@pytest.fixture(scope="module")
async def holder(modern: Network) -> Holder:
    return Holder(modern, await modern.start_wallet("modern"))


@pytest.fixture(scope="module")
async def issued(holder: Holder) -> Issued:
    return await holder.an_active_passport("doctor")


async def presented(network: Network, holder: Holder) -> Json:
    review = await a_review(network, holder.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {"formats": ["w3c"]})
    await holder.present("w3c")
    return await verdict(network, asked)


async def test_the_wallet_holds_each_credential_once_in_each_form(holder: Holder, issued: Issued) -> None:
    held = (await holder.wallet.get("/wallet/credentials"))["credentials"]

    assert sorted((one["type"], one["format"], one["proof_type"]) for one in held) == sorted(
        (name, form, proof)
        for name in ("StaffIdentityCredential", "EmploymentCredential", "EmploymentChecksCredential")
        for form, proof in (("anoncreds", None), ("w3c", "DataIntegrityProof"))
    )


async def test_what_is_presented_is_accepted(modern: Network, holder: Holder, issued: Issued) -> None:
    decided = await presented(modern, holder)

    assert (decided["verdict"], reasons(decided)) == ("accepted", [])
    assert {one["format"] for one in decided["credentials"]} == {"w3c"}
    assert decided["credentials"][0]["claims"]["legalSurname"] == "Calderford"


async def test_what_was_revoked_is_refused(modern: Network, holder: Holder, issued: Issued) -> None:
    """Runs last: it revokes what the tests above present."""
    employment = (await credentials(modern, issued))["employment"]
    await hr(modern).post(f"/credentials/{employment['id']}/revocation", {"reason": "employment_ended"})

    decided = await presented(modern, holder)

    assert (decided["verdict"], reasons(decided)) == ("refused", ["revoked"])
