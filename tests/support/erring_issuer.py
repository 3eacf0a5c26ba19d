"""An employing authority whose software errs, in the way that its first argument says.

Run as `python -m tests.support.erring_issuer ERROR agent --config FILE`.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from agent.domain.ports.status_lists import StatusEntryId, StatusPosition
from agent.issuer import exchanges, status_lists
from agent.webvh import bitstring_status
from agent.webvh.bitstring_status import WebvhStatusListPublisher
from signed_documents.bitstring_status_lists import SMALLEST
from signed_documents.contexts import CREDENTIALS_V2
from staff_passport.launch import main

type Json = dict[str, Any]


def index_out_of_range() -> None:
    """Credentials that name entries beyond the end of their lists."""
    honest = WebvhStatusListPublisher.entries

    async def erring(
        publisher: WebvhStatusListPublisher, position: StatusPosition
    ) -> Sequence[StatusEntryId]:
        return await honest(publisher, replace(position, index=position.index + SMALLEST))

    WebvhStatusListPublisher.entries = erring  # type: ignore[method-assign, assignment]  # the error


def lists_run_out() -> None:
    """Lists that are good for a second, and never signed again."""
    vars(bitstring_status)["LONGEST_LIFE"] = timedelta(seconds=1)
    vars(status_lists)["RENEWED_BEFORE_END"] = timedelta(days=-1)


def _bent(change: Callable[[Json], object]) -> None:
    honest: Callable[..., Json] = vars(exchanges)["unsigned_credential"]

    def erring(*offer: Any, **told: Any) -> Json:
        credential = honest(*offer, **told)
        change(credential)
        return credential

    vars(exchanges)["unsigned_credential"] = erring


def undefined_term() -> None:
    """A claim that no context defines."""
    _bent(lambda credential: credential["credentialSubject"].update(salary="100000"))


def redefined_term() -> None:
    """A context after ours that gives our terms other meanings."""
    _bent(lambda credential: credential["@context"].append(CREDENTIALS_V2))


ERRORS: dict[str, Callable[[], None]] = {
    "index-out-of-range": index_out_of_range,
    "lists-run-out": lists_run_out,
    "undefined-term": undefined_term,
    "redefined-term": redefined_term,
}

if __name__ == "__main__":
    ERRORS[sys.argv.pop(1)]()
    main()
