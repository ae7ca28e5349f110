"""Copies of label maps and masks, which are mostly empty where they are large."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_T = TypeVar("_T", bound=np.generic)
_BAND = 1 << 18  # bytes that are looked at together


def lean_copy(plane: NDArray[_T]) -> NDArray[_T]:
    """A copy of an array (H, W) that takes memory only for bands of rows that hold anything.

    Memory that is asked for as zeros comes from the system when it is first written to.
    """
    copy: NDArray[_T] = np.zeros(plane.shape, plane.dtype)
    rows = max(_BAND // max(plane[:1].nbytes, 1), 1)
    for top in range(0, len(plane), rows):
        band = plane[top : top + rows]
        if band.any():
            copy[top : top + rows] = band
    return copy
