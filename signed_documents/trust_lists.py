"""What the trust list says: who is a registered organisation, and what each may issue and ask for, when.

A JSON document, distributed as a target of The Update Framework (TUF), which sees to signatures, expiry,
roll-back and freeze. This module reads and judges the document alone.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from signed_documents.errors import DocumentRefused, Reason

TARGET = "organisations.json"
_LONDON = ZoneInfo("Europe/London")
MAX_LIST_BYTES = 4 * 1024 * 1024

type Did = Annotated[str, Field(pattern=r"^did:[a-z]+:", max_length=300)]
type OdsCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{3,6}$")]
type CredentialTypeName = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,40}$")]


def london_day(at: datetime) -> date:
    """The day it is in London then, in which the list counts."""
    return at.astimezone(_LONDON).date()


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Status(StrEnum):
    """How an organisation stands now."""

    REGISTERED = "registered"
    SUSPENDED = "suspended"
    SUCCEEDED = "succeeded"


class Authority(_Said):
    """That an organisation may issue, or ask for, one type of credential; the last day counts."""

    type: CredentialTypeName
    valid_from: date
    valid_until: date | None = None

    def covers(self, on: date) -> bool:
        """Whether it holds on a day in London."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


class Suspension(_Said):
    """From when until when an organisation was suspended; it still is when there is no end."""

    since: AwareDatetime
    until: AwareDatetime | None = None

    def covers(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


class Successor(_Said):
    """Who takes an organisation's place, and until when its credentials still count."""

    ods_code: OdsCode
    on: date
    credentials_until: date


class ListedOrganisation(_Said):
    """One organisation. The newest of its DIDs is the last; the others are those it had before a move.

    A DID on another ledger, under which it issues AnonCreds there, is one of them, too.
    """

    ods_code: OdsCode
    name: Annotated[str, Field(min_length=1, max_length=200)]
    region: Annotated[str, Field(min_length=1, max_length=100)]
    dids: tuple[Did, ...] = ()
    may_issue: tuple[Authority, ...] = ()
    may_ask: tuple[Authority, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    successor: Successor | None = None

    def status(self, at: datetime) -> Status:
        """How it stands at `at`."""
        if any(each.covers(at) for each in self.suspensions):
            return Status.SUSPENDED
        succeeded = self.successor is not None and self.successor.on <= london_day(at)
        return Status.SUCCEEDED if succeeded else Status.REGISTERED


class TrustListing(_Said):
    """The whole list. An organisation, and a DID, stands in it once."""

    operator: Did
    published: AwareDatetime
    organisations: tuple[ListedOrganisation, ...]

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        _require_once([each.ods_code for each in self.organisations], "an ODS code")
        _require_once([did for each in self.organisations for did in each.dids], "a DID")
        return self

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Raises `DocumentRefused` for what is no list."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise DocumentRefused(Reason.MALFORMED, "this is no trust list") from error

    def organisation(self, did: str) -> ListedOrganisation | None:
        """Whose DID it is."""
        return next((each for each in self.organisations if did in each.dids), None)

    def text(self) -> bytes:
        """The bytes that are distributed."""
        return self.model_dump_json(exclude_none=True).encode()


def _require_once(names: Sequence[str], what: str) -> None:
    if len(names) != len(set(names)):
        raise ValueError(f"{what} stands twice in the list")
