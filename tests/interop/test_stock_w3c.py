"""W3C credentials for a wallet that takes no status: stock Credo-TS, with a key of its own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import schemas
from staff_passport.demo.network import NORTHMOOR, Network
from tests.interop.credo.client import CredoWallet, Offer, WalletFailed
from tests.interop.stock_phone import a_confirmed_passport, a_phone_on, offers, the_request
from tests.support.journey import (
    ALL_TYPES,
    Issued,
    a_review,
    credentials_in,
    host,
    hr,
    reasons,
    refused,
    until,
    verdict,
)
from tests.support.network import agents_with

type Json = dict[str, Any]

SHORT_LIFE = timedelta(seconds=50)
"""Long enough to be issued and shown on a busy machine, and not longer than a test waits."""
NAMES = {name: schemas.load(name).type_name for name in ALL_TYPES}


@dataclass(frozen=True, slots=True)
class Held:
    """A phone with a passport's AnonCreds credentials, and a key of its own."""

    phone: CredoWallet
    issued: Issued
    key: str


@pytest.fixture(scope="module")
async def settings(network: Network) -> AsyncIterator[None]:
    """The employer gives short-lived credentials to whoever proposes one, and the host accepts them."""
    issuer = {"stock_wallets": "proposal", "short_life": SHORT_LIFE.total_seconds()}
    verifier = {"short_life_at_most": SHORT_LIFE.total_seconds()}
    async with agents_with(network, {"issuer": issuer, "verifier": verifier}):
        yield


@pytest.fixture(scope="module")
async def phone(network: Network, settings: None) -> AsyncIterator[CredoWallet]:
    async with a_phone_on(network) as started:
        yield started


@pytest.fixture
async def esr_people(network: Network) -> AsyncIterator[Network]:
    """The network, whose ESR a test may change; everyone is as before afterwards."""
    yield network
    await network.sandbox("POST", "/reset")


@pytest.fixture(scope="module")
async def held(network: Network, phone: CredoWallet) -> Held:
    return await a_holder(network, phone, "nurse")


async def a_holder(network: Network, phone: CredoWallet, person: str) -> Held:
    issued = await a_confirmed_passport(network, person, phone)
    await hr(network).post(f"{issued.path}/offers")
    for offer in await offers(phone, issued):
        await phone.accept_offer(offer.id)
    await credentials_in(network, issued, "active")
    return Held(phone, issued, await phone.make_key())


def detail(network: Network, credential: str, subject: str | None) -> Json:
    """What a phone proposes: a type, by the issuer that it knows, about a DID of its own; no claims."""
    proposed = {
        "@context": schemas.credential_contexts(network.environment.origin, "1.1"),
        "type": ["VerifiableCredential", NAMES[credential]],
        "issuer": network.dids[NORTHMOOR.ods_code],
        "issuanceDate": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "credentialSubject": {"id": subject} if subject else {},
    }
    return {
        "credential": proposed,
        "options": {"proofType": "Ed25519Signature2018", "proofPurpose": "assertionMethod"},
    }


async def proposed(network: Network, held: Held, credential: str, subject: str | None = None) -> str:
    """The phone's exchange of a proposal."""
    made = await held.phone.propose(held.issued.connection, detail(network, credential, subject or held.key))
    return made.id


async def offered(network: Network, held: Held, credential: str) -> str:
    """The phone's exchange of a proposal that was answered with an offer."""
    exchange = await proposed(network, held, credential)
    await held.phone.wait_for("credential", state="offer-received", where=lambda e: e.id == exchange)
    return exchange


async def accepted(network: Network, held: Held, credential: str, exchange: str) -> Json:
    """The short-lived credential that the holder accepted in `exchange`, and has."""
    await held.phone.accept_offer(exchange)
    await held.phone.wait_for("credential", state="done", where=lambda e: e.id == exchange)
    return await newest_active(network, held, credential)


async def newest_active(network: Network, held: Held, credential: str) -> Json:
    """The newest short-lived credential of one type, once the holder has it."""
    found = await until(
        lambda: short_lived(network, held, credential), lambda found: found[-1]["state"] == "active"
    )
    return found[-1]


async def taken(network: Network, held: Held) -> dict[str, Json]:
    """A short-lived credential of each type, proposed, offered, accepted, and with the holder."""
    exchanges = {credential: await offered(network, held, credential) for credential in ALL_TYPES}
    return {
        credential: await accepted(network, held, credential, exchange)
        for credential, exchange in exchanges.items()
    }


async def short_lived(network: Network, held: Held, credential: str) -> list[Json]:
    """The short-lived credentials of one type, oldest first."""
    found = (await hr(network).get(f"{held.issued.path}/credentials"))["credentials"]
    return [one for one in found if one["type"] == credential and one["expires_at"]]


async def those_held_have_expired(network: Network, held: Held, credential: str) -> None:
    """Both that the phone was given have run out; an offer of a third may wait for the person."""
    await until(
        lambda: short_lived(network, held, credential),
        lambda found: [one["state"] for one in found[:2]] == ["expired", "expired"],
    )


async def shown(network: Network, held: Held, *formats: str) -> Json:
    """What a host decides on a presentation of all three types in these formats."""
    review = await a_review(network, held.phone.connect)
    request = await host(network).post(f"{review}/presentation-requests", {"formats": formats or ["w3c"]})
    await held.phone.present((await the_request(held.phone)).id)
    return await verdict(network, request)


async def refusal_of(network: Network, held: Held, credential: str, subject: str) -> str:
    """What the phone is told about a proposal that is not answered with an offer."""
    exchange = await proposed(network, held, credential, subject)
    event = await held.phone.wait_for("credential", where=lambda e: e.id == exchange and e.error is not None)
    return str(event.error).rpartition(" ")[2]


async def test_what_a_phone_proposes_it_is_offered_and_can_present(network: Network, held: Held) -> None:
    active = await taken(network, held)
    decided = await shown(network, held)

    assert (decided["verdict"], reasons(decided)) == ("accepted", [])
    assert [one["type"] for one in decided["credentials"]] == ALL_TYPES
    assert {one["format"] for one in decided["credentials"]} == {"w3c"}
    assert {one["expires_at"] is None for one in active.values()} == {False}


async def test_it_is_offered_anew_by_itself_and_waits_for_the_person(network: Network, held: Held) -> None:
    """Credo answers no offer by itself that it did not propose, whatever stands in it."""
    renewals = await until(lambda: unasked(held), lambda found: len(found) == len(ALL_TYPES))

    for offer in renewals:
        await held.phone.accept_offer(offer.id)
    for credential in ALL_TYPES:
        await newest_active(network, held, credential)
    await held.phone.forget_outdated()
    decided = await shown(network, held)

    assert (decided["verdict"], reasons(decided)) == ("accepted", [])


async def test_asked_for_both_formats_credo_says_the_same_in_both(network: Network, held: Held) -> None:
    """In AnonCreds it takes a text of digits for a number; how many digits there were is known."""
    both = await shown(network, held, "anoncreds", "w3c")

    assert (both["verdict"], reasons(both)) == ("accepted", [])
    (checks,) = {one["claims"].get("dbsCertificateReference", "") for one in both["credentials"]} - {""}
    assert checks.startswith("00")


async def test_one_that_ran_out_is_refused_until_the_phone_forgets_it(network: Network, held: Held) -> None:
    for credential in ALL_TYPES:
        await those_held_have_expired(network, held, credential)

    decided = await shown(network, held)
    await held.phone.forget_outdated()
    with pytest.raises(WalletFailed) as nothing:
        await shown(network, held)

    assert (decided["verdict"], reasons(decided)) == ("refused", ["expired"])
    assert nothing.value.code == "no_credentials"


async def test_a_passport_keeps_to_the_key_that_its_phone_named_first(network: Network, held: Held) -> None:
    other = await held.phone.make_key()

    assert await refusal_of(network, held, "employment", other) == "other_subject"


async def test_nothing_is_offered_about_the_connections_did(network: Network, held: Held) -> None:
    connection = await held.phone.connection(held.issued.connection)

    assert await refusal_of(network, held, "employment", str(connection.did)) == "subject_unknown"


async def test_what_hr_did_not_offer_cannot_be_proposed(network: Network, phone: CredoWallet) -> None:
    issued = await a_confirmed_passport(network, "accents", phone)
    nothing_yet = Held(phone, issued, await phone.make_key())

    assert await refusal_of(network, nothing_yet, "identity", nothing_yet.key) == "credential_not_held"


async def test_what_is_short_lived_cannot_be_taken_back_and_is_not_renewed_once_its_passport_ended(
    network: Network, phone: CredoWallet
) -> None:
    held = await a_holder(network, phone, "doctor")
    exchange = await offered(network, held, "employment")
    employment = await accepted(network, held, "employment", exchange)
    path = f"/credentials/{employment['id']}/revocation"

    problem = await refused(hr(network).post(path, {"reason": "other"}))
    await hr(network).post(f"{held.issued.path}/deactivation", {"reason": "employment_ended"})
    (ended,) = await until(
        lambda: short_lived(network, held, "employment"), lambda found: found[0]["reason"] is not None
    )

    assert (problem.status, problem.code) == (409, "credential_short_lived")
    assert ended["reason"] == "passport_deactivated"
    assert await refusal_of(network, held, "employment", held.key) == "passport_deactivated"


async def test_what_is_not_true_any_more_is_not_renewed(esr_people: Network, phone: CredoWallet) -> None:
    network = esr_people
    held = await a_holder(network, phone, "two-employers")
    exchange = await offered(network, held, "employment")
    await accepted(network, held, "employment", exchange)

    await end_the_assignment(network, held)
    (only,) = await until(
        lambda: short_lived(network, held, "employment"), lambda found: found[0]["reason"] is not None
    )

    assert only["reason"] == "assignment_ended,assignment_status"


async def end_the_assignment(network: Network, held: Held) -> None:
    """ESR has it end before today."""
    number = held.issued.passport["assignment_number"]
    person = number.partition("-")[0]
    await network.sandbox("POST", f"/people/901/{person}/assignments/{number}/end", {"on": "2026-01-31"})


async def unasked(held: Held) -> list[Offer]:
    """Offers that wait for the person, and that the phone did not propose."""
    return await held.phone.offers(connection_id=held.issued.connection, state="offer-received")
