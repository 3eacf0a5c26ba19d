"""What happens by itself for every organisation: intents left open are closed, and the audit is signed."""

from datetime import timedelta

from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile

from agent.audit.chain import AuditChain
from agent.audit.checkpoints import AuditCheckpoints
from agent.background import every
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.workforce import Organisation
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


def subscribe_all(bus: EventBus, checkpoint_every: timedelta) -> None:
    """Do the rounds from start-up on."""
    every(bus, ROUND, close_stale_intents)
    every(bus, checkpoint_every, sign_the_audit)
