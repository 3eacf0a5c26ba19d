"""A stock phone and keys that have just taken over; phones of other tests keep the document before."""

from staff_passport.demo.network import NORTHMOOR, Network
from tests.interop.stock_phone import a_phone_on, given, the_request
from tests.support.journey import a_review, change_did, host, reasons, verdict


async def test_a_phone_that_reads_the_document_later_holds_and_proves_what_new_keys_signed(
    network: Network,
) -> None:
    await change_did(network, NORTHMOOR, "rotate_assertion_keys")
    async with a_phone_on(network) as phone:
        await given(network, phone, "twin-two")
        review = await a_review(network, phone.connect)
        asked = await host(network).post(f"{review}/presentation-requests", {})
        await phone.present((await the_request(phone)).id)
        decided = await verdict(network, asked)

    assert (decided["verdict"], reasons(decided)) == ("accepted", [])
