"""What the plugin puts into ACA-Py, and the corners of ACA-Py that it relies on."""

from collections.abc import AsyncIterator

import pytest
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.config.default_context import DefaultContextBuilder
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.profile import Profile
from acapy_agent.resolver.base import ResolverError
from acapy_agent.resolver.did_resolver import DIDResolver
from acapy_agent.utils.testing import create_test_profile

from agent.domain.errors import Unavailable
from agent.domain.ports.identity import OrganisationIdentity
from agent.webvh import UNGUARDED
from agent.webvh.did_resolver import WebvhDids
from agent.webvh.own_log import OwnLog
from agent.webvh.publisher import RegistryPublisher
from agent.webvh.settings import WebvhSettings
from signed_documents.errors import DocumentUnavailable
from signed_documents.resolution import WebvhReader
from tests.support.signing import NOON, Clock, Web, a_publisher

DID = (
    "did:webvh:QmRyAY5bGAXhqN3issft1WuXEQfqr999zkosi9fYXZTkJe:registry.staff-passport.example:organisations:x"
)
SETTINGS = {
    "wallet.type": "askar-anoncreds",
    "ledger.disabled": True,
    "external_plugins": ["agent.webvh"],
    "plugin_config": {
        "agent.webvh": {
            "many": False,
            "organisations": {
                "ZZNM1": {
                    "origin": "https://registry.staff-passport.example",
                    "registry_url": "http://127.0.0.1:8040",
                    "path": "organisations/northmoor",
                    "write_token": "a made-up write token",
                }
            },
        }
    },
}


@pytest.fixture(scope="module")
async def context() -> InjectionContext:
    return await DefaultContextBuilder(SETTINGS).build_context()


@pytest.fixture
async def profile() -> AsyncIterator[Profile]:
    made = await create_test_profile({"wallet.type": "askar-anoncreds"})
    yield made
    await made.close()  # type: ignore[no-untyped-call]  # a test profile of ACA-Py's own


async def test_ours_alone_resolves_did_webvh(context: InjectionContext, profile: Profile) -> None:
    (only,) = await context.inject(DIDResolver)._match_did_to_resolver(profile, DID)

    assert isinstance(only, WebvhDids)


def test_no_resolver_asks_whatever_address_a_stranger_names(context: InjectionContext) -> None:
    assert not [known for known in context.inject(DIDResolver).resolvers if isinstance(known, UNGUARDED)]


@pytest.mark.parametrize(
    "identifier", [DID, f"{DID}/resources/zQmcuHkbFapeJsF5HqKShKnw3zPS5SPZPhwNR8uprTQdL6e"]
)
async def test_one_resolver_and_one_registrar_only_answer_for_an_identifier(
    context: InjectionContext, identifier: str
) -> None:
    registry = context.inject(AnonCredsRegistry)

    assert [r for r in registry.resolvers if await r.supports(identifier)] == [registry.resolvers[-1]]
    assert [r for r in registry.registrars if await r.supports(identifier)] == [registry.registrars[-1]]


def test_acapy_uploads_tails_to_the_registry_and_publishes_where_they_are(context: InjectionContext) -> None:
    assert context.settings["tails_server_base_url"] == "https://registry.staff-passport.example"
    assert context.settings["tails_server_upload_url"] == (
        "http://tails:a%20made-up%20write%20token@127.0.0.1:8040"
    )


async def test_the_identity_is_made_for_the_profile_that_asks(
    context: InjectionContext, profile: Profile
) -> None:
    for kind in (OrganisationIdentity, WebvhSettings, RegistryPublisher):
        profile.context.injector.bind_provider(kind, context.injector.get_provider(kind))

    assert isinstance(profile.inject(OrganisationIdentity), OwnLog)


async def test_a_did_that_is_not_there_is_not_asked_of_anybody_else(profile: Profile) -> None:
    resolvers = DIDResolver([WebvhDids(WebvhReader(Web())), _Forbidden()])

    with pytest.raises(ResolverError, match="no such document"):
        await resolvers.resolve(profile, DID)


async def test_a_did_whose_host_is_silent_is_unavailable(profile: Profile) -> None:
    publisher = await a_publisher()
    web = Web({publisher.log.did.log_url: DocumentUnavailable("the host did not answer")})

    with pytest.raises(Unavailable):
        await DIDResolver([WebvhDids(WebvhReader(web))]).resolve(profile, publisher.did)


async def test_a_resolved_document_is_the_readers_callers_own_copy(profile: Profile) -> None:
    publisher, web = await a_publisher(), Web()
    web.publish(publisher)
    reader = WebvhReader(web, clock=Clock(NOON))

    document = await WebvhDids(reader).resolve(profile, publisher.did)
    document["id"] = "changed by a caller"

    assert (await reader.log(publisher.did)).document_json["id"] == publisher.did


class _Forbidden(WebvhDids):
    """Stands where ACA-Py's own resolver stands: nobody may come here."""

    def __init__(self) -> None:
        super().__init__(WebvhReader(_unguarded))


async def _unguarded(_url: str) -> bytes:
    raise AssertionError("ACA-Py's own resolver was asked")
