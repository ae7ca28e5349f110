"""The long lists inside a JSON text, of which no more than one record is held as Python objects.

A million annotations of COCO take eight times the memory of their text once they are dictionaries.
Here the text stays, with two numbers for where each record begins and ends.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Collection, Iterator
from typing import Any

from seglabel.core.cancel import Cancel

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_LOOK_UP = 1 << 10  # records between two looks at whether to go on


class JsonList:
    """A list of records, each parsed anew when it is asked for."""

    def __init__(self, text: str, begins: array[int]) -> None:
        self._text, self._begins = text, begins

    def __len__(self) -> int:
        return len(self._begins)

    def __getitem__(self, index: int) -> Any:
        return _DECODER.raw_decode(self._text, self._begins[index])[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))


def read_lists(data: bytes, keys: Collection[str], cancel: Cancel) -> dict[str, JsonList]:
    """The lists that a JSON object holds under some of ``keys``; everything else is passed over.

    Raises ValueError for what is no JSON or no object, Cancelled.
    """
    text = data.decode(json.detect_encoding(data), "surrogatepass")
    found: dict[str, JsonList] = {}
    try:
        at = _after(text, "{", 0)
        if text[at : at + 1] != "}":
            while True:
                key, at = _DECODER.raw_decode(text, at)
                if not isinstance(key, str):
                    raise ValueError(f"expected a key, found {key!r}")
                at = _after(text, ":", at)
                found.pop(key, None)  # of two with the same key the last one counts
                if key in keys and text[at : at + 1] == "[":
                    found[key], at = _read_list(text, at, cancel)
                else:
                    _, at = _DECODER.raw_decode(text, at)
                at = _blank(text, at)
                if text[at : at + 1] != ",":
                    break
                at = _blank(text, at + 1)
        if _after(text, "}", at) != len(text):
            raise ValueError("more text behind the end")
    except RecursionError:
        raise ValueError("brackets are nested too deep") from None
    return found


def _read_list(text: str, at: int, cancel: Cancel) -> tuple[JsonList, int]:
    begins = array("q")
    at = _blank(text, at + 1)
    if text[at : at + 1] == "]":
        return JsonList(text, begins), at + 1
    while True:
        begins.append(at)
        _, at = _DECODER.raw_decode(text, at)
        if len(begins) % _LOOK_UP == 0:
            cancel.raise_if_set()
        at = _blank(text, at)
        if text[at : at + 1] != ",":
            return JsonList(text, begins), _after(text, "]", at)
        at = _blank(text, at + 1)


def _after(text: str, sign: str, at: int) -> int:
    """Behind ``sign``, with the blanks around it."""
    at = _blank(text, at)
    if text[at : at + 1] != sign:
        raise ValueError(f"expected {sign!r} at character {at}, found {text[at : at + 1]!r}")
    return _blank(text, at + 1)


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    assert found is not None  # it matches nothing too
    return found.end()
