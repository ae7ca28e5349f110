"""Lists of a JSON text read record by record are those that Python's own reader gives."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled
from seglabel.formats.json_lists import read_lists

KEYS = ("images", "annotations")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
documents = st.dictionaries(st.sampled_from([*KEYS, "info"]) | st.text(), values, max_size=6)


def lists_of(data: bytes) -> dict[str, list]:
    return {key: list(found) for key, found in read_lists(data, KEYS, Cancel()).items()}


def expected(document: object) -> dict[str, list]:
    assert isinstance(document, dict)
    return {k: v for k, v in document.items() if k in KEYS and isinstance(v, list)}


@given(
    documents, st.sampled_from([None, 1, "\t"]), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"])
)
def test_every_record_comes_as_from_the_usual_reader(document, indent, encoding):
    data = json.dumps(document, indent=indent).encode(encoding)
    assert lists_of(data) == expected(document)


@given(documents, st.integers(0, 200), st.sampled_from([b"", b"]", b"}", b",", b"[", b'"', b":"]))
def test_what_the_usual_reader_refuses_is_refused(document, at, sign):
    data = json.dumps(document).encode()
    at %= len(data)
    broken = data[:at] + sign + data[at + 1 :]
    try:
        usual = expected(json.loads(broken))
    except (ValueError, AssertionError):
        with pytest.raises(ValueError, match=r"."):
            read_lists(broken, KEYS, Cancel())
    else:
        assert lists_of(broken) == usual


def test_of_two_lists_with_one_key_the_last_counts():
    assert lists_of(b'{"images": [1], "images": [2, 3]}') == {"images": [2, 3]}
    assert lists_of(b'{"images": [1], "images": 7}') == {}


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"7", b"{1: []}", b'{"images"', b'{"images": [' * 9999]
)
def test_what_is_no_object_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        read_lists(text, KEYS, Cancel())


def test_records_of_any_number_take_the_memory_of_their_text_and_little_more():
    record = {"id": 1, "image_id": 2, "segmentation": [[1.5, 2.5, 3.5, 4.5, 5.5, 6.5]], "area": 3.5}
    data = json.dumps({"annotations": [record] * 20_000}).encode()
    tracemalloc.start()
    lists = read_lists(data, KEYS, Cancel())
    assert tracemalloc.get_traced_memory()[1] < 1.5 * len(data)
    assert sum(one["image_id"] for one in lists["annotations"]) == 40_000
    assert tracemalloc.get_traced_memory()[1] < 1.5 * len(data)
    tracemalloc.stop()


def test_reading_ends_when_it_is_asked_to():
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        read_lists(b'{"images": [' + b"1, " * 5000 + b"1]}", KEYS, cancel)
