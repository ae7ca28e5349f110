"""Brush and eraser: dabs joined to a stroke without gaps."""

from __future__ import annotations

import math

from seglabel.core.raster import capsule
from seglabel.tools.base import STAY, Area, Pointer, Scene, Step, Tool
from seglabel.tools.options import PRESSURE, SHAPE, SIZE


class BrushTool(Tool):
    """Paints the current category under a round or square brush."""

    name = "brush"
    options = (SIZE, SHAPE, PRESSURE)
    has_footprint = True

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None
        self._size = 0

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        self.reset()
        return self._dab(pointer, scene)

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        return self._dab(pointer, scene)

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        # A pen leaves with no pressure: its last dab is as wide as the one before.
        step = self._dab(pointer, scene, self._size)
        return Step(step.areas, done=True)

    def reset(self) -> None:
        self._last = None
        self._size = 0

    def _dab(self, pointer: Pointer, scene: Scene, size: int = 0) -> Step:
        size = size or pressed_size(pointer, scene)
        here = snap(pointer, size)
        if here == self._last and size <= self._size:
            return STAY
        start = self._last if self._last is not None else here
        self._last, self._size = here, size
        return Step((Area(*capsule(start, here, size, scene.brush.shape)),))


class EraserTool(BrushTool):
    """Paints background."""

    name = "eraser"
    erases = True


def pressed_size(pointer: Pointer, scene: Scene) -> int:
    """Diameter of the brush in pixels at the pressure of a pen."""
    if not scene.options.get(PRESSURE.key, False):
        return scene.brush.size
    return max(1, round(scene.brush.size * min(max(pointer.pressure, 0.0), 1.0)))


def snap(pointer: Pointer, size: int) -> tuple[float, float]:
    """The nearest place where a brush of ``size`` covers whole pixels evenly, as (y, x).

    A pixel centre for odd sizes, a corner between pixels for even ones.
    """
    if size % 2:
        return float(math.floor(pointer.y + 0.5)), float(math.floor(pointer.x + 0.5))
    return math.floor(pointer.y) + 0.5, math.floor(pointer.x) + 0.5
