"""The same with stock agents: the same claims, the same requests, by stock's own admin API and webhooks."""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import schemas
from agent.domain.credentials import PASSPORT_TYPES, CredentialFormat, CredentialType, W3cDataModel
from agent.domain.ports.exchanges import CredentialOffer
from agent.domain.ports.status_lists import StatusEntryId
from agent.domain.workforce import Organisation
from agent.issuer.attachments import detail
from agent.issuer.status_lists import ENTRIES
from agent.issuer.w3c_credentials import unsigned_credential
from agent.national_schemas import national_origin, national_schema_ids
from agent.verifier.presentation_requests import dif_request, proof_request
from bench.cells import Form
from bench.holders import Holder
from bench.ours import WentWrong
from bench.people import MemberOfStaff
from bench.stock_agent import StockAgent
from signed_documents.bitstring_status_lists import StatusListEntry, StatusListId, StatusPurpose
from signed_documents.did_documents import credential_key_id
from signed_documents.identifiers import WebvhDid

type Json = dict[str, Any]

FORMATS: Mapping[Form, frozenset[CredentialFormat]] = {
    Form.ANONCREDS: frozenset({CredentialFormat.ANONCREDS}),
    Form.W3C: frozenset({CredentialFormat.W3C}),
    Form.BOTH: frozenset(CredentialFormat),
}
PURPOSE = "Starting work on Ward 4"
_ISSUING = "issue_credential_v2_0"
_PROVING = "present_proof_v2_0"


@dataclass(slots=True)
class StockCase:
    """One person at the stock issuer, step by step."""

    agent: StockAgent
    holder: Holder
    person: MemberOfStaff
    employer: Organisation
    operator: str  # its DID
    form: Form
    invitation: str = ""
    with_agent: str = ""  # the connection, as the agent calls it
    connection: str = ""  # as the wallet calls it
    exchanges: Sequence[str] = field(default_factory=tuple)

    async def connect(self) -> None:
        """Invite; the invitation is taken up."""
        invitation = await invite(self.agent)
        self.invitation = invitation["invi_msg_id"]
        self.connection = await self.holder.connect(invitation["invitation_url"])

    async def is_connected(self) -> None:
        """Wait until the agent tells it too."""
        self.with_agent = await connected(self.agent, self.invitation)

    async def issue(self) -> None:
        """Offer each, issue each that is requested, and wait until all are in the wallet."""
        claims = self.person.claims(self.employer, datetime.now(UTC).date())
        self.exchanges = [await self._offer(each, claims[each]) for each in PASSPORT_TYPES]
        await asyncio.gather(
            self.holder.until_issued(self.connection, len(self.exchanges)), *map(self._issue, self.exchanges)
        )

    async def is_issued(self) -> None:
        """Wait until the agent tells it too."""
        for exchange in self.exchanges:
            await self.agent.webhooks.next(_ISSUING, exchange, "done")

    async def _offer(self, credential: CredentialType, claims: Mapping[str, str]) -> str:
        offer = CredentialOffer(
            credential,
            claims,
            _status(self.agent.did),
            FORMATS[self.form],
            W3cDataModel.V1_1,
            datetime.now(UTC),
        )
        body = {
            "connection_id": self.with_agent,
            "auto_issue": False,
            "auto_remove": False,
            "credential_preview": _preview(offer),
            "filter": self._filter(offer),
        }
        return str((await self.agent.post("/issue-credential-2.0/send-offer", body))["cred_ex_id"])

    async def _issue(self, exchange: str) -> None:
        await self.agent.webhooks.next(_ISSUING, exchange, "request-received")
        await self.agent.post(f"/issue-credential-2.0/records/{exchange}/issue")

    def _filter(self, offer: CredentialOffer) -> Json:
        chosen: Json = {}
        if CredentialFormat.ANONCREDS in offer.formats:
            chosen["anoncreds"] = {"cred_def_id": self.agent.definitions[offer.credential]}
        if CredentialFormat.W3C in offer.formats:
            credential = unsigned_credential(
                offer,
                identifier=str(uuid4()),
                issuer=self.agent.did,
                origin=national_origin(self.operator),
            )
            signed_with = {"verificationMethod": credential_key_id(self.agent.did)}
            told = detail(credential, offer.data_model)
            chosen["ld_proof"] = {**told, "options": told["options"] | signed_with}
        return chosen


@dataclass(slots=True)
class StockReview:
    """One connection between the stock verifier and a wallet that holds a passport."""

    agent: StockAgent
    holder: Holder
    operator: str  # its DID
    with_agent: str = ""

    async def connect(self) -> None:
        """Invite; the invitation is taken up."""
        invitation = await invite(self.agent)
        await self.holder.connect(invitation["invitation_url"])
        self.with_agent = await connected(self.agent, invitation["invi_msg_id"])

    async def verify(self, form: Form) -> None:
        """Ask for everything in one presentation, verify what comes."""
        body = {
            "connection_id": self.with_agent,
            "auto_verify": False,
            "auto_remove": False,
            "presentation_request": self._request(form),
        }
        asked = (await self.agent.post("/present-proof-2.0/send-request", body))["pres_ex_id"]
        await self.agent.webhooks.next(_PROVING, asked, "presentation-received")
        verified = await self.agent.post(f"/present-proof-2.0/records/{asked}/verify-presentation")
        if verified["verified"] != "true":
            raise WentWrong(f"stock says of a presentation: verified={verified['verified']}")

    def _request(self, form: Form) -> Json:
        if form is Form.ANONCREDS:
            ids = national_schema_ids(self.operator)
            return {"anoncreds": proof_request(PASSPORT_TYPES, ids, purpose=PURPOSE, at=int(time.time()))}
        domain = WebvhDid.parse(self.agent.did).base_url
        origin = national_origin(self.operator)
        return {"dif": dif_request(PASSPORT_TYPES, origin=origin, domain=domain, purpose=PURPOSE)}


async def invite(agent: StockAgent) -> Json:
    """An invitation that the first wallet uses up."""
    body = {"handshake_protocols": ["https://didcomm.org/didexchange/1.1"]}
    return await agent.post("/out-of-band/create-invitation?auto_accept=true", body)


async def connected(agent: StockAgent, invitation: str) -> str:
    """The agent's own id of the connection, once it stands."""
    told = await agent.webhooks.next("connections", invitation, "completed")
    return str(told["connection_id"])


def _preview(offer: CredentialOffer) -> Json:
    told = {**offer.claims, schemas.STATUS_ATTRIBUTE: " ".join(offer.status)}
    return {
        "@type": "issue-credential/2.0/credential-preview",
        "attributes": [{"name": name, "value": value} for name, value in told.items()],
    }


def _status(issuer: str) -> tuple[StatusEntryId, ...]:
    """A random place in the lists that were published for it; stock itself knows nothing of status lists."""
    index, did = secrets.randbelow(ENTRIES), WebvhDid.parse(issuer)
    lists = [StatusListId.of(did, purpose, 1) for purpose in StatusPurpose]
    return tuple(StatusEntryId(str(StatusListEntry(each, index))) for each in lists)
