"""What a tool is: pointer events in, edits out. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from seglabel.core.document import Document, OpenEdit
from seglabel.core.geometry import Region
from seglabel.core.raster import BrushShape

BRUSH_SIZES = (1, 4000)
"""Smallest and largest diameter of a brush in pixels."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, in pixels of the image with pixel centres on whole numbers.

    ``pressure`` is 1 for a mouse and 0–1 for a pen.
    """

    y: float
    x: float
    pressure: float = 1.0


@dataclass(frozen=True, slots=True)
class Brush:
    """Diameter in pixels and shape."""

    size: int = 24
    shape: BrushShape = "round"

    def resized(self, size: int) -> Brush:
        """Of another size, kept within what is allowed."""
        return Brush(min(max(size, BRUSH_SIZES[0]), BRUSH_SIZES[1]), self.shape)


@dataclass(frozen=True, slots=True)
class Stroke:
    """What a tool works with from press to release: one undoable edit."""

    document: Document
    edit: OpenEdit
    category_id: int
    brush: Brush


class Tool(Protocol):
    """Every method returns the region to redraw. One object serves one stroke after another."""

    name: str

    def press(self, pointer: Pointer, stroke: Stroke) -> Region | None: ...

    def move(self, pointer: Pointer, stroke: Stroke) -> Region | None: ...

    def release(self, pointer: Pointer, stroke: Stroke) -> Region | None: ...
