"""Plugin: DIDs and AnonCreds objects on did:webvh, read with every check and written to the registry."""

from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.config.provider import ClassProvider
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_PATTERN, STARTUP_EVENT_PATTERN
from acapy_agent.resolver.default.universal import UniversalResolver
from acapy_agent.resolver.default.web import WebDIDResolver
from acapy_agent.resolver.default.webvh import WebvhDIDResolver
from acapy_agent.resolver.did_resolver import DIDResolver
from acapy_agent.vc.ld_proofs.document_loader import DocumentLoader

from agent.domain.ports.audit import CheckpointPublisher, CheckpointSigner
from agent.domain.ports.contexts import ContextPublisher
from agent.domain.ports.identity import CredentialSigner, OrganisationIdentity
from agent.domain.ports.status_lists import StatusListPublisher, StatusLists
from agent.plugin_settings import plugin_settings
from agent.webvh.anoncreds_registrar import WebvhRegistrar
from agent.webvh.anoncreds_resolver import WebvhResolver
from agent.webvh.audit_checkpoints import WebvhCheckpoints
from agent.webvh.bitstring_status import WebvhStatusListPublisher, WebvhStatusLists
from agent.webvh.credential_signer import WebvhCredentialSigner
from agent.webvh.did_resolver import WebvhDids
from agent.webvh.document_loader import PinnedDocumentLoader, national_and_w3c_contexts
from agent.webvh.identity import AskarIdentity
from agent.webvh.publisher import RegistryPublisher
from agent.webvh.settings import WebvhSettings
from agent.webvh.tails import let_acapy_upload_tails
from signed_documents.fetching import GuardedFetcher
from signed_documents.linked_data_proofs import PinnedContexts
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
    context.injector.bind_instance(ContextPublisher, publisher)
    context.injector.bind_provider(
        OrganisationIdentity,
        ClassProvider(AskarIdentity, ClassProvider.Inject(Profile), settings.place, publisher, utc_now),
    )
    context.injector.bind_provider(
        CredentialSigner,
        ClassProvider(
            WebvhCredentialSigner,
            ClassProvider.Inject(Profile),
            ClassProvider.Inject(PinnedContexts),
            utc_now,
        ),
    )
    for port in (CheckpointSigner, CheckpointPublisher):
        inject = ClassProvider.Inject
        provider = ClassProvider(WebvhCheckpoints, inject(Profile), inject(OrganisationIdentity), publisher)
        context.injector.bind_provider(port, provider)
    context.injector.bind_instance(StatusLists, WebvhStatusLists(reader))
    context.injector.bind_provider(
        StatusListPublisher,
        ClassProvider(WebvhStatusListPublisher, ClassProvider.Inject(Profile), publisher, utc_now),
    )
    context.injector.bind_instance(DIDResolver, _guarded(context.inject(DIDResolver), WebvhDids(reader)))
    anoncreds = context.inject(AnonCredsRegistry)
    anoncreds.register(WebvhResolver(reader))
    anoncreds.register(WebvhRegistrar(reader, publisher, utc_now))
    _pin_contexts(context, national_and_w3c_contexts(settings.contexts_origin))
    let_acapy_upload_tails(context.settings, settings)
    _close_at_shutdown(context.inject(EventBus), fetcher, publisher)


def _guarded(stock: DIDResolver, ours: WebvhDids) -> DIDResolver:
    """ACA-Py's resolvers that need no network, and ours for did:webvh."""
    return DIDResolver([ours, *(known for known in stock.resolvers if not isinstance(known, UNGUARDED))])


def _pin_contexts(context: InjectionContext, contexts: PinnedContexts) -> None:
    """Put our loader in ACA-Py's place at start-up: before that, the conductor would replace it."""
    context.injector.bind_instance(PinnedContexts, contexts)

    async def bind(profile: Profile, _event: object) -> None:
        profile.context.injector.bind_instance(DocumentLoader, PinnedDocumentLoader(profile, contexts))

    context.inject(EventBus).subscribe(STARTUP_EVENT_PATTERN, bind)


def _close_at_shutdown(events: EventBus, fetcher: GuardedFetcher, publisher: RegistryPublisher) -> None:
    async def close(_profile: Profile, _event: object) -> None:
        await fetcher.close()
        await publisher.close()

    events.subscribe(SHUTDOWN_EVENT_PATTERN, close)
