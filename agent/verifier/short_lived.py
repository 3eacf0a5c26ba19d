"""A W3C credential that has an end in place of a status: for a stock wallet, which takes no status."""

import re
from datetime import datetime
from typing import Any

from agent.domain.ports.presentations import ShownLife

type Json = dict[str, Any]
BEGINS, ENDS = "issuanceDate", "expirationDate"
_WHOLE_SECONDS_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def short_life(document: Json) -> ShownLife | None:
    """From when to when a credential holds; None for one that does not say when it ends.

    Raises `ValueError` for instants that are written otherwise than our issuers do, or in the wrong order.
    """
    if ENDS not in document:
        return None
    life = ShownLife(_instant(document[BEGINS]), _instant(document[ENDS]))
    if life.ends <= life.begins:
        raise ValueError("it ends before it begins")
    return life


def _instant(text: object) -> datetime:
    if not isinstance(text, str) or not _WHOLE_SECONDS_UTC.fullmatch(text):
        raise ValueError("not an instant in whole seconds of UTC")
    return datetime.fromisoformat(text)
