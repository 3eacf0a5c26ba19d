"""ACA-Py plugin: the wallet's holder. Wiring only."""

from acapy_agent.anoncreds.default.legacy_indy.registry import LegacyIndyRegistry
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.event_bus import Event, EventBus
from acapy_agent.core.goal_code_registry import GoalCodeRegistry
from acapy_agent.core.profile import Profile
from acapy_agent.core.protocol_registry import ProtocolRegistry
from acapy_agent.core.util import SHUTDOWN_EVENT_PATTERN
from acapy_agent.resolver.default.universal import UniversalResolver
from acapy_agent.resolver.default.web import WebDIDResolver
from acapy_agent.resolver.default.webvh import WebvhDIDResolver
from acapy_agent.resolver.did_resolver import DIDResolver

from signed_documents.fetching import GuardedFetcher
from signed_documents.outbound_guard import OutboundGuard
from signed_documents.resolution import WebvhReader
from wallet.holder.contexts import KnownContexts
from wallet.holder.decisions import OneAtATime
from wallet.holder.events import EventLog
from wallet.holder.hosts import Hosts
from wallet.holder.notices import RECORDS, Notices
from wallet.holder.registry import LedgerAnonCreds, TailsFiles, WebvhAnonCreds, WebvhDids
from wallet.holder.repeats import MESSAGE_TYPES
from wallet.holder.strangers import REQUESTS, turn_away

W3C_GOAL_CODES = ("staff-passport.w3c-holder-binding", "staff-passport.w3c-data-integrity")
"""By which issuers know that this wallet binds W3C credentials of data model 1.1, and of 2.0 (RFC 0557)."""
UNGUARDED = (WebDIDResolver, WebvhDIDResolver, UniversalResolver)
"""ACA-Py's resolvers that ask whatever address stands in a stranger's DID."""


async def setup(context: InjectionContext) -> None:
    """Bind what the routes ask for, and resolve did:webvh through our own guarded reader."""
    told = context.settings.for_plugin("wallet.holder")
    fetcher = GuardedFetcher(told["origins"])
    reader = WebvhReader(fetcher)
    events, bus = EventLog(), context.inject(EventBus)
    bind = context.injector.bind_instance
    bind(WebvhReader, reader)
    bind(OutboundGuard, OutboundGuard(told["private_endpoints"]))
    bind(KnownContexts, KnownContexts(fetcher, told["contexts"]))
    bind(EventLog, events)
    bind(OneAtATime, OneAtATime())
    bind(Hosts, Hosts.told(told["hosts"], reader, fetcher))
    bind(DIDResolver, _guarded(context.inject(DIDResolver), WebvhDids(reader)))
    _read_guarded(context.inject(AnonCredsRegistry), reader, TailsFiles(fetcher))
    bus.subscribe(RECORDS, Notices(events).take)
    bus.subscribe(REQUESTS, turn_away)
    context.inject(ProtocolRegistry).register_message_types(MESSAGE_TYPES)
    context.inject(GoalCodeRegistry).goal_codes.extend(W3C_GOAL_CODES)

    async def close(_profile: Profile, _event: Event) -> None:
        await fetcher.close()

    bus.subscribe(SHUTDOWN_EVENT_PATTERN, close)


def _read_guarded(registry: AnonCredsRegistry, reader: WebvhReader, tails: TailsFiles) -> None:
    """Ours for did:webvh, and ours in the place of ACA-Py's for Indy ledgers."""
    stock = [each for each in registry.resolvers if not isinstance(each, LegacyIndyRegistry)]
    registry.resolvers[:] = [*stock, LedgerAnonCreds(tails), WebvhAnonCreds(reader, tails)]


def _guarded(stock: DIDResolver, ours: WebvhDids) -> DIDResolver:
    """ACA-Py's resolvers that need no network, and ours for did:webvh."""
    return DIDResolver([ours, *(known for known in stock.resolvers if not isinstance(known, UNGUARDED))])
