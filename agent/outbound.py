"""ACA-Py's way out: DIDComm messages to endpoints that wallets and invitations name, behind the guard.

ACA-Py takes the one transport that stands in this module (`--outbound-transport agent.outbound`).
Nothing is sent to `ws` and `wss`: no transport takes them.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import cast

import aiohttp
from acapy_agent.connections.base_manager import BaseConnectionManager
from acapy_agent.core.profile import Profile
from acapy_agent.protocols.out_of_band.v1_0.messages.invitation import InvitationMessage
from acapy_agent.protocols.out_of_band.v1_0.messages.service import Service
from acapy_agent.transport.outbound.base import BaseOutboundTransport, OutboundTransportError
from acapy_agent.transport.stats import StatsTracer
from acapy_agent.transport.wire_format import DIDCOMM_V0_MIME_TYPE, DIDCOMM_V1_MIME_TYPE
from yarl import URL

from signed_documents.outbound_guard import ForbiddenAddress, OutboundGuard
from signed_documents.sending import GuardedSender

_FAILED = 300
_LOGGER = logging.getLogger(__name__)


class GuardedTransport(BaseOutboundTransport):
    """Sends as ACA-Py's own transport does, but where the guard lets it. What fails, ACA-Py tries again."""

    schemes = ("http", "https")
    is_external = False

    async def start(self) -> None:
        """Read from the root profile's injector which endpoints are allowed, besides those of the public."""
        traced = [StatsTracer(self.collector, "outbound-http:")] if self.collector else []
        root = cast("Profile", self.root_profile)  # typed as None, too, which it never is here
        self._send = GuardedSender(root.inject(OutboundGuard), trace_configs=traced)

    async def stop(self) -> None:
        """Close every connection."""
        await self._send.close()

    async def handle_message(  # type: ignore[override]  # what ACA-Py's base says is not what it calls
        self,
        profile: Profile,
        payload: str | bytes,
        endpoint: str,
        metadata: Mapping[str, str] | None = None,
        api_key: str | None = None,
    ) -> None:
        """Raises `OutboundTransportError` for whatever keeps the message from being taken."""
        headers = {**(metadata or {}), "Content-Type": _content_type(profile, payload)}
        if api_key is not None:
            headers["x-api-key"] = api_key
        try:
            status = await self._send(endpoint, payload, headers)
        except ForbiddenAddress as error:
            _LOGGER.warning("Nothing is sent to %s: %s", URL(endpoint).host, error)
            raise OutboundTransportError(f"Nothing is sent to this endpoint: {error}") from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise OutboundTransportError(f"The endpoint cannot be reached: {type(error).__name__}") from error
        if status >= _FAILED:
            raise OutboundTransportError(f"The endpoint answered {status}")


async def require_allowed(invitation: InvitationMessage, profile: Profile) -> None:
    """Raise `ForbiddenAddress` if an answer to the invitation would go where nothing is sent.

    A name that nobody knows now may be known when it is sent.
    """
    guard = profile.inject(OutboundGuard)
    for service in invitation.services or ():
        with suppress(OSError):
            await guard.check(URL(await _endpoint(service, profile)))


async def _endpoint(service: str | Service, profile: Profile) -> str:
    if isinstance(service, Service):
        return str(service.service_endpoint)
    endpoint, *_ = await BaseConnectionManager(profile).resolve_invitation(service)
    return endpoint


def _content_type(profile: Profile, payload: str | bytes) -> str:
    if isinstance(payload, str):
        return "application/json"
    emits_new = profile.settings.get("emit_new_didcomm_mime_type")
    return DIDCOMM_V1_MIME_TYPE if emits_new else DIDCOMM_V0_MIME_TYPE
