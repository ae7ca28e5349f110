"""The photograph and the labels at several scales, each half the size of the one before."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from seglabel.core.geometry import Region

_SMALLEST = 256  # no level is made whose longer side would be shorter


def level_for(scale: float, count: int) -> int:
    """The level to draw at ``scale``: the smallest with a pixel for each of the view's."""
    if scale >= 1:
        return 0
    return min(math.floor(-math.log2(scale) + 1e-6), count - 1)


@dataclass(frozen=True)
class PicturePyramid:
    """Levels of a photograph. ``shape`` is (H, W) of the first; made once, off the GUI thread."""

    shape: tuple[int, int]
    levels: tuple[QImage, ...]
    _pixels: tuple[NDArray[np.uint8], ...]  # what the images look at

    @classmethod
    def build(cls, picture: NDArray[np.uint8]) -> PicturePyramid:
        """From uint8 RGB (H, W, 3)."""
        pixels = [np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGRA), np.uint8)]
        while max(pixels[-1].shape[:2]) >= 2 * _SMALLEST:
            height, width = pixels[-1].shape[:2]
            size = (-(-width // 2), -(-height // 2))
            smaller = cv2.resize(pixels[-1], size, interpolation=cv2.INTER_AREA)
            pixels.append(np.asarray(smaller, np.uint8))
        levels = tuple(wrap(level, QImage.Format.Format_RGB32) for level in pixels)
        shape = (picture.shape[0], picture.shape[1])
        return cls(shape, levels, tuple(pixels))

    @property
    def pixels(self) -> NDArray[np.uint32]:
        """Those of the first level, 0xffRRGGBB (H, W)."""
        return self._pixels[0].view(np.uint32)[..., 0]

    @property
    def nbytes(self) -> int:
        return sum(level.nbytes for level in self._pixels)


class LabelPyramid:
    """Levels of a label map. The first *is* the document's array; the others are caches of it."""

    def __init__(self, labels: NDArray[np.uint8]) -> None:
        self.arrays = [labels]
        while max(self.arrays[-1].shape) >= 2 * _SMALLEST:
            self.arrays.append(np.ascontiguousarray(self.arrays[-1][::2, ::2]))

    @property
    def shape(self) -> tuple[int, int]:
        return self.arrays[0].shape[0], self.arrays[0].shape[1]

    def update(self, region: Region) -> None:
        """Bring the caches up to date after the labels changed in ``region``."""
        region = region.clipped(self.shape)
        if region.is_empty:
            return
        for finer, coarser in zip(self.arrays, self.arrays[1:], strict=False):
            region = Region(
                region.top // 2, region.left // 2, -(-region.bottom // 2), -(-region.right // 2)
            )
            part = finer[
                2 * region.top : 2 * region.bottom : 2, 2 * region.left : 2 * region.right : 2
            ]
            coarser[region.slices] = part


def wrap(pixels: NDArray[np.generic], form: QImage.Format) -> QImage:
    """A QImage that looks at ``pixels``, which must stay alive."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], form)
