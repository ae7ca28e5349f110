"""What can be set about a tool, as data: the bar above the canvas is built from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CONTEXT = "tools"
"""In which the texts of tools are translated."""

Value = int | str | bool
Values = Mapping[str, Value]
"""What is set, by the key of the option."""


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802 - the name lupdate looks for
    """Mark ``text`` for the translation tools; it is translated where it is shown."""
    del context
    return text


@dataclass(frozen=True, slots=True)
class IntOption:
    """A whole number ``low`` … ``high``. ``by_ratio``: small values need the finer steps."""

    key: str
    text: str
    low: int
    high: int
    default: int
    unit: str = ""
    tip: str = ""
    by_ratio: bool = False

    def accepts(self, value: object) -> bool:
        is_int = isinstance(value, int) and not isinstance(value, bool)
        return is_int and self.low <= value <= self.high  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class ChoiceOption:
    """One of several: ``choices`` are (value, text)."""

    key: str
    text: str
    choices: tuple[tuple[str, str], ...]
    default: str
    tip: str = ""

    def accepts(self, value: object) -> bool:
        return any(value == known for known, _ in self.choices)


@dataclass(frozen=True, slots=True)
class BoolOption:
    """On or off."""

    key: str
    text: str
    default: bool
    tip: str = ""

    def accepts(self, value: object) -> bool:
        return isinstance(value, bool)


Option = IntOption | ChoiceOption | BoolOption

BRUSH_SIZES = (1, 4000)
"""Smallest and largest diameter of a brush in pixels."""

# Options that several tools have in common: what is set for one is set for all of them.
SIZE = IntOption(
    "size",
    QT_TRANSLATE_NOOP("tools", "Size"),
    *BRUSH_SIZES,
    default=24,
    unit=QT_TRANSLATE_NOOP("tools", " px"),
    tip=QT_TRANSLATE_NOOP("tools", "Brush size in pixels"),
    by_ratio=True,
)
SHAPE = ChoiceOption(
    "shape",
    QT_TRANSLATE_NOOP("tools", "Shape"),
    (
        ("round", QT_TRANSLATE_NOOP("tools", "round")),
        ("square", QT_TRANSLATE_NOOP("tools", "square")),
    ),
    default="round",
    tip=QT_TRANSLATE_NOOP("tools", "Brush shape"),
)
PRESSURE = BoolOption(
    "pressure",
    QT_TRANSLATE_NOOP("tools", "Pen pressure"),
    default=True,
    tip=QT_TRANSLATE_NOOP("tools", "The harder a pen is pressed, the wider it paints"),
)
