"""The life of a DID, in real wallets and at a real registry: each change, and what strangers see of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.models.revocation import RevList
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.anoncreds.revocation import AnonCredsRevocation
from acapy_agent.core.profile import Profile
from acapy_agent.wallet.base import BaseWallet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.domain.actors import Actor
from agent.domain.errors import Conflict, InvalidInput, NotFound, Unavailable
from agent.domain.ports.identity import CredentialSigner, OrganisationIdentity
from agent.domain.ports.issued_credentials import IssuedCredentials
from agent.domain.workforce import OdsCode
from agent.webvh import publish_what_waits
from agent.webvh import requests as asked
from agent.webvh.did_changes import DidChanges
from agent.webvh.identity import Standing, StoredIdentity
from agent.webvh.key_removal import KeyRemoval
from agent.webvh.keys import public_key
from agent.webvh.witnessing import Witnessing
from signed_documents.attested_resources import ResourceType
from signed_documents.encoding import JsonObject, multikey
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.fetching import GuardedFetcher
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.resolution import WebvhReader, utc_now
from signed_documents.webvh_entries import PreparedEntry, sign_entry
from signed_documents.webvh_logs import VerifiedLog
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.support.registry_server import ORIGIN, RegistryServer, a_registry, write_token
from tests.support.signing import public
from tests.support.webvh_agent import NOBODY, an_agent, close

ADMINISTRATOR = Actor("administrator@northmoor.example", OdsCode("ZZNM1"), frozenset(), None)
SLUGS = (
    *("rotates", "signs-anew", "removes", "moves", "moved", "ends", "offline", "hands-over"),
    *("asks", "witnesses", "crashes", "races", "serves", "strangers", "announces"),
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.temporary() as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """ACA-Py keeps tails files under HOME."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
async def registry(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RegistryServer]:
    async with a_registry(tmp_path_factory.mktemp("registry"), *SLUGS) as server:
        yield server


@pytest.fixture
async def agents(postgres: EmbeddedPostgres, registry: RegistryServer) -> AsyncIterator["Agents"]:
    async with AsyncExitStack() as stack:
        yield Agents(postgres, registry, stack)


class Agents:
    """Opens agents, and closes them at the end of the test."""

    def __init__(self, postgres: EmbeddedPostgres, registry: RegistryServer, stack: AsyncExitStack) -> None:
        self._postgres = postgres
        self.registry = registry
        self._stack = stack

    async def __call__(self, slug: str, *, url: str = "", wallet: str = "", **registry: object) -> Profile:
        profile = await an_agent(self._postgres, url or self.registry.url, slug, wallet=wallet, **registry)
        self._stack.push_async_callback(close, profile)
        return profile

    @asynccontextmanager
    async def cut_off(self, slug: str) -> AsyncIterator[Profile]:
        """A process that reaches no registry, and is gone at the end of the block."""
        profile = await an_agent(self._postgres, NOBODY, slug)
        try:
            yield profile
        finally:
            await close(profile)

    async def with_did(self, slug: str) -> Profile:
        profile = await self(slug)
        await profile.inject(OrganisationIdentity).ensure()
        return profile

    def stranger(self) -> WebvhReader:
        """Somebody who has read nothing yet."""
        fetcher = GuardedFetcher({ORIGIN: self.registry.url})
        self._stack.push_async_callback(fetcher.close)
        return WebvhReader(fetcher)


async def change(profile: Profile, kind: str, **said: Any) -> Standing:
    """As a call of the API: parsed, and made."""
    body = asked.ChangeDid.model_validate({"change": {"kind": kind, **said}})
    return await profile.inject(DidChanges).change(body.change, by=ADMINISTRATOR)


async def own(profile: Profile) -> StoredIdentity:
    identity = await StoredIdentity.load(profile)
    assert identity is not None
    return identity


async def read(agents: Agents, did: str) -> VerifiedLog:
    return await agents.stranger().log(did)


def assertions(log: VerifiedLog) -> list[str]:
    return [str(each).partition("#")[2] for each in log.document_json["assertionMethod"]]


async def a_schema(profile: Profile, name: str) -> str:
    did = (await own(profile)).did
    result = await AnonCredsIssuer(profile).create_and_register_schema(did, name, "1.0", ["name"])
    return str(result.schema_state.schema_id)


async def a_definition(profile: Profile, schema_id: str) -> str:
    options: dict[str, Any] = {"support_revocation": True, "revocation_registry_size": 4}
    result = await AnonCredsIssuer(profile).create_and_register_credential_definition(
        (await own(profile)).did, schema_id, "tag", options=options
    )
    definition = str(result.credential_definition_state.credential_definition_id)
    await AnonCredsRevocation(profile).wait_for_active_revocation_registry(definition)
    return definition


async def registries_of(profile: Profile, definition: str) -> list[str]:
    """The one in use, and the one that ACA-Py keeps ready."""
    return await AnonCredsRevocation(profile).get_created_revocation_registry_definitions(definition)


async def signer_of(agents: Agents, name: str, kind: ResourceType) -> str:
    return (await agents.stranger().resource(name, kind)).signed_by.partition("#")[2]


async def test_the_update_key_rotates_twice_and_the_document_stays(agents: Agents) -> None:
    profile = await agents.with_did("rotates")
    before = await read(agents, (await own(profile)).did)

    assert await change(profile, "rotate_update_keys") is Standing.PUBLISHED
    assert await change(profile, "rotate_update_keys") is Standing.PUBLISHED

    after = await read(agents, str(before.did))
    assert after.version_number == before.version_number + 2
    assert after.extends(before)
    assert after.document_json == before.document_json
    keys = [json.loads(entry)["parameters"]["updateKeys"][0] for entry in after.entries]
    assert len(set(keys)) == 3


async def test_new_assertion_keys_sign_and_what_the_retired_ones_signed_still_verifies(
    agents: Agents,
) -> None:
    profile = await agents.with_did("signs-anew")
    did, former = (await own(profile)).did, await own(profile)
    schema = await a_schema(profile, "Before")
    old_definition = await a_definition(profile, schema)

    assert await change(profile, "rotate_assertion_keys") is Standing.PUBLISHED
    new_definition = await a_definition(profile, await a_schema(profile, "After"))

    now = await own(profile)
    retired, current = multikey(public_key(former.resource_key)), multikey(public_key(now.resource_key))
    kind = ResourceType.CREDENTIAL_DEFINITION
    assert await signer_of(agents, schema, ResourceType.SCHEMA) == retired
    assert await signer_of(agents, old_definition, kind) == retired
    assert await signer_of(agents, new_definition, kind) == current
    assert assertions(await read(agents, did)) == ["key-2018-2", current, "key-2018", retired]
    credential = await profile.inject(CredentialSigner).signed(a_credential(did))
    assert credential["proof"]["verificationMethod"] == f"{did}#key-2018-2"
    async with profile.session() as session:
        wallet = session.inject(BaseWallet)
        info = await wallet.get_local_did(did)
        assert (await wallet.get_key_by_kid(f"{did}#key-2018-2")).verkey == info.verkey
        assert info.verkey == now.credential_key != former.credential_key


async def test_new_assertion_keys_sign_when_no_reader_has_a_document_without_them_any_more(
    agents: Agents, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = await agents.with_did("announces")
    profile = await agents("announces", new_keys_sign_after=600)
    before = await own(profile)

    await change(profile, "rotate_assertion_keys")
    signed_meanwhile = await profile.inject(CredentialSigner).signed(a_credential(before.did))
    retired = multikey(public_key(before.resource_key))
    schema = await a_schema(profile, "Meanwhile")
    with pytest.raises(Conflict, match="signs until"):
        await profile.inject(KeyRemoval).would_stop(retired)
    keys = (await profile.inject(DidChanges).state()).keys

    assert len(assertions(await read(agents, before.did))) == 4
    assert signed_meanwhile["proof"]["verificationMethod"] == f"{before.did}#key-2018"
    assert await signer_of(agents, schema, ResourceType.SCHEMA) == retired
    (new, *_), old = keys, next(key for key in keys if key.name == "key-2018")
    assert (new.name, new.until, old.until) == ("key-2018-2", None, new.since)
    assert timedelta(minutes=9) < new.since - utc_now() <= timedelta(minutes=10)

    monkeypatch.setattr("agent.webvh.identity.utc_now", lambda: utc_now() + timedelta(minutes=10))
    signed_after = await profile.inject(CredentialSigner).signed(a_credential(before.did))
    await change(profile, "rotate_update_keys")

    assert signed_after["proof"]["verificationMethod"] == f"{before.did}#key-2018-2"
    monkeypatch.undo()
    assert (await own(profile)).credential_key_name == "key-2018-2"  # the next change made it last


def a_credential(did: str) -> JsonObject:
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": did,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:somebody"},
    }


class Issued(IssuedCredentials):
    """So many, at any time."""

    async def holding(self, since: Any, until: Any) -> int:
        assert since < until
        return 3


async def test_removing_a_retired_key_says_what_stops_and_saves_what_can_be_saved(agents: Agents) -> None:
    profile = await agents.with_did("removes")
    profile.context.injector.bind_instance(IssuedCredentials, Issued())
    did = (await own(profile)).did
    definition = await a_definition(profile, schema := await a_schema(profile, "Schema"))
    retired = multikey(public_key((await own(profile)).resource_key))
    removal = profile.inject(KeyRemoval)
    with pytest.raises(Conflict, match="signs now"):
        await removal.would_stop(retired)
    await change(profile, "rotate_assertion_keys")

    told = await removal.would_stop(retired)
    with pytest.raises(Conflict) as refused:
        await change(profile, "remove_key", key=retired, stops=0)
    with pytest.raises(NotFound):
        await removal.would_stop("key-2018-9")
    assert await change(profile, "remove_key", key=retired, stops=3) is Standing.PUBLISHED

    assert told.credentials == 3
    assert {schema, definition} < set(told.resources)
    assert len(told.resources) >= 4  # with the revocation registry and its first list
    assert refused.value.code == "removal_not_confirmed"
    assert retired not in assertions(await read(agents, did))
    stranger, current = agents.stranger(), multikey(public_key((await own(profile)).resource_key))
    for name, kind in ((schema, ResourceType.SCHEMA), (definition, ResourceType.CREDENTIAL_DEFINITION)):
        assert (await stranger.resource(name, kind)).signed_by == f"{did}#{current}"
    (registry, *_) = [name for name in await registries_of(profile, definition) if name in told.resources]
    assert not any((await stranger.status_list(registry)).revoked)


async def test_a_did_that_moves_is_found_in_both_places_and_revokes_where_it_issued(agents: Agents) -> None:
    profile = await agents.with_did("moves")
    before = (await own(profile)).did
    definition = await a_definition(profile, await a_schema(profile, "Schema"))
    (registry, *_) = await AnonCredsRevocation(profile).get_created_revocation_registry_definitions(
        definition
    )
    with pytest.raises(Conflict) as refused:
        await change(profile, "move", to=f"{ORIGIN}/organisations/moved")
    former = {
        "origin": ORIGIN,
        "path": "organisations/moves",
        "registry_url": agents.registry.url,
        "write_token": write_token("moves"),
    }
    profile = await agents("moved", wallet="moves", former_places=[former])

    assert await change(profile, "move", to=f"{ORIGIN}/organisations/moved") is Standing.PUBLISHED

    assert refused.value.code == "not_the_place_in_settings"
    after = (await own(profile)).did
    assert after == before.replace(":organisations:moves", ":organisations:moved")
    assert await profile.inject(OrganisationIdentity).did() == after
    assert before in (await read(agents, after)).document_json["alsoKnownAs"]
    assert (await read(agents, before)).version_number == 1
    await revoke(profile, registry, 1)
    assert (await agents.stranger().status_list(registry)).revoked[1]
    assert (await a_schema(profile, "Schema")).startswith(f"{after}/")
    async with profile.session() as session:
        assert await session.inject(BaseWallet).get_local_did(after)


async def revoke(profile: Profile, registry: str, index: int) -> None:
    """Have the list published in which one more is revoked, as a revocation does after the mathematics."""
    revocation = AnonCredsRevocation(profile)
    definition = await revocation.get_created_revocation_registry_definition(registry)
    held = await revocation.get_created_revocation_list(registry)
    assert definition is not None
    assert held is not None
    revoked = [int(bit or at == index) for at, bit in enumerate(held.revocation_list)]
    changed = RevList.deserialize({**held.serialize(), "revocationList": revoked})
    await profile.inject(AnonCredsRegistry).update_revocation_list(
        profile, definition, held, changed, [index]
    )


async def test_a_deactivated_did_signs_nothing_more(agents: Agents) -> None:
    profile = await agents.with_did("ends")
    did = (await own(profile)).did
    with pytest.raises(InvalidInput):
        await change(profile, "deactivate", did=f"{did}x")

    assert await change(profile, "deactivate", did=did) is Standing.DEACTIVATED

    with pytest.raises(DocumentRefused) as refused:
        await read(agents, did)
    assert refused.value.reason is Reason.DEACTIVATED
    identity = profile.inject(OrganisationIdentity)
    assert await identity.did() is None
    for act in (
        identity.ensure(),
        profile.inject(CredentialSigner).signed({}),
        change(profile, "rotate_audit_key"),
    ):
        with pytest.raises(Conflict) as ended:
            await act
        assert ended.value.code == "did_deactivated"


class Offline:
    """A machine with update keys and no network."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()

    async def sign(self, prepared: JsonObject) -> str:
        """With the key that was announced, announcing another."""
        upcoming = Ed25519PrivateKey.generate()
        signer = SoftwareSigner(self.key, did_key_method(public(self.key)))
        entry = await sign_entry(PreparedEntry.parse(json.dumps(prepared).encode()), signer, public(upcoming))
        self.key = upcoming
        return entry.decode()


async def prepared(profile: Profile) -> JsonObject:
    found = (await own(profile)).prepared_entry
    assert found is not None
    return found.to_json()


async def test_the_update_key_stays_outside_the_agent_from_the_first_entry_on(agents: Agents) -> None:
    profile, offline = await agents("offline", update_key="external"), Offline()
    with pytest.raises(Conflict) as waiting:
        await profile.inject(OrganisationIdentity).ensure()
    assert waiting.value.code == "did_awaits_signature"
    changes = profile.inject(DidChanges)

    entry = await offline.sign(await prepared(profile))
    assert await changes.submit(entry, by=ADMINISTRATOR) is Standing.PUBLISHED
    assert await changes.submit(entry, by=ADMINISTRATOR) is Standing.PUBLISHED  # again does no harm
    assert await change(profile, "rotate_assertion_keys") is Standing.AWAITS_SIGNATURE
    did = await profile.inject(OrganisationIdentity).ensure()
    still = await profile.inject(CredentialSigner).signed(a_credential(did))
    await changes.submit(await offline.sign(await prepared(profile)), by=ADMINISTRATOR)
    now = await profile.inject(CredentialSigner).signed(a_credential(did))

    assert still["proof"]["verificationMethod"] == f"{did}#key-2018"
    assert now["proof"]["verificationMethod"] == f"{did}#key-2018-2"
    assert (await read(agents, did)).version_number == 2
    assert ((await own(profile)).update_key, (await own(profile)).next_key) == (None, None)


async def test_nothing_but_what_was_prepared_is_taken_from_outside(agents: Agents) -> None:
    profile = await agents.with_did("hands-over")
    offline, changes = Offline(), profile.inject(DidChanges)
    handed = await change(profile, "rotate_update_keys", next_key=multikey(public(offline.key)))
    assert handed is Standing.PUBLISHED
    await change(profile, "add_service", name="trqp", type="TRQP", endpoint="https://trqp.example")
    said = await prepared(profile)
    other = said | {"state": said["state"] | {"service": []}}

    for entry, code in (
        (await Offline().sign(said), "bad_entry"),
        (await StubbornOffline(offline).sign(other), "not_what_was_prepared"),
        ("{}", "bad_entry"),
        ("no JSON \U0001f600", "bad_entry"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await changes.submit(entry, by=ADMINISTRATOR)
        assert refused.value.code == code
    with pytest.raises(Conflict):
        await change(profile, "rotate_update_keys", next_key=multikey(public(offline.key)))
    await changes.submit(await offline.sign(said), by=ADMINISTRATOR)

    services = (await read(agents, (await own(profile)).did)).document_json["service"]
    assert [each["type"] for each in services] == ["TRQP"]
    with pytest.raises(Conflict) as nothing:
        await changes.submit(await Offline().sign(said), by=ADMINISTRATOR)
    assert nothing.value.code == "nothing_prepared"


class StubbornOffline(Offline):
    """Signs with another's key, which stays the one that is announced."""

    def __init__(self, other: Offline) -> None:
        self.key = other.key


async def test_another_organisation_approves_every_change_as_a_witness(agents: Agents) -> None:
    asks, witnesses = await agents.with_did("asks"), await agents.with_did("witnesses")
    witnessing, changes = witnesses.inject(Witnessing), asks.inject(DidChanges)
    key = await witnessing.key(by=ADMINISTRATOR)
    assert await witnessing.key(by=ADMINISTRATOR) == key
    did = (await own(asks)).did

    assert await change(asks, "set_witnesses", witnesses=[key]) is Standing.AWAITS_WITNESSES
    assert (await read(agents, did)).version_number == 1
    version, proof = await witnessing.approve((await own(asks)).log, by=ADMINISTRATOR)
    assert await changes.approve(version, proof, by=ADMINISTRATOR) is Standing.PUBLISHED

    assert await change(asks, "rotate_assertion_keys") is Standing.AWAITS_WITNESSES
    with pytest.raises(Conflict) as waits:
        await change(asks, "rotate_audit_key")
    assert waits.value.code == "did_awaits_witnesses"
    assert await asks.inject(OrganisationIdentity).ensure() == did  # what is published goes on
    version, proof = await witnessing.approve((await own(asks)).log, by=ADMINISTRATOR)
    with pytest.raises(InvalidInput):
        await changes.approve(version, proof | {"proofValue": "z" + "1" * 88}, by=ADMINISTRATOR)
    assert await changes.approve(version, proof, by=ADMINISTRATOR) is Standing.PUBLISHED
    log = await read(agents, did)
    assert (log.version_number, log.witness_rule and log.witness_rule.witnesses) == (3, (key,))


async def test_a_witness_approves_no_second_history(agents: Agents) -> None:
    witnesses = await agents.with_did("witnesses")
    witnessing = witnesses.inject(Witnessing)
    key = await witnessing.key(by=ADMINISTRATOR)
    async with agents.cut_off("strangers") as first:
        with pytest.raises(Unavailable):
            await first.inject(OrganisationIdentity).ensure()
        log = (await own(first)).log

    with pytest.raises(InvalidInput) as refused:
        await witnessing.approve(log, by=ADMINISTRATOR)
    assert refused.value.code == "not_the_witness"
    assert key.startswith("did:key:z6Mk")
    for text in ("", "{}", log.replace("key-2018", "key-2019")):
        with pytest.raises(InvalidInput) as refused:
            await witnessing.approve(text, by=ADMINISTRATOR)
        assert refused.value.code == "bad_log"


async def test_what_was_committed_and_not_published_is_published_by_a_round(agents: Agents) -> None:
    profile = await agents.with_did("crashes")
    did, before = (await own(profile)).did, (await own(profile)).credential_key
    async with agents.cut_off("crashes") as dying:
        assert await change(dying, "rotate_assertion_keys") is Standing.AWAITS_REGISTRY
        with pytest.raises(Unavailable):
            await change(dying, "rotate_update_keys")
    identity = await own(profile)
    assert (identity.credential_key, identity.behind) == (before, True)  # nobody would find the new one
    assert (await read(agents, did)).version_number == 1

    await publish_what_waits(profile)
    await publish_what_waits(profile)

    assert (await read(agents, did)).version_number == 2
    assert (await own(profile)).credential_key_name == "key-2018-2"


async def test_of_changes_at_the_same_moment_none_is_lost(agents: Agents) -> None:
    first = await agents.with_did("races")
    second = await agents("races")

    results = await asyncio.gather(
        *(change(profile, "rotate_update_keys") for profile in (first, second) * 2), return_exceptions=True
    )

    made = [result for result in results if result is Standing.PUBLISHED]
    refused = [result for result in results if isinstance(result, Conflict)]
    assert len(made) + len(refused) == len(results), results
    log = await read(agents, (await own(first)).did)
    assert 2 <= log.version_number <= 1 + len(results)
    assert (await own(first)).log.encode() == log.text
    assert await change(second, "rotate_update_keys") is Standing.PUBLISHED


async def test_services_and_the_audit_key_change_in_the_document(agents: Agents) -> None:
    profile = await agents.with_did("serves")
    did = (await own(profile)).did
    audit_key = (await own(profile)).audit_key

    await change(profile, "add_service", name="trqp", type="TRQP", endpoint="https://trqp.example/v2/")
    await change(profile, "rotate_audit_key")
    with pytest.raises(NotFound):
        await change(profile, "remove_service", name="other")

    log = await read(agents, did)
    assert [each["serviceEndpoint"] for each in log.document_json["service"]] == ["https://trqp.example/v2"]
    keys = (await profile.inject(DidChanges).state()).keys
    assert [(key.use, key.until is None) for key in keys][2:] == [("audit", False), ("audit", True)]
    assert (await own(profile)).audit_key != audit_key
    await change(profile, "remove_service", name="trqp")
    assert "service" not in (await read(agents, did)).document_json
