"""Plugin: who is a registered organisation. Everybody reads the list; the operator's agent publishes it."""

import logging

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile

from agent.domain.ports.anoncreds_objects import AnonCredsObjects
from agent.domain.ports.audit import Audit
from agent.domain.ports.contexts import ContextPublisher
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.trust import TrustList
from agent.domain.ports.trust_register import ApprovedOrganisations, TrustListHost, TrustRegister
from agent.domain.workforce import Organisation
from agent.store.engine import Store
from agent.trust import events
from agent.trust.keys import RoleKeys
from agent.trust.listing import DistributedTrustList
from agent.trust.national_schemas import NationalSchemas
from agent.trust.publishing import PublishedList
from agent.trust.service import OrganisationRegister
from agent.trust.settings import TrustSettings
from agent.wiring import Inject, Made, NotHere, settings_of
from signed_documents.fetching import GuardedFetcher
from signed_documents.trust_distribution import TrustListReader

LOGGER = logging.getLogger(__name__)


async def setup(context: InjectionContext) -> None:
    """Bind the trust list, and what the operator publishes."""
    settings = settings_of(context, "agent.trust", TrustSettings)
    bind = context.injector.bind_provider
    own, *_ = settings.values()  # all organisations of one process read one list
    if not own.root.is_file():
        LOGGER.warning("trust.root: there is no file %s yet, so nobody is trusted", own.root)
    reader = TrustListReader(context.inject(GuardedFetcher), own.url, own.root, own.folder)
    context.injector.bind_instance(TrustList, DistributedTrustList(reader, own.refetch_after))
    bind(NationalSchemas, Made(_national_schemas))
    bind(PublishedList, Made(_published_list))
    for port in (OrganisationRegister, TrustRegister):
        bind(port, Made(_register))
    if own.is_operator:
        events.subscribe_all(context.inject(EventBus))


def _national_schemas(own: Inject) -> NationalSchemas:
    return NationalSchemas(
        own(Profile),
        own(OrganisationIdentity),
        own(AnonCredsObjects),
        own(TrustList),
        own(ContextPublisher),
    )


def _published_list(own: Inject) -> PublishedList:
    if not own(TrustSettings).is_operator:
        raise NotHere("There is no such resource.")
    return PublishedList(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        identity=own(OrganisationIdentity),
        keys=RoleKeys(own(Profile)),
        host=own(TrustListHost),
    )


def _register(own: Inject) -> OrganisationRegister:
    published = own(PublishedList)  # first: where it is not there, nothing else of it is
    return OrganisationRegister(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        users=own(NominatedUsers),
        approved=own(ApprovedOrganisations),
        published=published,
    )
