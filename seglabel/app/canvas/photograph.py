"""The photograph at several scales, each half the size of the one before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region

_SMALLEST = 256  # no level is made whose longer side would be shorter


class Photograph(Protocol):
    """What the canvas asks of a picture. ``shape`` is (H, W) of the finest of its levels."""

    @property
    def shape(self) -> tuple[int, int]: ...

    @property
    def level_count(self) -> int: ...

    @property
    def nbytes(self) -> int:
        """What is held of it in memory."""
        ...

    def read(self, level: int, region: Region) -> NDArray[np.uint8]:
        """RGB (h, w, 3) of a part of a level, in its own pixels; answers at once."""
        ...

    def close(self) -> None:
        """It is shown no more."""
        ...


@dataclass(frozen=True)
class HeldPhotograph:
    """A photograph that is in memory whole. Made once, off the GUI thread."""

    levels: tuple[NDArray[np.uint8], ...]

    @classmethod
    def build(cls, picture: NDArray[np.uint8]) -> HeldPhotograph:
        """From uint8 RGB (H, W, 3), which becomes the first level without a copy."""
        levels = [picture]
        for _ in range(1, level_count(picture.shape)):
            levels.append(halved(levels[-1]))
        return cls(tuple(levels))

    @property
    def shape(self) -> tuple[int, int]:
        return self.levels[0].shape[0], self.levels[0].shape[1]

    @property
    def level_count(self) -> int:
        return len(self.levels)

    @property
    def nbytes(self) -> int:
        return sum(level.nbytes for level in self.levels)

    def read(self, level: int, region: Region) -> NDArray[np.uint8]:
        return self.levels[level][region.slices]

    def close(self) -> None:
        """Nothing to end."""


def level_count(shape: tuple[int, ...]) -> int:
    """How many levels a picture (H, W, …) has, itself included."""
    side, count = max(shape[:2]), 1
    while side >= 2 * _SMALLEST:
        side, count = -(-side // 2), count + 1
    return count


def halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half the size, rounded up; each pixel the mean of those that it stands for."""
    size = (-(-pixels.shape[1] // 2), -(-pixels.shape[0] // 2))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def level_for(scale: float, count: int) -> int:
    """The level to draw at ``scale``: the smallest with a pixel for each of the view's."""
    if scale >= 1:
        return 0
    return min(math.floor(-math.log2(scale) + 1e-6), count - 1)
