"""What a proposal's doubts look like: heat, what a threshold hides, and the region in question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage

from seglabel.app.canvas.layers import Surface, draw_fill, draw_outline, wrap
from seglabel.app.canvas.outline import REACH
from seglabel.app.canvas.sampling import gather, sampled
from seglabel.app.canvas.transform import ViewTransform
from seglabel.core.geometry import Region
from seglabel.core.uncertainty import UNCERTAIN, Certainty, Threshold

Mask = NDArray[np.bool_]

# Light grows with uncertainty, so that heat is read without telling hues apart: RGB and opacity.
_HEAT = (
    (0.00, (20, 0, 40), 0.0),
    (0.25, (70, 10, 90), 0.45),
    (0.50, (180, 40, 70), 0.7),
    (0.75, (250, 140, 30), 0.8),
    (1.00, (255, 250, 190), 0.9),
)
_HATCH = 8  # device pixels from line to line, over what counts as uncertain
_LINE = 2
_HATCH_SHADE = np.uint32(0xB0000000)
_BRIGHT = QColor(255, 255, 255, 56).rgba()
_WHITE = np.array([0, 0xFFFFFFFF], np.uint32)


def heat_table() -> NDArray[np.uint32]:
    """Premultiplied ARGB of an uncertainty of 0/255 … 255/255."""
    steps = np.linspace(0, 1, 256)
    places = [place for place, _, _ in _HEAT]
    alpha = np.interp(steps, places, [opacity for _, _, opacity in _HEAT])
    table = np.rint(alpha * 255).astype(np.uint32) << np.uint32(24)
    for channel, shift in enumerate((16, 8, 0)):
        values = np.interp(steps, places, [color[channel] for _, color, _ in _HEAT])
        table |= np.rint(values * alpha).astype(np.uint32) << np.uint32(shift)
    return table


_TABLE = heat_table()


@dataclass(frozen=True, eq=False)
class ReviewLayer:
    """How sure the model was, where that still counts: not where ``painted``, bool (H, W)."""

    certainty: Certainty
    painted: Mask
    shows_heat: bool
    threshold: Threshold | None

    def clear_hidden(
        self, ids: NDArray[np.uint8], rows: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        """``ids`` where ``rows`` and ``columns`` cross, without what the threshold hides."""
        if self.threshold is None:
            return ids
        painted = gather(self.painted, rows, columns)
        return np.where(self.threshold.hides(ids, painted, rows, columns), np.uint8(0), ids)


@dataclass(frozen=True, eq=False)
class MarkedRegion:
    """A region in question and its mask, bool of the size of its rectangle."""

    region: Region
    mask: Mask

    @cached_property
    def rim(self) -> NDArray[np.uint8]:
        """The mask with a pixel of nothing around it, so that it has an outline everywhere."""
        return np.pad(self.mask.view(np.uint8), 1)


def draw_heat(surface: Surface, layer: ReviewLayer) -> None:
    """Uncertainty as light, hatched from where it counts as such."""
    rows, columns, begin = sampled(layer.certainty.shape, surface.device, *surface.place)
    if not len(rows) or not len(columns):
        return
    doubt = layer.certainty.uncertainty_at(rows, columns)
    doubt[gather(layer.painted, rows, columns)] = 0
    # The hatching lies still on the picture while that is moved.
    phase = begin[0] + begin[1] - round(surface.device.left) - round(surface.device.top)
    pixels = _heat(doubt, phase)
    surface.draw_pixels(wrap(pixels, QImage.Format.Format_ARGB32_Premultiplied), begin)


def heat_strip(height: int, width: int) -> NDArray[np.uint32]:
    """Premultiplied ARGB (height, width) of all uncertainties from the left to the right."""
    return _heat(np.tile(np.linspace(0, 1, width, dtype=np.float32), (height, 1)), 0)


def _heat(doubt: NDArray[np.float32], phase: int) -> NDArray[np.uint32]:
    pixels = _TABLE[(doubt * 255).astype(np.uint8)]
    height, width = doubt.shape
    diagonal = (phase + np.arange(height)[:, None] + np.arange(width)) % _HATCH < _LINE
    pixels[diagonal & (doubt >= UNCERTAIN)] = _HATCH_SHADE
    return pixels


def draw_region(surface: Surface, marked: MarkedRegion) -> None:
    """One region made brighter and outlined."""
    draw_fill(_at(surface, marked.region), marked.mask.view(np.uint8), [0, _BRIGHT])
    draw_outline(_at(surface, marked.region.grown(1)), marked.rim, _WHITE)


def region_bounds(region: Region, transform: ViewTransform) -> QRect:
    """The rectangle of the view that a region with its outline covers."""
    left, top = transform.to_view(region.top, region.left)
    right, bottom = transform.to_view(region.bottom, region.right)
    room = REACH + 1
    return QRect(
        int(left) - room,
        int(top) - room,
        int(right - left) + 2 * room + 1,
        int(bottom - top) + 2 * room + 1,
    )


def _at(surface: Surface, region: Region) -> Surface:
    left, top = surface.transform.to_view(region.top, region.left)
    return replace(surface, transform=ViewTransform(surface.transform.scale, left, top))
