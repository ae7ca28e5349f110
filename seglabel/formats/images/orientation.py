"""Between the rows and columns of a file and the upright picture, as EXIF orientation says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region

ORIENTATION_TAG = 0x0112

_SWAPS_AXES = (5, 6, 7, 8)
_FLIPS_ROWS = (3, 4, 7, 8)
_FLIPS_COLUMNS = (2, 3, 6, 7)


def upright(array: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    """Turn stored rows and columns (H, W, …) as EXIF ``orientation`` asks for display."""
    if orientation in _SWAPS_AXES:
        array = array.swapaxes(0, 1)
    if orientation in _FLIPS_ROWS:
        array = array[::-1]
    if orientation in _FLIPS_COLUMNS:
        array = array[:, ::-1]
    return array


def as_stored(array: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    """The opposite of :func:`upright`: from displayed pixels back to the file's own rows."""
    inverse = {6: 8, 8: 6}.get(orientation, orientation)
    return upright(array, inverse)


def upright_shape(stored: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Height and width of the upright picture of ``stored`` rows and columns."""
    return (stored[1], stored[0]) if orientation in _SWAPS_AXES else stored


def stored_region(region: Region, shape: tuple[int, int], orientation: int) -> Region:
    """Where the pixels of ``region`` of the upright picture of ``shape`` (H, W) lie in the file."""
    top, left, bottom, right = region.top, region.left, region.bottom, region.right
    if orientation in _FLIPS_COLUMNS:
        left, right = shape[1] - right, shape[1] - left
    if orientation in _FLIPS_ROWS:
        top, bottom = shape[0] - bottom, shape[0] - top
    if orientation in _SWAPS_AXES:
        top, left, bottom, right = left, top, right, bottom
    return Region(top, left, bottom, right)
