"""The values that a column has, read from its index however many rows have them."""

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute


def each_once(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], own: ColumnElement[bool]
) -> Select[str]:
    """Each value once, of the rows that are `own`: the column's index begins with what `own` compares."""
    found = select(func.min(column).label("value")).where(own).cte(recursive=True)
    following = select(func.min(column)).where(own, column > found.c.value).scalar_subquery()
    values = found.union_all(select(following).where(found.c.value.is_not(None)))
    return select(values.c.value).where(values.c.value.is_not(None))
