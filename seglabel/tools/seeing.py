"""Tools that paint by what the photograph shows under their stroke."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region
from seglabel.core.raster import capsule
from seglabel.core.segments import similar_in_disc, superpixels
from seglabel.tools.base import STAY, Area, Mask, PictureSource, Pixels, Pointer, Scene, Step, Tool
from seglabel.tools.brush import pressed_size, snap
from seglabel.tools.options import PRESSURE, QT_TRANSLATE_NOOP, SIZE, IntOption
from seglabel.tools.preview import NOTHING, Point, Preview
from seglabel.tools.shapes import pixel
from seglabel.tools.sight import around

_SEEN_AREA = 3 << 20  # pixels that are looked at, at most
_DENSITY = 4  # dabs of the snapping brush on the length of its diameter

CELL_SIZE = IntOption(
    "superpixel_size",
    QT_TRANSLATE_NOOP("tools", "Superpixels"),
    6,
    200,
    default=24,
    unit=QT_TRANSLATE_NOOP("tools", " px"),
    tip=QT_TRANSLATE_NOOP("tools", "About how large a superpixel is"),
    by_ratio=True,
)
EDGE_TOLERANCE = IntOption(
    "edge_tolerance",
    QT_TRANSLATE_NOOP("tools", "Tolerance"),
    1,
    128,
    default=28,
    tip=QT_TRANSLATE_NOOP("tools", "How far colours may differ before it is an edge"),
)


class Sight(Protocol):
    """What was made of a part of the picture."""

    @property
    def picture(self) -> PictureSource: ...

    @property
    def region(self) -> Region: ...


class SeeingTool(Tool):
    """A stroke that needs to see the picture first: until then its points wait."""

    def __init__(self) -> None:
        self._seen: Sight | None = None
        self._is_looking = False
        self._way: list[Pointer] = []  # not yet painted; the first one is if it is not the only
        self._is_released = False

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        self._way, self._is_released = [pointer], False
        return self._go_on(scene)

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        if self._is_released:
            return STAY
        self._way.append(pointer)
        return self._go_on(scene)

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        self._is_released = True
        return self._go_on(scene)

    def hover(self, pointer: Pointer | None, scene: Scene) -> Step:
        if pointer is None or self._way:
            return STAY
        return self._look_for([pointer], scene) or STAY

    def receive(self, result: Sight, scene: Scene) -> Step:
        self._seen, self._is_looking = result, False
        return self._go_on(scene) if self._way else STAY

    def reset(self) -> None:
        self._is_looking, self._way, self._is_released = False, [], False

    def leave(self) -> None:
        self._seen = None

    def _go_on(self, scene: Scene) -> Step:
        """Paint what waits, unless the picture is to be looked at first."""
        if (look := self._look_for(self._way, scene)) is not None:
            return look
        is_seen = self._seen is not None and self._serves(self._seen, scene)
        areas = tuple(self._paint(self._way, scene)) if is_seen else ()  # else it is all outside
        self._way = self._way[-1:]
        return Step(areas, done=self._is_released)

    def _look_for(self, way: list[Pointer], scene: Scene) -> Step | None:
        """The step of looking where that is needed; an empty one while it is under way."""
        whole = Region.whole(scene.shape)
        inside = [pointer for pointer in way if whole.contains(*pixel(pointer))]
        seen = self._seen
        if seen is not None and self._serves(seen, scene):
            inside = [pointer for pointer in inside if not seen.region.contains(*pixel(pointer))]
        if not inside:
            return None
        if self._is_looking:
            return STAY
        self._is_looking = True
        region = scene.viewport.clipped(scene.shape)
        if region.area > _SEEN_AREA or not region.contains(*pixel(inside[-1])):
            region = around(inside[-1].point, scene.shape, _SEEN_AREA)
        return self._look(region, scene)

    def _serves(self, seen: Sight, scene: Scene) -> bool:
        """Whether what was seen is of this picture and as is set now."""
        return seen.picture is scene.picture

    def _look(self, region: Region, scene: Scene) -> Step:
        raise NotImplementedError

    def _paint(self, way: list[Pointer], scene: Scene) -> Iterator[Area]:
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class _Cells:
    """Superpixels of a region. ``order`` lists its pixels cell by cell, from ``begins`` on."""

    picture: PictureSource
    region: Region
    size: int
    numbers: NDArray[np.int32]
    order: NDArray[np.int64]
    begins: NDArray[np.int64]

    @classmethod
    def make(cls, picture: PictureSource, region: Region, size: int) -> _Cells:
        numbers = superpixels(picture.read(region), size)
        flat = numbers.ravel()
        begins = np.concatenate(([0], np.cumsum(np.bincount(flat))))
        return cls(picture, region, size, numbers, np.argsort(flat, kind="stable"), begins)

    def at(self, point: tuple[int, int]) -> int | None:
        if not self.region.contains(*point):
            return None
        return int(self.numbers[point[0] - self.region.top, point[1] - self.region.left])

    def cell(self, number: int) -> tuple[Region, Mask]:
        """Region of the image and the mask inside it of one superpixel."""
        pixels = self.order[self.begins[number] : self.begins[number + 1]]
        rows, columns = np.divmod(pixels, self.region.width)
        top, left = int(rows.min()), int(columns.min())
        mask = np.zeros((int(rows.max()) + 1 - top, int(columns.max()) + 1 - left), np.bool_)
        mask[rows - top, columns - left] = True
        top, left = top + self.region.top, left + self.region.left
        return Region(top, left, top + mask.shape[0], left + mask.shape[1]), mask


class SuperpixelTool(SeeingTool):
    """Paints all superpixels that the stroke touches."""

    name = "superpixel"
    hint = QT_TRANSLATE_NOOP("tools", "Stroke over superpixels to paint them whole.")
    options = (CELL_SIZE,)

    def __init__(self) -> None:
        super().__init__()
        self._painted: set[int] = set()
        self._shown: int | None = None
        self._pointer: Pointer | None = None
        self._preview = NOTHING

    @property
    def preview(self) -> Preview:
        return self._preview

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        self._painted, self._preview = set(), NOTHING
        return super().press(pointer, scene)

    def hover(self, pointer: Pointer | None, scene: Scene) -> Step:
        step = super().hover(pointer, scene)
        self._pointer = pointer
        self._show(scene)
        return step

    def reset(self) -> None:
        super().reset()
        self._painted, self._shown, self._preview = set(), None, NOTHING

    def receive(self, result: Sight, scene: Scene) -> Step:
        self._painted, self._shown = set(), None  # they are numbered anew
        step = super().receive(result, scene)
        if not self._way:
            self._show(scene)
        return step

    def _show(self, scene: Scene) -> None:
        """The superpixel under the pointer."""
        seen, pointer = self._seen, self._pointer
        number = None
        if pointer is not None and isinstance(seen, _Cells) and self._serves(seen, scene):
            number = seen.at(pixel(pointer))
        if number is None:
            self._shown, self._preview = None, NOTHING
        elif number != self._shown:
            assert isinstance(seen, _Cells)
            self._shown, self._preview = number, Preview(fill=seen.cell(number))

    def _serves(self, seen: Sight, scene: Scene) -> bool:
        is_as_set = isinstance(seen, _Cells) and seen.size == scene.options[CELL_SIZE.key]
        return is_as_set and super()._serves(seen, scene)

    def _look(self, region: Region, scene: Scene) -> Step:
        picture, size = scene.picture, int(scene.options[CELL_SIZE.key])
        return Step(work=lambda _: _Cells.make(picture, region, size))

    def _paint(self, way: list[Pointer], scene: Scene) -> Iterator[Area]:
        seen = self._seen
        assert isinstance(seen, _Cells)
        for point in _walk([pointer.point for pointer in way], step=seen.size / 4):
            number = seen.at((math.floor(point[0] + 0.5), math.floor(point[1] + 0.5)))
            if number is not None and number not in self._painted:
                self._painted.add(number)
                yield Area(*seen.cell(number))


@dataclass(frozen=True, eq=False)
class _Pixels:
    picture: PictureSource
    region: Region
    pixels: Pixels


class EdgeBrushTool(SeeingTool):
    """A brush whose paint stops at edges inside its disc: keep its middle on what you paint."""

    name = "edge_brush"
    hint = QT_TRANSLATE_NOOP("tools", "Keep the middle on what you paint; edges hold it back.")
    options = (SIZE, EDGE_TOLERANCE, PRESSURE)
    has_footprint = True

    def _look(self, region: Region, scene: Scene) -> Step:
        picture = scene.picture

        return Step(
            work=lambda _: _Pixels(picture, region, np.ascontiguousarray(picture.read(region)))
        )

    def _paint(self, way: list[Pointer], scene: Scene) -> Iterator[Area]:
        seen = self._seen
        assert isinstance(seen, _Pixels)
        tolerance = int(scene.options[EDGE_TOLERANCE.key])
        size = pressed_size(way[-1], scene)
        for y, x in _walk([pointer.point for pointer in way], step=max(size / _DENSITY, 1)):
            at = snap(Pointer(y, x), size)
            region, disc = capsule(at, at, size, "round")
            inside = region & seen.region
            center = math.floor(y + 0.5), math.floor(x + 0.5)
            if inside.is_empty or not inside.contains(*center):
                continue
            disc = disc[inside.relative_to(region).slices]
            pixels = seen.pixels[inside.relative_to(seen.region).slices]
            here = center[0] - inside.top, center[1] - inside.left
            yield Area(inside, similar_in_disc(pixels, disc, here, tolerance))


def _walk(way: list[Point], step: float) -> Iterator[Point]:
    """Points along a way, ``step`` apart at most, its first and last included."""
    yield way[0]
    for (y0, x0), (y1, x1) in pairwise(way):
        count = max(math.ceil(math.hypot(y1 - y0, x1 - x0) / step), 1)
        for i in range(1, count + 1):
            yield y0 + (y1 - y0) * i / count, x0 + (x1 - x0) * i / count
