"""Objects of things told apart: split, merged, and pixels given from one to another."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from seglabel.core.errors import LabelError
from seglabel.core.raster import capsule
from seglabel.core.separating import (
    Found,
    Numbered,
    merge_along,
    object_at,
    split_by_line,
    split_by_seeds,
    with_number,
)
from seglabel.tools.base import DONE, STAY, Area, Pointer, Scene, Step, Tool
from seglabel.tools.options import QT_TRANSLATE_NOOP, SIZE, ChoiceOption
from seglabel.tools.preview import NOTHING, Line, Point, Preview

_THINGS_ONLY = "Only categories that are things have objects (see the menu of a category)."

MEETING = ChoiceOption(
    "meeting",
    QT_TRANSLATE_NOOP("tools", "Meet at"),
    (
        ("necks", QT_TRANSLATE_NOOP("tools", "necks of the shape")),
        ("edges", QT_TRANSLATE_NOOP("tools", "edges in the picture")),
    ),
    default="necks",
    tip=QT_TRANSLATE_NOOP("tools", "Where the parts of a split object border on each other"),
)


class _StrokeTool(Tool):
    """Collects a line from press to release."""

    paints = False

    def __init__(self) -> None:
        self._points: list[Point] = []
        self._preview = NOTHING
        self._is_waiting = False

    @property
    def preview(self) -> Preview:
        return self._preview

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        if not self._is_waiting:
            self._points = [pointer.point]
        return STAY

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        if not self._is_waiting and math.dist(self._points[-1], pointer.point) * scene.scale >= 1:
            self._points.append(pointer.point)
            self._show()
        return STAY

    def reset(self) -> None:
        self._points, self._preview, self._is_waiting = [], NOTHING, False

    def receive(self, result: Any, scene: Scene) -> Step:
        return Step(_areas(result), done=True)

    def _show(self) -> None:
        self._preview = Preview((Line(tuple(self._points)),))


class _LineTool(_StrokeTool):
    """Numbers objects anew along a line: ``work`` finds which; ``nothing`` says why none is."""

    work: Callable[..., list[Numbered]]
    nothing: str

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        if self._is_waiting:
            return STAY
        self._is_waiting = True
        points = [*self._points, pointer.point]
        labels, numbers, things = scene.labels, scene.numbers, scene.things
        return Step(work=lambda _: _some(self.work(labels, numbers, things, points), self.nothing))


class SplitLineTool(_LineTool):
    """Cuts every object that a line is drawn right across."""

    name = "split_line"
    hint = QT_TRANSLATE_NOOP("tools", "Draw a line right across an object.")

    nothing = "Nothing was split: draw the line right across an object."
    work = staticmethod(split_by_line)


class MergeObjectsTool(_LineTool):
    """Joins the objects that a line is drawn over."""

    name = "merge_objects"
    hint = QT_TRANSLATE_NOOP("tools", "Draw a line from one object over the others.")

    nothing = "Nothing was merged: draw a line over two objects of one category."
    work = staticmethod(merge_along)


class SplitSeedsTool(_StrokeTool):
    """Parts an object among strokes or points in it, by watershed."""

    name = "split_seeds"
    hint = QT_TRANSLATE_NOOP(
        "tools", "Click or stroke each part of an object. Enter splits it; Backspace takes back."
    )
    options = (MEETING,)

    def __init__(self) -> None:
        super().__init__()
        self._seeds: list[tuple[Point, ...]] = []

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        if not self._is_waiting:
            self._seeds.append(tuple(self._points))
            self._points = []
            self._show()
        return STAY

    def finish(self, scene: Scene) -> Step:
        if self._is_waiting or not self._seeds:
            return STAY
        self._is_waiting = True
        seeds, labels, picture = tuple(self._seeds), scene.labels, scene.picture
        numbers, things = scene.numbers, scene.things
        sees = scene.options.get(MEETING.key) == "edges"

        def split(_: object) -> list[Numbered]:
            y, x = (round(value) for value in seeds[0][0])
            found = object_at(labels, numbers, things, y, x) if sees else None
            pixels = None if found is None else picture.read(found.region)
            origin = (0, 0) if found is None else (found.region.top, found.region.left)
            return _some(
                split_by_seeds(labels, numbers, things, seeds, pixels, origin),
                "Nothing was split: mark two or more parts of one object.",
            )

        return Step(work=split)

    def step_back(self, scene: Scene) -> Step:
        if self._is_waiting:
            return STAY
        if self._seeds:
            self._seeds.pop()
        self._show()
        return STAY if self._seeds else DONE

    def reset(self) -> None:
        super().reset()
        self._seeds = []

    def _show(self) -> None:
        strokes = [*self._seeds, tuple(self._points)]
        lines = [Line(s, handles=len(s) == 1) for s in strokes if s]
        self._preview = Preview(tuple(lines))


class AssignObjectTool(Tool):
    """Pixels of the same category that are brushed over go to the object that was pressed on."""

    name = "assign_object"
    hint = QT_TRANSLATE_NOOP(
        "tools", "Press on an object and brush over what belongs to it as well."
    )
    options = (SIZE,)
    paints = False
    has_footprint = True

    def __init__(self) -> None:
        self._path: list[Point] = []
        self._target: tuple[int, int] | None = None  # category and number of the object
        self._is_released = False

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        if self._path:
            return STAY
        self._path = [pointer.point]
        y, x = (math.floor(value + 0.5) for value in pointer.point)
        labels, numbers, things = scene.labels, scene.numbers, scene.things

        def look(_: object) -> tuple[Found, list[Numbered], int]:
            found = with_number(labels, numbers, things, y, x)
            if found is None:
                raise LabelError(f"No object is here. {_THINGS_ONLY}")
            return found

        return Step(work=look)

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        self._path.append(pointer.point)
        return Step(self._dabs(scene))

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        self._is_released = True
        return Step(self._dabs(scene), done=self._target is not None)

    def receive(self, result: Any, scene: Scene) -> Step:
        found, answers, number = result
        self._target = (found.category_id, number)
        return Step((*_areas(answers), *self._dabs(scene)), done=self._is_released)

    def reset(self) -> None:
        self._path, self._target, self._is_released = [], None, False

    def _dabs(self, scene: Scene) -> tuple[Area, ...]:
        """What was brushed over since the last time, once the object is known."""
        if self._target is None:
            return ()
        category_id, number = self._target
        ways = list(zip(self._path, self._path[1:], strict=False)) or [(self._path[0],) * 2]
        self._path = self._path[-1:]
        areas = []
        for start, end in ways:
            reach, mask = capsule(start, end, scene.brush.size, scene.brush.shape)
            region = reach.clipped(scene.shape)
            if not region.is_empty:
                inside = mask[region.relative_to(reach).slices]
                same = inside & (scene.labels[region.slices] == category_id)
                areas.append(Area(region, same, numbers=np.full(same.shape, number, np.uint16)))
        return tuple(areas)


def _areas(answers: list[Numbered]) -> tuple[Area, ...]:
    return tuple(Area(each.region, each.mask, numbers=each.numbers) for each in answers)


def _some(answers: list[Numbered], otherwise: str) -> list[Numbered]:
    if not answers:
        raise LabelError(f"{otherwise} {_THINGS_ONLY}")
    return answers
