"""Fill: the connected region under the pointer takes the current category."""

from __future__ import annotations

import math

from seglabel.core.geometry import Region
from seglabel.core.regions import flood_region
from seglabel.tools.base import Pointer, Stroke


class FillTool:
    """Gives the current category to all connected pixels with the label under the pointer."""

    name = "fill"

    def press(self, pointer: Pointer, stroke: Stroke) -> Region | None:
        y, x = math.floor(pointer.y + 0.5), math.floor(pointer.x + 0.5)
        if not Region.whole(stroke.document.shape).contains(y, x):
            return None
        region, mask = flood_region(stroke.document.labels, y, x)
        return stroke.edit.paint(region, mask, stroke.category_id)

    def move(self, pointer: Pointer, stroke: Stroke) -> Region | None:
        return None

    def release(self, pointer: Pointer, stroke: Stroke) -> Region | None:
        return None
