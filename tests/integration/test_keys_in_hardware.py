"""The whole journey with every organisation's keys on a token: all of it is signed there."""

import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aries_askar import Store

from agent.webvh.keys import in_askar, verkey
from signed_documents.fetching import GuardedFetcher
from signed_documents.resolution import WebvhReader
from staff_passport.audit_verification import verify
from staff_passport.demo.audit_export import export_audit
from staff_passport.demo.command import IMPATIENT
from staff_passport.demo.journey import PERSON, Journey
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network, Party, a_network
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.support.softhsm import SoftHsm

ISSUING = (OPERATOR, NORTHMOOR, CALDER_BAY)


@pytest.fixture(scope="module")
async def network(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    hsm = SoftHsm.at(tmp_path_factory.mktemp("softhsm"))
    keys = {"registry": {"signing_keys": hsm.token("staff passport")}}
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory(prefix="staff-passport-") as folder,
        EmbeddedPostgres.temporary() as postgres,
    ):
        for name, value in hsm.environment.items():
            patch.setenv(name, value)
        async with a_network(Path(folder), postgres, overrides={**IMPATIENT, **keys}) as started:
            yield started


async def test_the_journey_is_signed_in_hardware_from_its_first_step_to_its_last(network: Network) -> None:
    await network.start_wallet(PERSON)

    for step in Journey(network).steps:
        await step.do()


async def test_the_audit_that_hardware_signed_verifies(network: Network, tmp_path: Path) -> None:
    await export_audit(network, NORTHMOOR, tmp_path)

    assert verify(tmp_path).did == network.dids[NORTHMOOR.ods_code]


@pytest.mark.parametrize("party", ISSUING, ids=lambda party: party.slug)
async def test_no_key_that_makes_assertions_is_in_the_agents_own_store(
    network: Network, party: Party
) -> None:
    reader = WebvhReader(GuardedFetcher({network.environment.origin: network.registry_url}))
    document = (await reader.log(network.dids[party.ods_code])).document_json
    stored, identity = await kept_by(network, party)

    refs = [identity[name] for name in ("credential_key", "resource_key", "audit_key")]
    assert len(document["verificationMethod"]) == len(refs)
    assert not any(in_askar(ref) for ref in refs)
    assert not {verkey(ref) for ref in refs} & stored
    assert identity["update_key"] in stored  # so that what was looked through is what it should be


async def kept_by(network: Network, party: Party) -> tuple[set[str], dict[str, str]]:
    """The names of all keys in a party's Askar store, and what it remembers of its DID."""
    storage, settings = network.postgres.provide(party.slug).wallet, network.agents[party.slug].settings
    url = storage.url.replace("postgresql://", "postgres://")
    store = await Store.open(url, "kdf:argon2i:mod", settings["wallet"]["key"])
    try:
        async with store.session() as session:
            names = {entry.name for entry in await session.fetch_all_keys()}
            kept = await session.fetch("staff_passport_identity", "organisation")
    finally:
        await store.close()
    assert kept is not None
    return names, json.loads(kept.value)
