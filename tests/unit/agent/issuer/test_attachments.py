"""What a wallet asks for is what it was offered, but for the DID that it adds."""

from copy import deepcopy
from typing import Any

import pytest
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_offer import V20CredOffer

from agent.connections import W3C_GOAL_CODES
from agent.didcomm import JsonMessage, attachment
from agent.domain.credentials import CredentialType, W3cDataModel
from agent.issuer.attachments import W3C, contents, detail, is_as_offered, issuing, offering, subject_of
from agent.issuer.w3c_credentials import unsigned_credential
from signed_documents.w3c_documents import DataModel
from tests.support.w3c import EXCHANGE, ORIGIN, an_offer
from wallet import holder
from wallet.holder.attachments import DATA_INTEGRITY, LD_PROOF

type Json = dict[str, Any]
FORM = W3C[W3cDataModel.V1_1]


def offered() -> Json:
    offer = an_offer(CredentialType.EMPLOYMENT)
    return detail(
        unsigned_credential(offer, identifier=EXCHANGE, issuer="did:x:y", origin=ORIGIN), W3cDataModel.V1_1
    )


def asked(**claims: object) -> Json:
    wanted = deepcopy(offered())
    wanted["credential"]["credentialSubject"] |= {"id": "did:key:z6Mk", **claims}
    return wanted


def test_a_wallet_adds_its_did_and_nothing_else() -> None:
    assert is_as_offered(asked(), offered())
    assert subject_of(asked()) == "did:key:z6Mk"


def test_a_did_that_was_offered_is_kept() -> None:
    theirs = asked()

    assert is_as_offered(asked(), theirs)
    assert not is_as_offered(asked(id="did:key:z6MkAnother"), theirs)
    assert not is_as_offered(offered(), theirs)


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        {},
        {"credential": None},
        {"credential": {"credentialSubject": []}},
        asked(positionTitle="Consultant"),
        asked(salary="1"),
        {"credential": {**asked()["credential"], "credentialStatus": ["x"]}},
        {"credential": {**asked()["credential"], "issuer": "did:x:z"}},
    ],
)
def test_anything_else_that_is_asked_for_differs(wanted: Json | None) -> None:
    assert not is_as_offered(wanted, offered())


@pytest.mark.parametrize("subject", [None, 7, {"a": 1}])
def test_a_subject_that_is_no_text_is_none(subject: object) -> None:
    assert subject_of(asked(id=subject)) is None


def a_request(*attachments: object, form: str = FORM.request) -> Json:
    return {"formats": [{"attach_id": FORM.id, "format": form}], "requests~attach": list(attachments)}


def test_what_a_message_says_is_found_by_its_format() -> None:
    stray = attachment("stray", {"other": "x"})

    assert contents(a_request(stray, attachment(FORM.id, asked()))) == {FORM: asked()}
    assert contents(offering({FORM: offered()})) == contents(issuing({FORM: offered()})) == {FORM: offered()}


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"formats": None, "requests~attach": None},
        {"formats": ["x", {}], "requests~attach": ["x", {}]},
        a_request(),
        a_request(attachment("stray", asked())),
        a_request(attachment(FORM.id, asked()), attachment(FORM.id, asked())),
        a_request(attachment(FORM.id, asked()), form="hlindy/cred-req@v2.0"),
        a_request({"@id": FORM.id, "data": {"base64": "WyJhIGxpc3QiXQ=="}}),
        a_request({"@id": FORM.id, "data": {"base64": "no base64"}}),
        a_request({"@id": FORM.id, "data": {"links": ["https://elsewhere.example"]}}),
    ],
)
def test_what_cannot_be_read_is_as_good_as_not_there(message: Json) -> None:
    assert contents(message) == {}


@pytest.mark.parametrize(
    ("form", "own"), [(W3C[W3cDataModel.V1_1], LD_PROOF), (W3C[W3cDataModel.V2_0], DATA_INTEGRITY)]
)
def test_agents_and_our_wallet_name_each_form_alike(form: Any, own: Any) -> None:
    assert (form.offer, form.request, form.issue) == (own.offer, own.request, own.issue)


def test_agents_and_our_wallet_know_the_same_goal_codes() -> None:
    assert tuple(W3C_GOAL_CODES) == holder.W3C_GOAL_CODES


@pytest.mark.parametrize("model", list(W3cDataModel))
def test_acapy_carries_an_offer_of_either_data_model(model: W3cDataModel) -> None:
    """It reads RFC 0593's attachments itself, and leaves alone what it does not know."""
    document = unsigned_credential(
        an_offer(CredentialType.EMPLOYMENT, DataModel(model)),
        identifier=EXCHANGE,
        issuer="did:webvh:QmaJp6pmb6RUk4oaDyWQcjeqYbvxsc3kvmHWPpz7B5JwDU:registry.example.test",
        origin=ORIGIN,
    )
    offer = offering({W3C[model]: detail(document, model)})
    message = JsonMessage.new("issue-credential/2.0/offer-credential", offer)

    read = V20CredOffer.deserialize(message.serialize())

    assert contents(read.serialize()) == {W3C[model]: detail(document, model)}
