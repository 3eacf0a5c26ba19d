"""Beside a log stands the did:web twin of its last entry, and follows it."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.kinds import LOG, TWIN
from registry.publishing import Outcome, Publications
from registry.store import Store
from signed_documents.did_documents import organisation_document
from tests.support.signing import HOST, NOON, Clock, a_publisher, public

NAMESPACE = "organisations/northmoor"
WEB = f"did:web:{HOST}:organisations:northmoor"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def publications(store: Store) -> Publications:
    return Publications(store, f"https://{HOST}", Clock(NOON + timedelta(hours=1)))


def twin(store: Store) -> dict[str, Any]:
    stored = store.read(TWIN, namespace=NAMESPACE)
    assert stored is not None
    document: dict[str, Any] = json.loads(stored.body)
    return document


async def test_the_twin_says_the_same_in_the_name_of_the_did_web(
    publications: Publications, store: Store
) -> None:
    publisher = await a_publisher()
    publications.publish_log(NAMESPACE, publisher.log.text)

    document = twin(store)

    usual = organisation_document(
        WEB,
        credential_key=public(publisher.credential_key),
        resource_key=public(publisher.resource_key),
        audit_key=public(publisher.audit_key),
    )
    services = {service["id"]: service["serviceEndpoint"] for service in document.pop("service")}
    assert document == {**usual, "alsoKnownAs": [publisher.did]}
    assert services == {
        f"{WEB}#files": f"https://{HOST}/organisations/northmoor/",
        f"{WEB}#whois": f"https://{HOST}/organisations/northmoor/whois.vp",
    }


async def test_the_twin_keeps_other_names_and_does_not_name_itself(
    publications: Publications, store: Store
) -> None:
    def named(did: str) -> dict[str, Any]:
        names = [WEB, "https://northmoor.example"]
        return {"@context": ["https://www.w3.org/ns/did/v1"], "id": did, "alsoKnownAs": names}

    publisher = await a_publisher(document=named)
    publications.publish_log(NAMESPACE, publisher.log.text)

    assert twin(store)["alsoKnownAs"] == ["https://northmoor.example", publisher.did]


async def test_the_twin_follows_the_log(publications: Publications, store: Store) -> None:
    publisher = await a_publisher()
    publications.publish_log(NAMESPACE, publisher.log.text)
    before = twin(store)

    renewed = await publisher.rotated(
        created=NOON + timedelta(minutes=1), resource_key=Ed25519PrivateKey.generate()
    )
    publications.publish_log(NAMESPACE, renewed.log.text)

    assert twin(store)["assertionMethod"] != before["assertionMethod"]


async def test_a_did_that_was_deactivated_has_no_twin(publications: Publications, store: Store) -> None:
    publisher = await a_publisher()
    publications.publish_log(NAMESPACE, publisher.log.text)

    publications.publish_log(NAMESPACE, await publisher.log_with_one_more_entry(deactivated=True))

    assert store.read(TWIN, namespace=NAMESPACE) is None


async def test_a_twin_that_was_not_put_any_more_is_put_when_the_log_comes_again(
    publications: Publications, store: Store
) -> None:
    publisher = await a_publisher()
    store.put(LOG, publisher.log.text, namespace=NAMESPACE)

    assert publications.publish_log(NAMESPACE, publisher.log.text) is Outcome.UNCHANGED

    assert twin(store)["id"] == WEB


async def test_twins_older_than_their_logs_are_made_anew_when_a_registry_starts(
    publications: Publications, store: Store
) -> None:
    publisher = await a_publisher()
    publications.publish_log(NAMESPACE, publisher.log.text)
    store.put(TWIN, b"{}", namespace=NAMESPACE)
    long_ago = (NOON - timedelta(days=9)).timestamp()
    os.utime(store.file(TWIN, {"namespace": NAMESPACE}), (long_ago, long_ago))

    publications.mend()

    assert twin(store)["id"] == WEB


async def test_a_log_that_somebody_changed_keeps_no_registry_from_starting(
    publications: Publications, store: Store
) -> None:
    store.put(LOG, (await a_publisher()).log.text.replace(b"key-2018", b"key-2019"), namespace=NAMESPACE)

    publications.mend()

    assert store.read(TWIN, namespace=NAMESPACE) is None
