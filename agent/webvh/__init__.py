"""Plugin: DIDs and AnonCreds objects on did:webvh, read with every check and written to the registry."""

from datetime import timedelta
from typing import TYPE_CHECKING

from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_PATTERN, STARTUP_EVENT_PATTERN
from acapy_agent.resolver.default.universal import UniversalResolver
from acapy_agent.resolver.default.web import WebDIDResolver
from acapy_agent.resolver.default.webvh import WebvhDIDResolver
from acapy_agent.resolver.did_resolver import DIDResolver
from acapy_agent.vc.ld_proofs.document_loader import DocumentLoader

from agent.background import every
from agent.domain.ports.anoncreds_objects import AnonCredsObjects
from agent.domain.ports.audit import Audit, CheckpointPublisher, CheckpointSigner
from agent.domain.ports.contexts import ContextPublisher
from agent.domain.ports.identity import (
    CredentialSigner,
    OrganisationIdentity,
    StatementSigner,
    StatementVerifier,
)
from agent.domain.ports.status_lists import StatusListPublisher, StatusLists
from agent.domain.ports.trust import TrustList
from agent.domain.ports.trust_register import TrustListHost
from agent.plugin_settings import PluginSettingsError
from agent.webvh.anoncreds_objects import WebvhObjects
from agent.webvh.anoncreds_registrar import WebvhRegistrar
from agent.webvh.anoncreds_resolver import WebvhResolver
from agent.webvh.audit_checkpoints import WebvhCheckpoints
from agent.webvh.bitstring_status import WebvhStatusListPublisher, WebvhStatusLists
from agent.webvh.credential_signer import WebvhCredentialSigner
from agent.webvh.did_changes import DidChanges
from agent.webvh.did_resolver import WebvhDids
from agent.webvh.document_loader import PinnedDocumentLoader, national_and_w3c_contexts
from agent.webvh.identity import StoredIdentity
from agent.webvh.key_removal import KeyRemoval
from agent.webvh.keys import AskarKeys, SigningKeys
from agent.webvh.linked_domains import LinkedDomains
from agent.webvh.own_log import OwnLog
from agent.webvh.publisher import RegistryPublisher
from agent.webvh.settings import WebvhSettings
from agent.webvh.statements import WebvhStatementSigner, WebvhStatementVerifier
from agent.webvh.tails import upload_of_tails
from agent.webvh.trust_registry import TrustRegistryAdvertisement
from agent.webvh.witnessing import Witnessing
from agent.wiring import Bind, Inject, Made, OfOrganisation, PerOrganisation, WalletSettings, settings_of
from signed_documents.did_configurations import DomainLinkages
from signed_documents.fetching import GuardedFetcher
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.resolution import WebvhReader, utc_now

if TYPE_CHECKING:
    from agent.webvh.tokens import HardwareTokens

ROUND = timedelta(minutes=5)
UNGUARDED = (WebDIDResolver, WebvhDIDResolver, UniversalResolver)
"""ACA-Py's resolvers that ask whatever address stands in a stranger's DID."""


async def setup(context: InjectionContext) -> None:
    """Bind the reader and the identity, and put our resolvers and registrar before ACA-Py's own."""
    settings = settings_of(context, "agent.webvh", WebvhSettings)
    fetcher = GuardedFetcher({name: url for each in settings.values() for name, url in each.origins.items()})
    reader = WebvhReader(fetcher)
    publishers = settings.kept(lambda own: RegistryPublisher(own.registry_url, own.token, own.former_writers))
    _bind_what_is_read(context, fetcher, reader)
    _bind_the_life_of_the_did(context.injector.bind_provider, fetcher)
    tokens = await _opened_tokens(settings)
    _bind_what_is_signed(context.injector.bind_provider, publishers, tokens)
    anoncreds = context.inject(AnonCredsRegistry)
    anoncreds.register(WebvhResolver(reader))
    anoncreds.register(WebvhRegistrar(reader, utc_now))
    _pin_contexts(context, national_and_w3c_contexts(_national_origin(settings)))
    _let_upload_tails(context, settings)
    every(context.inject(EventBus), ROUND, publish_what_waits)
    _close_at_shutdown(context.inject(EventBus), fetcher, *publishers, *filter(None, (tokens,)))


def _bind_what_is_read(context: InjectionContext, fetcher: GuardedFetcher, reader: WebvhReader) -> None:
    bind = context.injector.bind_instance
    bind(GuardedFetcher, fetcher)
    bind(WebvhReader, reader)
    bind(DomainLinkages, DomainLinkages(reader, fetcher))
    bind(StatusLists, WebvhStatusLists(reader))
    bind(DIDResolver, _guarded(context.inject(DIDResolver), WebvhDids(reader)))
    bind(StatementVerifier, WebvhStatementVerifier(reader))


def _bind_what_is_signed(
    bind: Bind, publishers: OfOrganisation[RegistryPublisher], tokens: "HardwareTokens | None"
) -> None:
    bind(SigningKeys, Made(lambda own: _signing_keys(own, tokens)))
    bind(RegistryPublisher, publishers)
    bind(ContextPublisher, publishers)
    bind(TrustListHost, publishers)
    bind(LinkedDomains, Made(_linked_domains))
    bind(TrustRegistryAdvertisement, Made(_advertisement))
    bind(OrganisationIdentity, Made(_own_log))
    bind(OwnLog, Made(_own_log))
    bind(AnonCredsObjects, Made(_objects))
    bind(
        CredentialSigner, Made(lambda own: WebvhCredentialSigner(own(Profile), own(PinnedContexts), utc_now))
    )
    bind(StatementSigner, Made(lambda own: WebvhStatementSigner(own(Profile), utc_now)))
    for port in (CheckpointSigner, CheckpointPublisher):
        bind(port, Made(_checkpoints))
    bind(
        StatusListPublisher,
        Made(lambda own: WebvhStatusListPublisher(own(Profile), own(RegistryPublisher), utc_now)),
    )


async def _opened_tokens(settings: PerOrganisation[WebvhSettings]) -> "HardwareTokens | None":
    """Those that settings name; where they name none, what reads them is not even loaded (2 MB)."""
    if all(each.signing_keys is None for each in settings.values()):
        return None
    from agent.webvh.tokens import HardwareTokens  # noqa: PLC0415

    return await HardwareTokens.opened(settings)


def _signing_keys(own: Inject, tokens: "HardwareTokens | None") -> SigningKeys:
    if tokens is None:
        return AskarKeys(own(Profile))
    return tokens.keys(own(Profile), own(WebvhSettings))


def _linked_domains(own: Inject) -> LinkedDomains:
    return LinkedDomains(own(Profile), own(RegistryPublisher), own(DomainLinkages), utc_now)


def _advertisement(own: Inject) -> TrustRegistryAdvertisement:
    return TrustRegistryAdvertisement(own(Profile), own(OwnLog), own(TrustList), utc_now)


def _bind_the_life_of_the_did(bind: Bind, fetcher: GuardedFetcher) -> None:
    bind(KeyRemoval, Made(lambda own: _key_removal(own, fetcher)))
    bind(DidChanges, Made(_did_changes))
    bind(Witnessing, Made(_witnessing))


def _key_removal(own: Inject, fetcher: GuardedFetcher) -> KeyRemoval:
    return KeyRemoval(
        profile=own(Profile),
        publisher=own(RegistryPublisher),
        reader=lambda: WebvhReader(fetcher),
        clock=utc_now,
    )


def _did_changes(own: Inject) -> DidChanges:
    return DidChanges(
        profile=own(Profile),
        log=own(OwnLog),
        place=own(WebvhSettings).place,
        removal=own(KeyRemoval),
        audit=own(Audit),
        clock=utc_now,
    )


def _witnessing(own: Inject) -> Witnessing:
    return Witnessing(profile=own(Profile), audit=own(Audit), reader=own(WebvhReader), clock=utc_now)


async def publish_what_waits(profile: Profile) -> None:
    """Publish an entry of the DID's log that the registry lacks, if nothing else is missing."""
    identity = await StoredIdentity.load(profile)
    if identity is not None and not identity.is_published:
        await profile.inject(OwnLog).publish()


def _own_log(own: Inject) -> OwnLog:
    settings = own(WebvhSettings)
    return OwnLog(
        own(Profile),
        settings.place,
        settings.update_key,
        own(RegistryPublisher),
        utc_now,
        settings.new_keys_sign_after,
    )


def _objects(own: Inject) -> WebvhObjects:
    return WebvhObjects(own(OrganisationIdentity), own(TrustList), own(WebvhReader))


def _checkpoints(own: Inject) -> WebvhCheckpoints:
    return WebvhCheckpoints(own(Profile), own(OrganisationIdentity), own(RegistryPublisher))


def _national_origin(settings: PerOrganisation[WebvhSettings]) -> str:
    """Where the national contexts are, which mean the same to everybody."""
    origins = {each.contexts_origin for each in settings.values()}
    if len(origins) > 1:
        raise PluginSettingsError(
            f"agent.webvh: there is one national origin, not {', '.join(sorted(origins))}"
        )
    return origins.pop()


def _let_upload_tails(context: InjectionContext, settings: PerOrganisation[WebvhSettings]) -> None:
    """Where there are many organisations, each wallet is told its own (see `agent.tenants`)."""
    if not settings.many:
        (own,) = settings.values()
        context.settings.update(upload_of_tails(own))
    context.injector.bind_provider(WalletSettings, settings.kept(upload_of_tails))


def _guarded(stock: DIDResolver, ours: WebvhDids) -> DIDResolver:
    """ACA-Py's resolvers that need no network, and ours for did:webvh."""
    return DIDResolver([ours, *(known for known in stock.resolvers if not isinstance(known, UNGUARDED))])


def _pin_contexts(context: InjectionContext, contexts: PinnedContexts) -> None:
    """Put our loader in ACA-Py's place at start-up: before that, the conductor would replace it."""
    context.injector.bind_instance(PinnedContexts, contexts)

    async def bind(profile: Profile, _event: object) -> None:
        profile.context.injector.bind_instance(DocumentLoader, PinnedDocumentLoader(profile, contexts))

    context.inject(EventBus).subscribe(STARTUP_EVENT_PATTERN, bind)


def _close_at_shutdown(
    events: EventBus, *open_ones: "GuardedFetcher | RegistryPublisher | HardwareTokens"
) -> None:
    async def close(_profile: Profile, _event: object) -> None:
        for each in open_ones:
            await each.close()

    events.subscribe(SHUTDOWN_EVENT_PATTERN, close)
