"""The one `did:key` to which all of the person's W3C credentials are bound: one presentation can show all."""

from acapy_agent.core.profile import Profile
from acapy_agent.wallet.base import BaseWallet
from acapy_agent.wallet.did_info import DIDInfo
from acapy_agent.wallet.did_method import KEY
from acapy_agent.wallet.key_type import ED25519

from signed_documents.keys import Signer
from wallet.holder.problems import NotFound

_MARK = {"staff_passport": "holder"}


class HolderKey(Signer):
    """Signs presentations."""

    def __init__(self, profile: Profile, info: DIDInfo) -> None:
        self._profile = profile
        self._info = info

    @classmethod
    async def of(cls, profile: Profile) -> "HolderKey":
        """The wallet's own. Raises `NotFound` before it was made."""
        async with profile.session() as session:
            dids = await session.inject(BaseWallet).get_local_dids()
        for info in dids:
            if info.method == KEY and info.metadata.get("staff_passport") == "holder":
                return cls(profile, info)
        raise NotFound("This wallet has no key of its own yet.")

    @classmethod
    async def have(cls, profile: Profile) -> None:
        """Make it, unless it is there."""
        try:
            await cls.of(profile)
        except NotFound:
            async with profile.session() as session:
                await session.inject(BaseWallet).create_local_did(KEY, ED25519, metadata=dict(_MARK))

    @property
    def did(self) -> str:
        """The DID that stands in credentials as their subject."""
        return str(self._info.did)

    @property
    def verification_method(self) -> str:
        return f"{self.did}#{self.did.removeprefix('did:key:')}"

    async def sign(self, message: bytes) -> bytes:
        async with self._profile.session() as session:
            signature: bytes = await session.inject(BaseWallet).sign_message(message, self._info.verkey)
        return signature
