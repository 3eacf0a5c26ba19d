"""JSON that all readers understand alike."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signed_documents.encoding import strict_json

_SAFE = st.integers(-(2**53) + 1, 2**53 - 1)
_FINITE = st.floats(-(2.0**53) + 1, 2.0**53 - 1)
_SAID = st.recursive(
    st.none() | st.booleans() | _SAFE | _FINITE | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(value=_SAID)
def test_what_all_understand_alike_is_read_as_json_reads_it(value: Any) -> None:
    assert strict_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-1e16",
        b"9007199254740992",
        b"-9007199254740992",
        b"9" * 5000,
        b'"\\ud800"',
        b'{"\\udfff":1}',
        b"\xff",
        b"\xef\xbb\xbf1",
        "1".encode("utf-16"),
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 100_000,
        b"01",
        b"1 2",
        b"",
        b"[1,]",
        b"'a'",
    ],
)
def test_what_two_readers_could_understand_differently_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json says it in its own words
        strict_json(text)
