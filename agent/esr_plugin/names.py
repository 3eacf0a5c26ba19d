"""When two names are the same, and when they are similar enough to be one person's."""

import re

from doublemetaphone import doublemetaphone  # type: ignore[attr-defined]  # it has no type information
from rapidfuzz.distance import OSA, Levenshtein

from agent.domain.names import normal, parts

_SIMILAR = 0.8
_SIMILAR_WHEN_THEY_SOUND_ALIKE = 0.5
_PARTICLES = re.compile(
    r"a[blpr]|bint?|d[aeiou]|das|del|della|de[nr]|dos|e|el|ibn|l[ae]|l[ao]s|ma?c|o|st|te[nr]|the|u[lr]|v[ao]n|y"
)
"""Parts that so many surnames share that they tell nobody apart."""


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
