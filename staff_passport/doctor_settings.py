"""What `environment.yml` may say."""

from enum import StrEnum
from pathlib import PurePath
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from signed_documents.identifiers import checked_origin


class Mode(StrEnum):
    """Where AnonCreds objects stand, and who runs the registry."""

    WEBVH_EMBEDDED = "webvh-embedded"
    WEBVH_EXTERNAL = "webvh-external"
    INDY = "indy"


def in_this_folder(name: str) -> str:
    """Refuse a name that leads out of the environment's folder."""
    path = PurePath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError("must name a file in this folder")
    return name


FileHere = Annotated[str, AfterValidator(in_this_folder)]
Nym = Annotated[str, StringConstraints(pattern=r"^[1-9A-HJ-NP-Za-km-z]{21,22}$")]
"""A DID on a ledger, without `did:sov:`."""


class Said(BaseModel):
    """Nothing unknown, and nothing taken for another type than it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Agreement(Said):
    """The one transaction author agreement (TAA) that agents accept."""

    mechanism: Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z_]{1,40}$")]
    version: Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9._-]{1,40}$")]


class Indy(Said):
    """Where the ledgers are, who the operator is there, and what is agreed with them."""

    ledgers: FileHere
    operator: Nym | None = None
    taa: Agreement | None = None


class Registry(Said):
    """The mode, and the origin that stands in identifiers."""

    mode: Mode
    origin: Annotated[str, AfterValidator(checked_origin)]
    indy: Indy | None = None

    @model_validator(mode="after")
    def _ledgers_go_with_their_mode(self) -> Self:
        if self.mode is Mode.INDY and self.indy is None:
            raise ValueError("the mode indy needs an indy section, which says where the ledgers are")
        if self.mode is not Mode.INDY and self.indy is not None:
            raise ValueError(f"an indy section means nothing to the mode {self.mode}: take it out")
        return self


class Trust(Said):
    """From which root the trust list is verified; null for one that is made at each start."""

    root: FileHere | None


class Environment(Said):
    """The whole file."""

    registry: Registry
    trust: Trust

    @model_validator(mode="after")
    def _somebody_is_trusted(self) -> Self:
        if self.trust.root is None and self.registry.mode is not Mode.WEBVH_EMBEDDED:
            raise ValueError(
                "trust.root names no file: only an embedded environment makes its root when it starts"
            )
        return self
