"""What time it is, and what day it is for an HR office."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Tells a UTC instant."""

LONDON = ZoneInfo("Europe/London")


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def london_day(instant: datetime) -> date:
    """The day it is in London at `instant`; HR rules count in these."""
    return instant.astimezone(LONDON).date()
