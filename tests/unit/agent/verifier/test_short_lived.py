"""Credentials that have an end in place of a status: read, bound to whom they are about, and judged."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from agent.domain.credentials import PASSPORT_TYPES, CredentialFormat, CredentialType
from agent.domain.ports.exchanges import ShortLife
from agent.domain.ports.presentations import ProofFault, ShownLife, UnjudgedPresentation
from agent.domain.ports.status_lists import CredentialStatus
from agent.issuer.short_lived_form import without_status
from agent.issuer.w3c_credentials import unsigned_credential
from agent.verifier.settings import VerifierSettings
from agent.verifier.w3c_proofs import Expected, W3cProofs
from signed_documents.resolution import WebvhReader
from signed_documents.w3c_documents import ANYBODY, signed
from tests.support.signing import Clock, Publisher, Web, a_publisher
from tests.support.w3c import (
    CHALLENGE,
    CONTEXTS,
    DOMAIN,
    EXCHANGE,
    ISSUED,
    ORIGIN,
    Person,
    Registered,
    a_presentation,
    an_offer,
    national_schemas,
)
from tests.unit.agent.verifier.test_policy import evidence, refusals, shown

type Json = dict[str, Any]

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
BEGINS = ISSUED
ENDS = BEGINS + WEEK


def an_unsigned_credential(issuer: str, subject: str) -> Json:
    life = ShortLife(subject, ENDS)
    offer = replace(an_offer(CredentialType.EMPLOYMENT), short_life=life)
    return without_status(unsigned_credential(offer, identifier=EXCHANGE, issuer=issuer, origin=ORIGIN), life)


async def signed_by(publisher: Publisher, document: Json) -> Json:
    return await signed(document, publisher.credential_signer, ANYBODY, created=BEGINS, load=CONTEXTS)


async def checked(presentation: Json, publisher: Publisher) -> UnjudgedPresentation:
    web = Web()
    web.publish(publisher)
    expected = Expected((CredentialType.EMPLOYMENT,), CHALLENGE, DOMAIN, ORIGIN, national_schemas())
    proofs = W3cProofs(WebvhReader(web, clock=Clock()), CONTEXTS, Registered(publisher.did))
    return await proofs.check(presentation, expected)


async def fault_of(**changed: object) -> ProofFault | None:
    """The fault of a credential whose issuer signed it with these members changed; None takes one out."""
    publisher, holder = await a_publisher(), Person()
    document = an_unsigned_credential(publisher.did, holder.did) | changed
    kept = {name: value for name, value in document.items() if value is not None}
    return (await checked(await a_presentation(holder, await signed_by(publisher, kept)), publisher)).fault


async def test_a_short_lived_credential_is_read_with_its_life_and_without_status() -> None:
    publisher, holder = await a_publisher(), Person()
    credential = await signed_by(publisher, an_unsigned_credential(publisher.did, holder.did))

    read = await checked(await a_presentation(holder, credential), publisher)

    assert read.fault is None
    (only,) = read.credentials
    assert (only.short_life, only.status) == (ShownLife(BEGINS, ENDS), ())


async def test_who_has_a_copy_of_it_cannot_present_it() -> None:
    publisher, holder, thief = await a_publisher(), Person(), Person()
    credential = await signed_by(publisher, an_unsigned_credential(publisher.did, holder.did))

    assert (
        await checked(await a_presentation(thief, credential), publisher)
    ).fault is ProofFault.NOT_THE_SUBJECT


async def test_its_end_is_signed() -> None:
    publisher, holder = await a_publisher(), Person()
    credential = await signed_by(publisher, an_unsigned_credential(publisher.did, holder.did))
    later = {**credential, "expirationDate": "2026-12-24T09:00:00Z"}

    assert (await checked(await a_presentation(holder, later), publisher)).fault is ProofFault.INVALID


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
