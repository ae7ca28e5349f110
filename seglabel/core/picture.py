"""A photograph that need not be in memory."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region


class PictureSource(Protocol):
    """Gives parts of one picture on request, from any thread."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        ...

    def read(self, region: Region) -> NDArray[np.uint8]:
        """uint8 RGB (h, w, 3) of a region inside the picture. The caller may not write to it."""
        ...


class ArrayPicture:
    """A picture in memory, uint8 RGB (H, W, 3), behind the same interface."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._pixels = pixels

    @property
    def shape(self) -> tuple[int, int]:
        return self._pixels.shape[0], self._pixels.shape[1]

    def read(self, region: Region) -> NDArray[np.uint8]:
        return self._pixels[region.slices]
