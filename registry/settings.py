"""What the registry is told when it starts."""

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from registry.kinds import NAMESPACE
from signed_documents.identifiers import checked_origin

GIB = 1024**3

Port = Annotated[int, Field(ge=0, le=65535)]
TokenDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The SHA-256 of a write token, in hex: the registry never knows the token itself."""


def _namespace(text: str) -> str:
    if not re.fullmatch(NAMESPACE, text):
        raise ValueError("must be path segments of lower-case letters, digits and hyphens")
    return text


Namespace = Annotated[str, AfterValidator(_namespace)]


class Tls(BaseModel):
    """A second door, with TLS, for wallets that insist on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: Path
    key: Path
    port: Port


class Limits(BaseModel):
    """What one writer may ask of us; how large a document may be is its kind's (`registry.kinds`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_seconds: Annotated[float, Field(gt=0)] = 60
    """How long a document may take to arrive."""
    tails_seconds: Annotated[float, Field(gt=0)] = 900
    tails_bytes_per_writer: Annotated[int, Field(gt=0)] = 4 * GIB
    """The tails of some 16 million credentials."""


class Settings(BaseModel):
    """`origin` is what identifiers say; `host` and `port` are where this process listens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: Annotated[str, AfterValidator(checked_origin)]
    data: Path
    host: str = "127.0.0.1"
    port: Port
    tls: Tls | None = None
    writers: dict[Namespace, TokenDigest]
    context_writer: Namespace
    """Whose token may publish JSON-LD contexts: the operator's."""
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _context_writer_writes(self) -> Self:
        if self.context_writer not in self.writers:
            raise ValueError("context_writer must be one of the writers")
        return self
