"""Magic wand: pixels of like colour."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from seglabel.core.geometry import Region
from seglabel.core.segments import similar_pixels
from seglabel.tools.base import (
    DONE,
    STAY,
    Area,
    Mask,
    PictureSource,
    Pixels,
    Pointer,
    Scene,
    Step,
    Tool,
)
from seglabel.tools.options import QT_TRANSLATE_NOOP, BoolOption, IntOption
from seglabel.tools.preview import NOTHING, Preview
from seglabel.tools.shapes import pixel
from seglabel.tools.sight import around, trimmed

_DRAG = 3  # logical pixels of a drag that change the tolerance by one

TOLERANCE = IntOption(
    "wand_tolerance",
    QT_TRANSLATE_NOOP("tools", "Tolerance"),
    0,
    128,
    default=20,
    tip=QT_TRANSLATE_NOOP("tools", "How far colours may differ; drag to change it while it shows"),
)
CONTIGUOUS = BoolOption(
    "wand_contiguous",
    QT_TRANSLATE_NOOP("tools", "Connected"),
    default=True,
    tip=QT_TRANSLATE_NOOP("tools", "Only what is connected with the pixel pressed on"),
)
SMOOTHING = IntOption(
    "wand_smoothing",
    QT_TRANSLATE_NOOP("tools", "Smooth"),
    0,
    10,
    default=2,
    unit=QT_TRANSLATE_NOOP("tools", " px"),
    tip=QT_TRANSLATE_NOOP("tools", "Takes specks and fringes up to this size away"),
)


@dataclass(frozen=True, eq=False)
class _Found:
    region: Region
    pixels: Pixels  # without single odd ones, which would leave specks
    tolerance: int
    mask: Mask


class WandTool(Tool):
    """A press shows what it would paint, a drag changes the tolerance, the release paints."""

    name = "wand"
    hint = QT_TRANSLATE_NOOP("tools", "Press and drag: right for more, left for less.")
    options = (TOLERANCE, CONTIGUOUS, SMOOTHING)

    def __init__(self) -> None:
        self._start: Pointer | None = None
        self._found: _Found | None = None
        self._tolerance = 0  # that is wanted
        self._is_released = False
        self._preview = NOTHING

    @property
    def preview(self) -> Preview:
        return self._preview

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        if self._start is not None:
            return STAY
        if not Region.whole(scene.shape).contains(*pixel(pointer)):
            return DONE
        self._start, self._tolerance = pointer, int(scene.options[TOLERANCE.key])
        return self._look(scene)

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        if self._start is None:
            return STAY
        drag = (pointer.x - self._start.x) * scene.scale
        wanted = int(scene.options[TOLERANCE.key]) + round(drag / _DRAG)
        wanted = min(max(wanted, TOLERANCE.low), TOLERANCE.high)
        if wanted == self._tolerance or self._is_released:
            return STAY
        self._tolerance = wanted
        # Before the first answer there is nothing to go by: it asks again if need be.
        return self._look(scene) if self._found is not None else STAY

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        self._is_released = True
        return self._paint()

    def receive(self, result: _Found, scene: Scene) -> Step:
        self._found = result
        if result.tolerance != self._tolerance:
            return self._look(scene)
        if self._is_released:
            return self._paint()
        assert self._start is not None
        text = f"± {result.tolerance}"
        fill = result.region, result.mask
        self._preview = Preview(fill=fill, text=text, text_at=self._start.point)
        return STAY

    def reset(self) -> None:
        self._start = self._found = None
        self._is_released, self._preview = False, NOTHING

    def _paint(self) -> Step:
        found = self._found
        if found is None or found.tolerance != self._tolerance:
            return STAY  # it comes yet
        area = Area(*trimmed(found.region, found.mask))
        return Step((area,), done=True, settings={TOLERANCE.key: found.tolerance})

    def _look(self, scene: Scene) -> Step:
        assert self._start is not None
        at, tolerance, found = pixel(self._start), self._tolerance, self._found
        contiguous = bool(scene.options[CONTIGUOUS.key])
        smoothing = int(scene.options[SMOOTHING.key])
        picture, shape = scene.picture, scene.shape

        def find(_: object) -> _Found:
            region, pixels = (
                (found.region, found.pixels) if found is not None else _read(picture, at, shape)
            )
            inside = (at[0] - region.top, at[1] - region.left)
            mask = similar_pixels(
                pixels, inside, tolerance, contiguous=contiguous, smoothing=smoothing
            )
            return _Found(region, pixels, tolerance, mask)

        return Step(work=find)


def _read(
    picture: PictureSource, at: tuple[int, int], shape: tuple[int, int]
) -> tuple[Region, Pixels]:
    region = around(at, shape)
    pixels = cv2.medianBlur(np.ascontiguousarray(picture.read(region)), 3)
    return region, np.asarray(pixels, np.uint8)
