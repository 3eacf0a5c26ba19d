"""An invitation that is said to be the operator's, and leads elsewhere."""

from collections.abc import AsyncIterator

import pytest
from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.protocols.out_of_band.v1_0.messages.invitation import HSProto, InvitationMessage
from acapy_agent.protocols.out_of_band.v1_0.messages.service import Service
from acapy_agent.utils.testing import create_test_profile

from agent.domain.errors import InvalidInput
from agent.organisation.registration.exchanges import AcaPyOperatorLink
from signed_documents.outbound_guard import OutboundGuard
from tests.support.strange_hosts import Names

KEY = "did:key:z6MkmjY8GnV5i9YTDtPETC2uUAW6ejw3nk5mXF5yci5ab7th"


@pytest.fixture
async def profile() -> AsyncIterator[Profile]:
    made = await create_test_profile({"wallet.type": "askar-anoncreds"})
    made.context.injector.bind_instance(OutboundGuard, OutboundGuard(resolver=Names(["10.2.0.7"])))
    yield made
    await made.close()  # type: ignore[no-untyped-call]  # a test profile of ACA-Py's own


def an_invitation(endpoint: str) -> str:
    service = Service(
        _id="#inline", _type="did-communication", recipient_keys=[KEY], service_endpoint=endpoint
    )
    protocols = [HSProto.DIDEX_1_1.name]
    return str(InvitationMessage(handshake_protocols=protocols, services=[service]).to_url())


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:8031/shutdown",
        "https://169.254.169.254/latest",
        "http://operator.example",
        "https://operator.example",
        "wss://operator.example",
        "https://someone:secret@operator.example",
    ],
)
async def test_it_is_refused_and_nothing_of_it_is_kept(profile: Profile, endpoint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await AcaPyOperatorLink(profile).take_up(an_invitation(endpoint))

    assert refused.value.code == "endpoint_not_allowed"
    async with profile.session() as session:
        assert await ConnRecord.query(session) == []
