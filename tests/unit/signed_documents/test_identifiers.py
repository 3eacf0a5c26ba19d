"""Which identifiers we accept, and where they lead."""

import pytest

from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import ResourceId, WebvhDid

SCID = "QmRyAY5bGAXhqN3issft1WuXEQfqr999zkosi9fYXZTkJe"
DIGEST = "zQmcuHkbFapeJsF5HqKShKnw3zPS5SPZPhwNR8uprTQdL6e"
DID = f"did:webvh:{SCID}:registry.staff-passport.example:organisations:northmoor"


def test_a_did_leads_to_its_log() -> None:
    assert WebvhDid.parse(DID).log_url == (
        "https://registry.staff-passport.example/organisations/northmoor/did.jsonl"
    )


def test_a_did_without_path_has_its_log_at_the_well_known_place() -> None:
    did = WebvhDid.parse(f"did:webvh:{SCID}:trust.example")

    assert did.log_url == "https://trust.example/.well-known/did.jsonl"


def test_a_resource_leads_to_its_place_beside_the_log() -> None:
    identifier = ResourceId.parse(f"{DID}/resources/{DIGEST}")

    assert identifier.url == (
        f"https://registry.staff-passport.example/organisations/northmoor/resources/{DIGEST}"
    )
    assert str(identifier) == f"{DID}/resources/{DIGEST}"


@pytest.mark.parametrize(
    "did",
    [
        "",
        "did:web:trust.example",
        f"did:webvh:{SCID}",
        f"did:webvh:{SCID}:",
        f"did:webvh:{SCID}:localhost",
        f"did:webvh:{SCID}:127.0.0.1",
        f"did:webvh:{SCID}:169.254.169.254",
        f"did:webvh:{SCID}:trust.example%3A8443",
        f"did:webvh:{SCID}:trust%2Eexample",
        f"did:webvh:{SCID}:trust.example:..",
        f"did:webvh:{SCID}:trust.example:.well-known",
        f"did:webvh:{SCID}:trust.example:a%2F..%2Fb",
        f"did:webvh:{SCID}:trust.example:",
        f"did:webvh:{SCID}:trust.example@evil.example",
        f"did:webvh:{SCID}:trust.example/path",
        f"did:webvh:{SCID}:trust.example?versionId=1",
        f"did:webvh:{SCID}:trust.example\n",
        "did:webvh:{SCID}:trust.example",
        f"did:webvh:{SCID}:{'a' * 300}.example",
    ],
)
def test_an_identifier_that_could_lead_astray_is_refused(did: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        WebvhDid.parse(did)

    assert refused.value.reason is Reason.BAD_IDENTIFIER


@pytest.mark.parametrize(
    "identifier",
    [
        DID,
        f"{DID}/resources/",
        f"{DID}/resources/{DIGEST}/more",
        f"{DID}/resources/../{DIGEST}",
        f"{DID}/elsewhere/{DIGEST}",
        f"{DID}/resources/{DIGEST}#part",
        f"{DID}/resources/{DIGEST}?query",
    ],
)
def test_what_names_no_resource_is_refused(identifier: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        ResourceId.parse(identifier)

    assert refused.value.reason is Reason.BAD_IDENTIFIER
