"""For whom an agent speaks: one organisation by its own wallet, or many, each a tenant with its wallet."""

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from acapy_agent.admin.server import AdminResponder
from acapy_agent.core.error import ProfileError
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.multitenant.base import BaseMultitenantManager
from acapy_agent.wallet.models.wallet_record import WalletRecord

from agent.domain.errors import Unavailable
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from agent.wiring import WalletSettings

_LOOKS, _LOOK_EVERY_SECONDS = 100, 0.1


class Tenants(ABC):
    """The wallets of an agent."""

    @abstractmethod
    async def profiles(self, root: Profile) -> Sequence[Profile]:
        """One for each organisation, made if it is not there yet."""


class OneTenant(Tenants):
    """The agent's own wallet is the organisation's."""

    async def profiles(self, root: Profile) -> Sequence[Profile]:
        return (root,)


@dataclass(frozen=True, slots=True)
class Tenant:
    """One of many organisations; its wallet is called by its ODS code."""

    organisation: OdsCode
    name: str


class ManyTenants(Tenants):
    """Each organisation has a profile of its own in the one Askar store; the agent's wallet is nobody's."""

    def __init__(self, tenants: Sequence[Tenant]) -> None:
        self._tenants = tenants
        self._records: list[WalletRecord] = []
        self._making = asyncio.Lock()

    async def profiles(self, root: Profile) -> Sequence[Profile]:
        manager = root.inject(BaseMultitenantManager)
        return [await _opened(manager, root, record) for record in await self._known(root, manager)]

    async def _known(self, root: Profile, manager: BaseMultitenantManager) -> Sequence[WalletRecord]:
        async with self._making:
            if not self._records:
                async with _one_replica(root.inject(Store)):
                    self._records = [await _record(root, manager, each) for each in self._tenants]
        return self._records


@asynccontextmanager
async def _one_replica(store: Store) -> AsyncIterator[None]:
    """Wait until no other replica makes wallets. Raises `Unavailable` when that takes long."""
    for _ in range(_LOOKS):
        async with store.alone("tenants") as alone:
            if alone:
                yield
                return
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
    raise Unavailable("The organisations' wallets are being made elsewhere.", code="tenants_being_made")


async def _record(root: Profile, manager: BaseMultitenantManager, tenant: Tenant) -> WalletRecord:
    """The tenant's wallet, told what its settings say now."""
    known = await wallet_of(root, tenant.organisation)
    if known is None:
        settings = {
            "wallet.name": str(tenant.organisation),
            "wallet.type": "askar-anoncreds",
            "wallet.key": secrets.token_urlsafe(24),
            "default_label": tenant.name,
        }
        known = await manager.create_wallet(settings, WalletRecord.MODE_MANAGED)
    profile = await _made_whole(manager, root, known)
    own = {"default_label": tenant.name, **profile.inject(WalletSettings)}
    return await manager.update_wallet(str(known.wallet_id), own)


async def _made_whole(manager: BaseMultitenantManager, root: Profile, record: WalletRecord) -> Profile:
    """The profile, made where an agent was stopped after ACA-Py kept the record and before it made this."""
    profile = await manager.get_wallet_profile(root.context, record)
    try:
        async with profile.session():
            return profile
    except ProfileError:
        return await manager.get_wallet_profile(root.context, record, provision=True)


async def wallet_of(root: Profile, organisation: OdsCode) -> WalletRecord | None:
    """The wallet called by an organisation's code."""
    async with root.session() as session:
        found = await WalletRecord.query(session, {"wallet_name": str(organisation)})
    return found[0] if found else None


async def _opened(manager: BaseMultitenantManager, root: Profile, record: WalletRecord) -> Profile:
    """The profile, from which what is sent goes out as the tenant's."""
    profile = await manager.get_wallet_profile(root.context, record)
    base = root.inject(BaseResponder)
    if isinstance(base, AdminResponder):
        profile.context.injector.bind_instance(BaseResponder, AdminResponder(profile, base.send_fn))
    return profile
