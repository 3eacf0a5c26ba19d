"""The wallet of one of many organisations."""

from typing import cast

from acapy_agent.askar.profile import AskarProfile
from acapy_agent.multitenant.single_wallet_askar_manager import SingleWalletAskarMultitenantManager
from acapy_agent.utils.testing import create_test_profile
from acapy_agent.wallet.models.wallet_record import WalletRecord

from agent.domain.workforce import OdsCode
from agent.tenants import _made_whole, wallet_of


async def test_a_wallet_that_was_begun_when_the_agent_was_stopped_is_finished() -> None:
    """ACA-Py keeps the record first, and makes the profile of the store after it."""
    root = await create_test_profile({"wallet.type": "askar-anoncreds"})
    manager = SingleWalletAskarMultitenantManager(root)
    # Both are in one store, as with an agent of ours.
    manager._multitenant_profile = cast("AskarProfile", root)
    begun = WalletRecord(
        settings={"wallet.name": "ZZNM1", "wallet.type": "askar-anoncreds"},
        key_management_mode=WalletRecord.MODE_MANAGED,
    )
    async with root.session() as session:
        await begun.save(session)

    for _ in range(2):  # and what is whole stays as it is
        known = await wallet_of(root, OdsCode("ZZNM1"))
        assert known is not None
        profile = await _made_whole(manager, root, known)
        async with profile.session():
            assert profile.name == known.wallet_id
    await root.close()  # type: ignore[no-untyped-call]  # a test profile of ACA-Py's own
