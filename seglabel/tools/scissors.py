"""Intelligent scissors: a line that follows edges from click to click."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seglabel.core.geometry import Region
from seglabel.core.segments import EdgeMap
from seglabel.tools.base import DONE, STAY, Pointer, Scene, Step, Tool
from seglabel.tools.options import QT_TRANSLATE_NOOP
from seglabel.tools.preview import NOTHING, Line, Point, Preview
from seglabel.tools.shapes import fill_polygon
from seglabel.tools.sight import around, reduced

_WORKING_PIXELS = 300_000


@dataclass(frozen=True, eq=False)
class _Ways:
    """The ways from ``start`` along the edges of ``region``, seen ``factor`` times smaller."""

    start: Point
    region: Region
    factor: int
    edges: EdgeMap

    def to(self, end: Point) -> list[Point]:
        """Points from the start, which is left out, to ``end``; straight on outside the region."""
        if not self.region.contains(math.floor(end[0] + 0.5), math.floor(end[1] + 0.5)):
            return [end]
        way = self.edges.way_to(_inside(end, self.region, self.factor))
        shift = (self.factor - 1) / 2
        points = [
            (self.region.top + y * self.factor + shift, self.region.left + x * self.factor + shift)
            for y, x in way[1:-1].tolist()
        ]
        return [*points, end]


class ScissorsTool(Tool):
    """A click fixes the line up to there; Enter, a double click or a click on the first point
    closes it, Backspace takes the last part back."""

    name = "scissors"
    hint = QT_TRANSLATE_NOOP(
        "tools", "Click along an edge. Enter or a click on the first point closes."
    )

    def __init__(self) -> None:
        self._parts: list[list[Point]] = []  # the first holds the first point alone
        self._ways: _Ways | None = None
        self._pointer: Point | None = None
        self._waits: Pointer | None = None  # a click that came before the ways were known
        self._preview = NOTHING

    @property
    def preview(self) -> Preview:
        return self._preview

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        if not self._parts:
            self._parts = [[pointer.point]]
            return self._find_ways(scene)
        if pointer.secondary:
            return self.step_back(scene)
        if self._ways is None:
            self._waits = pointer
            return STAY
        first = self._parts[0][0]
        is_back = len(self._parts) > 2 and math.dist(first, pointer.point) <= scene.reach
        if is_back or pointer.clicks == 2:
            return self.finish(scene)
        self._parts.append(self._ways.to(pointer.point))
        return self._find_ways(scene)

    def hover(self, pointer: Pointer | None, scene: Scene) -> Step:
        if self._parts and pointer is not None:
            self._pointer = pointer.point
            self._show()
        return STAY

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        return self.hover(pointer, scene)

    def finish(self, scene: Scene) -> Step:
        if len(self._parts) < 2:
            return DONE
        closing = self._ways.to(self._parts[0][0]) if self._ways is not None else []
        return fill_polygon([*self._points(), *closing])

    def step_back(self, scene: Scene) -> Step:
        self._parts.pop()
        self._waits = None
        return self._find_ways(scene) if self._parts else DONE

    def receive(self, result: object, scene: Scene) -> Step:
        if not isinstance(result, _Ways):  # the filled polygon
            return super().receive(result, scene)
        if not self._parts or result.start != self._parts[-1][-1]:
            return STAY
        self._ways = result
        self._show()
        waiting, self._waits = self._waits, None
        return self.press(waiting, scene) if waiting is not None else STAY

    def reset(self) -> None:
        self._parts, self._ways, self._pointer, self._waits = [], None, None, None
        self._preview = NOTHING

    def _points(self) -> list[Point]:
        return [point for part in self._parts for point in part]

    def _find_ways(self, scene: Scene) -> Step:
        start, picture, shape = self._parts[-1][-1], scene.picture, scene.shape
        self._ways = None
        self._show()
        region = scene.viewport.clipped(shape)
        limit = around(start, shape)
        if region.area > limit.area or not region.contains(*start):
            region = limit

        def find(_: object) -> _Ways:
            pixels, factor = reduced(picture, region, _WORKING_PIXELS)
            return _Ways(start, region, factor, EdgeMap(pixels, _inside(start, region, factor)))

        return Step(work=find)

    def _show(self) -> None:
        points = self._points()
        if self._pointer is not None:
            ways = self._ways
            points += ways.to(self._pointer) if ways is not None else [self._pointer]
        clicked = [Line((part[-1],), handles=True) for part in self._parts]
        self._preview = Preview((Line(tuple(points)), *clicked))


def _inside(point: Point, region: Region, factor: int) -> tuple[int, int]:
    """The pixel of the smaller picture for a point of the image, kept inside it."""
    y = (math.floor(point[0] + 0.5) - region.top) // factor
    x = (math.floor(point[1] + 0.5) - region.left) // factor
    rows, columns = -(-region.height // factor), -(-region.width // factor)
    return min(max(y, 0), rows - 1), min(max(x, 0), columns - 1)
