"""What this plugin is told at start."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from agent.esr_plugin.feed_settings import OutboundSettings
from agent.plugin_settings import PluginSettings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _protected(url: str) -> str:
    """Staff records travel over TLS, except to a sandbox on the same machine."""
    found = urlsplit(url)
    if found.scheme == "https" or (found.scheme == "http" and found.hostname in _LOOPBACK):
        return url.rstrip("/")
    raise ValueError("must be an https address, or http on this machine")


class Timeouts(PluginSettings):
    """How long ESR may take, in seconds."""

    connect: float = Field(default=2.0, gt=0)
    answer: float = Field(default=5.0, gt=0)  # one request, from connecting to the last byte
    overall: float = Field(default=12.0, gt=0)  # after this no further attempt begins


class EsrSettings(PluginSettings):
    """One organisation's ESR: where it is, who we are to it, and how long we wait."""

    base_url: Annotated[str, AfterValidator(_protected)]
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)
    vpd: str = Field(pattern=r"^\d{3}$")
    search_key: SecretStr = Field(min_length=32)
    timeouts: Timeouts = Timeouts()
    attempts: int = Field(default=3, ge=1, le=5)
    longest_wait: float = Field(default=1.0, ge=0)  # seconds between two attempts
    most_in_flight: int = Field(default=8, ge=1)
    outbound: OutboundSettings | None = None
