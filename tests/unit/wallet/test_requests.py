"""What a presentation request says, as its host must have signed it."""

import base64
import json
from typing import Any

import pytest
from acapy_agent.protocols.present_proof.v2_0.messages.pres_request import V20PresRequest
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord

from wallet.holder.requests import DIF, asked_of

type Json = dict[str, Any]
DEFINITION = "dif/presentation-exchange/definitions@v1.0"
PROOF_REQUEST = "anoncreds/proof-request@v1.0"
A_PROOF_REQUEST: Json = {
    "name": "n",
    "version": "1.0",
    "nonce": "1",
    "requested_attributes": {},
    "requested_predicates": {},
}


def attached(name: str, text: str) -> Json:
    data = base64.b64encode(text.encode()).decode()
    return {"@id": name, "mime-type": "application/json", "data": {"base64": data}}


def received(formats: list[tuple[str, str]], *attachments: Json) -> V20PresExRecord:
    """The record of a request that is on the wire in these formats, each with its attachment's name."""
    message = V20PresRequest.deserialize(
        {
            "@type": "https://didcomm.org/present-proof/2.0/request-presentation",
            "@id": "5f0c5d0e-0000-4000-8000-000000000001",
            "formats": [{"attach_id": name, "format": form} for form, name in formats],
            "request_presentations~attach": list(attachments),
        }
    )
    return V20PresExRecord(pres_request=message)


def a_definition(domain: str) -> Json:
    options = {"challenge": "3fa85f64-5717-4562-b3fc-2c963f66afa7", "domain": domain}
    definition = {"id": "32f54163-7166-48f1-93d8-ff217bdb0654", "input_descriptors": []}
    return {"options": options, "presentation_definition": definition}


def test_what_is_looked_at_is_what_would_be_answered_also_when_two_attachments_have_one_name() -> None:
    record = received(
        [(DEFINITION, "a"), (DEFINITION, "a")],
        attached("a", json.dumps(a_definition("https://another.example"))),
        attached("a", json.dumps(a_definition("https://its-own.example"))),
    )
    answered = record.pres_request.attachment(DIF)
    assert answered is not None
    assert answered["options"]["domain"] == "https://another.example"
    assert asked_of(record).content[DEFINITION] == answered


@pytest.mark.parametrize("text", ["no JSON", "[" * 100_000], ids=["no JSON", "deep"])
def test_what_nobody_can_read_does_not_keep_the_person_from_their_requests(text: str) -> None:
    record = received(
        [(PROOF_REQUEST, "a"), ("of-tomorrow/request@v9", "b")],
        attached("a", json.dumps(A_PROOF_REQUEST)),
        attached("b", text),
    )
    assert asked_of(record).content == {PROOF_REQUEST: A_PROOF_REQUEST, "of-tomorrow/request@v9": None}
