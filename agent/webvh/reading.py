"""How what is wrong with a signed document is told to ACA-Py and to our own use cases."""

from collections.abc import Iterator
from contextlib import contextmanager

from acapy_agent.anoncreds.base import AnonCredsObjectNotFound, AnonCredsResolutionError

from agent.domain.errors import Unavailable
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable


@contextmanager
def told_to_acapy() -> Iterator[None]:
    """Let `Unavailable` pass through ACA-Py as it is: nobody may take it for an answer."""
    try:
        yield
    except DocumentUnavailable as error:
        raise Unavailable("A registry does not answer.", code="registry_unavailable") from error
    except DocumentNotFound as error:
        raise AnonCredsObjectNotFound(str(error), {"error": "notFound"}) from error
    except DocumentRefused as error:
        raise AnonCredsResolutionError(str(error)) from error
