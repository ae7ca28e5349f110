"""Objects of things told apart, by an outline and a shade of the colour of their category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from seglabel.app.canvas.layers import Surface, draw_fill, draw_outline
from seglabel.app.canvas.sampling import gather

_SHADES = [
    0,
    *(QColor(v, v, v, alpha).rgba() for v, alpha in ((255, 70), (0, 90), (255, 130), (0, 150))),
]
_LINE = np.full(256, 0xFFFFFFFF, np.uint32)
_LINE[0] = 0


@dataclass(frozen=True, eq=False)
class ObjectsLayer:
    """``numbers`` are uint16 (H, W) or none; ``is_thing`` is bool (256,)."""

    numbers: NDArray[np.uint16] | None
    is_thing: NDArray[np.bool_]

    def shades(
        self, ids: NDArray[np.uint8], rows: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        """Which shade each pixel gets; 0 for none."""
        if self.numbers is None:
            return np.zeros(ids.shape, np.uint8)
        numbers = gather(self.numbers, rows, columns)
        shade = 1 + (numbers - 1) % (len(_SHADES) - 1)
        return np.where(self.is_thing[ids] & (numbers > 0), shade, 0).astype(np.uint8)

    def codes(
        self, ids: NDArray[np.uint8], rows: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        """A value 1–255 for each object that differs from its neighbours'; 0 for none."""
        mixed = ids.astype(np.uint32) * 31
        if self.numbers is not None:
            mixed += gather(self.numbers, rows, columns).astype(np.uint32) * 37
        return np.where(self.is_thing[ids], 1 + mixed % 255, 0).astype(np.uint8)


def draw_objects(surface: Surface, labels: NDArray[np.uint8], layer: ObjectsLayer) -> None:
    """Over what is filled already."""
    draw_fill(surface, labels, _SHADES, layer.shades)
    draw_outline(surface, labels, _LINE, layer.codes)
