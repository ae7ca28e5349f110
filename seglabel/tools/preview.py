"""What a tool shows over the picture before anything is painted: plain values, no Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region

Mask = NDArray[np.bool_]
Point = tuple[float, float]
"""(y, x) in pixels of the image, pixel centres on whole numbers."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through ``points``; ``handles`` marks each of them as something to take hold of."""

    points: tuple[Point, ...]
    is_closed: bool = False
    handles: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """Lines, the pixels that would be painted, and a few words beside a point.

    ``fill`` is a region and the mask inside it, bool of the region's size. Where these pixels would
    get several categories, ``labels`` (uint8, the region's size, 0 outside the mask) says which.
    ``text`` is for the window to translate; ``values`` take the places of its ``{0}``, ``{1}``, …
    """

    lines: tuple[Line, ...] = ()
    fill: tuple[Region, Mask] | None = None
    labels: NDArray[np.uint8] | None = None
    text: str = ""
    values: tuple[str, ...] = ()
    text_at: Point = (0.0, 0.0)

    @property
    def is_empty(self) -> bool:
        return not self.lines and self.fill is None and not self.text


NOTHING = Preview()
