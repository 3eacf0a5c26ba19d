"""A W3C credential says each claim under its own meaning, or it is not offered."""

from dataclasses import replace
from typing import Any

import pytest
from pyld import jsonld

import schemas
from agent.domain.credentials import PASSPORT_TYPES, CredentialType
from agent.domain.errors import Refused
from agent.issuer.w3c_credentials import require_meaning, unsigned_credential
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.w3c_documents import DataModel
from tests.support.w3c import CONTEXTS, EXCHANGE, ORIGIN, an_offer, entries

ISSUER = "did:webvh:QmaJp6pmb6RUk4oaDyWQcjeqYbvxsc3kvmHWPpz7B5JwDU:registry.staff-passport.example:a"
each_model = pytest.mark.parametrize("model", list(DataModel))
STAFF_CONTEXT = schemas.credential_contexts(ORIGIN, DataModel.V1_1)[1]


def a_credential(model: DataModel, credential: CredentialType = CredentialType.EMPLOYMENT) -> dict[str, Any]:
    offer = an_offer(credential, model, status=entries(ISSUER))
    return unsigned_credential(offer, identifier=EXCHANGE, issuer=ISSUER, origin=ORIGIN)


def with_claim(model: DataModel, name: str) -> dict[str, Any]:
    offer = an_offer(CredentialType.EMPLOYMENT, model)
    offer = replace(offer, claims={**offer.claims, name: "x"})
    return unsigned_credential(offer, identifier=EXCHANGE, issuer=ISSUER, origin=ORIGIN)


def contexts(staff_terms: dict[str, object]) -> PinnedContexts:
    """The pinned ones, with other terms of staff."""
    known = {url: CONTEXTS(url)["document"] for url in schemas.credential_contexts(ORIGIN, DataModel.V1_1)}
    known |= {url: CONTEXTS(url)["document"] for url in schemas.credential_contexts(ORIGIN, DataModel.V2_0)}
    own = known[STAFF_CONTEXT]["@context"]
    return PinnedContexts({**known, STAFF_CONTEXT: {"@context": {**own, **staff_terms}}})


@each_model
@pytest.mark.parametrize("credential", PASSPORT_TYPES)
def test_every_claim_of_every_type_has_its_meaning(model: DataModel, credential: CredentialType) -> None:
    document = a_credential(model, credential)

    require_meaning(document, origin=ORIGIN, contexts=CONTEXTS)


@each_model
def test_a_claim_that_no_context_defines_is_refused_by_name(model: DataModel) -> None:
    with pytest.raises(Refused, match="salary") as refused:
        require_meaning(with_claim(model, "salary"), origin=ORIGIN, contexts=CONTEXTS)
    assert [refusal.code for refusal in refused.value.refusals] == ["term_without_meaning"]


@each_model
def test_a_type_that_no_context_defines_is_refused_by_name(model: DataModel) -> None:
    document = a_credential(model) | {"type": ["VerifiableCredential", "GymMembership"]}

    with pytest.raises(Refused, match="GymMembership"):
        require_meaning(document, origin=ORIGIN, contexts=CONTEXTS)


@each_model
def test_a_term_that_a_context_defines_anew_is_refused_by_name(model: DataModel) -> None:
    redefined = contexts({"VerifiableCredential": "https://terms.example.test/v1#VerifiableCredential"})

    with pytest.raises(Refused, match="VerifiableCredential"):
        require_meaning(a_credential(model), origin=ORIGIN, contexts=redefined)


@each_model
def test_a_claim_under_another_meaning_is_refused_by_name(model: DataModel) -> None:
    elsewhere = contexts({"positionTitle": {"@id": "https://terms.example.test/v1#positionTitle"}})

    with pytest.raises(Refused, match="positionTitle"):
        require_meaning(a_credential(model), origin=ORIGIN, contexts=elsewhere)


@each_model
def test_an_absent_claim_is_left_out_and_the_status_is_standard(model: DataModel) -> None:
    document = a_credential(model)

    assert "fixedTermEndDate" not in document["credentialSubject"]
    load: Any = CONTEXTS
    (expanded,) = jsonld.expand(document, {"documentLoader": load})
    revocation, suspension = expanded["https://www.w3.org/2018/credentials#credentialStatus"]
    status = "https://www.w3.org/ns/credentials/status#"
    assert revocation["@type"] == suspension["@type"] == [f"{status}BitstringStatusListEntry"]
    assert [each[f"{status}statusPurpose"][0]["@value"] for each in (revocation, suspension)] == [
        "revocation",
        "suspension",
    ]
