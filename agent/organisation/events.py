"""What happens by itself for every organisation: the audit, messages, and asking the operator."""

from datetime import timedelta

from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile

from agent.audit.chain import AuditChain
from agent.audit.checkpoints import AuditCheckpoints
from agent.background import every
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.workforce import Organisation
from agent.organisation.notifications import Notifications
from agent.organisation.registration.service import Registration
from agent.store.changes import Changes
from agent.store.engine import Store

ROUND = timedelta(minutes=5)
LONGEST_ACT = timedelta(minutes=10)
"""No act takes longer: an intent that waits longer for its outcome lost its process."""


async def close_stale_intents(profile: Profile) -> None:
    """Conclude as `unknown` what nobody will conclude any more; one replica at a time."""
    own = profile.inject(Organisation)
    async with profile.inject(Store).alone(f"audit:{own.ods_code}") as alone:
        if alone:
            await profile.inject(AuditChain).close_stale(older_than=LONGEST_ACT)


async def sign_the_audit(profile: Profile) -> None:
    """Sign what was added to the chain, and publish it, once there is a DID."""
    if await profile.inject(OrganisationIdentity).did() is None:
        return
    await profile.inject(AuditCheckpoints).sign()


async def enqueue_messages(profile: Profile) -> None:
    """Give the worker once more what it did not send."""
    await profile.inject(Notifications).enqueue_what_waits(longer_than=ROUND)


async def repeat_to_the_operator(profile: Profile) -> None:
    """Say again what the operator may not have heard; one replica at a time."""
    own = profile.inject(Organisation)
    async with profile.inject(Store).alone(f"registration:{own.ods_code}") as alone:
        if alone:
            await profile.inject(Registration).repeat_to_operator()


async def ask_the_operator(profile: Profile) -> None:
    """Ask how we stand: it says so when it changes, and we may have been away; one replica at a time."""
    own = profile.inject(Organisation)
    async with profile.inject(Store).alone(f"standing:{own.ods_code}") as alone:
        if alone:
            await profile.inject(Registration).ask_operator()


async def forget_old_changes(profile: Profile) -> None:
    """Keep what changed no longer than anybody may be away who watches."""
    await profile.inject(Changes).forget()


def subscribe_all(bus: EventBus, *, checkpoint_every: timedelta, ask_every: timedelta) -> None:
    """Do the rounds from start-up on."""
    every(bus, ROUND, close_stale_intents)
    every(bus, checkpoint_every, sign_the_audit)
    every(bus, ROUND, enqueue_messages)
    every(bus, ask_every, repeat_to_the_operator)
    every(bus, max(ask_every, ROUND), ask_the_operator)
    every(bus, timedelta(hours=1), forget_old_changes)
