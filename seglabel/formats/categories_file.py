"""Categories as a text file.

One category a line: a bare name, or ``id,name,#rrggbb`` and, if wanted, ``thing``, ``stuff`` or
``void``. A bare list starts at 0 = background. Empty lines and lines that begin with ``#`` are
skipped. ``void`` is for id 0 alone: what nobody labelled, from which nothing is to be learned;
where no kind is given, some names say so by themselves.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from seglabel.core.categories import (
    BACKGROUND,
    VOID,
    Category,
    CategorySet,
    color_from_hex,
    color_to_hex,
)
from seglabel.core.errors import LabelError, SegLabelError
from seglabel.core.palettes import default_color
from seglabel.formats.regular_file import read_regular

_KINDS = ("thing", "stuff", "void")
_VOID_NAMES = frozenset(
    "void unlabelled unlabeled ignore ignored unknown undefined various".split()
)


def read_categories(path: Path) -> CategorySet:
    """Read a categories file. Raises LabelError that names the line."""
    try:
        text = read_regular(path, LabelError).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabelError(f"{path}: cannot be read as text: {error}") from error
    categories: list[Category] = []
    background, background_is_void = "background", False
    position = 0
    for number, row in enumerate(_rows(text, path), start=1):
        fields = [field.strip() for field in row]
        if not any(fields) or fields[0].startswith("#"):
            continue
        try:
            category, kind = _parse(fields, position, categories)
        except ValueError as error:
            raise LabelError(f"{path}, line {number}: {error}") from error
        position += 1
        if category.id == BACKGROUND:
            background = category.name
            says_void = category.name.casefold() in _VOID_NAMES
            background_is_void = kind == "void" or (not kind and says_void)
        elif category.id != VOID:
            categories.append(category)
    try:
        return CategorySet(
            tuple(categories), background=background, background_is_void=background_is_void
        )
    except SegLabelError as error:
        raise LabelError(f"{path}: {error}") from error


def write_categories(categories: CategorySet) -> str:
    """The text of a categories file that :func:`read_categories` understands in full."""
    kind = "void" if categories.background_is_void else "stuff"
    lines = [_line(BACKGROUND, categories.background, "#000000", kind)]
    lines += [
        _line(c.id, c.name, color_to_hex(c.color), "thing" if c.is_thing else "stuff")
        for c in categories
    ]
    return "".join(lines)


def _rows(text: str, path: Path) -> Iterator[list[str]]:
    try:
        yield from csv.reader(text.splitlines())
    except csv.Error as error:  # a field longer than any name
        raise LabelError(f"{path}: {error}") from error


def _line(category_id: int, name: str, color: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"' if set(name) & set(',"') else name
    return f"{category_id},{quoted},{color},{kind}\n"


def _parse(fields: list[str], position: int, earlier: list[Category]) -> tuple[Category, str]:
    taken = [category.color for category in earlier]
    if len(fields) == 1:
        return Category(position, fields[0], default_color(max(position, 1), taken)), ""
    if len(fields) > 4:
        raise ValueError(f"expected id,name,#rrggbb and a kind, found {len(fields)} fields")
    try:
        category_id = int(fields[0])
    except ValueError:
        raise ValueError(f"expected a number first, found {fields[0]!r}") from None
    if not 0 <= category_id <= VOID:
        raise ValueError(f"id {category_id} is not within 0–{VOID}")
    if not fields[1]:
        raise ValueError("the name is empty")
    has_color = len(fields) > 2 and fields[2] != ""
    color = color_from_hex(fields[2]) if has_color else default_color(max(category_id, 1), taken)
    kind = fields[3].casefold() if len(fields) > 3 else ""
    if kind and kind not in _KINDS:
        raise ValueError(f"expected {', '.join(_KINDS)}, found {fields[3]!r}")
    return Category(category_id, fields[1], color, kind == "thing"), kind
