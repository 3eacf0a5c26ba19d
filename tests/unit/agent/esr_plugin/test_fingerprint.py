"""What the audit keeps of a search."""

from datetime import date

import pytest

from agent.domain.ports.staff_records import SearchCriteria
from agent.esr_plugin.fingerprint import fingerprint
from tests.support.esr import criteria

KEY = b"a search key"


def test_searches_that_mean_the_same_have_one_fingerprint() -> None:
    assert fingerprint(criteria("O'Neill", "ZOË"), KEY) == fingerprint(criteria("oneill", "Zoe"), KEY)


@pytest.mark.parametrize(
    "other",
    [
        criteria("Fenwick"),
        criteria(forenames="Amar"),
        criteria(born=date(1990, 5, 18)),
        criteria(ni="JR482913B"),
        criteria(number="90100010"),
        criteria("FennwickA", "mara"),  # a letter moved from one field to the next
    ],
)
def test_any_other_search_has_another(other: SearchCriteria) -> None:
    assert fingerprint(other, KEY) != fingerprint(criteria(), KEY)


def test_without_the_key_nobody_can_guess() -> None:
    assert fingerprint(criteria(), KEY) != fingerprint(criteria(), b"another key")
