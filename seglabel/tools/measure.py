"""Measure: how far it is from one point to another, and how large what the way encloses is."""

from __future__ import annotations

import math
from itertools import pairwise

from seglabel.tools.base import DONE, STAY, Pointer, Scene, Step, Tool
from seglabel.tools.options import QT_TRANSLATE_NOOP
from seglabel.tools.preview import NOTHING, Line, Point, Preview


class MeasureTool(Tool):
    """Drag for a distance; click further points for the length of a way and its area."""

    name = "measure"
    hint = QT_TRANSLATE_NOOP(
        "tools", "Drag for a distance; more clicks measure a path and its area."
    )
    paints = False

    def __init__(self) -> None:
        self._points: list[Point] = []
        self._preview = NOTHING

    @property
    def preview(self) -> Preview:
        return self._preview

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        if pointer.clicks == 2:
            return DONE
        if not self._points:
            self._points.append(pointer.point)
        self._points.append(pointer.point)
        self._show()
        return STAY

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        self._points[-1] = pointer.point
        self._show()
        return STAY

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        if len(self._points) == 2 and math.dist(*self._points) <= scene.reach / 3:
            self._points.pop()  # a click: the second point comes with the next one
        return STAY

    def hover(self, pointer: Pointer | None, scene: Scene) -> Step:
        if len(self._points) == 1 and pointer is not None:
            self._preview = measured([*self._points, pointer.point])
        return STAY

    def finish(self, scene: Scene) -> Step:
        return DONE

    def step_back(self, scene: Scene) -> Step:
        self._points.pop()
        if not self._points:
            return DONE
        self._show()
        return STAY

    def reset(self) -> None:
        self._points, self._preview = [], NOTHING

    def _show(self) -> None:
        self._preview = measured(self._points)


def measured(points: list[Point]) -> Preview:
    """The way through ``points`` with its length, and the area that it encloses if it does."""
    length = sum(math.dist(a, b) for a, b in pairwise(points))
    text, values = QT_TRANSLATE_NOOP("tools", "length {0} px"), [f"{length:.1f}"]
    if len(points) == 2:
        (y0, x0), (y1, x1) = points
        text = QT_TRANSLATE_NOOP("tools", "length {0} px  (Δx {1}, Δy {2})")
        values += [f"{abs(x1 - x0):.0f}", f"{abs(y1 - y0):.0f}"]
    elif len(points) > 2:
        text = QT_TRANSLATE_NOOP("tools", "length {0} px · area {1} px²")
        values.append(f"{enclosed_area(points):.0f}")
    line = Line(tuple(points), handles=True)
    return Preview((line,), text=text, values=tuple(values), text_at=points[-1])


def enclosed_area(points: list[Point]) -> float:
    """Of the polygon through ``points``, by the shoelace formula, in square pixels."""
    sides = pairwise([*points, points[0]])
    return abs(sum(y0 * x1 - y1 * x0 for (y0, x0), (y1, x1) in sides)) / 2
