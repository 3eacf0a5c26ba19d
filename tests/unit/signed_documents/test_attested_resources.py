"""Every way in which a resource can be false has its own reason."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydid import DIDDocument

from signed_documents.attested_resources import (
    ResourceType,
    StatusListLink,
    VerifiedResource,
    resource_id,
    verify_resource,
)
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import ResourceId
from signed_documents.keys import SoftwareSigner
from tests.support.signing import Publisher, a_publisher


@pytest.fixture
async def publisher() -> Publisher:
    return await a_publisher()


def verified(resource: dict[str, Any], publisher: Publisher, name: str | None = None) -> VerifiedResource:
    return verify_resource(resource, ResourceId.parse(name or resource["id"]), publisher.log.document)


def reason(resource: Any, publisher: Publisher, name: str) -> Reason:
    with pytest.raises(DocumentRefused) as refused:
        verify_resource(resource, ResourceId.parse(name), publisher.log.document)
    return refused.value.reason


async def test_a_signed_resource_verifies_under_the_name_of_its_content(publisher: Publisher) -> None:
    resource = await publisher.resource(publisher.schema())

    assert verified(resource, publisher) == VerifiedResource(
        ResourceId.parse(resource_id(publisher.did, publisher.schema())),
        ResourceType.SCHEMA,
        "a name",
        publisher.schema(),
        (),
        publisher.signer.verification_method,
    )


async def test_the_name_depends_on_the_content_and_not_on_its_order(publisher: Publisher) -> None:
    turned = dict(reversed(publisher.schema().items()))

    assert resource_id(publisher.did, turned) == resource_id(publisher.did, publisher.schema())
    assert resource_id(publisher.did, publisher.schema(version="1.1")) != resource_id(
        publisher.did, publisher.schema()
    )


def _changed(path: tuple[str, ...], value: Any) -> Callable[[dict[str, Any]], None]:
    def change(resource: dict[str, Any]) -> None:
        *parents, last = path
        for parent in parents:
            resource = resource[parent]
        resource[last] = value

    return change


OTHER_SIGNATURE = "z5Xhc7Q7wRNGwv1dkGCLdSVRzsqtcBxGHGMURnKtTk1bzPVJhhxSe3pYMNRMHPrkhYD5dCAEeNzdm3GRJ8M2nVVNq"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_changed(("content", "version"), "6.6"), Reason.WRONG_DIGEST),
        (_changed(("metadata", "resourceId"), "zQmElse"), Reason.WRONG_DIGEST),
        (_changed(("id",), "did:webvh:elsewhere"), Reason.OTHER_IDENTIFIER),
        (_changed(("metadata", "resourceName"), "another name"), Reason.BAD_SIGNATURE),
        (_changed(("proof", "proofValue"), OTHER_SIGNATURE), Reason.BAD_SIGNATURE),
        (_changed(("proof", "proofValue"), "not multibase"), Reason.BAD_SIGNATURE),
        (_changed(("proof", "proofValue"), 7), Reason.BAD_SIGNATURE),
        (_changed(("proof", "created"), "2020-01-01T00:00:00Z"), Reason.BAD_SIGNATURE),
        (_changed(("proof", "created"), json.loads("[" * 2_000 + "]" * 2_000)), Reason.BAD_SIGNATURE),
        (_changed(("metadata", "more"), json.loads("[" * 2_000 + "]" * 2_000)), Reason.BAD_SIGNATURE),
        (_changed(("proof", "cryptosuite"), "eddsa-rdfc-2022"), Reason.UNSUPPORTED_PROOF),
        (_changed(("proof", "proofPurpose"), "authentication"), Reason.UNSUPPORTED_PROOF),
        (_changed(("proof", "verificationMethod"), None), Reason.UNSUPPORTED_PROOF),
        (_changed(("proof",), []), Reason.UNSUPPORTED_PROOF),
        (_changed(("proof",), None), Reason.UNSUPPORTED_PROOF),
        (_changed(("type",), ["VerifiableCredential"]), Reason.MALFORMED),
        (_changed(("type",), 7), Reason.MALFORMED),
        (_changed(("content",), "text"), Reason.MALFORMED),
        (_changed(("content", "version"), float("nan")), Reason.MALFORMED),
        (_changed(("metadata",), None), Reason.MALFORMED),
    ],
)
async def test_a_tampered_resource_is_refused_with_its_reason(
    publisher: Publisher, change: Callable[[dict[str, Any]], None], expected: Reason
) -> None:
    resource = await publisher.resource(publisher.schema())
    name = resource["id"]

    change(resource)

    assert reason(resource, publisher, name) is expected


async def test_what_is_no_object_is_refused(publisher: Publisher) -> None:
    assert reason([], publisher, resource_id(publisher.did, publisher.schema())) is Reason.MALFORMED


async def test_a_resource_of_one_did_signed_by_another_is_refused(publisher: Publisher) -> None:
    stranger = await a_publisher("calder-bay")
    resource = await publisher.resource(publisher.schema(), signer=stranger.signer)

    assert reason(resource, publisher, resource["id"]) is Reason.OTHER_SIGNER


async def test_the_document_of_another_did_is_never_asked_for_the_key(publisher: Publisher) -> None:
    stranger = await a_publisher("calder-bay")
    resource = await publisher.resource(publisher.schema(), signer=stranger.signer)

    assert reason(resource, stranger, resource["id"]) is Reason.OTHER_SIGNER


async def test_content_that_names_another_issuer_is_refused(publisher: Publisher) -> None:
    stranger = await a_publisher("calder-bay")
    content = stranger.schema()
    resource = await publisher.resource(content)
    name = resource_id(publisher.did, content)

    assert reason({**resource, "id": name}, publisher, name) is Reason.OTHER_ISSUER


async def test_a_key_that_nobody_published_is_refused(publisher: Publisher) -> None:
    unknown = SoftwareSigner(Ed25519PrivateKey.generate(), f"{publisher.did}#z6MkUnknown")
    resource = await publisher.resource(publisher.schema(), signer=unknown)

    assert reason(resource, publisher, resource["id"]) is Reason.KEY_NOT_ASSERTED


async def test_a_key_that_may_only_authenticate_is_refused(publisher: Publisher) -> None:
    resource = await publisher.resource(publisher.schema())
    document = DIDDocument.deserialize({**publisher.log.document_json, "assertionMethod": []})

    with pytest.raises(DocumentRefused) as refused:
        verify_resource(resource, ResourceId.parse(resource["id"]), document)

    assert refused.value.reason is Reason.KEY_NOT_ASSERTED


async def test_a_key_that_another_did_controls_is_refused(publisher: Publisher) -> None:
    resource = await publisher.resource(publisher.schema())
    methods = [
        {**method, "controller": "did:example:other"}
        for method in publisher.log.document_json["verificationMethod"]
    ]
    document = DIDDocument.deserialize({**publisher.log.document_json, "verificationMethod": methods})

    with pytest.raises(DocumentRefused) as refused:
        verify_resource(resource, ResourceId.parse(resource["id"]), document)

    assert refused.value.reason is Reason.OTHER_SIGNER


@pytest.mark.parametrize("material", ["z6Mk", "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", "no key"])
async def test_a_malformed_multikey_is_refused(publisher: Publisher, material: str) -> None:
    resource = await publisher.resource(publisher.schema())
    first, second, *others = publisher.log.document_json["verificationMethod"]
    methods = [first, {**second, "publicKeyMultibase": material}, *others]
    document = DIDDocument.deserialize({**publisher.log.document_json, "verificationMethod": methods})

    with pytest.raises(DocumentRefused) as refused:
        verify_resource(resource, ResourceId.parse(resource["id"]), document)

    assert refused.value.reason is Reason.UNSUPPORTED_PROOF


async def test_content_that_lacks_what_its_type_needs_is_refused(publisher: Publisher) -> None:
    resource = await publisher.resource(publisher.schema(), ResourceType.CREDENTIAL_DEFINITION)

    assert reason(resource, publisher, resource["id"]) is Reason.MALFORMED


def _link(publisher: Publisher, timestamp: int, text: str = "a") -> StatusListLink:
    return StatusListLink(ResourceId.parse(resource_id(publisher.did, {"list": text})), timestamp)


async def test_a_registry_may_gain_status_lists_under_the_same_name(publisher: Publisher) -> None:
    kind = ResourceType.REVOCATION_REGISTRY
    links = (_link(publisher, 100), _link(publisher, 200, "b"))

    before = await publisher.resource(publisher.registry(), kind)
    after = await publisher.resource(publisher.registry(), kind, links=links)

    assert before["id"] == after["id"]
    assert verified(after, publisher).links == links


@pytest.mark.parametrize("stamps", [(200, 100), (100, 100)])
async def test_status_lists_out_of_the_order_of_time_are_refused(
    publisher: Publisher, stamps: tuple[int, ...]
) -> None:
    links = tuple(_link(publisher, stamp) for stamp in stamps)
    resource = await publisher.resource(publisher.registry(), ResourceType.REVOCATION_REGISTRY, links=links)

    assert reason(resource, publisher, resource["id"]) is Reason.BAD_STATUS_LIST


async def test_a_status_list_of_another_did_is_refused(publisher: Publisher) -> None:
    links = (_link(await a_publisher("calder-bay"), 100),)
    resource = await publisher.resource(publisher.registry(), ResourceType.REVOCATION_REGISTRY, links=links)

    assert reason(resource, publisher, resource["id"]) is Reason.BAD_STATUS_LIST
