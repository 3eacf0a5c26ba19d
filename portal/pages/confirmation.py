"""How a connection is proven to be the person's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.domain.passport import WRONG_CODES_ALLOWED
from portal.pages.passport import PassportPart

HALF = 4
TOLD, UNTIL = "told", "until"
"""What the page that makes a one-time code hands on to the page that shows it."""


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A one-time code, as it is read out, and how long it counts."""

    text: str
    until: datetime


def shown_code(handed_on: Mapping[str, str]) -> ShownCode | None:
    """The code that was just made; None where there is none to show."""
    code, until = handed_on.get(TOLD), handed_on.get(UNTIL)
    if not code or not until:
        return None
    return ShownCode(f"{code[:HALF]} {code[HALF:]}", datetime.fromisoformat(until))


def tries_left(passport: PassportPart) -> str:
    """How many wrong codes there may still be."""
    left = WRONG_CODES_ALLOWED - passport.details.wrong_codes
    if left == WRONG_CODES_ALLOWED:
        return f"After {WRONG_CODES_ALLOWED} wrong codes the passport is closed."
    return f"{left} more {'try' if left == 1 else 'tries'}, then the passport is closed."
