"""The keys of the trust list that are online: in the operator's wallet, one for each of TUF's roles."""

import base58
from acapy_agent.core.profile import Profile
from acapy_agent.wallet.base import BaseWallet
from acapy_agent.wallet.key_type import ED25519

from signed_documents.trust_publications import RoleKey
from signed_documents.trust_roots import ONLINE, OnlineKeys


class RoleKeys:
    """Makes keys and signs with them; outside of the wallet they are named by their public halves."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def new(self) -> dict[str, str]:
        """A fresh key for each role."""
        async with self._profile.session() as session:
            wallet = session.inject(BaseWallet)
            return {role: str((await wallet.create_key(ED25519)).verkey) for role in ONLINE}

    def key(self, name: str) -> RoleKey:
        """The key with this public half."""

        async def sign(message: bytes) -> bytes:
            async with self._profile.session() as session:
                return bytes(await session.inject(BaseWallet).sign_message(message, name))

        return RoleKey(base58.b58decode(name), sign)


def public_halves(names: dict[str, str]) -> OnlineKeys:
    """What a root says of these keys."""
    return OnlineKeys.of({role: base58.b58decode(name) for role, name in names.items()})
