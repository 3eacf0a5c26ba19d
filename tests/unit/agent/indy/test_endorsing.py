"""What the operator puts its signature under, and what it never does."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import pytest
from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.protocols.endorse_transaction.v1_0.messages.transaction_request import TransactionRequest

from agent.domain.errors import Conflict
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.operator import RegisteredOrganisations
from agent.domain.ports.trust import OrganisationStatus, TrustedOrganisation
from agent.domain.workforce import OdsCode
from agent.indy.endorsing import Endorsing
from tests.support.anoncreds_objects import unasked

OPERATOR, AUTHOR, STRANGER = (
    "ATkb98UVkGH5HngQfap2H7",
    "GbjkVqu5cuSywNWi4qQu7E",
    "V4SGRU86Z58d6TV7PBUe6f",
)
NORTHMOOR, CALDER_BAY = OdsCode("ZZNM1"), OdsCode("ZZCB1")
CLAIM_DEF, REGISTRY, REVOCATION = "102", "113", "114"
ENDORSE = "aries.transaction.endorse"


class OurDid:
    async def nym(self) -> str:
        return OPERATOR


class OneRegistered(RegisteredOrganisations):
    async def at(self, connection: ConnectionId) -> OdsCode | None:
        return {"northmoor": NORTHMOOR, "calder-bay": CALDER_BAY}.get(connection)


class OneListed:
    def __init__(self, standing: OrganisationStatus = OrganisationStatus.REGISTERED) -> None:
        self._standing = standing

    async def organisation(self, did: str) -> TrustedOrganisation | None:
        return (
            cast("TrustedOrganisation", Listed(standing=self._standing))
            if did == f"did:sov:{AUTHOR}"
            else None
        )


@dataclass(frozen=True)
class Listed:
    ods_code: OdsCode = NORTHMOOR
    standing: OrganisationStatus = OrganisationStatus.REGISTERED

    def status(self, _at: datetime) -> OrganisationStatus:
        return self.standing


@dataclass(frozen=True)
class Asked:
    """A request to endorse, as a wallet sends it."""

    kind: str = CLAIM_DEF
    author: str = AUTHOR
    endorser: str = OPERATOR
    goal: str = ENDORSE
    connection: str = "northmoor"

    @property
    def message(self) -> TransactionRequest:
        transaction = {
            "identifier": self.author,
            "endorser": self.endorser,
            "operation": {"type": self.kind},
        }
        return TransactionRequest(
            transaction_id="a-transaction",
            signature_request={"signer_goal_code": self.goal},
            messages_attach={"@id": "it", "data": {"json": json.dumps(transaction)}},
        )


class Signed(Exception):
    """It would have been signed."""


class SignsNothing(Endorsing):
    async def _sign(self, connection: ConnRecord, asked: TransactionRequest, transaction: Any) -> Any:
        raise Signed


async def answered(
    asked: Asked,
    message: TransactionRequest | None = None,
    standing: OrganisationStatus = OrganisationStatus.REGISTERED,
) -> None:
    listed = cast("Any", OneListed(standing))
    endorsing = SignsNothing(
        unasked(), cast("Any", OurDid()), listed, OneRegistered(), cast("Any", NoAudit())
    )
    await endorsing.endorsed(ConnRecord(connection_id=asked.connection), message or asked.message)


class NoAudit:
    def recording(self, action: str, *, actor: str, subject: str) -> "NoAudit":
        return self

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("kind", [CLAIM_DEF, REGISTRY, REVOCATION])
async def test_what_a_registered_organisation_writes_itself_is_signed(kind: str) -> None:
    with pytest.raises(Signed):
        await answered(Asked(kind))


@pytest.mark.parametrize("standing", [OrganisationStatus.SUSPENDED, OrganisationStatus.SUCCEEDED])
async def test_who_may_issue_nothing_now_may_still_revoke(standing: OrganisationStatus) -> None:
    for kind in (CLAIM_DEF, REGISTRY):
        with pytest.raises(Conflict):
            await answered(Asked(kind), standing=standing)
    with pytest.raises(Signed):
        await answered(Asked(REVOCATION), standing=standing)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(Asked("1"), id="a DID"),
        pytest.param(Asked("100"), id="an attribute"),
        pytest.param(Asked("101"), id="a schema"),
        pytest.param(Asked("0"), id="a node"),
        pytest.param(Asked("4"), id="an agreement"),
        pytest.param(Asked(author=STRANGER), id="a stranger's DID"),
        pytest.param(Asked(endorser=STRANGER), id="another endorser"),
        pytest.param(Asked(connection="calder-bay"), id="another organisation's connection"),
        pytest.param(Asked(connection="somebody"), id="nobody's connection"),
        pytest.param(Asked(goal="aries.transaction.register_public_did"), id="registering a DID"),
    ],
)
async def test_anything_else_is_not(asked: Asked) -> None:
    with pytest.raises(Conflict):
        await answered(asked)


@pytest.mark.parametrize(
    "attached",
    [
        None,
        {},
        {"data": {}},
        {"data": {"json": 1}},
        {"data": {"json": "{"}},
        {"data": {"json": "[]"}},
        {"data": {"json": '{"operation": {"type": []}}'}},
        {"data": {"json": '{"operation": 1, "identifier": "a", "endorser": "b"}'}},
        {"data": {"json": '{"operation": {"type": ["102"]}, "identifier": "a", "endorser": "b"}'}},
    ],
)
async def test_what_is_no_transaction_is_refused(attached: Any) -> None:
    message = Asked().message
    message.messages_attach = attached

    with pytest.raises(Conflict):
        await answered(Asked(), message)
