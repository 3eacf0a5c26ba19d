"""What a W3C presentation proves: every way to bend it has its fault, and nothing of a stranger is read."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from agent.domain.credentials import PASSPORT_TYPES, CredentialFormat, CredentialType
from agent.domain.errors import Unavailable
from agent.domain.ports.presentations import ProofFault, UnjudgedPresentation
from agent.verifier.w3c_proofs import Expected, W3cProofs
from signed_documents.errors import DocumentUnavailable
from signed_documents.proofs import iso_utc
from signed_documents.resolution import WebvhReader
from signed_documents.w3c_documents import DataModel
from tests.support.signing import Clock, Publisher, Web, a_publisher
from tests.support.w3c import (
    CHALLENGE,
    CONTEXTS,
    DOMAIN,
    ISSUED,
    ORIGIN,
    Person,
    Registered,
    a_credential,
    a_presentation,
    entries,
    national_schemas,
)

type Json = dict[str, Any]
ANOTHER = "did:key:z6MkwXG2WjeQnNxSoynSGYU8V9j3QzP3JSqhdmkHc6SaVWoT"
EMPLOYMENT = (CredentialType.EMPLOYMENT,)
each_model = pytest.mark.parametrize("model", list(DataModel))


class Host:
    """A host that knows one employing authority."""

    def __init__(self, publisher: Publisher) -> None:
        self.web = Web()
        self.web.publish(publisher)
        self.proofs = W3cProofs(WebvhReader(self.web, clock=Clock()), CONTEXTS, Registered(publisher.did))

    async def check(
        self, presentation: object, types: tuple[CredentialType, ...] = EMPLOYMENT
    ) -> UnjudgedPresentation:
        expected = Expected(types, CHALLENGE, DOMAIN, ORIGIN, national_schemas())
        return await self.proofs.check(presentation, expected)


@pytest.fixture(scope="module")
async def publisher() -> Publisher:
    return await a_publisher()


@pytest.fixture
def host(publisher: Publisher) -> Host:
    return Host(publisher)


@pytest.fixture(scope="module")
def person() -> Person:
    return Person()


@each_model
async def test_a_whole_passport_is_proven_with_what_it_says(
    host: Host, publisher: Publisher, person: Person, model: DataModel
) -> None:
    credentials = [await a_credential(publisher, person, each, model) for each in PASSPORT_TYPES]

    read = await host.check(await a_presentation(person, *credentials), PASSPORT_TYPES)

    assert read.fault is None
    assert [shown.credential for shown in read.credentials] == list(PASSPORT_TYPES)
    employment = read.credentials[1]
    assert (employment.format, employment.issuer_did) == (CredentialFormat.W3C, publisher.did)
    assert (employment.claims["positionTitle"], employment.claims["fixedTermEndDate"]) == ("Staff Nurse", "")
    assert employment.status == tuple(entries(publisher.did))


async def test_a_presentation_may_have_credentials_of_both_data_models(
    host: Host, publisher: Publisher, person: Person
) -> None:
    types = PASSPORT_TYPES[:2]
    credentials = [
        await a_credential(publisher, person, each, model)
        for each, model in zip(types, DataModel, strict=True)
    ]

    read = await host.check(await a_presentation(person, *credentials), types)

    assert (read.fault, len(read.credentials)) == (None, 2)


async def test_a_required_claim_that_is_absent_is_not_made_up(
    host: Host, publisher: Publisher, person: Person
) -> None:
    honest = await a_credential(publisher, person, CredentialType.EMPLOYMENT, DataModel.V2_0)
    subject = {name: text for name, text in honest["credentialSubject"].items() if name != "employer"}
    without = await a_credential(
        publisher, person, CredentialType.EMPLOYMENT, DataModel.V2_0, credentialSubject=subject
    )

    read = await host.check(await a_presentation(person, without))

    assert read.fault is None
    assert "employer" not in read.credentials[0].claims


# Bent before it was signed: by an issuer, or by a holder who signs anything


def within(document: Json, *path: str | int) -> Callable[[object], Json]:
    """`document` with another value at `path`."""

    def put(value: object) -> Json:
        changed = deepcopy(document)
        at: Any = changed
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        return changed

    return put


BLANK_NODES = [{"a": {"b": [{"c": "x"}]}} for _ in range(3)]


@each_model
@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"id": "urn:x"}, ProofFault.INVALID),
        ({"id": BLANK_NODES}, ProofFault.INVALID),
        (
            {"type": ["VerifiableCredential", "StaffIdentityCredential", "EmploymentCredential"]},
            ProofFault.INVALID,
        ),
        ({"type": ["VerifiableCredential", "GymMembership"]}, ProofFault.INVALID),
        ({"credentialStatus": []}, ProofFault.INVALID),
        ({"credentialStatus": [{"type": "StatusList2021Entry"}]}, ProofFault.INVALID),
        ({"expirationDate": "2030-01-01T00:00:00Z"}, ProofFault.INVALID),
        ({"evidence": []}, ProofFault.INVALID),
    ],
)
async def test_a_credential_of_another_form_is_not_looked_at(
    host: Host, publisher: Publisher, person: Person, model: DataModel, members: Json, fault: ProofFault
) -> None:
    honest = await a_credential(publisher, person, CredentialType.EMPLOYMENT, model)
    presentation = await a_presentation(person, honest)

    read = await host.check({**presentation, "verifiableCredential": [{**honest, **members}]})

    assert read == UnjudgedPresentation(fault, ())


@each_model
@pytest.mark.parametrize(
    ("issued", "fault"),
    [
        (iso_utc(ISSUED), None),
        (iso_utc(ISSUED + timedelta(days=1)), ProofFault.INVALID),
        (iso_utc(ISSUED - timedelta(days=400)), ProofFault.INVALID),
        ("2026-11-23", ProofFault.INVALID),
        ("2026-13-41T00:00:00Z", ProofFault.INVALID),
    ],
)
async def test_a_credential_says_one_day_of_issue(
    host: Host, publisher: Publisher, person: Person, model: DataModel, issued: str, fault: ProofFault | None
) -> None:
    name = "issuanceDate" if model is DataModel.V1_1 else "validFrom"
    credential = await a_credential(publisher, person, CredentialType.EMPLOYMENT, model, **{name: issued})

    assert (await host.check(await a_presentation(person, credential))).fault is fault


@pytest.mark.parametrize("issued", [BLANK_NODES, {"@id": "urn:x"}, None, 7])
async def test_a_day_of_issue_that_is_no_text_is_never_canonicalised(
    host: Host, publisher: Publisher, person: Person, issued: object
) -> None:
    """Blank nodes that point at one another take ten times longer with each one more."""
    honest = await a_credential(publisher, person, CredentialType.EMPLOYMENT, DataModel.V1_1)
    presentation = await a_presentation(person, honest)

    bent = within(presentation, "verifiableCredential", 0, "issuanceDate")(issued)

    assert await host.check(bent) == UnjudgedPresentation(ProofFault.INVALID, ())


@each_model
@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("@context",), ["https://www.w3.org/2018/credentials/v1"], ProofFault.UNKNOWN_CONTEXT),
        (("type",), ["VerifiablePresentation"], ProofFault.INVALID),
        (("holder",), BLANK_NODES, ProofFault.NOT_THE_SUBJECT),
        (("holder",), ANOTHER, ProofFault.NOT_THE_SUBJECT),
        (("presentation_submission",), BLANK_NODES, ProofFault.INVALID),
        (("presentation_submission", "descriptor_map"), BLANK_NODES, ProofFault.INVALID),
        (("presentation_submission", "descriptor_map", 0, "path"), BLANK_NODES, ProofFault.INVALID),
        (("presentation_submission", "more"), "x", ProofFault.INVALID),
        (("verifiableCredential",), [], ProofFault.INVALID),
        (("verifiableCredential",), "a credential", ProofFault.INVALID),
        (("verifiableCredential", 0), None, ProofFault.INVALID),
        (
            ("verifiableCredential", 0, "@context", 1),
            "https://terms.example.test/v1",
            ProofFault.UNKNOWN_CONTEXT,
        ),
        (("verifiableCredential", 0, "@context"), {"employer": "urn:x"}, ProofFault.UNKNOWN_CONTEXT),
        (("verifiableCredential", 0, "credentialSubject", "positionTitle"), "Consultant", ProofFault.INVALID),
        (("verifiableCredential", 0, "credentialSubject", "positionTitle"), BLANK_NODES, ProofFault.INVALID),
        (("verifiableCredential", 0, "credentialSubject", "salary"), "1", ProofFault.INVALID),
        (("verifiableCredential", 0, "credentialSubject", "id"), ANOTHER, ProofFault.NOT_THE_SUBJECT),
        (("verifiableCredential", 0, "credentialStatus", 0, "statusListIndex"), "8", ProofFault.INVALID),
        (("verifiableCredential", 0, "proof", "created"), BLANK_NODES, ProofFault.INVALID),
        (("verifiableCredential", 0, "proof"), [], ProofFault.INVALID),
        (("proof", "challenge"), "another", ProofFault.WRONG_CHALLENGE),
        (("proof", "domain"), "https://another.example.test", ProofFault.WRONG_DOMAIN),
        (("proof", "proofPurpose"), "assertionMethod", ProofFault.INVALID),
        (("proof",), None, ProofFault.INVALID),
        (("more",), "x", ProofFault.INVALID),
    ],
)
async def test_a_presentation_that_is_bent_has_its_fault(
    host: Host,
    publisher: Publisher,
    person: Person,
    model: DataModel,
    path: tuple[str | int, ...],
    value: object,
    fault: ProofFault,
) -> None:
    credential = await a_credential(publisher, person, CredentialType.EMPLOYMENT, model)
    presentation = await a_presentation(person, credential)

    read = await host.check(within(presentation, *path)(value))

    assert read == UnjudgedPresentation(fault, ())


@pytest.mark.parametrize("nothing", [None, "x", [], {}])
async def test_what_is_no_presentation_at_all_is_invalid(host: Host, nothing: object) -> None:
    assert (await host.check(nothing)).fault is ProofFault.INVALID


@each_model
async def test_a_signature_that_was_changed_does_not_hold(
    host: Host, publisher: Publisher, person: Person, model: DataModel
) -> None:
    credential = await a_credential(publisher, person, CredentialType.EMPLOYMENT, model)
    another = await a_credential(publisher, person, CredentialType.IDENTITY, model)
    presentation = await a_presentation(person, {**credential, "proof": another["proof"]})

    assert (await host.check(presentation)).fault is ProofFault.INVALID


# Whose it is


@each_model
async def test_credentials_that_were_stolen_are_worth_nothing(
    host: Host, publisher: Publisher, person: Person, model: DataModel
) -> None:
    stolen = await a_credential(publisher, person, CredentialType.EMPLOYMENT, model)

    read = await host.check(await a_presentation(Person(), stolen))

    assert read.fault is ProofFault.NOT_THE_SUBJECT


@each_model
async def test_two_peoples_credentials_are_not_one_persons(
    host: Host, publisher: Publisher, person: Person, model: DataModel
) -> None:
    """Each was issued for real, to somebody else."""
    own = await a_credential(publisher, person, CredentialType.IDENTITY, model)
    friends = await a_credential(publisher, Person(), CredentialType.EMPLOYMENT, model)

    read = await host.check(await a_presentation(person, own, friends), PASSPORT_TYPES[:2])

    assert read.fault is ProofFault.HOLDERS_DIFFER


@each_model
async def test_what_nobody_asked_for_is_not_read(
    host: Host, publisher: Publisher, person: Person, model: DataModel
) -> None:
    identity = await a_credential(publisher, person, CredentialType.IDENTITY, model)

    assert (await host.check(await a_presentation(person, identity))).fault is ProofFault.INVALID


# Who issued it


@each_model
async def test_nothing_of_a_stranger_is_fetched(
    host: Host, publisher: Publisher, person: Person, model: DataModel
) -> None:
    stranger = await a_publisher("southmoor")
    host.web.publish(stranger)
    credential = await a_credential(stranger, person, CredentialType.EMPLOYMENT, model)

    read = await host.check(await a_presentation(person, credential))

    assert read.fault is ProofFault.UNKNOWN_ISSUER
    assert host.web.asked == []


@each_model
async def test_a_credential_in_the_name_of_an_issuer_needs_its_key(
    host: Host, publisher: Publisher, person: Person, model: DataModel
) -> None:
    stranger = await a_publisher("southmoor")
    forged = await a_credential(stranger, person, CredentialType.EMPLOYMENT, model, issuer=publisher.did)

    assert (await host.check(await a_presentation(person, forged))).fault is ProofFault.INVALID


async def test_an_issuer_whose_did_cannot_be_had_is_neither_yes_nor_no(
    host: Host, publisher: Publisher, person: Person
) -> None:
    credential = await a_credential(publisher, person, CredentialType.EMPLOYMENT, DataModel.V1_1)
    host.web.pages[publisher.log.did.log_url] = DocumentUnavailable("no answer")

    with pytest.raises(Unavailable) as unavailable:
        await host.check(await a_presentation(person, credential))
    assert unavailable.value.code == "registry_unavailable"
