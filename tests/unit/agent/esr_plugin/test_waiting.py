"""For how long ESR wants to be left alone, as it says in `Retry-After`."""

from datetime import UTC, datetime

import pytest

from agent.esr_plugin.connection import seconds_to_wait

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("9" * 500, 86_400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("Mon, 23 Nov 2026 12:00:30 -0000", None),
    ],
)
def test_seconds_and_dates_are_understood_a_day_at_most_and_nothing_else(
    told: str | None, seconds: float | None
) -> None:
    assert seconds_to_wait(told, NOON) == seconds
