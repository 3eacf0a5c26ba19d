"""What HR keys, read once."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from agent.domain.errors import InvalidInput
from agent.esr_plugin.requests import SearchBody, criteria
from tests.support.esr import TODAY
from tests.support.esr import criteria as sought

NURSE = {"surname": "Fennwick", "forenames": "Amara", "date_of_birth": "1990-05-17"}


def read(**changes: Any) -> object:
    return criteria(SearchBody.model_validate(NURSE | changes), today=TODAY)


def test_numbers_are_read_with_spaces_and_in_any_case() -> None:
    keyed = read(ni_number="jr 48 29 13 b", number=" 9010 0010-2 ", surname="  Fennwick ")
    assert keyed == sought(ni="JR482913B", number="90100010-2")


def test_numbers_may_be_left_out() -> None:
    assert read() == read(ni_number=None, number="") == sought()


def test_everything_that_is_wrong_is_said_at_once_and_nothing_repeated() -> None:
    with pytest.raises(InvalidInput) as invalid:
        read(surname="-", date_of_birth="2015-01-01", ni_number="QQ123456C", number="123")
    assert set(invalid.value.fields) == {"surname", "date_of_birth", "ni_number", "number"}
    assert "QQ123456C" not in str(invalid.value.fields)


@pytest.mark.parametrize(("born", "right"), [(date(2010, 11, 23), True), (date(2010, 11, 24), False)])
def test_staff_are_at_least_sixteen(born: date, *, right: bool) -> None:
    if right:
        read(date_of_birth=born)
    else:
        with pytest.raises(InvalidInput):
            read(date_of_birth=born)


@pytest.mark.parametrize("born", ["1925-11-22", "2030-01-01"])
def test_nobody_is_over_a_hundred_or_not_born_yet(born: str) -> None:
    with pytest.raises(InvalidInput):
        read(date_of_birth=born)


@pytest.mark.parametrize(
    "changes", [{"vpd": "902"}, {"surname": ""}, {"surname": "x" * 101}, {"date_of_birth": "17/5/90"}]
)
def test_a_body_of_another_form_is_no_search(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SearchBody.model_validate(NURSE | changes)
