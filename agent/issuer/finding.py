"""Which passports somebody wants to see, and the words of names by which they are found."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Index, ScalarSelect, String, intersect, select
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.names import parts
from agent.domain.passport import PassportState
from agent.domain.workforce import OdsCode
from agent.store.tables import OfOrganisation, Table

LONGEST_WORD = 100
MOST_WORDS = 8
_LAST = "\U0010ffff"
"""What sorts after every letter, so that a range of words is all those with one beginning."""


class PassportNameRow(OfOrganisation, Table):
    """One word of the name on a passport, as `agent.domain.names` writes it.

    Row-level security lets no index of PostgreSQL's own text search be used: a range of plain words it does.
    """

    __tablename__ = "passport_names"
    __table_args__ = (
        Index("passport_names_of_passport", "organisation", "passport"),
        {"schema": "issuer"},
    )

    word: Mapped[str] = mapped_column(String(LONGEST_WORD, collation="C"), primary_key=True)
    passport: Mapped[str] = mapped_column(String(36), primary_key=True)


@dataclass(frozen=True, slots=True)
class PassportFilter:
    """What the passports of a list have in common; None where anything will do.

    `words` are such as each begins a word of the name. Words of a text that had none find nobody.
    """

    state: PassportState | None = None
    staff_group: str | None = None
    employment_type: str | None = None
    words: tuple[str, ...] | None = None


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name, each once."""
    return tuple(dict.fromkeys(part[:LONGEST_WORD] for part in parts(name)))


def passports_named(organisation: OdsCode, words: Sequence[str]) -> ScalarSelect[str]:
    """The ids of all passports on which, for each word, some word of the name begins so.

    Each word is looked up by itself, so what it costs follows from how many it finds, and not from
    what the database believes of them.
    """
    row = PassportNameRow
    found = [
        select(row.passport).where(row.organisation == organisation, row.word.between(word, word + _LAST))
        for word in words
    ]
    return intersect(*found).scalar_subquery()
