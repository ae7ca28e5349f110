"""Polygon: corners set one by one, changed as long as it is open."""

from __future__ import annotations

import math
from dataclasses import replace

from seglabel.tools.base import DONE, STAY, Pointer, Scene, Step, Tool
from seglabel.tools.options import QT_TRANSLATE_NOOP
from seglabel.tools.preview import NOTHING, Line, Point, Preview
from seglabel.tools.shapes import fill_polygon

_ON_SIDE = 0.6  # of the reach of corners: how near a side a press sets a corner into it


class PolygonTool(Tool):
    """A press sets a corner or takes hold of one; a side that is pressed gets a corner there.

    Enter, a double click or a click on the first corner closes it. The right button takes a corner
    away, Backspace the last one.
    """

    name = "polygon"
    hint = QT_TRANSLATE_NOOP(
        "tools",
        "Click corners; drag them, right-click removes one. Enter or a click on the first closes.",
    )

    def __init__(self) -> None:
        self._points: list[Point] = []
        self._held: int | None = None  # the corner that follows the pointer
        self._closes = False  # unless the first corner, which is pressed, is moved
        self._pressed_at: Point = (0.0, 0.0)
        self._preview = NOTHING

    @property
    def preview(self) -> Preview:
        return self._preview

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        at = pointer.point
        if pointer.clicks == 2 and len(self._points) >= 3:
            return fill_polygon(self._points)
        near = self._corner_at(at, scene.reach)
        if pointer.secondary and self._points:
            return self._remove(near)
        self._pressed_at = at
        self._closes = near == 0 and len(self._points) >= 3
        if near is None:
            near = self._insert(at, scene.reach * _ON_SIDE)
        self._held = near
        self._show()
        return STAY

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        if self._held is None:
            return STAY
        if math.dist(self._pressed_at, pointer.point) > scene.reach / 2:
            self._closes = False
        if not self._closes:
            self._points[self._held] = pointer.point
        self._show()
        return STAY

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        self._held = None
        if self._closes:
            return fill_polygon(self._points)
        self._show()
        return STAY

    def hover(self, pointer: Pointer | None, scene: Scene) -> Step:
        if self._points:
            self._show(pointer)
        return STAY

    def finish(self, scene: Scene) -> Step:
        return fill_polygon(self._points)

    def step_back(self, scene: Scene) -> Step:
        return self._remove(None)

    def reset(self) -> None:
        self._points, self._held, self._closes, self._preview = [], None, False, NOTHING

    def _remove(self, index: int | None) -> Step:
        """Take a corner away, or the last one."""
        self._points.pop(-1 if index is None else index)
        self._held = None
        self._show()
        return STAY if self._points else DONE

    def _corner_at(self, at: Point, reach: float) -> int | None:
        distances = [math.dist(at, point) for point in self._points]
        if not distances or min(distances) > reach:
            return None
        return distances.index(min(distances))

    def _insert(self, at: Point, reach: float) -> int:
        """A new corner: in the side that is pressed, or after the last one."""
        for index in range(1, len(self._points)):
            if distance_to_side(at, self._points[index - 1], self._points[index]) <= reach:
                self._points.insert(index, at)
                return index
        self._points.append(at)
        return len(self._points) - 1

    def _show(self, pointer: Pointer | None = None) -> None:
        corners = Preview((Line(tuple(self._points), handles=True),))
        if pointer is not None:
            band = (self._points[-1], pointer.point, self._points[0])
            corners = replace(corners, lines=(Line(band), *corners.lines))
        self._preview = corners


def distance_to_side(at: Point, start: Point, end: Point) -> float:
    """From a point to the straight line between two others."""
    (y, x), (y0, x0), (y1, x1) = at, start, end
    length = (y1 - y0) ** 2 + (x1 - x0) ** 2
    share = 0.0 if length == 0 else ((y - y0) * (y1 - y0) + (x - x0) * (x1 - x0)) / length
    share = min(max(share, 0.0), 1.0)
    return math.hypot(y - y0 - share * (y1 - y0), x - x0 - share * (x1 - x0))
