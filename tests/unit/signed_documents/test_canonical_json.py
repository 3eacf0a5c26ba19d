"""What is hashed and signed is the canonical form (JCS, RFC 8785), by whichever way it is made."""

from typing import Any

import jsoncanon
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signed_documents.encoding import canonical_json

_TEXT = st.text() | st.text(alphabet=st.characters(max_codepoint=0x7F))
_SCALAR = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXT | st.floats(-1e6, 1e6)
_ANY = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_TEXT, inner, max_size=5),
    max_leaves=30,
)


@given(value=st.dictionaries(_TEXT, _ANY, max_size=5))
@settings(max_examples=500, deadline=None)
def test_it_is_the_form_that_the_library_makes(value: dict[str, Any]) -> None:
    assert canonical_json(value) == jsoncanon.canonicalize(value)


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        ({"b": 1, "a": [True, None, ""], "B": -0}, '{"B":0,"a":[true,null,""],"b":1}'),
        ({"": '\u20ac$\u000f\nA\'B"\\\\"/\u007f'}, '{"":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u007f"}'),
        ({"n": 1.0, "m": 1e21, "k": 0.002}, '{"k":0.002,"m":1e+21,"n":1}'),
        ({"\ufb33": 1, "\U0001f600": 2, "\u00f6": 3}, '{"\u00f6":3,"\U0001f600":2,"\ufb33":1}'),
    ],
)
def test_the_form_is_the_one_of_the_standard(value: dict[str, Any], canonical: str) -> None:
    assert canonical_json(value) == canonical.encode()


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"\ud800": 1}, {"a": float("nan")}, {"a": float("inf")}])
def test_what_has_no_canonical_form_is_an_error(value: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each in its own words
        canonical_json(value)
