"""Agents link their DIDs with origins, and ask others', over a real registry and real websites."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from acapy_agent.core.profile import Profile
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.domain.errors import Conflict, InvalidInput, NotFound, Unavailable
from agent.domain.ports.identity import OrganisationIdentity
from agent.webvh.linked_domains import JudgedOrigin, LinkedDomains, LinkVerdict
from agent.webvh.publisher import RegistryPublisher
from signed_documents.did_configurations import (
    WELL_KNOWN,
    DomainLinkage,
    DomainLinkages,
    configuration,
    sign_linkage,
)
from signed_documents.did_documents import organisation_document
from signed_documents.errors import Reason
from signed_documents.fetching import GuardedFetcher
from signed_documents.resolution import WebvhReader
from signed_documents.services import linked_domains_service
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.support.registry_server import ORIGIN, RegistryServer, a_registry
from tests.support.signing import Publisher, a_publisher, public
from tests.support.webvh_agent import an_agent, close

WEBSITE = "https://www.northmoor.example"
NOBODY = "http://127.0.0.1:1"
SITES = ("linked", "expired", "empty", "silent")


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.temporary() as server:
        yield server


@pytest.fixture(scope="module")
async def registry(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RegistryServer]:
    async with a_registry(tmp_path_factory.mktemp("registry"), "northmoor", "nobody") as server:
        yield server


@pytest.fixture(scope="module")
async def northmoor(
    postgres: EmbeddedPostgres, registry: RegistryServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Profile]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        profile = await an_agent(postgres, registry.url, "northmoor")
        await profile.inject(OrganisationIdentity).ensure()
        yield profile
        await close(profile)


@asynccontextmanager
async def a_website(file: bytes, *, at: str = WELL_KNOWN) -> AsyncIterator[str]:
    """Where an origin's file is really served."""

    async def served(_request: web.Request) -> web.Response:
        return web.Response(body=file, content_type="application/json")

    app = web.Application()
    app.router.add_get(at, served)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def own_did(profile: Profile) -> str:
    did = await profile.inject(OrganisationIdentity).did()
    assert did is not None
    return did


async def test_the_file_that_an_agent_signs_links_a_website_that_publishes_it(
    northmoor: Profile, registry: RegistryServer
) -> None:
    file = await northmoor.inject(LinkedDomains).configuration(
        f"{WEBSITE.upper().replace('HTTPS', 'https')}/"
    )

    async with a_website(file) as url:
        fetch = GuardedFetcher({ORIGIN: registry.url, WEBSITE: url})
        linkage = await DomainLinkages(WebvhReader(fetch), fetch).verified(await own_did(northmoor), WEBSITE)
        await fetch.close()

    assert (linkage.did, linkage.origin) == (await own_did(northmoor), WEBSITE)
    assert linkage.valid_until - linkage.valid_from == timedelta(days=365)


@pytest.mark.parametrize(
    "origin", ["", "www.northmoor.example", "http://www.northmoor.example", f"{WEBSITE}/a", f"{WEBSITE}:444"]
)
async def test_no_file_is_signed_for_what_is_no_origin(northmoor: Profile, origin: str) -> None:
    with pytest.raises(InvalidInput):
        await northmoor.inject(LinkedDomains).configuration(origin)


async def test_an_agent_links_its_did_with_the_registry_and_takes_it_back(
    northmoor: Profile, registry: RegistryServer
) -> None:
    domains = northmoor.inject(LinkedDomains)

    async def published() -> int:
        async with aiohttp.ClientSession() as session, session.get(f"{registry.url}{WELL_KNOWN}") as answer:
            return answer.status

    assert (await domains.link_registry()).origin == ORIGIN
    assert await published() == 200
    assert await domains.unlink_registry() == ORIGIN
    assert await domains.unlink_registry() == ORIGIN
    assert await published() == 404


async def test_without_a_did_nothing_is_linked(
    postgres: EmbeddedPostgres, registry: RegistryServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    profile = await an_agent(postgres, registry.url, "nobody")
    domains = profile.inject(LinkedDomains)

    with pytest.raises(Conflict):
        await domains.configuration(WEBSITE)
    with pytest.raises(Conflict):
        await domains.link_registry()
    with pytest.raises(Conflict):
        await domains.unlink_registry()
    await close(profile)


async def test_the_websites_of_a_did_are_judged_each_for_itself(northmoor: Profile) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + timedelta(days=30)
    stranger = await naming([f"https://{each}.example" for each in SITES] + ["https://10.0.0.1"], now)
    linked = await file_of(stranger, "https://linked.example", now, until)
    expired = await file_of(stranger, "https://expired.example", now - timedelta(days=2), now)
    log = "/" + "/".join((*stranger.log.did.path, "did.jsonl"))

    async with (
        a_website(stranger.log.text, at=log) as of_logs,
        a_website(linked) as one,
        a_website(expired) as two,
        a_website(configuration([])) as three,
    ):
        urls = zip(SITES, (one, two, three, NOBODY), strict=True)
        fetch = GuardedFetcher({ORIGIN: of_logs, **{f"https://{each}.example": url for each, url in urls}})
        found = await judging(northmoor, fetch).of(stranger.did)
        await fetch.close()

    assert list(found) == [
        JudgedOrigin("https://linked.example", LinkVerdict.LINKED, valid_until=until),
        JudgedOrigin("https://expired.example", LinkVerdict.REFUSED, reason=Reason.EXPIRED),
        JudgedOrigin("https://empty.example", LinkVerdict.REFUSED, reason="not_found"),
        JudgedOrigin("https://silent.example", LinkVerdict.UNAVAILABLE),
        JudgedOrigin("https://10.0.0.1", LinkVerdict.REFUSED, reason=Reason.OTHER_DOMAIN),
    ]


async def test_a_did_that_names_no_website_has_none(northmoor: Profile) -> None:
    assert await northmoor.inject(LinkedDomains).of(await own_did(northmoor)) == []


@pytest.mark.parametrize(
    ("did", "error"),
    [
        ("did:webvh:QmNobodyNobodyNobodyNobody:registry.staff-passport.example:organisations:none", NotFound),
        ("did:web:www.northmoor.example", InvalidInput),
        ("nonsense", InvalidInput),
    ],
)
async def test_a_did_that_cannot_be_read_has_no_verdict(
    northmoor: Profile, did: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await northmoor.inject(LinkedDomains).of(did)


async def test_while_the_registry_is_silent_nobody_knows(northmoor: Profile) -> None:
    fetch = GuardedFetcher({ORIGIN: NOBODY})

    with pytest.raises(Unavailable):
        await judging(northmoor, fetch).of(await own_did(northmoor))
    await fetch.close()


def judging(profile: Profile, fetch: GuardedFetcher) -> LinkedDomains:
    """The same, with other websites to ask."""
    linkages = DomainLinkages(WebvhReader(fetch), fetch)
    return LinkedDomains(profile, profile.inject(RegistryPublisher), linkages, lambda: datetime.now(UTC))


async def naming(origins: list[str], created: datetime) -> Publisher:
    """An organisation whose DID says that these are its own."""
    keys = [Ed25519PrivateKey.generate() for _ in range(2)]

    def document(did: str) -> dict[str, Any]:
        usual = organisation_document(
            did, credential_key=public(keys[0]), resource_key=public(keys[1]), audit_key=public(keys[0])
        )
        service = {**linked_domains_service(did, ""), "serviceEndpoint": {"origins": origins}}
        return {**usual, "service": [service]}

    made = await a_publisher("stranger", created=created, document=document)
    return replace(made, resource_key=keys[1])


async def file_of(publisher: Publisher, origin: str, since: datetime, until: datetime) -> bytes:
    linkage = DomainLinkage(publisher.did, origin, since, until)
    return configuration([await sign_linkage(linkage, publisher.signer)])
