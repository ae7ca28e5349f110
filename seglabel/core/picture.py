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
