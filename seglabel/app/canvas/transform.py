"""Where the picture lies in the view: pure arithmetic, no Qt.

Two kinds of image coordinates are used. *Edge* coordinates count from the top left corner of the
picture: pixel 0 covers 0 … 1. *Centre* coordinates, those of :class:`~seglabel.tools.Pointer`, put
whole numbers on pixel centres: they are half a pixel smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from seglabel.core.geometry import Region

SCALE_LIMITS = (0.005, 64.0)
_FIT_LIMIT = 8.0  # of enlarging: beyond it a picture is but squares
_STEP = 1.25  # one notch of the wheel


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """view = edge · ``scale`` + (``left``, ``top``), in logical pixels of the view."""

    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    @classmethod
    def fitting(
        cls, image: tuple[int, int], view: tuple[int, int], margin: int = 16
    ) -> ViewTransform:
        """The whole picture (H, W) centred in a view (H, W), a small one enlarged."""
        height, width = image
        room = max(view[0] - 2 * margin, 1), max(view[1] - 2 * margin, 1)
        scale = min(room[0] / max(height, 1), room[1] / max(width, 1), _FIT_LIMIT)
        if height <= view[0] and width <= view[1]:  # sharp rather than with a margin
            scale = max(scale, 1.0)
        return cls(scale).centred(image, view)

    def centred(self, image: tuple[int, int], view: tuple[int, int]) -> ViewTransform:
        """The same scale with the picture's middle in the view's."""
        return replace(
            self,
            left=round((view[1] - image[1] * self.scale) / 2),
            top=round((view[0] - image[0] * self.scale) / 2),
        )

    def zoomed(self, scale: float, x: float, y: float) -> ViewTransform:
        """Another scale (kept within limits) with the point (x, y) of the view staying in place."""
        scale = min(max(scale, SCALE_LIMITS[0]), SCALE_LIMITS[1])
        factor = scale / self.scale
        return ViewTransform(scale, x - (x - self.left) * factor, y - (y - self.top) * factor)

    def stepped(self, steps: float, x: float, y: float) -> ViewTransform:
        """Zoomed by notches of the wheel, stopping at 100 % on the way past it."""
        scale = self.scale * _STEP**steps
        if (self.scale - 1) * (scale - 1) < 0:
            scale = 1.0
        return self.zoomed(scale, x, y)

    def moved(self, dx: float, dy: float) -> ViewTransform:
        return replace(self, left=self.left + dx, top=self.top + dy)

    def kept_in_sight(self, image: tuple[int, int], view: tuple[int, int]) -> ViewTransform:
        """Moved as little as needed so that some of the picture stays in the view."""
        rest = 48
        left = min(max(self.left, rest - image[1] * self.scale), view[1] - rest)
        top = min(max(self.top, rest - image[0] * self.scale), view[0] - rest)
        return replace(self, left=left, top=top)

    def to_edge(self, x: float, y: float) -> tuple[float, float]:
        """A point of the view in edge coordinates, as (y, x)."""
        return (y - self.top) / self.scale, (x - self.left) / self.scale

    def to_center(self, x: float, y: float) -> tuple[float, float]:
        """A point of the view in centre coordinates, as (y, x)."""
        edge_y, edge_x = self.to_edge(x, y)
        return edge_y - 0.5, edge_x - 0.5

    def to_view(self, y: float, x: float) -> tuple[float, float]:
        """A point in edge coordinates in the view, as (x, y)."""
        return x * self.scale + self.left, y * self.scale + self.top

    def region_under(self, left: float, top: float, right: float, bottom: float) -> Region:
        """The image pixels that a rectangle of the view touches."""
        first_y, first_x = self.to_edge(left, top)
        last_y, last_x = self.to_edge(right, bottom)
        return Region(
            math.floor(first_y), math.floor(first_x), math.ceil(last_y), math.ceil(last_x)
        )
