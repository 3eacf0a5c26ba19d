"""What the sandbox is told when it starts."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from esr_sandbox.dataset import Manifest, NoDataset

VpdText = Annotated[str, Field(pattern=r"^\d{3}$")]


def _digest(text: str) -> str:
    """As `openssl x509 -noout -fingerprint -sha256` writes it, or in plain hex."""
    digits = text.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ValueError("must be a SHA-256 in hex")
    return digits


class Tls(BaseModel):
    """The sandbox's own certificate, and who certifies its clients: each of them must be (RFC 8705)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    certificate: Path
    key: Path
    client_authority: Path


class Client(BaseModel):
    """An organisation's program that may ask, for its own VPD alone; with one certificate, if it is said."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    vpd: VpdText
    certificate_sha256: Annotated[str, AfterValidator(_digest)] | None = None


class Settings(BaseModel):
    """Where the sandbox listens, whom it invents and who may ask."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8060, ge=0, le=65535)
    tls: Tls | None = None
    seed: int = 7
    people_per_vpd: int = Field(default=1500, ge=0, le=80_000)
    vpds: tuple[VpdText, ...] = ("901", "902")
    dataset: Path | None = (
        None  # a folder of `esr-sandbox generate`: its people and day, and nobody invented here
    )
    outbound: Path | None = None  # a folder in which every outbound file is also left
    clients: tuple[Client, ...] = Field(min_length=1)
    token_seconds: int = Field(default=300, ge=1)
    candidate_limit: int = Field(default=200, ge=1)
    control_token: SecretStr | None = None  # without it there is no control API
    today: date | None = None  # the day on which the people are as generated; the real one by default

    @field_validator("dataset")
    @classmethod
    def _there_is_one(cls, folder: Path | None) -> Path | None:
        if folder is not None:
            try:
                Manifest.read(folder)
            except NoDataset as missing:
                raise ValueError(str(missing)) from missing
        return folder

    @model_validator(mode="after")
    def _certificates_are_seen(self) -> Self:
        if self.tls is None and any(each.certificate_sha256 for each in self.clients):
            raise ValueError("a client with certificate_sha256 needs tls, or it would never get a token")
        return self
