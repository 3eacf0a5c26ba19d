"""A W3C document says what was signed, for whom, by whom; in JSON-LD and in JSON alike."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.contexts import CREDENTIALS_V1, CREDENTIALS_V2
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.w3c_documents import ANYBODY, DataModel, MadeFor, claimed_signer, signed, verify
from tests.support.signing import NOON, public
from tests.support.w3c import CONTEXTS

type Json = dict[str, Any]
KEY = Ed25519PrivateKey.generate()
SIGNER = SoftwareSigner(KEY, did_key_method(public(KEY)))
HOST = MadeFor.verifier("a challenge", "https://host.example.test")
each_model = pytest.mark.parametrize("model", list(DataModel))


async def a_document(model: DataModel, made_for: MadeFor = HOST) -> Json:
    context = CREDENTIALS_V1 if model is DataModel.V1_1 else CREDENTIALS_V2
    document = {"@context": [context], "type": ["VerifiablePresentation"], "holder": "did:example:somebody"}
    return await signed(document, SIGNER, made_for, created=NOON, load=CONTEXTS)


def reason(document: Json, made_for: MadeFor = HOST, key: bytes = public(KEY)) -> Reason:
    """Why a document is not taken."""
    try:
        claimed_signer(document, made_for)
        verify(document, key, load=CONTEXTS)
    except DocumentRefused as refused:
        return refused.reason
    raise AssertionError("it was taken")


@each_model
async def test_what_was_signed_is_verified_and_names_its_signer(model: DataModel) -> None:
    document = await a_document(model)

    assert claimed_signer(document, HOST) == SIGNER.verification_method
    verify(document, public(KEY), load=CONTEXTS)


@each_model
async def test_a_document_that_was_changed_does_not_fit_its_proof(model: DataModel) -> None:
    document = await a_document(model)

    assert reason({**document, "holder": "did:example:another"}) is Reason.BAD_SIGNATURE
    assert reason(document, key=public(Ed25519PrivateKey.generate())) is Reason.BAD_SIGNATURE


@each_model
async def test_a_proof_is_for_one_request_of_one_verifier(model: DataModel) -> None:
    document = await a_document(model)
    another_request = MadeFor.verifier("another challenge", "https://host.example.test")
    another_host = MadeFor.verifier("a challenge", "https://another.example.test")

    assert reason(document, another_request) is Reason.OTHER_CHALLENGE
    assert reason(document, another_host) is Reason.OTHER_DOMAIN
    assert reason(document, ANYBODY) is Reason.UNSUPPORTED_PROOF


@each_model
@pytest.mark.parametrize(
    "change",
    [
        {"type": "Ed25519Signature2020"},
        {"proofPurpose": "assertionMethod"},
        {"verificationMethod": ["did:example:somebody#key"]},
        {"created": [{"a": "blank node"}]},
        {"challenge": None},
        {"expires": "2030-01-01T00:00:00Z"},
    ],
)
async def test_a_proof_of_another_form_is_not_looked_at(model: DataModel, change: Json) -> None:
    document = await a_document(model)

    changed = {**document, "proof": {**document["proof"], **change}}

    assert reason(changed) in {Reason.UNSUPPORTED_PROOF, Reason.OTHER_CHALLENGE}


@each_model
@pytest.mark.parametrize("proof", [None, [], "a proof", {}])
async def test_a_document_without_one_proof_is_not_looked_at(model: DataModel, proof: object) -> None:
    assert reason({**await a_document(model), "proof": proof}) is Reason.UNSUPPORTED_PROOF


async def test_the_proof_of_a_document_in_json_is_of_its_own_context() -> None:
    document = await a_document(DataModel.V2_0)
    document["@context"] = [CREDENTIALS_V2, "https://terms.example.test/v1"]

    assert reason(document) is Reason.UNSUPPORTED_PROOF


@pytest.mark.parametrize("context", [None, [], "x", [{}], ["https://terms.example.test/v1"]])
def test_a_document_of_no_data_model_that_we_know_is_refused(context: object) -> None:
    with pytest.raises(DocumentRefused) as refused:
        DataModel.of({"@context": context})
    assert refused.value.reason is Reason.UNKNOWN_CONTEXT


async def test_a_context_that_is_not_pinned_is_not_fetched() -> None:
    document = {
        "@context": [CREDENTIALS_V1, "https://terms.example.test/v1"],
        "type": ["VerifiableCredential"],
    }

    with pytest.raises(DocumentRefused) as refused:
        await signed(document, SIGNER, ANYBODY, created=NOON, load=CONTEXTS)
    assert refused.value.reason in {Reason.MALFORMED, Reason.UNKNOWN_CONTEXT}


async def test_a_signature_in_json_needs_no_context_at_all() -> None:
    nothing = PinnedContexts({})
    document = await a_document(DataModel.V2_0)

    verify(document, public(KEY), load=nothing)


async def test_json_that_is_nested_without_end_is_refused() -> None:
    document = await a_document(DataModel.V2_0)
    nested: Any = "x"
    for _ in range(3_000):
        nested = [nested]

    assert reason({**document, "holder": nested}) is Reason.BAD_SIGNATURE
