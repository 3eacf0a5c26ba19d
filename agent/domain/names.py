"""Names as they are compared: without whatever does not spell them."""

import re
import unicodedata

# NFKD takes accents off letters; these are letters of their own, written so by those who lack them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_ACCENTS = 200
"""From this combining class on a mark is an accent (Unicode, section 4.3)."""
_POINTS = range(10, 36)
"""Combining classes of the points of Hebrew and Arabic, which most people leave out."""


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
