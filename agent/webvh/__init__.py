"""Plugin: DIDs and AnonCreds objects on did:webvh, read with every check and written to the registry."""

from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.config.provider import ClassProvider
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_PATTERN
from acapy_agent.resolver.default.universal import UniversalResolver
from acapy_agent.resolver.default.web import WebDIDResolver
from acapy_agent.resolver.default.webvh import WebvhDIDResolver
from acapy_agent.resolver.did_resolver import DIDResolver

from agent.domain.ports.identity import OrganisationIdentity
from agent.plugin_settings import plugin_settings
from agent.webvh.anoncreds_registrar import WebvhRegistrar
from agent.webvh.anoncreds_resolver import WebvhResolver
from agent.webvh.did_resolver import WebvhDids
from agent.webvh.identity import AskarIdentity
from agent.webvh.publisher import RegistryPublisher
from agent.webvh.settings import WebvhSettings
from agent.webvh.tails import let_acapy_upload_tails
from signed_documents.fetching import GuardedFetcher
from signed_documents.resolution import WebvhReader, utc_now

UNGUARDED = (WebDIDResolver, WebvhDIDResolver, UniversalResolver)
"""ACA-Py's resolvers that ask whatever address stands in a stranger's DID."""


async def setup(context: InjectionContext) -> None:
    """Bind the reader and the identity, and put our resolvers and registrar before ACA-Py's own."""
    settings = plugin_settings(context, "agent.webvh", WebvhSettings)
    fetcher = GuardedFetcher(settings.origins)
    reader = WebvhReader(fetcher)
    publisher = RegistryPublisher(settings.registry_url, settings.token)

    context.injector.bind_instance(WebvhReader, reader)
    context.injector.bind_instance(RegistryPublisher, publisher)
    context.injector.bind_provider(
        OrganisationIdentity,
        ClassProvider(AskarIdentity, ClassProvider.Inject(Profile), settings.place, publisher, utc_now),
    )
    context.injector.bind_instance(DIDResolver, _guarded(context.inject(DIDResolver), WebvhDids(reader)))
    anoncreds = context.inject(AnonCredsRegistry)
    anoncreds.register(WebvhResolver(reader))
    anoncreds.register(WebvhRegistrar(reader, publisher, utc_now))
    let_acapy_upload_tails(context.settings, settings)
    _close_at_shutdown(context.inject(EventBus), fetcher, publisher)


def _guarded(stock: DIDResolver, ours: WebvhDids) -> DIDResolver:
    """ACA-Py's resolvers that need no network, and ours for did:webvh."""
    return DIDResolver([ours, *(known for known in stock.resolvers if not isinstance(known, UNGUARDED))])


def _close_at_shutdown(events: EventBus, fetcher: GuardedFetcher, publisher: RegistryPublisher) -> None:
    async def close(_profile: Profile, _event: object) -> None:
        await fetcher.close()
        await publisher.close()

    events.subscribe(SHUTDOWN_EVENT_PATTERN, close)
