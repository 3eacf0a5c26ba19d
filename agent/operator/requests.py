"""What organisations and the operator's staff send, parsed once."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from agent.domain.registration import DOMAIN, Capacity, Region
from agent.routing import Body

Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,6}$")]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Told(BaseModel):
    """What a stranger sent: every field known, nothing more."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=500)

    @field_validator("*")
    @classmethod
    def _can_be_kept(cls, value: object) -> object:
        if isinstance(value, str) and "\x00" in value:  # which PostgreSQL does not keep
            raise ValueError("has a NUL in it")
        return value


class ToldContact(_Told):
    """Whom the organisation names for questions."""

    name: Short
    email: Short
    phone: Short


class ToldNomination(_Told):
    """With what a director is said to have nominated a deputy."""

    director_name: Short
    director_email: Short
    nominated_on: date
    reference: Short


class ToldDetails(_Told):
    """What an organisation says of itself."""

    ods_code: Code
    name: Short
    vpd: Annotated[str, StringConstraints(pattern=r"^\d{3}$")] | None
    region: Region
    email_domains: Annotated[
        list[Annotated[str, StringConstraints(pattern=rf"^{DOMAIN.pattern}$")]],
        Field(min_length=1, max_length=20),
    ]
    contact: ToldContact


class ToldRegistrant(_Told):
    """Who registers it."""

    name: Short
    email: Short
    capacity: Capacity
    nomination: ToldNomination | None


class ToldApplication(_Told):
    """All of it."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=36)]
    details: ToldDetails
    registrant: ToldRegistrant
    email_proven_at: datetime
    submitted_at: datetime


class InviteOrganisation(Body):
    """Which organisation."""

    ods_code: Code


class RecordCallBack(Body):
    """How it was checked that the organisation itself applies."""

    number: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()-]{6,24}$")]
    number_from: Short
    spoke_to: Short
    code: Annotated[str, StringConstraints(pattern=r"^\s*([0-9]\s?){8}$")]
    confirmed: bool


class GiveReason(Body):
    """Why."""

    reason: Reason


class RecordSuccession(Body):
    """Who takes the organisation's place, from when, and until when its credentials count."""

    successor: Code
    on: date
    credentials_until: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.credentials_until < self.on:
            raise ValueError("credentials_until is not before on")
        return self
