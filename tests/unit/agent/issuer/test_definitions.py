"""When a definition is published: not before a revocation registry can be used."""

from typing import Any
from unittest.mock import AsyncMock

import pytest
from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.revocation import AnonCredsRevocation

from agent.domain.credentials import CredentialType
from agent.domain.errors import Unavailable
from agent.issuer.definitions import AnonCredsDefinitions

DEFINITION = "did:webvh:Qm:registry.example:RNM/resources/definition"


@pytest.fixture
def definitions(monkeypatch: pytest.MonkeyPatch) -> AnonCredsDefinitions:
    """Of an organisation that made its definition before."""
    found = AsyncMock(return_value=[DEFINITION])
    monkeypatch.setattr(AnonCredsIssuer, "get_created_credential_definitions", found)
    objects = AsyncMock(**{"national_schemas.return_value": {CredentialType.EMPLOYMENT: "a-schema"}})
    return AnonCredsDefinitions(AsyncMock(), objects, revocation_registry_size=100)


def revocation_registry(monkeypatch: pytest.MonkeyPatch, **behaves: Any) -> AsyncMock:
    waiting = AsyncMock(**behaves)
    monkeypatch.setattr(AnonCredsRevocation, "wait_for_active_revocation_registry", waiting)
    return waiting


async def test_whoever_asks_again_waits_for_the_registry_that_is_being_made(
    definitions: AnonCredsDefinitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = revocation_registry(monkeypatch)

    assert await definitions.publish_definition(CredentialType.EMPLOYMENT) == DEFINITION
    waiting.assert_awaited_once_with(DEFINITION)


async def test_a_registry_that_takes_longer_than_a_call_may_wait_is_told_as_not_yet(
    definitions: AnonCredsDefinitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    revocation_registry(monkeypatch, side_effect=TimeoutError)

    with pytest.raises(Unavailable) as refused:
        await definitions.publish_definition(CredentialType.EMPLOYMENT)

    assert refused.value.code == "revocation_registry_not_ready"
