"""The declared credential types, and whether what is derived from them agrees."""

from dataclasses import replace
from importlib import resources

import pytest
from jsonschema import Draft202012Validator
from pyld import jsonld

import schemas
from schemas import ClaimsError, ClaimSource, ClaimType, CredentialDefinition, DefinitionError

VOCABULARY = "https://registry.example.test/vocab#"
PROVENANCE = (
    "origin",
    "assurancePolicy",
    "assuranceOutcome",
    "provider",
    "verifier",
    "methodOfVerification",
    "pedigree",
    "lastRefresh",
)
DEFINITIONS = schemas.all_definitions()
each_type = pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda each: each.name)


def example_claims(definition: CredentialDefinition) -> dict[str, str]:
    """A value for every claim that any issuer could state."""
    by_name = {
        "gpg45Profile": "H1A",
        "odsCode": "ZZNM1",
        "vpd": "901",
        "assignmentNumber": "90100001-2",
        "fte": "0.80",
        "dbsCertificateReference": "001234567890",
    }
    by_type = {ClaimType.STRING: "some text", ClaimType.DATE: "2026-01-31", ClaimType.BOOLEAN: "true"}
    return {
        claim.name: by_name.get(claim.name) or (claim.values[0] if claim.values else by_type[claim.type])
        for claim in definition.claims
    }


def test_every_folder_with_a_definition_is_a_credential_type() -> None:
    folders = [each for each in resources.files(schemas).iterdir() if each.is_dir()]
    assert {each.name for each in folders if (each / "definition.yml").is_file()} == set(schemas.NAMES)


@each_type
def test_a_type_is_named_as_its_folder(definition: CredentialDefinition) -> None:
    assert schemas.load(definition.name) is definition


@each_type
def test_every_type_ends_with_its_provenance_and_what_binds_it(
    definition: CredentialDefinition,
) -> None:
    bound = ("passportReference", "issuedOn", "credentialStatus")
    assert schemas.anoncreds_attributes(definition)[-11:] == (*PROVENANCE, *bound)


@each_type
def test_every_type_fits_anoncreds_with_its_status_list_entry(definition: CredentialDefinition) -> None:
    assert len(schemas.anoncreds_attributes(definition)) <= schemas.MAX_ATTRIBUTES


@each_type
def test_every_claim_has_a_label_in_both_languages(definition: CredentialDefinition) -> None:
    assert all(claim.label.en.strip() and claim.label.cy.strip() for claim in definition.claims)


@each_type
def test_all_forms_of_a_type_have_the_same_claims(definition: CredentialDefinition) -> None:
    names = set(schemas.anoncreds_attributes(definition)) - {schemas.STATUS_ATTRIBUTE}
    assert set(schemas.json_schema(definition)["properties"]) - {"id"} == names
    assert names <= set(schemas.json_ld_context(DEFINITIONS, vocabulary=VOCABULARY)["@context"])


@each_type
def test_a_full_subject_keeps_its_schema_and_loses_no_claim_in_json_ld(
    definition: CredentialDefinition,
) -> None:
    claims = example_claims(definition)
    schema = schemas.json_schema(definition)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(claims)
    assert schemas.complete_claims(definition, claims) == claims
    expanded = jsonld.expand(
        {**schemas.json_ld_context(DEFINITIONS, vocabulary=VOCABULARY), "id": "urn:subject", **claims}
    )
    assert len(expanded[0]) == len(claims) + 1


@each_type
def test_an_absent_optional_claim_is_the_empty_string(definition: CredentialDefinition) -> None:
    required = {c.name for c in definition.claims if c.required}
    claims = {name: value for name, value in example_claims(definition).items() if name in required}
    complete = schemas.complete_claims(definition, claims)
    assert (*complete, schemas.STATUS_ATTRIBUTE) == schemas.anoncreds_attributes(definition)
    assert {name for name, value in complete.items() if not value} == set(complete) - required


def test_a_number_that_lost_its_leading_zeros_has_them_again() -> None:
    """Stock Credo shows `001790100010` as a number; nothing else is touched."""
    shown = {"dbsCertificateReference": "1790100010", "dbsLevel": "7", "identityOutcome": "clear"}

    told = schemas.with_leading_zeros(schemas.load("employment_checks"), shown)

    assert told == {**shown, "dbsCertificateReference": "001790100010"}
    absent = {"dbsCertificateReference": "", "credentialStatus": "1"}
    assert schemas.with_leading_zeros(schemas.load("employment_checks"), absent) == absent


def test_the_six_employment_checks_each_have_an_outcome() -> None:
    outcomes = [c for c in schemas.load("employment_checks").claims if c.name.endswith("Outcome")]
    assert [c.name for c in outcomes if c.source is ClaimSource.ESR_CHECKS] == [
        "identityOutcome",
        "rightToWorkOutcome",
        "registrationOutcome",
        "historyOutcome",
        "criminalRecordOutcome",
        "workHealthOutcome",
    ]


def test_claims_that_do_not_fit_are_all_named_and_their_values_are_not() -> None:
    definition = schemas.load("employment")
    claims = example_claims(definition) | {"salary": "secret", "startDate": "31/01/2026", "vpd": "9O1"}
    del claims["employer"]
    with pytest.raises(ClaimsError) as refused:
        schemas.complete_claims(definition, claims)
    assert refused.value.problems == {
        "salary": "is not one of its claims",
        "employer": "is missing",
        "vpd": "has another form",
        "startDate": "is not an ISO 8601 date",
    }
    assert "secret" not in str(refused.value)


def test_a_boolean_is_written_as_true_or_false() -> None:
    definition = schemas.load("employment_checks")
    with pytest.raises(ClaimsError, match="dbsUpdateService is neither true nor false"):
        schemas.complete_claims(definition, example_claims(definition) | {"dbsUpdateService": "Yes"})


def test_an_unknown_type_does_not_exist() -> None:
    with pytest.raises(DefinitionError, match="no credential type passport"):
        schemas.load("passport")


def test_a_claim_cannot_be_made_twice() -> None:
    definition = schemas.load("identity")
    with pytest.raises(DefinitionError, match="dateOfBirth more than once"):
        replace(definition, claims=(*definition.claims, definition.claim("dateOfBirth")))


def test_a_type_with_too_many_attributes_is_no_anoncreds_schema() -> None:
    checks = schemas.load("employment_checks")
    extra = tuple(replace(checks.claims[0], name=f"extra{n}") for n in range(1))
    with pytest.raises(DefinitionError, match="33 attributes; 32 are allowed"):
        schemas.anoncreds_attributes(replace(checks, claims=checks.claims + extra))


def test_two_types_cannot_mean_different_things_by_one_name() -> None:
    identity = schemas.load("identity")
    other = replace(identity, claims=(replace(identity.claim("dateOfBirth"), type=ClaimType.STRING),))
    with pytest.raises(DefinitionError, match="gives dateOfBirth another type"):
        schemas.json_ld_context((identity, other), vocabulary=VOCABULARY)


@pytest.mark.parametrize("name", ["issuer", "verificationMethod"])
def test_a_claim_cannot_take_the_name_of_a_term_of_the_w3c(name: str) -> None:
    identity = schemas.load("identity")
    taken = replace(identity, claims=(replace(identity.claim("dateOfBirth"), name=name),))
    with pytest.raises(DefinitionError, match=f"cannot be redefined: {name}"):
        schemas.json_ld_context((taken,), vocabulary=VOCABULARY)
