"""Which pixel of an array lies under each device pixel: the same whatever part is repainted.

Labels are looked up in the label map itself. A pyramid of them would have to follow every edit and
saves nothing: only the rows that are seen are touched, which for a view of 2200 × 1300 takes 5 ms
even out of 30,000 × 30,000.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from seglabel.app.canvas.transform import ViewTransform

_T = TypeVar("_T", bound=np.generic)


def pixels_along(first: int, count: int, offset: float, scale: float) -> NDArray[np.int64]:
    """Which pixel lies under the middle of each device pixel along one axis."""
    centers = np.arange(first, first + count) + 0.5
    return np.floor((centers - offset) / scale).astype(np.int64)


def gather(pixels: NDArray[_T], rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[_T]:
    """``pixels[rows][:, columns]`` for indices that rise and lie inside."""
    if rows[-1] - rows[0] < len(rows):
        # Columns first, of few rows: whole rows are then copied fast.
        strip = np.take(pixels[rows[0] : rows[-1] + 1], columns, axis=1)
        return np.take(strip, rows - rows[0], axis=0)
    strip = pixels[rows, columns[0] : columns[-1] + 1]
    return np.take(strip, columns - columns[0], axis=1)


def sampled(
    shape: tuple[int, ...],
    transform: ViewTransform,
    origin: tuple[int, int],
    size: tuple[int, int],
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[int, int]]:
    """Which rows and columns of an image (H, W, …) a rectangle of the view shows, and from where
    (y, x) on it shows any.

    ``transform`` is that of device pixels, ``origin`` (y, x) and ``size`` (H, W) give the rectangle
    in them.
    """
    rows = pixels_along(origin[0], size[0], transform.top, transform.scale)
    columns = pixels_along(origin[1], size[1], transform.left, transform.scale)
    top, bottom = np.searchsorted(rows, (0, shape[0]))
    left, right = np.searchsorted(columns, (0, shape[1]))
    begin = (origin[0] + int(top), origin[1] + int(left))
    return rows[top:bottom], columns[left:right], begin
