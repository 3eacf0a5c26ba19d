from copy import deepcopy
from typing import Any

import pytest

from agent.verifier.presentation_form import is_well_formed
from agent.webvh.anoncreds_objects import WebvhObjects
from tests.support.anoncreds_objects import unasked

ISSUER = "did:webvh:scid:registry.staff-passport.example:organisations:northmoor"
ASKED = {"requested_attributes": {"identity": {"names": ["a"]}, "employment": {"names": ["b", "c"]}}}
ON_WEBVH = WebvhObjects(unasked(), unasked(), unasked()).belong_together
REVEALED = {
    "raw": "Staff Nurse",
    "encoded": "27034640024117331033063128044004318218486816931520886405535659934417438781507",
}


def a_proof() -> dict[str, Any]:
    def identifier(number: int) -> dict[str, Any]:
        ids = {
            name: f"{ISSUER}/resources/{name}{number}" for name in ("schema_id", "cred_def_id", "rev_reg_id")
        }
        return {**ids, "timestamp": 1}

    groups = {
        "identity": {"sub_proof_index": 0, "values": {"a": REVEALED}},
        "employment": {"sub_proof_index": 1, "values": {"b": REVEALED, "c": REVEALED}},
    }
    return {
        "requested_proof": {"revealed_attr_groups": groups, "predicates": {}},
        "identifiers": [identifier(0), identifier(1)],
    }


def test_what_was_asked_is_well_formed() -> None:
    assert is_well_formed(a_proof(), ASKED, ON_WEBVH)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (
            ("requested_proof", "revealed_attr_groups", "identity", "values"),
            {"a": REVEALED, "extra": REVEALED},
        ),
        (("requested_proof", "revealed_attr_groups", "identity", "values"), {}),
        (("requested_proof", "revealed_attr_groups", "identity", "values", "a", "label"), "Consultant"),
        (("requested_proof", "revealed_attr_groups", "identity", "values", "a", "raw"), {"raw": "x"}),
        (("requested_proof", "revealed_attr_groups", "identity", "values", "a", "encoded"), 1),
        (("requested_proof", "revealed_attr_groups", "identity", "values", "a"), {"raw": "Consultant"}),
        (("requested_proof", "revealed_attr_groups", "identity", "values", "a"), "Consultant"),
        (("requested_proof", "revealed_attr_groups", "identity", "sub_proof_index"), 1),
        (("requested_proof", "revealed_attr_groups", "identity", "sub_proof_index"), 7),
        (("requested_proof", "revealed_attr_groups", "another"), {"sub_proof_index": 2, "values": {}}),
        (("requested_proof", "self_attested_attrs"), {"a": "I say so"}),
        (("requested_proof", "unrevealed_attrs"), {"a": {}}),
        (("identifiers", 0, "rev_reg_id"), "did:webvh:other:evil.example/resources/x"),
        (("identifiers", 0, "rev_reg_id"), None),
        (("identifiers", 0, "schema_id"), "did:web:a.example/x"),
        (("identifiers",), []),
        (("identifiers",), None),
        (("requested_proof",), None),
    ],
)
def test_any_other_form_is_refused_before_it_is_read(path: tuple[Any, ...], value: object) -> None:
    proof = deepcopy(a_proof())
    *way, last = path
    place: Any = proof
    for step in way:
        place = place[step]
    place[last] = value

    assert not is_well_formed(proof, ASKED, ON_WEBVH)


def test_a_credential_that_no_group_uses_is_refused() -> None:
    proof = a_proof()
    proof["identifiers"].append(dict(proof["identifiers"][0]))

    assert not is_well_formed(proof, ASKED, ON_WEBVH)
