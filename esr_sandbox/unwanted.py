"""Invented values for what real files have and nobody here may read: so that tests see that nobody does."""

_ETHNIC_ORIGINS = (
    "A White - British",
    "B White - Irish",
    "C3 White Unspecified",
    "H Asian or Asian British - Indian",
    "N Black or Black British - African",
    "Z Not Stated",
)
_MARITAL_STATUSES = ("Single", "Married", "Civil Partnership", "Divorced", "Widowed")
_DISABILITY_FLAGS = ("No", "No", "No", "Yes", "Not Declared")
_SALARIES = {"XR02": 24_169, "XR05": 31_049, "XR06": 38_682, "XR07": 47_810, "YC72": 109_725, "MN37": 52_656}
_OTHER_SALARY = 36_616


def ethnic_origin(chance: int) -> str:
    """Invent an ethnic origin."""
    return _ETHNIC_ORIGINS[chance // 7 % len(_ETHNIC_ORIGINS)]


def marital_status(chance: int) -> str:
    """Invent a marital status."""
    return _MARITAL_STATUSES[chance // 11 % len(_MARITAL_STATUSES)]


def disability_flag(chance: int) -> str:
    """Invent a disability flag."""
    return _DISABILITY_FLAGS[chance // 13 % len(_DISABILITY_FLAGS)]


def annual_salary(grade: str, fte: float, chance: int) -> str:
    """Invent a salary; its odd pence make it easy to find where it must not be."""
    code = grade.split("|")[1] if "|" in grade else grade
    pounds = _SALARIES.get(code, _OTHER_SALARY) * (fte or 1)
    return f"{pounds + chance % 1000 + 0.37:.2f}"
