"""Categories: the classes of a label set, with ids that never change their meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglabel.core.errors import ProjectFormatError, SegLabelError
from seglabel.core.label_map import count_ids
from seglabel.core.palettes import Color, default_color

BACKGROUND = 0
VOID = 255
VOID_COLOR: Color = (224, 224, 192)
_MAX_ID = 254
# Line breaks, control characters and halves of surrogate pairs: no text format of ours or of others
# could carry them.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Category:
    """One class of the label set: stable ``id`` 1–254, RGB ``color`` of bytes, thing or stuff."""

    id: int
    name: str
    color: Color
    is_thing: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "color": color_to_hex(self.color),
            "is_thing": self.is_thing,
        }


@dataclass(frozen=True, slots=True)
class CategorySet:
    """An ordered set of categories with unique ids and names. A value: changes give a new set.

    ``next_id`` only ever rises, so that the id of a removed category is never given to another.
    ``background`` is what the person calls id 0. When ``background_is_void`` the pixels of id 0
    are simply not labelled: nothing is learned from them and nothing is judged by them.
    """

    categories: tuple[Category, ...] = ()
    next_id: int = 1
    background: str = "background"
    background_is_void: bool = False

    def __post_init__(self) -> None:
        _require_writable("background", self.background)
        seen_ids: set[int] = set()
        seen_names: set[str] = set()
        for index, category in enumerate(self.categories):
            where = f"categories[{index}]"
            if category.id in (BACKGROUND, VOID):
                meaning = "background" if category.id == BACKGROUND else "void"
                raise ProjectFormatError(f"{where}.id: {category.id} is reserved for {meaning}")
            if not 1 <= category.id <= _MAX_ID:
                raise ProjectFormatError(f"{where}.id: {category.id} is not within 1–{_MAX_ID}")
            if category.id in seen_ids:
                raise ProjectFormatError(f"{where}.id: {category.id} is used twice")
            name = category.name.strip()
            _require_writable(f"{where}.name", name)
            if name in seen_names:
                raise ProjectFormatError(f"{where}.name: {name!r} is used twice")
            seen_ids.add(category.id)
            seen_names.add(name)
        lowest = max(seen_ids, default=0) + 1
        if self.next_id < lowest:
            object.__setattr__(self, "next_id", lowest)

    @classmethod
    def of(cls, *names: str) -> CategorySet:
        """Categories with ids 1, 2, … and the default colours."""
        result = cls()
        for name in names:
            result, _ = result.with_new(name)
        return result

    def __iter__(self) -> Iterator[Category]:
        return iter(self.categories)

    def __len__(self) -> int:
        return len(self.categories)

    def __contains__(self, category_id: object) -> bool:
        return any(category.id == category_id for category in self.categories)

    def __getitem__(self, category_id: int) -> Category:
        """The category with this id. Raises KeyError."""
        for category in self.categories:
            if category.id == category_id:
                return category
        raise KeyError(category_id)

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(category.id for category in self.categories)

    def named(self, name: str) -> Category | None:
        """The category of this name, ignoring case and surrounding blanks.

        Where two differ in case alone, the one that is spelled alike.
        """
        wanted = name.strip()
        alike = [c for c in self.categories if c.name.strip().casefold() == wanted.casefold()]
        return next((c for c in alike if c.name.strip() == wanted), alike[0] if alike else None)

    def name_of(self, category_id: int) -> str:
        """What to call an id in a sentence, known or not."""
        if category_id == BACKGROUND:
            return self.background
        if category_id == VOID:
            return "void"
        found = next((c.name for c in self.categories if c.id == category_id), None)
        return found if found is not None else f"category {category_id}"

    def unknown_in(self, labels: NDArray[np.uint8]) -> list[int]:
        """The ids in a label map that are neither a category nor background nor VOID."""
        present = np.flatnonzero(count_ids(labels))
        return [int(i) for i in present if i not in (BACKGROUND, VOID) and i not in self]

    def with_all_of(self, other: CategorySet) -> CategorySet:
        """Add the categories of ``other`` whose names are not here. An empty set becomes ``other``.

        Raises SegLabelError where the ids do not suffice.
        """
        if not self.categories and self.next_id == 1:
            return other
        result = self
        if not self.categories:  # whose ids are not given again
            result = replace(
                self, background=other.background, background_is_void=other.background_is_void
            )
        for category in other:
            if result.named(category.name) is None:
                result, _ = result.with_new(
                    category.name, category.color, is_thing=category.is_thing
                )
        return result

    def with_new(
        self, name: str, color: Color | None = None, *, is_thing: bool = False
    ) -> tuple[CategorySet, Category]:
        """Add a category under the next free id."""
        if self.next_id > _MAX_ID:
            raise SegLabelError(
                f"no id is left for {name!r}: a label map holds at most {_MAX_ID} categories"
            )
        self._refuse_used(name)
        if color is None:
            color = default_color(self.next_id, [c.color for c in self.categories])
        category = Category(self.next_id, name.strip(), color, is_thing)
        return self._with((*self.categories, category), self.next_id + 1), category

    def with_changed(
        self,
        category_id: int,
        *,
        name: str | None = None,
        color: Color | None = None,
        is_thing: bool | None = None,
    ) -> CategorySet:
        """Rename, recolour or retype; pixels keep their id."""
        old = self[category_id]
        if name is not None and name.strip() != old.name:
            self._refuse_used(name)
        new = Category(
            old.id,
            old.name if name is None else name.strip(),
            old.color if color is None else color,
            old.is_thing if is_thing is None else is_thing,
        )
        return self._with(tuple(new if c.id == category_id else c for c in self.categories))

    def with_background_void(self, is_void: bool) -> CategorySet:
        """Whether id 0 means *not labelled* rather than *none of the categories*."""
        return replace(self, background_is_void=is_void)

    def without(self, category_id: int) -> CategorySet:
        """Forget a category. What becomes of its pixels is for the caller to settle first."""
        return self._with(tuple(c for c in self.categories if c.id != category_id))

    def reordered(self, ids: Iterable[int]) -> CategorySet:
        """The same categories, listed in the order of ``ids``."""
        return self._with(tuple(self[category_id] for category_id in ids))

    def _refuse_used(self, name: str) -> None:
        if any(category.name == name.strip() for category in self.categories):
            raise ProjectFormatError(f"another category is called {name.strip()} already")

    def _with(self, categories: tuple[Category, ...], next_id: int | None = None) -> CategorySet:
        return replace(self, categories=categories, next_id=next_id or self.next_id)

    def color_table(self) -> NDArray[np.uint8]:
        """RGB per id, uint8 (256, 3): background black, void pale, unknown ids grey."""
        table = np.full((256, 3), 128, np.uint8)
        table[BACKGROUND] = 0
        table[VOID] = VOID_COLOR
        for category in self.categories:
            table[category.id] = category.color
        return table

    def to_json(self) -> dict[str, Any]:
        return {
            "categories": [category.to_json() for category in self.categories],
            "next_id": self.next_id,
            "background": self.background,
            "background_is_void": self.background_is_void,
        }

    @classmethod
    def from_json(cls, data: Any) -> CategorySet:
        """Read what :meth:`to_json` wrote. Raises ProjectFormatError that names the bad entry."""
        if not isinstance(data, dict) or not isinstance(data.get("categories"), list):
            raise ProjectFormatError("categories: expected an object with a list of categories")
        categories = tuple(
            _category_from_json(entry, f"categories[{index}]")
            for index, entry in enumerate(data["categories"])
        )
        next_id = data.get("next_id", 1)
        if not isinstance(next_id, int):
            raise ProjectFormatError(f"categories.next_id: expected a number, found {next_id!r}")
        return cls(
            categories,
            next_id,
            str(data.get("background", "background")),
            bool(data.get("background_is_void", False)),
        )


def _category_from_json(entry: Any, where: str) -> Category:
    if not isinstance(entry, dict):
        raise ProjectFormatError(f"{where}: expected an object, found {entry!r}")
    category_id, name = entry.get("id"), entry.get("name")
    if not isinstance(category_id, int) or isinstance(category_id, bool):
        raise ProjectFormatError(f"{where}.id: expected a number, found {category_id!r}")
    if not isinstance(name, str):
        raise ProjectFormatError(f"{where}.name: expected a text, found {name!r}")
    try:
        color = color_from_hex(str(entry.get("color")))
    except ValueError as error:
        raise ProjectFormatError(f"{where}.color: {error}") from error
    return Category(category_id, name.strip(), color, bool(entry.get("is_thing", False)))


def _require_writable(where: str, name: str) -> None:
    if not name.strip():
        raise ProjectFormatError(f"{where} is empty")
    if _UNWRITABLE.search(name):
        raise ProjectFormatError(f"{where}: {name!r} holds a line break or control character")


def color_to_hex(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def color_from_hex(text: str) -> Color:
    """Read ``#rrggbb``. Raises ValueError."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text.strip()):
        raise ValueError(f"expected a colour like #1f77b4, found {text!r}")
    digits = text.strip()[1:]
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
