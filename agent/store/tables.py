"""What every table has: its schema's name and its organisation."""

from sqlalchemy import DateTime, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """The base of every table; SQL's side of what the migrations make."""


class OfOrganisation:
    """Every row has its organisation; row-level security reads this column."""

    organisation: Mapped[str] = mapped_column(String(6), primary_key=True, sort_order=-1)


Instant = DateTime(timezone=True)
"""A UTC instant; what day it is there is for the rules to say."""
