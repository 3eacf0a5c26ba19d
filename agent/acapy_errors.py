"""What ACA-Py's AnonCreds errors mean to us."""

from collections.abc import Iterator
from contextlib import contextmanager

from acapy_agent.anoncreds.base import (
    AnonCredsObjectNotFound,
    AnonCredsRegistrationError,
    AnonCredsResolutionError,
)
from acapy_agent.anoncreds.issuer import AnonCredsIssuerError
from acapy_agent.anoncreds.revocation import AnonCredsRevocationError
from acapy_agent.anoncreds.revocation.manager import RevocationManagerError
from acapy_agent.ledger.error import LedgerError
from indy_vdr import VdrError

from agent.domain.errors import Unavailable

_REGISTRY = (
    AnonCredsResolutionError,
    AnonCredsObjectNotFound,
    AnonCredsRegistrationError,
    LedgerError,
    VdrError,  # what ACA-Py lets through when a pool cannot be opened
)
_SIGNING = (AnonCredsIssuerError, AnonCredsRevocationError, RevocationManagerError)


@contextmanager
def registry_may_be_down() -> Iterator[None]:
    """Raise `Unavailable` when the registry, or the revocation machinery on it, does not answer."""
    try:
        yield
    except _REGISTRY as error:
        raise Unavailable("The registry does not answer.", code="registry_unavailable") from error
    except _SIGNING as error:
        raise Unavailable("Signing is not possible now.", code="signing_unavailable") from error
