"""Brush and eraser: dabs joined to a stroke without gaps."""

from __future__ import annotations

import math

from seglabel.core.categories import BACKGROUND
from seglabel.core.geometry import Region
from seglabel.core.raster import capsule
from seglabel.tools.base import Pointer, Stroke


class BrushTool:
    """Paints the current category under a round or square brush."""

    name = "brush"

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None

    def press(self, pointer: Pointer, stroke: Stroke) -> Region | None:
        here = snap(pointer, stroke.brush.size)
        self._last = here
        return self._dab(here, here, stroke)

    def move(self, pointer: Pointer, stroke: Stroke) -> Region | None:
        here = snap(pointer, stroke.brush.size)
        last = self._last if self._last is not None else here
        if here == self._last:
            return None
        self._last = here
        return self._dab(last, here, stroke)

    def release(self, pointer: Pointer, stroke: Stroke) -> Region | None:
        region = self.move(pointer, stroke)
        self._last = None
        return region

    def _dab(
        self, start: tuple[float, float], end: tuple[float, float], stroke: Stroke
    ) -> Region | None:
        region, mask = capsule(start, end, stroke.brush.size, stroke.brush.shape)
        return stroke.edit.paint(region, mask, self._category(stroke))

    def _category(self, stroke: Stroke) -> int:
        return stroke.category_id


class EraserTool(BrushTool):
    """Paints background."""

    name = "eraser"

    def _category(self, stroke: Stroke) -> int:
        return BACKGROUND


def snap(pointer: Pointer, size: int) -> tuple[float, float]:
    """The nearest place where a brush of ``size`` covers whole pixels evenly, as (y, x).

    A pixel centre for odd sizes, a corner between pixels for even ones.
    """
    if size % 2:
        return float(math.floor(pointer.y + 0.5)), float(math.floor(pointer.x + 0.5))
    return math.floor(pointer.y) + 0.5, math.floor(pointer.x) + 0.5
