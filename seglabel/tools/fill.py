"""Fill: the connected region under the pointer takes the current category."""

from __future__ import annotations

import math

from seglabel.core.geometry import Region
from seglabel.core.regions import flood_region
from seglabel.tools.base import DONE, STAY, Pointer, Scene, Step, Tool
from seglabel.tools.options import QT_TRANSLATE_NOOP


class FillTool(Tool):
    """Gives the current category to all connected pixels with the label under the pointer."""

    name = "fill"
    hint = QT_TRANSLATE_NOOP("tools", "Click a region to fill it.")

    def __init__(self) -> None:
        self._is_waiting = False

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        if self._is_waiting:
            return STAY
        y, x = math.floor(pointer.y + 0.5), math.floor(pointer.x + 0.5)
        if not Region.whole(scene.shape).contains(y, x):
            return DONE
        labels = scene.labels
        self._is_waiting = True
        return Step(work=lambda _: flood_region(labels, y, x))

    def reset(self) -> None:
        self._is_waiting = False
