"""What this plugin is told at start: where the registry is, and where in it this organisation lives."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from yarl import URL

from agent.plugin_settings import PluginSettings
from signed_documents.identifiers import checked_origin

_PATH = r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*){0,3}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where this organisation's DID lives: the host and path that stand in the identifier."""

    host: str
    path: tuple[str, ...]


def _base_url(text: str) -> str:
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.host or url.user or url.query_string:
        raise ValueError("must be an http or https URL without credentials")
    return str(url).rstrip("/")


def _path(text: str) -> str:
    if not re.fullmatch(_PATH, text):
        raise ValueError("must be path segments of lower-case letters, digits and hyphens")
    return text


Origin = Annotated[str, AfterValidator(checked_origin)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]


class UpdateKey(StrEnum):
    """Where the key is kept that signs the entries of the DID's log, when the DID is made."""

    AGENT = "agent"
    EXTERNAL = "external"  # what is to be signed is prepared here, and carried there


class SigningKeysSettings(BaseModel):
    """The PKCS#11 library, the label of a token, and the PIN of its user (not of its security officer)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    module: Path
    token: Annotated[str, Field(min_length=1, max_length=32)]
    pin: Annotated[SecretStr, Field(min_length=4)]


class FormerPlace(BaseModel):
    """Where the DID was before it moved: what was issued there is revoked there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: Origin
    registry_url: BaseUrl
    path: Annotated[str, AfterValidator(_path)]
    write_token: SecretStr = Field(min_length=16)


class WebvhSettings(PluginSettings):
    """`origin` is what identifiers say, `registry_url` where this machine reaches the same registry."""

    origin: Origin
    registry_url: BaseUrl
    path: Annotated[str, AfterValidator(_path)]
    write_token: SecretStr = Field(min_length=16)
    national_origin: Origin | None = None
    """Where the operator publishes the national contexts, when that is another registry."""
    origin_map: dict[Origin, BaseUrl] = Field(default_factory=dict)
    """Further origins that stand elsewhere on this machine, for demos and tests."""
    update_key: UpdateKey = UpdateKey.AGENT
    new_keys_sign_after: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=1))] = timedelta(
        minutes=10
    )
    """How long new assertion keys stand in the document before they sign: readers keep it for a while, and
    stock wallets refuse what a key has signed that they do not find in their copy."""
    former_places: tuple[FormerPlace, ...] = ()
    signing_keys: SigningKeysSettings | None = None
    """Which hardware keeps the keys that sign; the wallet does where there is none."""

    @model_validator(mode="after")
    def _encrypted_unless_local(self) -> Self:
        for address in (self.registry_url, *(former.registry_url for former in self.former_places)):
            url = URL(address)
            if url.scheme != "https" and url.host not in ("127.0.0.1", "::1", "localhost"):
                raise ValueError(
                    "registry_url must be https unless it is this machine: a token is sent to it"
                )
        return self

    @cached_property
    def origins(self) -> dict[str, str]:
        """Every origin in identifiers that is not reached under its own name."""
        places = {former.origin: former.registry_url for former in self.former_places}
        places[self.origin] = self.registry_url
        return {**self.origin_map, **{origin: url for origin, url in places.items() if origin != url}}

    @property
    def contexts_origin(self) -> str:
        """The origin that stands in the national contexts' addresses."""
        return self.national_origin or self.origin

    @property
    def place(self) -> Place:
        return Place(URL(self.origin).host or "", tuple(self.path.split("/")))

    @property
    def former_writers(self) -> dict[str, tuple[str, str]]:
        """By the URL that identifiers there begin with, where to write and with which token."""
        return {
            f"{former.origin}/{former.path}/": (former.registry_url, former.write_token.get_secret_value())
            for former in self.former_places
        }

    @property
    def token(self) -> str:
        return self.write_token.get_secret_value()
