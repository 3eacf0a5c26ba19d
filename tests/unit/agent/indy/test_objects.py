"""What the ids of AnonCreds objects on a ledger say."""

import pytest

from agent.domain.credentials import CredentialType
from agent.domain.errors import Conflict
from agent.domain.ports.anoncreds_objects import ObjectIds
from agent.indy.objects import IndyObjects
from tests.support.anoncreds_objects import unasked

OPERATOR, ISSUER, STRANGER = (
    "ATkb98UVkGH5HngQfap2H7",
    "GbjkVqu5cuSywNWi4qQu7E",
    "V4SGRU86Z58d6TV7PBUe6f",
)
SCHEMA = f"{OPERATOR}:2:EmploymentCredential:1.1"
DEFINITION = f"{ISSUER}:3:CL:12:staff-passport"
REGISTRY = f"{ISSUER}:4:{DEFINITION}:CL_ACCUM:0"


def objects(operator: str | None = OPERATOR) -> IndyObjects:
    return IndyObjects(unasked(), unasked(), unasked(), operator)


def test_ids_of_one_issuer_belong_together() -> None:
    assert objects().belong_together(ObjectIds(SCHEMA, DEFINITION, REGISTRY))


@pytest.mark.parametrize(
    ("schema", "definition", "registry"),
    [
        (SCHEMA, DEFINITION, REGISTRY.replace(ISSUER, STRANGER, 1)),
        (SCHEMA, DEFINITION, f"{STRANGER}:4:{STRANGER}:3:CL:12:staff-passport:CL_ACCUM:0"),
        (SCHEMA, DEFINITION, f"{ISSUER}:4:{ISSUER}:3:CL:13:staff-passport:CL_ACCUM:0"),
        (SCHEMA, "did:webvh:scid:registry.example/resources/z1", REGISTRY),
        ("did:webvh:scid:registry.example/resources/z1", DEFINITION, REGISTRY),
        (SCHEMA, f"{DEFINITION}:more", REGISTRY),
        ("12", DEFINITION, REGISTRY),
    ],
)
def test_other_ids_do_not(schema: str, definition: str, registry: str) -> None:
    assert not objects().belong_together(ObjectIds(schema, definition, registry))


async def test_the_national_schemas_are_the_operators() -> None:
    assert (await objects().national_schemas())[CredentialType.EMPLOYMENT] == SCHEMA


async def test_without_an_operator_there_are_no_national_schemas() -> None:
    with pytest.raises(Conflict) as refused:
        await objects(None).national_schemas()

    assert refused.value.code == "no_operator_on_ledger"
