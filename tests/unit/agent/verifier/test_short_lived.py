"""Credentials that have an end in place of a status: read, bound to whom they are about, and judged."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from agent.domain.credentials import PASSPORT_TYPES, CredentialFormat, CredentialType
from agent.domain.ports.exchanges import CredentialOffer, ShortLife
from agent.domain.ports.presentations import ProofFault, ShownLife, UnjudgedPresentation
from agent.domain.ports.status_lists import CredentialStatus
from agent.issuer.claims import claims_of
from agent.issuer.short_lived_form import without_status
from agent.issuer.w3c_credentials import unsigned_credential
from agent.verifier.settings import VerifierSettings
from agent.verifier.w3c_proofs import Expected, W3cProofs
from agent.webvh.document_loader import national_and_w3c_contexts
from signed_documents.contexts import CREDENTIALS_V1, SUBMISSION_V1
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.linked_data_proofs import ProofPurpose, make_linked_data_proof
from signed_documents.resolution import WebvhReader
from tests.support.signing import Clock, Publisher, Web, a_publisher, public
from tests.support.staff import NORTHMOOR, TODAY, a_record
from tests.unit.agent.verifier.test_policy import evidence, refusals, shown

type Json = dict[str, Any]

ORIGIN = "https://registry.staff-passport.example"
CONTEXTS = national_and_w3c_contexts(ORIGIN)
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
BEGINS = datetime(2026, 11, 23, 9, tzinfo=UTC)
ENDS = BEGINS + WEEK
HOST = "https://registry.staff-passport.example/organisations/calder-bay"
SCHEMAS = {credential: f"schema of {credential}" for credential in CredentialType}


@dataclass(frozen=True)
class Holder:
    """A phone's own key."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def signer(self) -> SoftwareSigner:
        return SoftwareSigner(self.key, did_key_method(public(self.key)))

    @property
    def did(self) -> str:
        return self.signer.verification_method.partition("#")[0]


def an_unsigned_credential(issuer: str, subject: str) -> Json:
    claims = claims_of(CredentialType.EMPLOYMENT, a_record(), NORTHMOOR, passport="a-passport", on=TODAY)
    life = ShortLife(subject, ENDS)
    offer = CredentialOffer(CredentialType.EMPLOYMENT, claims, (), frozenset({CredentialFormat.W3C}), life)
    made = unsigned_credential(
        offer, identifier="0b8a2c62-0000-4000-8000-000000000001", issuer=issuer, origin=ORIGIN, now=BEGINS
    )
    return without_status(made, life)


async def signed(document: Json, publisher: Publisher) -> Json:
    proof = await make_linked_data_proof(
        document, publisher.signer, ProofPurpose.ASSERTION, created=BEGINS, load=CONTEXTS
    )
    return {**document, "proof": proof}


async def presented(credential: Json, by: Holder) -> Json:
    presentation = {
        "@context": [CREDENTIALS_V1, SUBMISSION_V1],
        "type": ["VerifiablePresentation", "PresentationSubmission"],
        "holder": by.did,
        "verifiableCredential": [credential],
        "presentation_submission": {"id": "one", "definition_id": "two", "descriptor_map": []},
    }
    proof = await make_linked_data_proof(
        presentation,
        by.signer,
        ProofPurpose.AUTHENTICATION,
        created=BEGINS,
        load=CONTEXTS,
        challenge="a-challenge",
        domain=HOST,
    )
    return {**presentation, "proof": proof}


async def checked(presentation: Json, publisher: Publisher) -> UnjudgedPresentation:
    web = Web()
    web.publish(publisher)
    expected = Expected((CredentialType.EMPLOYMENT,), "a-challenge", HOST, ORIGIN, SCHEMAS)
    return await W3cProofs(WebvhReader(web, clock=Clock()), CONTEXTS).check(presentation, expected)


async def fault_of(**changed: object) -> ProofFault | None:
    """The fault of a credential whose issuer signed it with these members changed; None takes one out."""
    publisher, holder = await a_publisher(), Holder()
    document = an_unsigned_credential(publisher.did, holder.did) | changed
    kept = {name: value for name, value in document.items() if value is not None}
    return (await checked(await presented(await signed(kept, publisher), holder), publisher)).fault


async def test_a_short_lived_credential_is_read_with_its_life_and_without_status() -> None:
    publisher, holder = await a_publisher(), Holder()
    credential = await signed(an_unsigned_credential(publisher.did, holder.did), publisher)

    read = await checked(await presented(credential, holder), publisher)

    assert read.fault is None
    (only,) = read.credentials
    assert (only.short_life, only.status) == (ShownLife(BEGINS, ENDS), ())


async def test_who_has_a_copy_of_it_cannot_present_it() -> None:
    publisher, holder, thief = await a_publisher(), Holder(), Holder()
    credential = await signed(an_unsigned_credential(publisher.did, holder.did), publisher)

    assert (await checked(await presented(credential, thief), publisher)).fault is ProofFault.NOT_THE_SUBJECT


async def test_its_end_is_signed() -> None:
    publisher, holder = await a_publisher(), Holder()
    credential = await signed(an_unsigned_credential(publisher.did, holder.did), publisher)
    later = {**credential, "expirationDate": "2026-12-24T09:00:00Z"}

    assert (await checked(await presented(later, holder), publisher)).fault is ProofFault.INVALID


@pytest.mark.parametrize(
    "changed",
    [
        {"expirationDate": None},
        {"credentialStatus": []},
        {"expirationDate": "2026-11-30T09:00:00+00:00"},
        {"expirationDate": "2026-11-30T09:00:00.000Z"},
        {"expirationDate": "2026-11-23T09:00:00Z"},
        {"expirationDate": "2026-13-01T09:00:00Z"},
        {"expirationDate": ["2026-11-30T09:00:00Z"]},
        {"issuanceDate": "2026-11-23"},
    ],
    ids=str,
)
async def test_a_credential_has_a_status_or_an_end_as_our_issuers_write_it(changed: Json) -> None:
    assert await fault_of(**changed) is ProofFault.INVALID


def short_lived(
    *, begins: datetime = BEGINS, ends: datetime = ENDS, at: datetime = BEGINS, at_most: timedelta = WEEK
) -> list[str]:
    """The refusals of a passport with such a life, at a host that accepts one of `at_most`."""
    life = ShownLife(begins, ends)
    credentials = [shown(kind, format=CredentialFormat.W3C, short_life=life) for kind in PASSPORT_TYPES]
    statuses = (CredentialStatus.NONE,) * len(credentials)
    return refusals(evidence(*credentials, statuses=statuses, at=at, short_life_at_most=at_most))


def test_a_host_accepts_what_has_no_status_for_as_long_as_it_says() -> None:
    assert short_lived() == []
    assert short_lived(ends=ENDS + SECOND) == ["life_too_long"]
    assert short_lived(at_most=timedelta(days=1)) == ["life_too_long"]


def beside_anoncreds(**claims: str) -> list[str]:
    """A passport in AnonCreds, and a short-lived identity beside others, which differs in these claims."""
    life = ShownLife(BEGINS, ENDS)
    renewed = [shown(kind, format=CredentialFormat.W3C, short_life=life) for kind in PASSPORT_TYPES]
    renewed[0] = replace(renewed[0], claims={**renewed[0].claims, **claims})
    statuses = (*(CredentialStatus.VALID,) * len(renewed), *(CredentialStatus.NONE,) * len(renewed))
    both = (*map(shown, PASSPORT_TYPES), *renewed)
    return refusals(evidence(*both, statuses=statuses, short_life_at_most=WEEK))


def test_what_was_renewed_may_be_newer_than_the_same_in_anoncreds_and_say_nothing_else() -> None:
    assert beside_anoncreds(issuedOn="2026-11-21", lastRefresh="2026-11-21") == []
    assert beside_anoncreds(legalSurname="Another") == ["formats_differ"]


def test_a_host_that_says_nothing_accepts_nothing_without_status() -> None:
    assert VerifierSettings().short_life_at_most == timedelta(0)
    assert short_lived(at_most=VerifierSettings().short_life_at_most) == ["status_missing"]


def test_it_counts_until_the_second_in_which_it_ends() -> None:
    assert short_lived(at=ENDS - SECOND) == []
    assert short_lived(at=ENDS) == ["expired"]


def test_it_does_not_count_before_it_begins() -> None:
    assert short_lived(at=BEGINS - timedelta(minutes=5)) == []
    assert short_lived(at=BEGINS - timedelta(minutes=5) - SECOND) == ["not_yet_valid"]


def test_no_status_and_no_end_is_refused_even_by_a_host_that_accepts_short_lives() -> None:
    statuses = (CredentialStatus.NONE,) * len(PASSPORT_TYPES)

    assert refusals(evidence(statuses=statuses, short_life_at_most=WEEK)) == ["life_too_long"]


def test_no_host_accepts_more_than_a_week() -> None:
    assert VerifierSettings(short_life_at_most=WEEK).short_life_at_most == WEEK
    with pytest.raises(ValidationError):
        VerifierSettings(short_life_at_most=WEEK + SECOND)
