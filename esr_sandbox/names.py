"""Invented names: ordinary first names, and surnames put together from parts of places."""

from importlib import resources
from random import Random

import yaml

_PARTS = yaml.safe_load(resources.files(__package__).joinpath("names.yml").read_text(encoding="utf-8"))
_BEGINNINGS: list[str] = _PARTS["surname_beginnings"]
_ENDINGS: list[str] = _PARTS["surname_endings"]
FIRST_NAMES: list[str] = _PARTS["first_names"]

_SIMILAR = {
    "Joanna": "Johanna",
    "Sofia": "Sophia",
    "Zara": "Zarah",
    "Maja": "Maya",
    "Tomasz": "Tomas",
    "Leila": "Layla",
    "Niamh": "Nia",
    "Hannah": "Hanna",
}


def first_name(random: Random) -> str:
    """Draw a first name."""
    return random.choice(FIRST_NAMES)


def surname(random: Random) -> str:
    """Draw a surname; one in twelve is double-barrelled or has an apostrophe."""
    plain = f"{random.choice(_BEGINNINGS)}{random.choice(_ENDINGS)}"
    match random.randrange(24):
        case 0:
            return f"{plain}-{random.choice(_BEGINNINGS)}{random.choice(_ENDINGS)}"
        case 1:
            return f"O'{plain}"
        case _:
            return plain


def similar_first_name(name: str, random: Random) -> str:
    """Give a name that is easily taken for `name`, as twins' and cousins' names are."""
    return _SIMILAR.get(name) or f"{name[:-1]}{random.choice('aeiy')}"


def ni_number(random: Random) -> str:
    """Draw a National Insurance number of a valid shape."""
    first = random.choice("ABCEGHJKLMNOPRSTWXYZ")
    # Without these second letters none of the prefixes that were never given out can occur.
    second = random.choice("ACEHJLMPRSWXY")
    return f"{first}{second}{random.randrange(1_000_000):06d}{random.choice('ABCD')}"
