"""Gives a stock agent's wallet what stock has no route for, before the agent itself opens the same wallet.

Run as a program with HOME as the agent will have it: revocation registries keep files there.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.revocation import AnonCredsRevocation
from acapy_agent.config.default_context import DefaultContextBuilder
from acapy_agent.config.wallet import wallet_config
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_TOPIC

import schemas
from agent.domain.credentials import PASSPORT_TYPES
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.status_lists import StatusListPublisher, StatusPurpose
from agent.national_schemas import national_schema_id

type Json = dict[str, Any]
TAG = "stock"
PATIENCE_SECONDS = 120


async def set_up(told: Json) -> Json:
    """Make the DID; for an issuer, its definitions with revocation registries, and its status lists."""
    profile = await _opened(told["settings"])
    did = await profile.inject(OrganisationIdentity).ensure()
    made: Json = {"did": did, "definitions": {}}
    if operator := told.get("operator"):
        for credential in PASSPORT_TYPES:
            schema_id = national_schema_id(operator, schemas.load(credential))
            made["definitions"][credential] = await _define(profile, did, schema_id, told["registry_size"])
        for purpose in StatusPurpose:
            await profile.inject(StatusListPublisher).publish(purpose, 1, [])
    # The second registry of each definition is made in the background.
    await profile.inject(EventBus).task_queue.wait_for(PATIENCE_SECONDS)
    await profile.notify(SHUTDOWN_EVENT_TOPIC, {})
    await profile.inject(EventBus).task_queue.wait_for(PATIENCE_SECONDS)
    await profile.close()
    return made


async def _opened(settings: Json) -> Profile:
    context = await DefaultContextBuilder(settings).build_context()
    profile, _ = await wallet_config(context, provision=True)
    return profile


async def _define(profile: Profile, did: str, schema_id: str, registry_size: int) -> str:
    options = {"support_revocation": True, "revocation_registry_size": registry_size}
    result = await AnonCredsIssuer(profile).create_and_register_credential_definition(
        did, schema_id, TAG, options=options
    )
    definition = str(result.credential_definition_state.credential_definition_id)
    await AnonCredsRevocation(profile).wait_for_active_revocation_registry(definition)
    return definition


def main(told: Path, made: Path) -> None:
    """Read what to do from one file, and write what was made to another."""
    answer = asyncio.run(set_up(json.loads(told.read_text(encoding="utf-8"))))
    made.write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
