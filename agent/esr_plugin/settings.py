"""What this plugin is told at start."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from agent.esr_plugin.feed_settings import OutboundSettings
from agent.esr_plugin.limits import Limits
from agent.plugin_settings import PluginSettings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _protected(url: str) -> str:
    """Staff records travel over TLS, except to a sandbox on the same machine."""
    found = urlsplit(url)
    if found.scheme == "https" or (found.scheme == "http" and found.hostname in _LOOPBACK):
        return url.rstrip("/")
    raise ValueError("must be an https address, or http on this machine")


class Tls(PluginSettings):
    """The PEM files with which this organisation proves itself to ESR (RFC 8705), and knows ESR."""

    certificate: Path  # ours, and after it what stands between it and its authority
    key: Path
    certificate_authority: Path  # who certifies ESR; nobody else is believed


class Timeouts(PluginSettings):
    """How long ESR may take, in seconds."""

    connect: float = Field(default=2.0, gt=0)
    answer: float = Field(default=5.0, gt=0)  # one request, from connecting to the last byte
    overall: float = Field(default=12.0, gt=0)  # a question, with its attempts and all waiting


class Searching(PluginSettings):
    """How many searches are allowed within an hour, and how many misses within ten minutes raise an alert.

    A row of a batch brings the person's number, and is counted by itself; after `missed_rows` in an hour that
    showed nobody, no more are tried.
    """

    per_user: int = Field(default=60, ge=1)
    per_organisation: int = Field(default=600, ge=1)
    rows_per_user: int = Field(default=1_000, ge=1)
    rows_per_organisation: int = Field(default=5_000, ge=1)
    missed_rows: int = Field(default=100, ge=1)
    misses: int = Field(default=10, ge=2)

    @property
    def limits(self) -> Limits:
        """As the plugin counts them."""
        return Limits(
            self.per_user,
            self.per_organisation,
            self.rows_per_user,
            self.rows_per_organisation,
            self.missed_rows,
            self.misses,
        )


class EsrSettings(PluginSettings):
    """One organisation's ESR: where it is, who we are to it, and how long we wait."""

    base_url: Annotated[str, AfterValidator(_protected)]
    tls: Tls | None = Field(default=None, validate_default=True)
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)
    vpd: str = Field(pattern=r"^\d{3}$")
    search_key: SecretStr = Field(min_length=32)
    searches: Searching = Searching()
    timeouts: Timeouts = Timeouts()
    attempts: int = Field(default=3, ge=1, le=5)
    longest_wait: float = Field(default=1.0, ge=0)  # seconds between two attempts, unless ESR says how many
    most_in_flight: int = Field(default=8, ge=1)
    requests_a_second: float = Field(default=50.0, gt=0)
    burst: int = Field(default=50, ge=1)  # how many may go at once after a quiet time
    outbound: OutboundSettings | None = None

    @field_validator("tls")
    @classmethod
    def _goes_with_https(cls, tls: Tls | None, info: ValidationInfo) -> Tls | None:
        url = info.data.get("base_url")  # which is not there when it is wrong itself
        if url is not None and url.startswith("https:") != (tls is not None):
            raise ValueError("goes with an https base_url, and with no other")
        return tls
