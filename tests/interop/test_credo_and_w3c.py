"""What stock Credo-TS does with W3C credentials of a stock ACA-Py: what our decisions rest on (ADR 15)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from signed_documents.contexts import CREDENTIALS_V1
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.interop.credo.client import CredoWallet, WalletFailed
from tests.support.stock_agent import StockAgent, a_stock_agent, make_store

type Json = dict[str, Any]

OPTIONS = {"proofType": "Ed25519Signature2018", "proofPurpose": "assertionMethod"}
STATUS = "https://www.w3.org/ns/credentials/status#BitstringStatusListEntry"
TYPE = "https://www.w3.org/2018/credentials#VerifiableCredential"


@dataclass(frozen=True, slots=True)
class Met:
    """A stock agent that issues as `did`, and a phone; their connection as each of them calls it."""

    agent: StockAgent
    phone: CredoWallet
    did: str
    to_phone: str
    to_agent: str


@pytest.fixture(scope="module")
async def met(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Met]:
    folder: Path = tmp_path_factory.mktemp("stock")
    with EmbeddedPostgres.temporary() as postgres:
        storage = postgres.provide_wallet("stock")
        await make_store(storage)
        async with a_stock_agent(storage, folder) as agent, CredoWallet.start() as phone:
            made = await agent.post(
                "/wallet/did/create", {"method": "key", "options": {"key_type": "ed25519"}}
            )
            yield Met(agent, phone, made["result"]["did"], *await connected(agent, phone))


async def connected(agent: StockAgent, phone: CredoWallet) -> tuple[str, str]:
    invitation = await agent.invite()
    to_agent = await phone.connect(invitation.url)
    told = await agent.webhooks.until("connections", invitation_msg_id=invitation.id, rfc23_state="completed")
    return told["connection_id"], to_agent


def a_credential(met: Met, subject: str, **more: object) -> Json:
    issued = datetime.now(UTC) - timedelta(minutes=1)
    return {
        "@context": [CREDENTIALS_V1],
        "id": f"urn:uuid:{uuid4()}",
        "type": ["VerifiableCredential"],
        "issuer": met.did,
        "issuanceDate": f"{issued:%Y-%m-%dT%H:%M:%SZ}",
        "credentialSubject": {"id": subject},
        **more,
    }


async def sent(met: Met, credential: Json) -> str:
    """The phone's exchange of a credential that it accepted, and that the agent sends at once."""
    offer = {
        "connection_id": met.to_phone,
        "auto_issue": True,
        "filter": {"ld_proof": {"credential": credential, "options": OPTIONS}},
    }
    made = await met.agent.post("/issue-credential-2.0/send-offer", offer)
    event = await met.phone.wait_for(
        "credential", state="offer-received", where=lambda e: e.thread_id == made["thread_id"]
    )
    assert event.id is not None
    await met.phone.accept_offer(event.id)
    await met.agent.webhooks.until(
        "issue_credential_v2_0", cred_ex_id=made["cred_ex_id"], state="credential-issued"
    )
    return event.id


async def kept(met: Met, subject: str) -> str:
    """The id of a credential about `subject` that the phone keeps."""
    credential = a_credential(met, subject)
    exchange = await sent(met, credential)
    await met.phone.wait_for("credential", state="done", where=lambda e: e.id == exchange)
    return str(credential["id"])


async def presented(met: Met, credential: str) -> Json:
    """What a host on another connection gets of this one credential. Raises `WalletFailed`."""
    to_phone, _ = await connected(met.agent, met.phone)
    only = {"path": ["$.id"], "filter": {"type": "string", "const": credential}}
    asked = {
        "options": {"challenge": str(uuid4()), "domain": "https://host.example"},
        "presentation_definition": {
            "id": str(uuid4()),
            "format": {"ldp_vp": {"proof_type": [OPTIONS["proofType"]]}},
            "input_descriptors": [
                {
                    "id": "one",
                    "name": "one",
                    "schema": [{"uri": CREDENTIALS_V1}, {"uri": TYPE}],
                    "constraints": {"fields": [only]},
                }
            ],
        },
    }
    request = {"connection_id": to_phone, "auto_verify": True, "presentation_request": {"dif": asked}}
    made = await met.agent.post("/present-proof-2.0/send-request", request)
    event = await met.phone.wait_for(
        "proof", state="request-received", where=lambda e: e.thread_id == made["thread_id"]
    )
    assert event.id is not None
    await met.phone.present(event.id)
    return await met.agent.webhooks.until("present_proof_v2_0", pres_ex_id=made["pres_ex_id"], state="done")


async def test_what_is_about_a_key_of_the_phones_own_can_be_presented_to_anyone(met: Met) -> None:
    key = await met.phone.make_key()

    answer = await presented(met, await kept(met, key))

    assert answer["verified"] == "true"


async def test_what_is_about_the_connections_did_is_kept_and_cannot_be_presented(met: Met) -> None:
    """Credo writes the keys of its did:peer:4 as `#key-1`, and then looks for a document of that name."""
    long_form = str((await met.phone.connection(met.to_agent)).did)
    short_form = long_form.rpartition(":")[0]
    assert long_form.startswith("did:peer:4")

    for subject in (long_form, short_form):
        credential = await kept(met, subject)
        with pytest.raises(WalletFailed, match="URL could not be dereferenced"):
            await presented(met, credential)


async def test_any_status_is_refused(met: Met) -> None:
    status = {"id": "https://registry.example/status/1#5", "type": STATUS}
    before = await met.phone.w3c_credentials()

    exchange = await sent(met, a_credential(met, await met.phone.make_key(), credentialStatus=status))
    after = await kept(met, await met.phone.make_key())

    assert after
    assert len(await met.phone.w3c_credentials()) == len(before) + 1
    assert await state_of(met, exchange) == "request-sent"


async def test_what_has_expired_is_refused_when_it_comes(met: Met) -> None:
    ended = "2026-01-01T00:00:00Z"
    begun = {"issuanceDate": "2025-12-31T00:00:00Z", "expirationDate": ended}

    exchange = await sent(met, a_credential(met, await met.phone.make_key(), **begun))
    await kept(met, await met.phone.make_key())

    assert await state_of(met, exchange) == "request-sent"


async def state_of(met: Met, exchange: str) -> str:
    """Where the phone has an exchange; it handles one message after the other."""
    found = await met.phone.offers(connection_id=met.to_agent)
    return next(one.state for one in found if one.id == exchange)
