from collections.abc import Mapping
from typing import Any

import pytest

from wallet.holder.credentials import Format, HeldCredential, Status
from wallet.holder.selection import Ask, Lack, Missing, answers, asks_of, select

OPERATOR = "did:webvh:zQmOperator:registry.staff-passport.example:organisations:operator"
NORTHMOOR = "did:webvh:zQmNorthmoor:registry.staff-passport.example:organisations:northmoor"
SCHEMA = f"{OPERATOR}/resources/zQmSchema"


def a_credential(
    name: str = "employment",
    *,
    attributes: Mapping[str, str] | None = None,
    status: Status = Status.VALID,
    stored_at: str = "2026-11-23T09:00:00Z",
) -> HeldCredential:
    return HeldCredential(
        id=name,
        format=Format.ANONCREDS,
        type="Employment",
        schema_id=SCHEMA,
        cred_def_id=f"{NORTHMOOR}/resources/zQmDefinition",
        issuer=NORTHMOOR,
        attributes=attributes or {"employer": "Northmoor Teaching Hospitals", "fte": "80"},
        status=status,
        revocation_registry_id=f"{NORTHMOOR}/resources/zQmRegistry",
        revocation_index=1,
        stored_at=stored_at,
    )


def an_ask(*names: str, restrictions: tuple[Mapping[str, str], ...] = ()) -> Ask:
    return Ask("employment", names or ("employer",), restrictions, None)


def a_request(**wanted: Any) -> dict[str, Any]:
    return {"requested_attributes": {}, "requested_predicates": {}, **wanted}


def test_the_newest_credential_that_holds_is_chosen() -> None:
    held = [
        a_credential("first", stored_at="2026-11-01T09:00:00Z"),
        a_credential("second", stored_at="2026-11-20T09:00:00Z"),
        a_credential("third", stored_at="2026-11-22T09:00:00Z", status=Status.REVOKED),
    ]
    selection = select([an_ask()], held)
    assert (selection.chosen["employment"].id, selection.missing) == ("second", ())


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ([], Lack.NONE_HELD),
        ([a_credential(attributes={"legalSurname": "Example"})], Lack.NONE_HELD),
        ([a_credential(status=Status.REVOKED)], Lack.REVOKED),
        ([a_credential(status=Status.UNKNOWN)], Lack.UNKNOWN),
        ([a_credential(status=Status.REVOKED), a_credential(status=Status.UNKNOWN)], Lack.UNKNOWN),
    ],
)
def test_what_nothing_answers_is_named_with_the_reason(held: list[HeldCredential], reason: Lack) -> None:
    selection = select([an_ask()], held)
    assert selection.missing == (Missing("employment", ("employer",), reason),)


def test_all_names_must_come_from_one_credential() -> None:
    held = [a_credential("a", attributes={"employer": "x"}), a_credential("b", attributes={"fte": "1"})]
    assert select([an_ask("employer", "fte")], held).missing


def test_names_are_compared_as_anoncreds_does() -> None:
    assert answers(a_credential(attributes={"legalSurname": "Example"}), an_ask("Legal Surname"))


@pytest.mark.parametrize(
    ("restriction", "answered"),
    [
        ({"schema_id": SCHEMA}, True),
        ({"schema_id": f"{OPERATOR}/resources/zQmOther"}, False),
        ({"schema_id": SCHEMA, "issuer_did": NORTHMOOR}, True),
        ({"schema_id": SCHEMA, "issuer_did": OPERATOR}, False),
        ({"schema_name": "Employment"}, True),
        ({"attr::employer::value": "Northmoor Teaching Hospitals"}, True),
        ({"attr::employer::value": "Calder Bay Community Care"}, False),
        ({"attr::payBand::marker": "1"}, False),
        ({"colour": "red"}, False),
    ],
)
def test_every_term_of_a_restriction_must_hold(restriction: dict[str, str], *, answered: bool) -> None:
    assert answers(a_credential(), an_ask(restrictions=(restriction,))) is answered


def test_one_of_several_restrictions_is_enough() -> None:
    assert answers(a_credential(), an_ask(restrictions=({"schema_id": "another"}, {"schema_id": SCHEMA})))


@pytest.mark.parametrize(
    ("kind", "value", "answered"),
    [(">=", 80, True), (">", 80, False), ("<=", 80, True), ("<", 81, True), ("!=", 80, False)],
)
def test_a_predicate_must_be_true_of_the_credential(kind: str, value: int, *, answered: bool) -> None:
    wanted = {"name": "fte", "p_type": kind, "p_value": value}
    (ask,) = asks_of(a_request(requested_predicates={"hours": wanted}))
    assert answers(a_credential(), ask) is answered


def test_a_predicate_on_words_is_not_answered() -> None:
    wanted = {"name": "employer", "p_type": ">=", "p_value": 1}
    (ask,) = asks_of(a_request(requested_predicates={"hours": wanted}))
    assert not answers(a_credential(), ask)


def test_a_request_is_read_attribute_by_attribute() -> None:
    request = a_request(
        requested_attributes={
            "one": {"name": "employer"},
            "group": {"names": ["employer", "fte"], "restrictions": [{"schema_id": SCHEMA}]},
        }
    )
    assert asks_of(request) == (
        Ask("one", ("employer",), (), None),
        Ask("group", ("employer", "fte"), ({"schema_id": SCHEMA},), None),
    )
