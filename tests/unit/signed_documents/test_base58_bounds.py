"""What a stranger writes in base58 costs nothing to refuse, however long it is."""

import time

import pytest
from pydid import DIDDocument

from signed_documents.did_documents import assertion_key
from signed_documents.encoding import from_base58btc, from_multikey
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.proofs import verify_proof
from tests.support.signing import a_publisher

ENDLESS = "z" + "9" * 1_000_000
AT_ONCE = 1.0  # seconds of this process; to read it would take hours


@pytest.mark.parametrize("read", [from_base58btc, from_multikey])
def test_a_text_that_is_longer_than_any_key_is_not_read(read: object) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match="longer"):
        read(ENDLESS)  # type: ignore[operator]
    assert time.process_time() - began < AT_ONCE


def test_an_endless_proof_is_a_bad_signature_at_once() -> None:
    began = time.process_time()
    with pytest.raises(DocumentRefused) as refused:
        verify_proof({"a": 1}, {"proofValue": ENDLESS}, bytes(32))
    assert refused.value.reason is Reason.BAD_SIGNATURE
    assert time.process_time() - began < AT_ONCE


async def test_an_endless_key_is_refused_at_once() -> None:
    publisher = await a_publisher()
    document = publisher.log.document_json
    method = {**document["verificationMethod"][0], "publicKeyBase58": "9" * 1_000_000}
    changed = DIDDocument.deserialize({**document, "verificationMethod": [method]})
    began = time.process_time()
    with pytest.raises(DocumentRefused) as refused:
        assertion_key(changed, method["id"])
    assert refused.value.reason is Reason.UNSUPPORTED_PROOF
    assert time.process_time() - began < AT_ONCE
