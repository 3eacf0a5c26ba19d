import pytest

import schemas
from agent.domain.credentials import CredentialType
from agent.domain.workforce import CheckType
from agent.issuer.claims import claims_of
from agent.issuer.service import rejection
from tests.support.staff import NORTHMOOR, TODAY, a_person, a_record


@pytest.mark.parametrize("credential", list(CredentialType))
def test_a_credential_says_exactly_what_its_definition_lists(credential: CredentialType) -> None:
    claims = claims_of(credential, a_record(), NORTHMOOR, passport="a-passport", on=TODAY)

    assert tuple(claims) == schemas.load(credential).claim_names
    assert all(isinstance(value, str) for value in claims.values())
    assert (claims["pedigree"], claims["provider"]) == ("Authoritative", NORTHMOOR.name)
    assert claims["issuedOn"] == TODAY.isoformat()


def test_what_esr_does_not_have_is_empty_when_optional_and_refused_when_required() -> None:
    without_name = a_record(person=a_person(legal_surname=""))

    assert (
        claims_of(CredentialType.IDENTITY, a_record(), NORTHMOOR, passport="a-passport", on=TODAY)[
            "middleNames"
        ]
        == ""
    )
    with pytest.raises(schemas.ClaimsError):
        claims_of(CredentialType.IDENTITY, without_name, NORTHMOOR, passport="a-passport", on=TODAY)


def test_a_check_that_is_absent_is_never_said_to_be_clear() -> None:
    checks = tuple(check for check in a_record().checks if check.type is not CheckType.CRIMINAL_RECORD)

    with pytest.raises(schemas.ClaimsError):
        claims_of(
            CredentialType.EMPLOYMENT_CHECKS,
            a_record(checks=checks),
            NORTHMOOR,
            passport="a-passport",
            on=TODAY,
        )


@pytest.mark.parametrize(
    ("note", "reason", "comment"),
    [
        ("issuance-abandoned: incorrect: wrong ward", "incorrect", "wrong ward"),
        ("issuance-abandoned: duplicate", "duplicate", None),
        ("issuance-abandoned: I do not want it", "other", "I do not want it"),
        (None, "other", None),
    ],
)
def test_a_rejection_keeps_the_persons_reason(note: str | None, reason: str, comment: str | None) -> None:
    assert rejection(note) == (reason, comment)


@pytest.mark.parametrize("unkeepable", ["\x00", "\ud83d"], ids=["nul", "half-a-pair"])
def test_what_no_database_can_keep_is_left_out_of_a_rejection(unkeepable: str) -> None:
    note = f"issuance-abandoned: incor{unkeepable}rect: another{unkeepable} ward"

    assert rejection(note) == ("incorrect", "another ward")


def test_a_rejections_words_are_kept_short() -> None:
    _, comment = rejection("issuance-abandoned: " + "x" * 5_000)

    assert comment is not None
    assert len(comment) == 200
