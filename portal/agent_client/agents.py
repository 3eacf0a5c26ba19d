"""The way to each organisation's agent, by the map in the settings."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from agent_client import AgentClient, PortalKey
from portal.agent_client.calls import Calls
from portal.errors import NotFound
from portal.sessions import Session
from portal.settings import Organisation, Settings


@dataclass(frozen=True, slots=True)
class Agents:
    """The ways to the agents of all organisations that the settings name."""

    session: aiohttp.ClientSession
    key: PortalKey
    organisations: Mapping[str, Organisation]

    @classmethod
    def of(cls, settings: Settings, session: aiohttp.ClientSession) -> "Agents":
        """As the settings say."""
        private = load_pem_private_key(settings.signing.key.get_secret_value().encode(), None)
        if not isinstance(private, Ed25519PrivateKey):
            raise TypeError("the settings let no other key through")
        return cls(session, PortalKey(settings.signing.id, private), settings.organisations)

    def calls(self, organisation: str, session: Session) -> Calls:
        """For whoever is signed in. Raises `NotFound` for an organisation that the settings do not name."""
        known = self.organisations.get(organisation)
        if known is None:
            raise NotFound("organisation_not_configured")
        client = AgentClient(
            self.session,
            str(known.agent).rstrip("/"),
            _secret(known.api_key) or "",
            organisation,
            self.key,
            session.email,
            _secret(known.token),
            max(0, int(time.time() - session.proof.at.timestamp())),
            session.proof.assurance,
        )
        return Calls(client)


def _secret(told: Any) -> str | None:  # noqa: ANN401  # pydantic's secret, or nothing
    return None if told is None else str(told.get_secret_value())
