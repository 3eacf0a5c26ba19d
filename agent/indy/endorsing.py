"""The operator endorses what registered organisations write to the ledger, and nothing else for nobody else.

ACA-Py's own handler endorses for everybody who is connected, and registers whatever DID they name.
"""

import json
from typing import Any, cast

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.ledger.merkel_validation.constants import CLAIM_DEF, REVOC_REG_DEF, REVOC_REG_ENTRY
from acapy_agent.messaging.agent_message import AgentMessage
from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix
from acapy_agent.protocols.endorse_transaction.v1_0.manager import TransactionManager
from acapy_agent.protocols.endorse_transaction.v1_0.message_types import TRANSACTION_REQUEST
from acapy_agent.protocols.endorse_transaction.v1_0.messages.transaction_request import TransactionRequest
from acapy_agent.protocols.endorse_transaction.v1_0.models.transaction_record import TransactionRecord
from acapy_agent.protocols.endorse_transaction.v1_0.transaction_jobs import TransactionJob

from agent.didcomm import JsonMessage
from agent.domain.clock import utc_now
from agent.domain.errors import Conflict
from agent.domain.ports.audit import Audit
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.operator import RegisteredOrganisations
from agent.domain.ports.trust import OrganisationStatus, TrustList
from agent.domain.workforce import OdsCode
from agent.indy.ledger_did import LedgerIdentity

type Json = dict[str, Any]
SYSTEM = "system:endorser"
_KINDS = {CLAIM_DEF: "credential definition", REVOC_REG_DEF: "registry", REVOC_REG_ENTRY: "revocation"}
"""What is endorsed. Never a DID, a role, or a schema: national schemas are the operator's own."""
_ISSUES = frozenset({CLAIM_DEF, REVOC_REG_DEF})
"""What nobody writes who may not issue now; revoking is always possible."""


class Endorsing:
    """The operator's wallet, asked over an organisation's connection."""

    def __init__(
        self,
        profile: Profile,
        identity: LedgerIdentity,
        trust: TrustList,
        registered: RegisteredOrganisations,
        audit: Audit,
    ) -> None:
        self._profile = profile
        self._identity = identity
        self._trust = trust
        self._registered = registered
        self._audit = audit

    async def endorsed(self, connection: ConnRecord, asked: TransactionRequest) -> AgentMessage:
        """The answer with our signature. Raises `Conflict` for what is not endorsed."""
        transaction = _transaction(asked)
        organisation = await self._require_its_own(connection, transaction)
        kind = _KINDS[transaction["operation"]["type"]]
        async with self._audit.recording(f"endorse {kind}", actor=SYSTEM, subject=organisation):
            return await self._sign(connection, asked, transaction)

    async def _require_its_own(self, connection: ConnRecord, transaction: Json) -> OdsCode:
        """Whose connection and whose transaction it is, if both are one registered organisation's."""
        if transaction["operation"]["type"] not in _KINDS:
            raise Conflict("This kind of transaction is not endorsed.", code="not_endorsed")
        if transaction["endorser"] != await self._identity.nym():
            raise Conflict("Another endorser is asked.", code="not_endorsed")
        organisation = await self._registered.at(ConnectionId(connection.connection_id))
        author = await self._trust.organisation(f"did:sov:{transaction['identifier']}")
        if organisation is None or author is None or author.ods_code != organisation:
            raise Conflict("The author is not who asks.", code="not_endorsed")
        may_issue = author.status(utc_now()) is OrganisationStatus.REGISTERED
        if transaction["operation"]["type"] in _ISSUES and not may_issue:
            raise Conflict("The author may issue nothing now.", code="not_endorsed")
        return organisation

    async def _sign(
        self, connection: ConnRecord, asked: TransactionRequest, transaction: Json
    ) -> AgentMessage:
        manager = TransactionManager(self._profile)
        await manager.set_transaction_my_job(connection, TransactionJob.TRANSACTION_ENDORSER.name)
        # What was read is signed, and nothing else.
        cast("Json", asked.messages_attach)["data"]["json"] = json.dumps(transaction)
        record = await manager.receive_request(asked, str(connection.connection_id))
        _, answer = await manager.create_endorse_response(
            record, state=TransactionRecord.STATE_TRANSACTION_ENDORSED
        )
        return cast("AgentMessage", answer)


class EndorsementHandler(BaseHandler):
    """Answers a request to endorse a transaction."""

    async def handle(self, context: RequestContext, responder: BaseResponder) -> None:
        connection = context.connection_record
        if connection is None or not context.connection_ready:
            raise HandlerException("A transaction came over no connection that is ready")
        try:
            asked = TransactionRequest.deserialize(cast("JsonMessage", context.message).content)
            answer = await context.profile.inject(Endorsing).endorsed(connection, asked)
        except Exception as error:  # noqa: BLE001  # a stranger's message may break its reader in any way
            code = getattr(error, "code", type(error).__name__)
            raise HandlerException(f"A transaction was not endorsed: {code}") from None
        await responder.send_reply(answer, connection_id=connection.connection_id)


class EndorsementRequest(JsonMessage):
    """Somebody asks for our signature under what they write."""

    handler = EndorsementHandler


MESSAGE_TYPES = DIDCommPrefix.qualify_all({TRANSACTION_REQUEST: EndorsementRequest})
"""To be registered in place of ACA-Py's own."""


def _transaction(asked: TransactionRequest) -> Json:
    """What is to be signed, whose members are looked at. Raises `Conflict`."""
    try:
        if cast("Json", asked.signature_request)["signer_goal_code"] != TransactionRecord.ENDORSE_TRANSACTION:
            raise Conflict("Nothing but a signature is given.", code="not_endorsed")
        transaction: Json = json.loads(cast("Json", asked.messages_attach)["data"]["json"])
    except (KeyError, TypeError, ValueError) as error:
        raise Conflict("This is no transaction.", code="not_endorsed") from error
    match transaction:
        case {"operation": {"type": str()}, "identifier": str(), "endorser": str()}:
            return transaction
    raise Conflict("This is no transaction.", code="not_endorsed")
