"""Two agents' plugins and wallets, a real registry and PostgreSQL: what one publishes the other reads."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anoncreds
import pytest
from acapy_agent.anoncreds.base import AnonCredsRegistrationError
from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.anoncreds.revocation import AnonCredsRevocation
from acapy_agent.config.default_context import DefaultContextBuilder
from acapy_agent.config.wallet import wallet_config
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_TOPIC
from acapy_agent.resolver.did_resolver import DIDResolver
from acapy_agent.wallet.base import BaseWallet
from yarl import URL

from agent.domain.errors import Unavailable
from agent.domain.ports.audit import CheckpointPublisher, CheckpointSigner
from agent.domain.ports.identity import OrganisationIdentity
from agent.webvh.identity import StoredIdentity
from agent.webvh.keys import OpenKeySigner, new_key, public_key, stored_key
from agent.webvh.publisher import RegistryPublisher
from signed_documents.attested_resources import resource_id
from signed_documents.checkpoints import verify_checkpoint
from signed_documents.did_documents import organisation_document
from signed_documents.fetching import GuardedFetcher
from signed_documents.keys import did_key_method
from signed_documents.resolution import WebvhReader
from signed_documents.webvh_entries import create_log
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.support.registry_server import ORIGIN, RegistryServer, a_registry, write_token

ATTRIBUTES = ["legalSurname", "legalFirstName", "assignmentNumber", "issuedOn", "statusEntry"]
NOBODY = "http://127.0.0.1:1"  # where no registry listens
VALUES = {name: f"a {name}" for name in ATTRIBUTES}


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
    async with a_registry(
        tmp_path_factory.mktemp("registry"), "northmoor", "calder-bay", "late", "twice", "older"
    ) as server:
        yield server


async def an_agent(postgres: EmbeddedPostgres, registry_url: str, slug: str, *, wallet: str = "") -> Profile:
    storage = postgres.provide(wallet or slug).wallet
    settings = {
        "wallet.type": "askar-anoncreds",
        "wallet.name": storage.database,
        "wallet.key": "a made-up passphrase of a test",
        "wallet.storage_type": "postgres_storage",
        "wallet.storage_config": json.dumps({"url": storage.address}),
        "wallet.storage_creds": json.dumps({"account": storage.account, "password": storage.password}),
        "ledger.disabled": True,
        "external_plugins": ["agent.webvh"],
        "plugin_config": {
            "agent.webvh": {
                "many": False,
                "organisations": {
                    "ZZXX1": {
                        "origin": ORIGIN,
                        "registry_url": registry_url,
                        "path": f"organisations/{slug}",
                        "write_token": write_token(slug),
                    }
                },
            }
        },
    }
    context = await DefaultContextBuilder(settings).build_context()
    profile, _ = await wallet_config(context, provision=True)
    return profile


async def close(profile: Profile) -> None:
    await profile.notify(SHUTDOWN_EVENT_TOPIC, {})
    await profile.inject(EventBus).task_queue.wait_for(5)
    await profile.close()


@pytest.fixture(scope="module")
async def operator(postgres: EmbeddedPostgres, registry: RegistryServer) -> AsyncIterator[Profile]:
    profile = await an_agent(postgres, registry.url, "operator")
    await profile.inject(OrganisationIdentity).ensure()
    yield profile
    await close(profile)


@pytest.fixture(scope="module")
async def northmoor(postgres: EmbeddedPostgres, registry: RegistryServer) -> AsyncIterator[Profile]:
    profile = await an_agent(postgres, registry.url, "northmoor")
    await profile.inject(OrganisationIdentity).ensure()
    yield profile
    await close(profile)


@pytest.fixture(scope="module")
async def calder_bay(postgres: EmbeddedPostgres, registry: RegistryServer) -> AsyncIterator[Profile]:
    profile = await an_agent(postgres, registry.url, "calder-bay")
    yield profile
    await close(profile)


async def own_did(profile: Profile) -> str:
    did = await profile.inject(OrganisationIdentity).did()
    assert did is not None
    return did


@pytest.fixture(scope="module")
async def schema_id(operator: Profile) -> str:
    issuer = AnonCredsIssuer(operator)
    result = await issuer.create_and_register_schema(await own_did(operator), "Employment", "1.0", ATTRIBUTES)
    assert result.schema_state.state == "finished"
    return str(result.schema_state.schema_id)


@pytest.fixture(scope="module")
async def definition_id(northmoor: Profile, schema_id: str) -> str:
    """Northmoor's definition on the operator's schema, with a revocation registry that is ready."""
    options = {"support_revocation": True, "revocation_registry_size": 100}
    result = await AnonCredsIssuer(northmoor).create_and_register_credential_definition(
        await own_did(northmoor), schema_id, "employment", options=options
    )
    identifier = str(result.credential_definition_state.credential_definition_id)
    await AnonCredsRevocation(northmoor).wait_for_active_revocation_registry(identifier)
    return identifier


@dataclass(frozen=True, slots=True)
class Issued:
    credential: anoncreds.Credential
    registry_id: str
    index: int
    link_secret: str


async def issue(issuer: Profile, definition_id: str) -> Issued:
    """Issue to a made-up holder, whose part is played with the AnonCreds library alone."""
    offer = json.loads(await AnonCredsIssuer(issuer).create_credential_offer(definition_id))
    definition = await issuer.inject(AnonCredsRegistry).get_credential_definition(issuer, definition_id)
    secret = anoncreds.create_link_secret()
    native = definition.credential_definition.to_native()
    request, metadata = anoncreds.CredentialRequest.create("entropy", None, native, secret, "default", offer)
    text, index, registry_id = await AnonCredsRevocation(issuer).create_credential(
        offer, json.loads(request.to_json()), VALUES
    )
    registry = await issuer.inject(AnonCredsRegistry).get_revocation_registry_definition(
        issuer, str(registry_id)
    )
    processed = anoncreds.Credential.load(text).process(
        metadata, secret, native, registry.revocation_registry.to_native()
    )
    return Issued(processed, str(registry_id), int(str(index)), secret)


async def revoke(issuer: Profile, issued: Issued) -> Any:
    revocation = AnonCredsRevocation(issuer)
    result = await revocation.revoke_pending_credentials(issued.registry_id, additional_crids=[issued.index])
    assert result.curr is not None
    assert result.revoked is not None
    return await revocation.update_revocation_list(
        issued.registry_id, result.prev, result.curr, result.revoked
    )


async def is_revoked(reader: Profile, issued: Issued, at: int | None = None) -> bool:
    result = await reader.inject(AnonCredsRegistry).get_revocation_list(
        reader, issued.registry_id, timestamp_to=at
    )
    return result.revocation_list.revocation_list[issued.index] == 1


async def test_asking_for_the_did_again_changes_nothing(northmoor: Profile) -> None:
    identity = northmoor.inject(OrganisationIdentity)

    assert await identity.ensure() == await identity.did()


async def test_the_did_is_in_the_wallet_so_that_acapy_can_sign_with_it(northmoor: Profile) -> None:
    did = await own_did(northmoor)

    async with northmoor.session() as session:
        wallet = session.inject(BaseWallet)
        info = await wallet.get_local_did(did)
        key = await wallet.get_key_by_kid(f"{did}#key-2018")

    assert info.method.method_name == "webvh"
    assert key.verkey == info.verkey


async def test_another_agent_resolves_the_did(northmoor: Profile, calder_bay: Profile) -> None:
    did = await own_did(northmoor)

    document = await calder_bay.inject(DIDResolver).resolve(calder_bay, did)

    assert document["id"] == did
    assert [method["type"] for method in document["verificationMethod"]] == [
        "Ed25519VerificationKey2018",
        "Multikey",
        "Multikey",
    ]


async def test_a_checkpoint_is_signed_by_a_key_that_the_dids_document_has_for_it(
    northmoor: Profile, registry: RegistryServer
) -> None:
    note = await northmoor.inject(CheckpointSigner).checkpoint(3, bytes(32), at=datetime.now(UTC))

    log = await reader_of(registry).log(await own_did(northmoor))
    assert verify_checkpoint(note, log.document).size == 3


async def test_a_did_that_was_made_before_audits_were_signed_gets_a_key_for_them(
    postgres: EmbeddedPostgres, registry: RegistryServer
) -> None:
    older = await an_agent(postgres, registry.url, "older")
    did = await made_as_it_was(older)

    assert await older.inject(CheckpointPublisher).published() is None
    note = await older.inject(CheckpointSigner).checkpoint(3, bytes(32), at=datetime.now(UTC))
    again = await older.inject(OrganisationIdentity).ensure()

    log = await reader_of(registry).log(did, fresh=True)
    assert (again, log.version_number) == (did, 2)
    assert verify_checkpoint(note, log.document).size == 3
    identity = await StoredIdentity.load(older)
    assert identity is not None
    assert (identity.published, identity.behind) == (True, False)
    assert log.document_json["assertionMethod"][0] == f"{did}#key-2018"
    await close(older)


async def made_as_it_was(profile: Profile) -> str:
    """A published DID whose document has no key for the audit."""
    async with profile.transaction() as transaction:
        credential, resource_key, update, upcoming = [await new_key(transaction) for _ in range(4)]
        signer = OpenKeySigner(await stored_key(transaction, update), did_key_method(public_key(update)))

        def document(did: str) -> dict[str, Any]:
            keys = {"credential_key": public_key(credential), "resource_key": public_key(resource_key)}
            made = organisation_document(did, **keys, audit_key=bytes(32))
            return made | {"verificationMethod": made["verificationMethod"][:2]}

        log = await create_log(
            URL(ORIGIN).host or "",
            ("organisations", "older"),
            document,
            update_key=signer,
            next_key=public_key(upcoming),
            created=datetime.now(UTC) - timedelta(days=30),
        )
        text = log.text.decode()
        identity = StoredIdentity(
            str(log.did), credential, resource_key, update, upcoming, text, published=True
        )
        await identity.insert(transaction)
        await transaction.commit()
    await profile.inject(RegistryPublisher).log(log)
    return identity.did


def reader_of(registry: RegistryServer) -> WebvhReader:
    return WebvhReader(GuardedFetcher({ORIGIN: registry.url}))


async def test_an_agent_without_did_has_none(calder_bay: Profile) -> None:
    assert await calder_bay.inject(OrganisationIdentity).did() is None


async def test_the_schemas_id_can_be_computed_from_its_content(operator: Profile, schema_id: str) -> None:
    content = {
        "issuerId": await own_did(operator),
        "name": "Employment",
        "version": "1.0",
        "attrNames": ATTRIBUTES,
    }

    assert schema_id == resource_id(await own_did(operator), content)


async def test_a_definition_on_the_operators_schema_is_published_under_the_issuers_did(
    northmoor: Profile, calder_bay: Profile, schema_id: str, definition_id: str
) -> None:
    result = await calder_bay.inject(AnonCredsRegistry).get_credential_definition(calder_bay, definition_id)

    assert definition_id.startswith(f"{await own_did(northmoor)}/")
    assert result.credential_definition.schema_id == schema_id


async def test_a_revoked_credential_is_revoked_for_everyone_and_was_not_before(
    northmoor: Profile, calder_bay: Profile, definition_id: str
) -> None:
    first, second = await issue(northmoor, definition_id), await issue(northmoor, definition_id)
    issued_at = int(time.time())
    assert not await is_revoked(calder_bay, first)

    await revoke(northmoor, first)
    await revoke(northmoor, second)

    assert await is_revoked(calder_bay, first)
    assert await is_revoked(calder_bay, second)
    assert not await is_revoked(calder_bay, second, at=issued_at)


async def test_an_agent_publishes_under_its_own_did_only(calder_bay: Profile, schema_id: str) -> None:
    identity = calder_bay.inject(OrganisationIdentity)
    await identity.ensure()
    schema = await calder_bay.inject(AnonCredsRegistry).get_schema(calder_bay, schema_id)

    with pytest.raises(AnonCredsRegistrationError):
        await calder_bay.inject(AnonCredsRegistry).register_schema(calder_bay, schema.schema)


async def test_a_did_that_could_not_be_published_is_published_later(
    postgres: EmbeddedPostgres, registry: RegistryServer, calder_bay: Profile
) -> None:
    cut_off = await an_agent(postgres, NOBODY, "late")
    with pytest.raises(Unavailable):
        await cut_off.inject(OrganisationIdentity).ensure()
    assert await cut_off.inject(OrganisationIdentity).did() is None
    await close(cut_off)

    profile = await an_agent(postgres, registry.url, "late")
    did = await profile.inject(OrganisationIdentity).ensure()
    await close(profile)

    assert (await calder_bay.inject(DIDResolver).resolve(calder_bay, did))["id"] == did


async def test_two_processes_that_make_the_did_at_once_make_one(
    postgres: EmbeddedPostgres, registry: RegistryServer
) -> None:
    profiles = [await an_agent(postgres, registry.url, "twice") for _ in range(2)]

    dids = await asyncio.gather(*(profile.inject(OrganisationIdentity).ensure() for profile in profiles))

    assert dids[0] == dids[1]
    for profile in profiles:
        await close(profile)


async def test_a_revocation_that_could_not_be_published_is_published_later(
    postgres: EmbeddedPostgres, northmoor: Profile, calder_bay: Profile, definition_id: str
) -> None:
    issued = await issue(northmoor, definition_id)
    cut_off = await an_agent(postgres, NOBODY, "northmoor")

    answer = await revoke(cut_off, issued)

    assert "does not answer" in answer  # ACA-Py returns what went wrong, and raises nothing
    assert not await is_revoked(calder_bay, issued)
    with pytest.raises(Unavailable):
        await publish_revocations(cut_off, issued.registry_id)
    await close(cut_off)

    await publish_revocations(northmoor, issued.registry_id)
    await publish_revocations(northmoor, issued.registry_id)  # a second time does no harm

    assert await is_revoked(calder_bay, issued)


async def publish_revocations(issuer: Profile, registry_id: str) -> None:
    """Publish what the wallet holds to be revoked, as a reconciliation does."""
    revocation = AnonCredsRevocation(issuer)
    definition = await revocation.get_created_revocation_registry_definition(registry_id)
    held = await revocation.get_created_revocation_list(registry_id)
    assert definition is not None
    assert held is not None
    await issuer.inject(AnonCredsRegistry).update_revocation_list(issuer, definition, held, held, [])


async def test_a_holder_proves_not_revoked_with_what_the_registry_serves(
    northmoor: Profile, calder_bay: Profile, registry: RegistryServer, definition_id: str, tmp_path: Path
) -> None:
    issued = await issue(northmoor, definition_id)
    await revoke(northmoor, await issue(northmoor, definition_id))
    objects = await resolved(calder_bay, issued, definition_id)
    tails = tmp_path / "tails"
    fetch = GuardedFetcher({ORIGIN: registry.url})
    await fetch.download(objects.registry["value"]["tailsLocation"], tails, max_bytes=1_000_000)
    await fetch.close()

    # Lists that follow one another within a second are a second apart, so the newest may be ahead of us.
    request = a_request(asked_at=max(int(time.time()), objects.status_list["timestamp"]))
    presentation = present(issued, objects, request, tails)

    assert presentation.verify(
        request,
        objects.schemas,
        objects.definitions,
        {issued.registry_id: objects.registry},
        [objects.status_list],
    )


@dataclass(frozen=True, slots=True)
class Resolved:
    """The AnonCreds objects as a verifier reads them."""

    schemas: dict[str, Any]
    definitions: dict[str, Any]
    registry: Any
    status_list: Any


async def resolved(reader: Profile, issued: Issued, definition_id: str) -> Resolved:
    objects = reader.inject(AnonCredsRegistry)
    definition = (await objects.get_credential_definition(reader, definition_id)).credential_definition
    schema = (await objects.get_schema(reader, definition.schema_id)).schema
    registry = await objects.get_revocation_registry_definition(reader, issued.registry_id)
    status_list = await objects.get_revocation_list(reader, issued.registry_id)
    return Resolved(
        {definition.schema_id: schema.serialize()},
        {definition_id: definition.serialize()},
        registry.revocation_registry.serialize(),
        status_list.revocation_list.serialize(),
    )


def a_request(*, asked_at: int) -> str:
    return json.dumps(
        {
            "name": "employment",
            "version": "1.0",
            "nonce": "1234567890",
            "requested_attributes": {"employment": {"names": ATTRIBUTES}},
            "requested_predicates": {},
            "non_revoked": {"from": 0, "to": asked_at},
        }
    )


def present(issued: Issued, objects: Resolved, request: str, tails: Path) -> anoncreds.Presentation:
    state = anoncreds.CredentialRevocationState.create(
        json.dumps(objects.registry), json.dumps(objects.status_list), issued.index, str(tails)
    )
    shown = anoncreds.PresentCredentials()
    timestamp = objects.status_list["timestamp"]
    shown.add_attributes(issued.credential, "employment", reveal=True, timestamp=timestamp, rev_state=state)
    return anoncreds.Presentation.create(
        request, shown, None, issued.link_secret, objects.schemas, objects.definitions
    )
