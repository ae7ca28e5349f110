"""Text of strangers: values, or ValueError."""

from __future__ import annotations

import pytest

from seglabel.core.parsing import parse_json


def test_json_is_read_from_text_and_bytes():
    assert parse_json('{"a": [1, "ö"]}') == parse_json('{"a": [1, "ö"]}'.encode())


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 100_000])
def test_whatever_is_no_json_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"Expecting|invalid|nested"):
        parse_json(text)
