"""Rectangle, ellipse and lasso: drawn in one drag."""

from __future__ import annotations

import math

import numpy as np

from seglabel.core.geometry import Region
from seglabel.core.raster import ellipse, polygon
from seglabel.tools.base import STAY, Area, Mask, Pointer, Scene, Step, Tool
from seglabel.tools.options import QT_TRANSLATE_NOOP
from seglabel.tools.preview import NOTHING, Line, Point, Preview

_LARGE = 4 << 20  # pixels, from which a shape is filled off the GUI thread
_CORNERS = 72  # of an ellipse as it is previewed


class RectangleTool(Tool):
    """All pixels between the one pressed on and the one released on."""

    name = "rectangle"
    hint = QT_TRANSLATE_NOOP("tools", "Drag. Shift: square. Ctrl: from the middle.")

    def __init__(self) -> None:
        self._start: tuple[int, int] | None = None
        self._preview = NOTHING

    @property
    def preview(self) -> Preview:
        return self._preview

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        self._start = pixel(pointer)
        return self.move(pointer, scene)

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        if self._start is not None:
            self._preview = self._shown(drag_box(self._start, pointer), pointer)
        return STAY

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        if self._start is None:
            return STAY
        box, shape = drag_box(self._start, pointer), scene.shape
        if box.area <= _LARGE:
            return Step((Area(*self._fill(box, shape)),), done=True)
        return Step(work=lambda _: self._fill(box, shape))

    def reset(self) -> None:
        self._start, self._preview = None, NOTHING

    def _shown(self, box: Region, pointer: Pointer) -> Preview:
        return Preview((Line(self._outline(box), True),), text=size_of(box), text_at=pointer.point)

    def _outline(self, box: Region) -> tuple[Point, ...]:
        return box_outline(box)

    def _fill(self, box: Region, shape: tuple[int, int]) -> tuple[Region, Mask]:
        box = box.clipped(shape)
        return box, np.ones((max(box.height, 0), max(box.width, 0)), np.bool_)


class EllipseTool(RectangleTool):
    """The ellipse in the rectangle that was drawn."""

    name = "ellipse"
    hint = QT_TRANSLATE_NOOP("tools", "Drag. Shift: circle. Ctrl: from the middle.")

    def _outline(self, box: Region) -> tuple[Point, ...]:
        ry, rx = box.height / 2, box.width / 2
        y, x = box.top + ry - 0.5, box.left + rx - 0.5
        turns = (2 * math.pi * i / _CORNERS for i in range(_CORNERS))
        return tuple((y + ry * math.sin(turn), x + rx * math.cos(turn)) for turn in turns)

    def _fill(self, box: Region, shape: tuple[int, int]) -> tuple[Region, Mask]:
        return ellipse(box)


class LassoTool(Tool):
    """Everything inside a line drawn around it."""

    name = "lasso"
    hint = QT_TRANSLATE_NOOP("tools", "Draw around what you want to paint.")

    def __init__(self) -> None:
        self._points: list[Point] = []
        self._preview = NOTHING

    @property
    def preview(self) -> Preview:
        return self._preview

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        self._points = [pointer.point]
        return STAY

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        last = self._points[-1]
        if math.dist(last, pointer.point) * scene.scale >= 1:
            self._points.append(pointer.point)
            self._preview = Preview((Line(tuple(self._points), True),))
        return STAY

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        return fill_polygon([*self._points, pointer.point])

    def reset(self) -> None:
        self._points, self._preview = [], NOTHING


def fill_polygon(points: list[Point]) -> Step:
    """Paint the inside of a polygon, or let it be computed where that takes long.

    The work gives a region and the mask inside it.
    """
    if len(points) < 3:
        return Step(done=True)
    ys, xs = [y for y, _ in points], [x for _, x in points]
    if (max(ys) - min(ys)) * (max(xs) - min(xs)) <= _LARGE:
        return Step((Area(*polygon(points)),), done=True)
    return Step(work=lambda _: polygon(points))


def pixel(pointer: Pointer) -> tuple[int, int]:
    """(y, x) of the pixel under the pointer."""
    return math.floor(pointer.y + 0.5), math.floor(pointer.x + 0.5)


def drag_box(start: tuple[int, int], pointer: Pointer) -> Region:
    """The pixels from ``start`` to the one under the pointer, both included.

    With Shift as high as wide; with Ctrl around ``start``.
    """
    (y0, x0), (y1, x1) = start, pixel(pointer)
    if pointer.shift:
        side = max(abs(y1 - y0), abs(x1 - x0))
        y1 = y0 + (side if y1 >= y0 else -side)
        x1 = x0 + (side if x1 >= x0 else -side)
    if pointer.control:
        dy, dx = abs(y1 - y0), abs(x1 - x0)
        return Region(y0 - dy, x0 - dx, y0 + dy + 1, x0 + dx + 1)
    return Region(min(y0, y1), min(x0, x1), max(y0, y1) + 1, max(x0, x1) + 1)


def box_outline(box: Region) -> tuple[Point, ...]:
    """The four corners of a rectangle of pixels, on its outer edges."""
    top, left, bottom, right = box.top - 0.5, box.left - 0.5, box.bottom - 0.5, box.right - 0.5
    return (top, left), (top, right), (bottom, right), (bottom, left)


def size_of(box: Region) -> str:
    """Width and height in words."""
    return f"{box.width} × {box.height}"
