"""A DID and an origin are linked when both say so, and nothing else passes for that."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.did_configurations import (
    CONTEXT,
    MAX_LINKAGE_BYTES,
    MAX_ORIGINS,
    DomainLinkage,
    DomainLinkages,
    claimed_linkage,
    configuration,
    linkages,
    linked_origins,
    sign_linkage,
    verify_configuration,
    verify_linkage,
)
from signed_documents.did_documents import organisation_document
from signed_documents.errors import (
    DocumentNotFound,
    DocumentRefused,
    DocumentUnavailable,
    Reason,
    SignedDocumentError,
)
from signed_documents.resolution import WebvhReader
from signed_documents.services import linked_domains_service
from tests.support.signing import NOON, Clock, Publisher, Web, a_publisher, public

ORIGIN = "https://www.northmoor.example"
FILE = f"{ORIGIN}/.well-known/did-configuration.json"
YEAR = timedelta(days=365)
KEY = Ed25519PrivateKey.generate()

type Change = Callable[[dict[str, Any]], object]


async def test_an_organisation_says_that_an_origin_is_its_own_for_a_year() -> None:
    northmoor = await a_publisher()
    token = await linked(northmoor)

    expected = DomainLinkage(northmoor.did, ORIGIN, NOON, NOON + YEAR)
    assert verified(token, northmoor) == expected
    assert claimed_linkage(token) == expected


async def test_the_credential_is_as_dif_writes_it() -> None:
    """Well Known DID Configuration, "JSON Web Token Proof Format": these members and no others."""
    northmoor = await a_publisher()
    header, claims = parts(await linked(northmoor))

    assert header == {"alg": "EdDSA", "kid": northmoor.signer.verification_method}
    assert claims == {
        "iss": northmoor.did,
        "sub": northmoor.did,
        "nbf": int(NOON.timestamp()),
        "exp": int((NOON + YEAR).timestamp()),
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1", CONTEXT],
            "type": ["VerifiableCredential", "DomainLinkageCredential"],
            "issuer": northmoor.did,
            "issuanceDate": "2026-11-02T12:00:00Z",
            "expirationDate": "2027-11-02T12:00:00Z",
            "credentialSubject": {"id": northmoor.did, "origin": ORIGIN},
        },
    }


async def test_the_file_holds_the_credentials_of_all_who_are_linked() -> None:
    northmoor, calder_bay = await a_publisher(), await a_publisher("calder-bay")
    tokens = (await linked(northmoor), await linked(calder_bay))
    file = configuration(tokens)

    assert json.loads(file) == {"@context": CONTEXT, "linked_dids": list(tokens)}
    assert linkages(file) == tokens
    for each in (northmoor, calder_bay):
        assert verify_configuration(file, each.log.document, origin=ORIGIN, now=NOON).did == each.did


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda claims: claims.update(iat=1), Reason.MALFORMED),
        (lambda claims: claims.pop("exp"), Reason.MALFORMED),
        (lambda claims: claims.update(exp="2027"), Reason.MALFORMED),
        (lambda claims: claims.update(exp=10**30), Reason.MALFORMED),
        (lambda claims: claims.update(nbf=None), Reason.MALFORMED),
        (lambda claims: claims["vc"].update(id="urn:a-name"), Reason.MALFORMED),
        (lambda claims: claims["vc"].pop("expirationDate"), Reason.MALFORMED),
        (lambda claims: claims["vc"].update(expirationDate="2030-01-01T00:00:00Z"), Reason.MALFORMED),
        (lambda claims: claims["vc"].update(expirationDate="2027-11-02T12:00:00"), Reason.MALFORMED),
        (lambda claims: claims["vc"].update(expirationDate="some day"), Reason.MALFORMED),
        (lambda claims: claims["vc"].update(type=["VerifiableCredential"]), Reason.MALFORMED),
        (lambda claims: claims["vc"].update({"@context": CONTEXT}), Reason.MALFORMED),
        (lambda claims: claims["vc"]["credentialSubject"].update(name="Northmoor"), Reason.MALFORMED),
        (lambda claims: claims["vc"].update(credentialSubject=[]), Reason.MALFORMED),
        (lambda claims: claims.update(vc="a credential"), Reason.MALFORMED),
        (lambda claims: claims.update(sub="did:example:another"), Reason.OTHER_ISSUER),
        (lambda claims: claims["vc"].update(issuer="did:example:another"), Reason.OTHER_ISSUER),
        (
            lambda claims: claims["vc"]["credentialSubject"].update(id="did:example:other"),
            Reason.OTHER_ISSUER,
        ),
        (
            lambda claims: claims["vc"]["credentialSubject"].update(origin="http://a.example"),
            Reason.OTHER_DOMAIN,
        ),
        (
            lambda claims: claims["vc"]["credentialSubject"].update(origin=f"{ORIGIN}/staff"),
            Reason.OTHER_DOMAIN,
        ),
        (
            lambda claims: claims["vc"]["credentialSubject"].update(origin=f"{ORIGIN}:444"),
            Reason.OTHER_DOMAIN,
        ),
        (
            lambda claims: claims["vc"]["credentialSubject"].update(origin="https://evil.example"),
            Reason.OTHER_DOMAIN,
        ),
    ],
)
async def test_a_credential_of_another_form_is_refused_though_rightly_signed(
    change: Change, reason: Reason
) -> None:
    northmoor = await a_publisher()
    _, claims = parts(await linked(northmoor))
    change(claims)

    assert refused(await signed(northmoor, claims), northmoor) == reason


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "none"}, Reason.UNSUPPORTED_PROOF),
        ({"alg": "HS256"}, Reason.UNSUPPORTED_PROOF),
        ({"alg": None}, Reason.UNSUPPORTED_PROOF),
        ({"typ": "JWT"}, Reason.MALFORMED),
        ({"kid": 7}, Reason.MALFORMED),
        ({"kid": "did:example:another#key"}, Reason.KEY_NOT_ASSERTED),
        ({"jwk": {}}, Reason.MALFORMED),
    ],
)
async def test_a_header_that_says_how_else_to_verify_is_refused(
    header: dict[str, Any], reason: Reason
) -> None:
    northmoor = await a_publisher()
    _, claims = parts(await linked(northmoor))

    assert refused(await signed(northmoor, claims, **header), northmoor) == reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c",
        "bm90IEpTT04.bm90IEpTT04.",
        "W10.W10.",
        "é.é.é",
        f"{'W' * 5000}.e30.",
    ],
)
async def test_what_is_no_token_is_refused(text: str) -> None:
    assert refused(text, await a_publisher()) == Reason.MALFORMED


async def test_a_token_of_brackets_within_brackets_is_refused() -> None:
    deep = "[" * 5900
    encoded = base64.urlsafe_b64encode(deep.encode()).rstrip(b"=").decode()

    assert refused(f"{encoded}.e30.", await a_publisher()) == Reason.MALFORMED


async def test_a_token_with_another_text_for_the_same_bytes_is_refused() -> None:
    token = await linked(northmoor := await a_publisher())

    assert refused(f"{token}=", northmoor) == Reason.MALFORMED
    assert refused(f" {token}", northmoor) == Reason.MALFORMED


async def test_a_token_that_is_too_large_is_refused() -> None:
    assert refused("e" * (MAX_LINKAGE_BYTES + 1), await a_publisher()) == Reason.TOO_LARGE


async def test_a_token_that_was_altered_is_refused() -> None:
    northmoor = await a_publisher()
    header, claims, signature = (await linked(northmoor)).split(".")
    _, said = parts(await linked(northmoor, until=NOON + 2 * YEAR))

    assert refused(f"{header}.{encoded(said)}.{signature}", northmoor) == Reason.BAD_SIGNATURE
    assert refused(f"{header}.{claims}.", northmoor) == Reason.BAD_SIGNATURE


async def test_another_organisations_key_signs_for_nobody_else() -> None:
    northmoor, calder_bay = await a_publisher(), await a_publisher("calder-bay")
    _, claims = parts(await linked(northmoor))
    kid = northmoor.signer.verification_method

    assert refused(await signed(calder_bay, claims, kid=kid), northmoor) == Reason.BAD_SIGNATURE
    assert refused(await signed(calder_bay, claims), northmoor) == Reason.KEY_NOT_ASSERTED
    assert refused(await linked(calder_bay), northmoor) == Reason.OTHER_SIGNER


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (NOON - YEAR, NOON),
        (NOON + timedelta(minutes=6), NOON + YEAR),
        (NOON + YEAR, NOON - YEAR),
    ],
)
async def test_a_credential_is_valid_from_when_until_when_it_says(since: Any, until: Any) -> None:
    northmoor = await a_publisher()

    assert refused(await linked(northmoor, since=since, until=until), northmoor) == Reason.EXPIRED


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"linked_dids": []}',
        b"[" * 200_000,
        json.dumps({"@context": CONTEXT, "linked_dids": {}}).encode(),
        json.dumps({"@context": "https://identity.foundation/another", "linked_dids": []}).encode(),
    ],
)
async def test_what_is_no_configuration_is_refused(text: bytes) -> None:
    northmoor = await a_publisher()

    with pytest.raises(DocumentRefused) as refusal:
        verify_configuration(text, northmoor.log.document, origin=ORIGIN, now=NOON)
    assert refusal.value.reason is Reason.MALFORMED


async def test_a_configuration_that_is_too_large_is_refused() -> None:
    northmoor = await a_publisher()

    with pytest.raises(DocumentRefused) as refusal:
        verify_configuration(b" " * 2**21, northmoor.log.document, origin=ORIGIN, now=NOON)
    assert refusal.value.reason is Reason.TOO_LARGE


async def test_what_others_have_in_the_file_says_nothing_of_a_did() -> None:
    northmoor = await a_publisher()
    file = json.dumps({"@context": CONTEXT, "linked_dids": ["nonsense", {"issuer": northmoor.did}, 7]})

    with pytest.raises(DocumentNotFound):
        verify_configuration(file.encode(), northmoor.log.document, origin=ORIGIN, now=NOON)
    broken = configuration(["nonsense", await linked(northmoor)])
    assert verify_configuration(broken, northmoor.log.document, origin=ORIGIN, now=NOON).origin == ORIGIN


async def test_of_several_credentials_one_that_verifies_is_enough() -> None:
    northmoor = await a_publisher()
    old = await linked(northmoor, since=NOON - YEAR, until=NOON)
    document = northmoor.log.document

    file = configuration([old, await linked(northmoor)])
    assert verify_configuration(file, document, origin=ORIGIN, now=NOON).valid_until == NOON + YEAR
    with pytest.raises(DocumentRefused) as refusal:
        verify_configuration(configuration([old]), document, origin=ORIGIN, now=NOON)
    assert refusal.value.reason is Reason.EXPIRED


@pytest.mark.parametrize(
    ("endpoint", "origins"),
    [
        (ORIGIN, (ORIGIN,)),
        ({"origins": [ORIGIN, "https://jobs.northmoor.example"]}, (ORIGIN, "https://jobs.northmoor.example")),
        ([ORIGIN, ORIGIN], (ORIGIN,)),
        ({"uri": ORIGIN}, ()),
    ],
)
async def test_a_did_says_which_origins_are_its_own(endpoint: Any, origins: tuple[str, ...]) -> None:
    northmoor = await a_publisher(document=lambda did: with_service(did, endpoint))

    assert linked_origins(northmoor.log.document) == origins


async def test_the_origins_are_those_that_a_did_names_now() -> None:
    northmoor, web = await a_publisher(document=lambda did: with_service(did, ORIGIN)), Web()
    web.publish(northmoor)
    asked = DomainLinkages(WebvhReader(web, clock=Clock()), web, Clock())

    assert await asked.origins(northmoor.did) == (ORIGIN,)
    await asked.origins(northmoor.did)
    assert web.asked == [northmoor.log.did.log_url] * 2, "each time as the DID says it then"


async def test_a_linkage_is_fetched_from_the_origin_and_verified() -> None:
    northmoor, web = await a_publisher(), Web()
    web.publish(northmoor)
    web.pages[FILE] = configuration([await linked(northmoor)])
    asked = DomainLinkages(WebvhReader(web, clock=Clock()), web, Clock())

    assert (await asked.verified(northmoor.did, f"{ORIGIN}/")).did == northmoor.did
    assert FILE in web.asked


async def test_a_key_that_is_newer_than_the_document_that_was_kept_is_read_anew() -> None:
    northmoor, web, clock = await a_publisher(), Web(), Clock()
    web.publish(northmoor)
    reader = WebvhReader(web, clock=clock)
    await reader.log(northmoor.did)
    clock.pass_time(timedelta(minutes=1))
    rotated = await northmoor.rotated(
        created=clock(), resource_key=(await a_publisher("another")).resource_key
    )
    web.publish(rotated)
    web.pages[FILE] = configuration([await linked(rotated)])

    assert (await DomainLinkages(reader, web, clock).verified(northmoor.did, ORIGIN)).did == northmoor.did


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (DocumentNotFound("nothing there"), DocumentNotFound),
        (DocumentUnavailable("no answer"), DocumentUnavailable),
        (DocumentRefused(Reason.FORBIDDEN_ADDRESS, "a private address"), DocumentRefused),
        (b"<html>", DocumentRefused),
        (configuration([]), DocumentNotFound),
    ],
)
async def test_an_origin_that_does_not_say_so_is_not_linked(
    page: bytes | SignedDocumentError, error: type[SignedDocumentError]
) -> None:
    northmoor, web = await a_publisher(), Web()
    web.publish(northmoor)
    web.pages[FILE] = page

    with pytest.raises(error):
        await DomainLinkages(WebvhReader(web, clock=Clock()), web, Clock()).verified(northmoor.did, ORIGIN)


@pytest.mark.parametrize(
    "origin", ["http://a.example", "https://127.0.0.1", "https://localhost", "file:///etc", ""]
)
async def test_what_is_no_origin_is_not_asked(origin: str) -> None:
    northmoor, web = await a_publisher(), Web()
    web.publish(northmoor)

    with pytest.raises(DocumentRefused):
        await DomainLinkages(WebvhReader(web, clock=Clock()), web, Clock()).verified(northmoor.did, origin)
    assert not [url for url in web.asked if "did-configuration" in url]


async def test_a_did_makes_us_ask_so_many_origins_and_no_more() -> None:
    many = {"origins": [f"https://host-{each}.example" for each in range(1000)]}
    northmoor, web = await a_publisher(document=lambda did: with_service(did, many)), Web()
    web.publish(northmoor)

    asked = DomainLinkages(WebvhReader(web, clock=Clock()), web, Clock())
    assert len(await asked.origins(northmoor.did)) == MAX_ORIGINS


async def linked(publisher: Publisher, *, since: Any = NOON, until: Any = NOON + YEAR) -> str:
    return await sign_linkage(DomainLinkage(publisher.did, ORIGIN, since, until), publisher.signer)


async def signed(publisher: Publisher, claims: dict[str, Any], **header: Any) -> str:
    """A token with these claims and members of the header, signed by that organisation."""
    usual = {"alg": "EdDSA", "kid": publisher.signer.verification_method}
    text = f"{encoded({**usual, **header})}.{encoded(claims)}"
    signature = await publisher.signer.sign(text.encode())
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(f"{header}==")), json.loads(
        base64.urlsafe_b64decode(f"{claims}==")
    )


def verified(token: str, publisher: Publisher) -> DomainLinkage:
    return verify_linkage(token, publisher.log.document, origin=ORIGIN, now=NOON)


def refused(token: str, publisher: Publisher) -> Reason:
    with pytest.raises(DocumentRefused) as refusal:
        verified(token, publisher)
    return refusal.value.reason


def with_service(did: str, endpoint: Any) -> dict[str, Any]:
    keys = {name: public(KEY) for name in ("credential_key", "resource_key", "audit_key")}
    service = {**linked_domains_service(did, ORIGIN), "serviceEndpoint": endpoint}
    return {**organisation_document(did, **keys), "service": [service]}
