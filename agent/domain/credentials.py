"""Credentials: their types, what they claim and where that came from, and their states."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

CredentialExchangeId = NewType("CredentialExchangeId", str)
Claims = Mapping[str, str]
"""Claim name → value as a string, exactly as a credential type's definition lists them."""


class CredentialType(StrEnum):
    """The national credential types; each has a folder of this name in `schemas/`."""

    IDENTITY = "identity"
    EMPLOYMENT = "employment"
    EMPLOYMENT_CHECKS = "employment_checks"


PASSPORT_TYPES = (CredentialType.IDENTITY, CredentialType.EMPLOYMENT, CredentialType.EMPLOYMENT_CHECKS)
"""What one passport carries, in the order in which it is offered."""


class CredentialFormat(StrEnum):
    """The forms that one credential may have; what it says is the same."""

    ANONCREDS = "anoncreds"
    W3C = "w3c"


class W3cDataModel(StrEnum):
    """Versions of the W3C's data model, each signed in its own way."""

    V1_1 = "1.1"  # JSON-LD with Ed25519Signature2018, which stock wallets know
    V2_0 = "2.0"  # Data Integrity with eddsa-jcs-2022


class Pedigree(StrEnum):
    """Whether the issuer is the source of what it states, or repeats another's word."""

    AUTHORITATIVE = "Authoritative"
    SOURCED = "Sourced"


@dataclass(frozen=True, slots=True)
class Provenance:
    """The NHS's eight provenance fields, carried by every credential."""

    origin: str
    assurance_policy: str
    assurance_outcome: str
    provider: str
    verifier: str
    verification_method: str
    pedigree: Pedigree
    last_refresh: str  # ISO 8601 date


class CredentialState(StrEnum):
    """The life of one credential, from the word of the employing authority to its end.

    `offering` to `issuing` follow RFC 0453's issuer states; `active` is its `done`.
    """

    OFFERING = "offering"  # decided and recorded, not yet known to have been sent
    PENDING = "pending"  # offered: the holder has not answered
    ISSUING = "issuing"  # accepted by the holder, judged again, being signed
    ISSUED = "issued"  # signed and sent; the wallet has not acknowledged it
    ACTIVE = "active"
    REJECTED = "rejected"  # the holder declined it
    WITHDRAWN = "withdrawn"  # the issuer took the offer back, or the second judgement refused
    FAILED = "failed"  # it came to nothing and nobody has it
    REVOKING = "revoking"
    REVOKED = "revoked"
    EXPIRED = "expired"  # a short-lived one that ran out


ENDED_STATES = frozenset(
    {
        CredentialState.REJECTED,
        CredentialState.WITHDRAWN,
        CredentialState.FAILED,
        CredentialState.REVOKED,
        CredentialState.EXPIRED,
    }
)
"""Whatever is in none of these is live: there is at most one live credential a type and passport.

Short-lived ones are beside it, and not counted.
"""


class RejectionReason(StrEnum):
    """Why a holder declines a credential."""

    DUPLICATE = "duplicate"
    INCORRECT = "incorrect"
    NO_LONGER_WANTED = "no_longer_wanted"
    OTHER = "other"


class RevocationReason(StrEnum):
    """Why an issuer takes a credential back."""

    EMPLOYMENT_ENDED = "employment_ended"
    SUPERSEDED = "superseded"
    ISSUED_IN_ERROR = "issued_in_error"
    DEVICE_LOST = "device_lost"
    HOLDER_ASKED = "holder_asked"
    ORGANISATION_SUCCEEDED = "organisation_succeeded"
    OTHER = "other"
