"""The passport: one person's bundle from one employing authority, and its life."""

from enum import StrEnum
from typing import NewType

from agent.domain.errors import Conflict

PassportId = NewType("PassportId", str)


class PassportState(StrEnum):
    """Where a passport stands. ESR is matched before there is a passport at all."""

    INVITED = "invited"
    CONNECTED = "connected"  # somebody's wallet answered; whose is not yet proven
    CONFIRMED = "confirmed"  # the connection is proven to be the person's
    OFFERED = "offered"
    ACTIVE = "active"  # the wallet holds at least one credential
    DEACTIVATED = "deactivated"
    CLOSED = "closed"  # came to nothing: expired, refused, or too many wrong codes


NEXT: dict[PassportState, frozenset[PassportState]] = {
    PassportState.INVITED: frozenset({PassportState.CONNECTED, PassportState.CLOSED}),
    PassportState.CONNECTED: frozenset({PassportState.CONFIRMED, PassportState.CLOSED}),
    PassportState.CONFIRMED: frozenset({PassportState.OFFERED, PassportState.CLOSED}),
    PassportState.OFFERED: frozenset({PassportState.ACTIVE, PassportState.DEACTIVATED}),
    PassportState.ACTIVE: frozenset({PassportState.DEACTIVATED}),
    PassportState.DEACTIVATED: frozenset(),
    PassportState.CLOSED: frozenset(),
}
ENDED = frozenset({PassportState.DEACTIVATED, PassportState.CLOSED})
MAY_BE_OFFERED = frozenset({PassportState.CONFIRMED, PassportState.OFFERED, PassportState.ACTIVE})
"""Only to a connection that was confirmed is anything offered."""


class ConfirmationMethod(StrEnum):
    """How a connection was proven to be the person's."""

    COMPARED_CODE = "compared_code"  # HR keyed the code that the person read out from their wallet
    ONE_TIME_CODE = "one_time_code"  # the person returned, over the connection, a code sent another way


WRONG_CODES_ALLOWED = 5
"""The fifth wrong code closes the passport."""


def moved(state: PassportState, to: PassportState) -> PassportState:
    """The next state. Raises `Conflict` when the passport's life does not lead there."""
    if to not in NEXT[state]:
        raise Conflict(f"The passport is {state}, so it cannot become {to}.", code=f"passport_{state}")
    return to
