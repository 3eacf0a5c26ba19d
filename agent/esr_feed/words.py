"""What ESR's words stand for, wherever they come from: an answer of its API, or an outbound file."""

from collections.abc import Mapping
from datetime import date

from agent.domain.workforce import CheckOutcome

OPEN = frozenset({date(1900, 1, 1), date(4712, 12, 31)})
"""Either end of ESR's calendar stands for "no date"."""
MOST_FTE = 2
"""Nobody holds more than two whole posts under one assignment."""
OUTCOMES: Mapping[str, CheckOutcome] = {
    "Clear": CheckOutcome.CLEAR,
    "Not Required": CheckOutcome.NOT_REQUIRED,
    "Pending": CheckOutcome.PENDING,
    "Not Clear": CheckOutcome.NOT_CLEAR,
}
YES_NO: Mapping[str, str] = {"Yes": "true", "No": "false"}
BARRED_LISTS: Mapping[str, str] = {
    "None": "none",
    "Adults": "adults",
    "Children": "children",
    "Adults and Children": "adults_and_children",
}
