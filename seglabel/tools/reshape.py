"""Reshape: grow, shrink, smooth, fill holes, remove islands."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

import numpy as np

from seglabel.core.geometry import Region
from seglabel.core.raster import polygon
from seglabel.core.regions import flood_region
from seglabel.core.reshape import Change, Operation, reshape, reshape_category
from seglabel.tools.base import DONE, STAY, Area, Mask, Pointer, Scene, Step
from seglabel.tools.options import QT_TRANSLATE_NOOP, ChoiceOption, IntOption, Option, Values
from seglabel.tools.preview import Point
from seglabel.tools.shapes import LassoTool, pixel

OPERATION = ChoiceOption(
    "reshape_operation",
    QT_TRANSLATE_NOOP("tools", "Operation"),
    (
        ("grow", QT_TRANSLATE_NOOP("tools", "grow")),
        ("shrink", QT_TRANSLATE_NOOP("tools", "shrink")),
        ("smooth", QT_TRANSLATE_NOOP("tools", "smooth")),
        ("fill_holes", QT_TRANSLATE_NOOP("tools", "fill holes")),
        ("remove_islands", QT_TRANSLATE_NOOP("tools", "remove islands")),
    ),
    default="grow",
    tip=QT_TRANSLATE_NOOP("tools", "What is done to the region"),
)
DISTANCE = IntOption(
    "reshape_distance",
    QT_TRANSLATE_NOOP("tools", "By"),
    1,
    200,
    default=2,
    unit=QT_TRANSLATE_NOOP("tools", " px"),
    tip=QT_TRANSLATE_NOOP("tools", "How far to grow, shrink or smooth"),
    by_ratio=True,
)
AREA = IntOption(
    "reshape_area",
    QT_TRANSLATE_NOOP("tools", "Area"),
    1,
    1_000_000,
    default=100,
    unit=QT_TRANSLATE_NOOP("tools", " px"),
    tip=QT_TRANSLATE_NOOP("tools", "Holes up to this size are filled, islands below it removed"),
    by_ratio=True,
)
SCOPE = ChoiceOption(
    "reshape_scope",
    QT_TRANSLATE_NOOP("tools", "Where"),
    (
        ("region", QT_TRANSLATE_NOOP("tools", "one region")),
        ("category", QT_TRANSLATE_NOOP("tools", "whole category")),
        ("lasso", QT_TRANSLATE_NOOP("tools", "inside a lasso")),
    ),
    default="region",
    tip=QT_TRANSLATE_NOOP("tools", "The region or the category clicked on, or what you go round"),
)
_BY_AREA = ("fill_holes", "remove_islands")


class ReshapeTool(LassoTool):
    """A click, or a line drawn around it, says where; the category there is changed."""

    name = "reshape"
    hint = QT_TRANSLATE_NOOP("tools", "Click a region, or draw around what is to change.")
    options = (OPERATION, DISTANCE, AREA, SCOPE)

    def __init__(self) -> None:
        super().__init__()
        self._is_waiting = False

    def shown_options(self, values: Values) -> tuple[Option, ...]:
        idle = DISTANCE if values[OPERATION.key] in _BY_AREA else AREA
        return tuple(option for option in self.options if option is not idle)

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        return STAY if self._is_waiting else super().press(pointer, scene)

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        return STAY if self._is_waiting else super().move(pointer, scene)

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        if self._is_waiting:
            return STAY
        points = [*self._points, pointer.point]
        if max(math.dist(points[0], point) for point in points) > scene.reach:
            return self._change_inside(points, scene)
        return DONE if scene.options[SCOPE.key] == "lasso" else self._change_at(pointer, scene)

    def _change_at(self, pointer: Pointer, scene: Scene) -> Step:
        """The region, or the whole category, that was clicked on."""
        y, x = pixel(pointer)
        if not Region.whole(scene.shape).contains(y, x):
            return DONE
        labels = scene.labels
        if scene.options[SCOPE.key] == "region":
            return self._change(scene, lambda: flood_region(labels, y, x))
        category_id, amount = int(labels[y, x]), _amount(scene)
        operation = cast(Operation, scene.options[OPERATION.key])
        self._is_waiting = True
        return Step(work=lambda _: tuple(reshape_category(labels, category_id, operation, amount)))

    def _change_inside(self, points: list[Point], scene: Scene) -> Step:
        """What a line was drawn around."""
        if len(points) < 3:
            return DONE
        labels, category_id, amount = scene.labels, scene.category_id, _amount(scene)

        def near() -> tuple[Region, Mask]:
            # The line is no edge of the category: what lies around it counts, and stays.
            region = polygon(points)[0].grown(amount + 2).clipped(labels.shape)
            return region, labels[region.slices] == category_id

        return self._change(scene, near, lambda: polygon(points))

    def receive(self, result: tuple[Change, ...], scene: Scene) -> Step:
        areas = tuple(Area(change.region, change.mask, change.labels) for change in result)
        return Step(areas, done=True)

    def reset(self) -> None:
        super().reset()
        self._is_waiting = False

    def _change(
        self,
        scene: Scene,
        find: Callable[[], tuple[Region, Mask]],
        limit: Callable[[], tuple[Region, Mask]] | None = None,
    ) -> Step:
        """Change the shape that ``find`` gives, but only where ``limit`` says."""
        operation = cast(Operation, scene.options[OPERATION.key])
        labels, amount = scene.labels, _amount(scene)
        self._is_waiting = True

        def work(_: object) -> tuple[Change, ...]:
            change = reshape(labels, *find(), operation, amount)
            if change is None:
                return ()
            if limit is None:
                return (change,)
            inside = np.zeros(change.mask.shape, np.bool_)
            region, mask = limit()
            common = region & change.region
            if not common.is_empty:
                part = mask[common.relative_to(region).slices]
                inside[common.relative_to(change.region).slices] = part
            return (Change(change.region, change.mask & inside, change.labels),)

        return Step(work=work)


def _amount(scene: Scene) -> int:
    by_area = scene.options[OPERATION.key] in _BY_AREA
    return int(scene.options[AREA.key if by_area else DISTANCE.key])
