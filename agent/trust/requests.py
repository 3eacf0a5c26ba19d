"""What the operator's staff send, parsed once."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from agent.domain.credentials import CredentialType
from agent.domain.registration import Region
from agent.routing import Body
from signed_documents.trust_lists import Authority, Did
from signed_documents.trust_roots import MAX_ROOT_BYTES

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,6}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Dids = Annotated[tuple[Did, ...], Field(max_length=20)]


class Empowered(Authority):
    """What an organisation may issue or ask for: of the types that there are."""

    type: CredentialType

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("valid_until is not before valid_from")
        return self


Authorities = Annotated[tuple[Empowered, ...], Field(max_length=50)]


class RegisterOrganisation(Body):
    """What is to be said of an organisation. What is left out comes from its application."""

    ods_code: Code
    name: Name | None = None
    region: Region | None = None
    dids: Dids = ()
    may_issue: Authorities
    may_ask: Authorities


class ChangeEntry(Body):
    """What is to be said otherwise; what is left out stays."""

    name: Name | None = None
    region: Region | None = None
    dids: Dids | None = None
    may_issue: Authorities | None = None
    may_ask: Authorities | None = None


class PublishList(Body):
    """`above` is for an agent that was set back to an earlier day: a number that the registry has passed."""

    above: Annotated[int, Field(ge=0, lt=1_000_000_000)] = 0


class SubmitRoot(Body):
    """The next root, as `staff-passport trust root sign` wrote it."""

    root: Annotated[str, StringConstraints(max_length=MAX_ROOT_BYTES, strip_whitespace=False)]


class SucceedEntry(Body):
    """Who takes the organisation's place, from when, and until when its credentials count."""

    successor: Code
    on: date
    credentials_until: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.credentials_until < self.on:
            raise ValueError("credentials_until is not before on")
        return self
