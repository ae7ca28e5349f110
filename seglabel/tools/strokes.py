"""GrabCut and watershed: a few strokes say what is what, the picture does the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region
from seglabel.core.raster import capsule
from seglabel.core.segments import cut_out, grow_seeds
from seglabel.tools.base import STAY, Area, Mask, Pointer, Scene, Step, Tool
from seglabel.tools.brush import pressed_size, snap
from seglabel.tools.options import PRESSURE, QT_TRANSLATE_NOOP, SIZE
from seglabel.tools.preview import NOTHING, Line, Point, Preview
from seglabel.tools.shapes import box_outline, drag_box, pixel, size_of
from seglabel.tools.sight import READ_LIMIT, around, enlarged, reduced, trimmed

_CUT_PIXELS = 120_000  # GrabCut works on
_GROWN_PIXELS = 1_500_000  # watershed works on
_ROOM = 0.6  # of the size of what was drawn: how far around it is looked
_LEAST_ROOM = 40  # pixels


@dataclass(frozen=True, slots=True)
class _Mark:
    """One stroke: its way, how wide it is, and the category that it says; ``None``: not this."""

    way: tuple[Point, ...]
    size: int
    category_id: int | None

    @property
    def bounds(self) -> Region:
        return _bounds(self.way).grown(self.size // 2 + 1)

    def draw(self, target: NDArray[np.generic], region: Region, factor: int, value: int) -> None:
        """Put ``value`` under the stroke into an array that shows ``region`` made smaller."""
        points = [((y - region.top) / factor, (x - region.left) / factor) for y, x in self.way]
        size = max(round(self.size / factor), 1)
        for start, end in zip(points, points[1:] or points, strict=False):
            place, mask = capsule(start, end, size, "round")
            inside = place.clipped(target.shape)
            if not inside.is_empty:
                target[inside.slices][mask[inside.relative_to(place).slices]] = value


@dataclass(frozen=True, eq=False)
class _Result:
    """What the marks led to: ``marks`` of them were looked at."""

    marks: int
    region: Region
    mask: Mask
    labels: NDArray[np.uint8] | None


class MarkingTool(Tool):
    """Strokes are collected and their result is shown, until Enter paints it.

    The right button, or Alt, marks what does not belong to it; Backspace takes a stroke back.
    """

    def __init__(self) -> None:
        self._marks: list[_Mark] = []
        self._way: list[Point] = []
        self._size = 1
        self._says: int | None = None
        self._result: _Result | None = None
        self._is_over = False  # paint it as soon as it is there
        self._preview = NOTHING

    @property
    def preview(self) -> Preview:
        return self._preview

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        if pointer.clicks == 2 and self._marks:
            return self.finish(scene)
        self._is_over = False  # there is more to say
        self._size = pressed_size(pointer, scene)
        self._says = None if pointer.secondary else scene.category_id
        self._way = [snap(pointer, self._size)]
        self._show()
        return STAY

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        self._way.append(snap(pointer, self._size))
        self._show()
        return STAY

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        if not self._way:
            return STAY
        self._marks.append(_Mark(tuple(self._way), self._size, self._says))
        self._way = []
        return self._look(scene)

    def finish(self, scene: Scene) -> Step:
        self._is_over = True
        return self._paint(scene)

    def step_back(self, scene: Scene) -> Step:
        if not self._marks:
            return Step(done=True)
        self._marks.pop()
        self._result = None
        return self._look(scene) if self._can_look else Step(done=True)

    def receive(self, result: _Result, scene: Scene) -> Step:
        if result.marks != len(self._marks):
            return STAY
        self._result = result
        self._show()
        return self._paint(scene) if self._is_over else STAY

    def reset(self) -> None:
        self._marks, self._way, self._result, self._is_over = [], [], None, False
        self._preview = NOTHING

    @property
    def _can_look(self) -> bool:
        return bool(self._marks)

    def _paint(self, scene: Scene) -> Step:
        result = self._result
        if result is None or result.marks != len(self._marks):
            return STAY  # it comes yet
        region, mask = trimmed(result.region, result.mask)
        labels = result.labels
        if labels is not None:
            labels = labels[region.relative_to(result.region).slices]
        return Step((Area(region, mask, labels),), done=True)

    def _look(self, scene: Scene) -> Step:
        raise NotImplementedError

    def _show(self) -> None:
        lines = [Line(mark.way) for mark in self._marks if len(mark.way) > 1]
        if len(self._way) > 1:
            lines.append(Line(tuple(self._way)))
        result = self._result
        fill = None if result is None else (result.region, result.mask)
        labels = None if result is None else result.labels
        self._preview = Preview(tuple(lines), fill, labels)


class WatershedTool(MarkingTool):
    """Regions grow from strokes along like colours until they meet.

    Where nothing else is marked, they end at the border of the surroundings that are looked at;
    strokes of several categories can be drawn one after the other.
    """

    name = "watershed"
    hint = QT_TRANSLATE_NOOP(
        "tools", "Stroke what it is; right button: what it is not. Enter paints."
    )
    options = (SIZE, PRESSURE)
    has_footprint = True

    def _look(self, scene: Scene) -> Step:
        marks, picture = tuple(self._marks), scene.picture
        region = _surroundings([mark.bounds for mark in marks], scene.shape)

        def grow(_: object) -> _Result:
            pixels, factor = reduced(picture, region, _GROWN_PIXELS)
            seeds = np.zeros(pixels.shape[:2], np.int32)
            # 1 is what nobody marked: the frame, as far as it is not that of the image.
            _mark_frame(seeds, region, scene.shape)
            for mark in marks:
                says = 1 if mark.category_id is None else mark.category_id + 2
                mark.draw(seeds, region, factor, says)
            grown = grow_seeds(pixels, seeds)
            labels = np.zeros((region.height, region.width), np.uint8)
            found = np.zeros(labels.shape, np.bool_)
            for says in np.unique(seeds[seeds > 1]).tolist():
                part = enlarged(grown == says, region)
                labels[part] = says - 2
                found |= part
            return _Result(len(marks), region, found, labels)

        return Step(work=grow)


class GrabCutTool(MarkingTool):
    """A box around an object, and strokes where the cut is not right yet."""

    name = "grabcut"
    hint = QT_TRANSLATE_NOOP(
        "tools", "Box an object; then stroke what belongs to it (right: not). Enter paints."
    )
    options = (SIZE, PRESSURE)

    def __init__(self) -> None:
        super().__init__()
        self._start: tuple[int, int] | None = None
        self._box: Region | None = None

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        if self._box is not None:
            return super().press(pointer, scene)
        self._start = pixel(pointer)
        return self.move(pointer, scene)

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        if self._start is None:
            return super().move(pointer, scene)
        box = drag_box(self._start, pointer)
        line = Line(box_outline(box), is_closed=True)
        self._preview = Preview((line,), text=size_of(box), text_at=pointer.point)
        return STAY

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        if self._start is None:
            return super().release(pointer, scene)
        box = drag_box(self._start, pointer).clipped(scene.shape)
        self._start = None
        if min(box.height, box.width) < 3 or box.area > READ_LIMIT:
            return Step(done=True)
        self._box = box
        self._show()
        return self._look(scene)

    def reset(self) -> None:
        super().reset()
        self._start = self._box = None

    @property
    def _can_look(self) -> bool:
        return self._box is not None

    def _look(self, scene: Scene) -> Step:
        assert self._box is not None
        marks, box, picture = tuple(self._marks), self._box, scene.picture
        region = _surroundings([box], scene.shape)

        def cut(_: object) -> _Result:
            pixels, factor = reduced(picture, region, _CUT_PIXELS)
            known = np.zeros(pixels.shape[:2], np.uint8)
            for mark in marks:
                mark.draw(known, region, factor, 2 if mark.category_id is None else 1)
            inner = box.relative_to(region)
            small = Region(
                inner.top // factor,
                inner.left // factor,
                -(-inner.bottom // factor),
                -(-inner.right // factor),
            )
            mask = cut_out(pixels, small, known == 1, known == 2)
            return _Result(len(marks), region, enlarged(mask, region), None)

        return Step(work=cut)

    def _show(self) -> None:
        super()._show()
        if self._box is not None:
            line = Line(box_outline(self._box), is_closed=True)
            self._preview = Preview((line, *self._preview.lines), self._preview.fill)


def _bounds(points: tuple[Point, ...]) -> Region:
    ys, xs = [y for y, _ in points], [x for _, x in points]
    return Region(int(min(ys)), int(min(xs)), int(max(ys)) + 1, int(max(xs)) + 1)


def _surroundings(parts: list[Region], shape: tuple[int, int]) -> Region:
    """What is looked at around parts of an image: with room on all sides, but not too much."""
    bounds = parts[0]
    for part in parts[1:]:
        bounds = bounds | part
    room = max(round(max(bounds.height, bounds.width) * _ROOM), _LEAST_ROOM)
    region = bounds.grown(room).clipped(shape)
    if region.area <= READ_LIMIT:
        return region
    middle = (bounds.top + bounds.bottom) / 2, (bounds.left + bounds.right) / 2
    return around(middle, shape) & region


def _mark_frame(seeds: NDArray[np.int32], region: Region, shape: tuple[int, int]) -> None:
    """Put 1 along the sides of a region that are not sides of the image."""
    if region.top > 0:
        seeds[:2] = 1
    if region.bottom < shape[0]:
        seeds[-2:] = 1
    if region.left > 0:
        seeds[:, :2] = 1
    if region.right < shape[1]:
        seeds[:, -2:] = 1
