"""When two names are the same, and when they are similar enough to be one person's."""

import re
import unicodedata

from doublemetaphone import doublemetaphone  # type: ignore[attr-defined]  # it has no type information
from rapidfuzz.distance import OSA, Levenshtein

_SIMILAR = 0.8
_SIMILAR_WHEN_THEY_SOUND_ALIKE = 0.5
# NFKD takes accents off letters; these are letters of their own, written so by those who lack them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_ACCENTS = 200
"""From this combining class on a mark is an accent (Unicode, section 4.3)."""
_POINTS = range(10, 36)
"""Combining classes of the points of Hebrew and Arabic, which most people leave out."""
_PARTICLES = re.compile(
    r"a[blpr]|bint?|d[aeiou]|das|del|della|de[nr]|dos|e|el|ibn|l[ae]|l[ao]s|ma?c|o|st|te[nr]|the|u[lr]|v[ao]n|y"
)
"""Parts that so many surnames share that they tell nobody apart."""


def normal(name: str) -> str:
    """`name` without accents, case, spaces, hyphens, apostrophes or anything else that does not spell it."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    spelt = "".join(each for each in folded.translate(_LETTERS) if each.isalpha() or _is_vowel_sign(each))
    return unicodedata.normalize("NFKD", spelt)  # marks that had something between them are put in order


def _is_vowel_sign(mark: str) -> bool:
    """Whether a mark spells, as vowels do in Hindi or Thai: without them names of two people become one."""
    combining = unicodedata.combining(mark)
    if combining >= _ACCENTS or combining in _POINTS:
        return False
    return unicodedata.category(mark) in {"Mc", "Mn"} and not _is_invisible(mark)


def _is_invisible(mark: str) -> bool:
    """Joiners and variation selectors, which change at most how a letter is drawn."""
    return mark == "\u034f" or unicodedata.name(mark, "").startswith(("VARIATION", "MONGOLIAN FREE"))


def parts(name: str) -> tuple[str, ...]:
    """The normal forms of the parts that hyphens and spaces divide."""
    return tuple(part for each in re.split(r"[\s\-\u2010-\u2015]+", name) if (part := normal(each)))


def same(one: str, other: str) -> bool:
    """Whether two names are equal once normal; nothing is equal to no name at all."""
    return normal(one) == normal(other) != ""


def nearly_same(one: str, other: str) -> bool:
    """Whether at most one slip is between two names of five letters, or one is a part of the other."""
    if same(one, other):
        return True
    if OSA.distance(normal(one), normal(other)) == 1:
        return OSA.normalized_similarity(normal(one), normal(other)) >= _SIMILAR
    mine, theirs = set(_telling(one)), set(_telling(other))
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def likeness(one: str, other: str) -> float:
    """How alike the normal forms are: 1 less Levenshtein over the longer length; 1 is the same."""
    return (
        Levenshtein.normalized_similarity(normal(one), normal(other))
        if normal(one) and normal(other)
        else 0.0
    )


def similar(one: str, other: str) -> bool:
    """Whether two names, or any telling parts of them, differ as little as misspellings do."""
    if nearly_same(one, other) or _alike(normal(one), normal(other)):
        return True
    return any(_alike(mine, theirs) for mine in _telling(one) for theirs in _telling(other))


def initials(one: str, other: str) -> bool:
    """Whether one of two names is given in initials that are the other's, as "J" or "J P" for John Paul."""
    mine, theirs = parts(one), parts(other)
    if not any(each and max(map(len, each)) == 1 for each in (mine, theirs)):
        return False
    return all(a[0] == b[0] for a, b in zip(mine, theirs, strict=False)) and bool(mine and theirs)


def _telling(name: str) -> tuple[str, ...]:
    return tuple(part for part in parts(name) if not _PARTICLES.fullmatch(part))


def _alike(one: str, other: str) -> bool:
    if not one or not other:
        return False
    needed = _SIMILAR_WHEN_THEY_SOUND_ALIKE if _sounds(one) & _sounds(other) else _SIMILAR
    return Levenshtein.normalized_similarity(one, other) >= needed


def _sounds(name: str) -> set[str]:
    """The Double Metaphone codes of a name; none for what it cannot pronounce."""
    return {code for code in doublemetaphone(name) if code}
