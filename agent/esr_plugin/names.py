"""When two names are the same, and when they are similar enough to be one person's."""

import re
import unicodedata

from doublemetaphone import doublemetaphone  # type: ignore[attr-defined]  # it has no type information
from rapidfuzz.distance import Levenshtein

_SIMILAR = 0.8
_SIMILAR_WHEN_THEY_SOUND_ALIKE = 0.5
# NFKD takes accents off letters; these are letters of their own, written so by those who lack them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


def normal(name: str) -> str:
    """`name` without accents, case, spaces, hyphens, apostrophes or anything else that is no letter."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(letter for letter in folded.translate(_LETTERS) if letter.isalpha())


def parts(name: str) -> tuple[str, ...]:
    """The normal forms of the parts that hyphens and spaces divide."""
    return tuple(part for each in re.split(r"[\s\-\u2010-\u2015]+", name) if (part := normal(each)))


def same(one: str, other: str) -> bool:
    """Whether two names are equal once normal; nothing is equal to no name at all."""
    return normal(one) == normal(other) != ""


def likeness(one: str, other: str) -> float:
    """How alike the normal forms are: 1 less Levenshtein over the longer length; 1 is the same."""
    return (
        Levenshtein.normalized_similarity(normal(one), normal(other))
        if normal(one) and normal(other)
        else 0.0
    )


def similar(one: str, other: str) -> bool:
    """Whether two names, or any parts of them, differ as little as misspellings do."""
    if _alike(normal(one), normal(other)):
        return True
    return any(_alike(mine, theirs) for mine in parts(one) for theirs in parts(other))


def _alike(one: str, other: str) -> bool:
    if not one or not other:
        return False
    needed = _SIMILAR_WHEN_THEY_SOUND_ALIKE if _sounds(one) & _sounds(other) else _SIMILAR
    return Levenshtein.normalized_similarity(one, other) >= needed


def _sounds(name: str) -> set[str]:
    """The Double Metaphone codes of a name; none for what it cannot pronounce."""
    return {code for code in doublemetaphone(name) if code}
