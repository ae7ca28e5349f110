"""Which pixel of an array lies under each device pixel: the same whatever part is repainted."""

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


def sample(
    pixels: NDArray[_T],
    transform: ViewTransform,
    step: int,
    origin: tuple[int, int],
    size: tuple[int, int],
) -> tuple[NDArray[_T], tuple[int, int]]:
    """The part of a rectangle of the view that shows ``pixels``, and where (y, x) it begins.

    ``pixels`` (H, W) holds every ``step``-th pixel of the image. ``transform`` is that of device
    pixels, ``origin`` (y, x) and ``size`` (H, W) give the rectangle in them.
    """
    scale = transform.scale * step
    rows = pixels_along(origin[0], size[0], transform.top, scale)
    columns = pixels_along(origin[1], size[1], transform.left, scale)
    top, bottom = np.searchsorted(rows, (0, pixels.shape[0]))
    left, right = np.searchsorted(columns, (0, pixels.shape[1]))
    rows, columns = rows[top:bottom], columns[left:right]
    begin = (origin[0] + int(top), origin[1] + int(left))
    if not len(rows) or not len(columns):
        return pixels[:0, :0], begin
    # Columns first, of few rows: whole rows are then copied fast.
    strip = np.take(pixels[rows[0] : rows[-1] + 1], columns, axis=1)
    return np.take(strip, rows - rows[0], axis=0), begin
