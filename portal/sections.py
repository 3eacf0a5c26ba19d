"""What sections of settings share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from yarl import URL

LOOPBACK = frozenset({"127.0.0.1", "localhost"})
"""Where browsers take a page without TLS for a safe one."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Secret = Annotated[SecretStr, Field(min_length=16)]


class Section(BaseModel):
    """One section: a setting that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def origin(text: str) -> str:
    """A scheme and a host; https, unless on this machine. Raises `ValueError`."""
    url = URL(safe_address(text))
    if url != url.origin():
        raise ValueError("must be a scheme and a host, and no path")
    return str(url.origin()).rstrip("/")


def safe_address(text: str) -> str:
    """An address that nobody on the way can change, as it was written. Raises `ValueError`."""
    url = URL(text)
    if not url.host:
        raise ValueError("must be a scheme and a host")
    if url.scheme != "https" and not (url.scheme == "http" and url.host in LOOPBACK):
        raise ValueError("must be https, unless it is on this very machine")
    return text
