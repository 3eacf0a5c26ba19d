"""A process that does nothing, for tests of what starts processes."""

from pydantic import BaseModel


class Settings(BaseModel):
    """It needs none."""


def run(settings: Settings) -> None:
    """End at once."""
    assert isinstance(settings, Settings)
