"""Outlines of regions, drawn for the part of the view that is repainted."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.app.canvas.sampling import gather, pixels_along
from seglabel.app.canvas.transform import ViewTransform

_WIDTH = 2  # of the coloured line, in device pixels
_HALO = 0x96000000  # premultiplied ARGB of the dark rim that makes it show on any picture
REACH = _WIDTH + 1
"""How far beyond a changed pixel an outline may change, in device pixels."""

Shown = Callable[[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]], NDArray[np.uint8]]
"""Turns the ids where some rows and columns cross into those to show."""


def outline_image(
    labels: NDArray[np.uint8],
    transform: ViewTransform,
    origin: tuple[int, int],
    size: tuple[int, int],
    colors: NDArray[np.uint32],
    shown: Shown | None = None,
) -> NDArray[np.uint32]:
    """Premultiplied ARGB (H, W) of the outlines inside a rectangle of the view.

    ``transform`` is that of device pixels, ``origin`` (y, x) and ``size`` (H, W) give the rectangle
    in them. ``colors`` has one premultiplied ARGB value per id; ids with 0 have no outline.
    """
    rows = pixels_along(origin[0] - REACH, size[0] + 2 * REACH, transform.top, transform.scale)
    columns = pixels_along(origin[1] - REACH, size[1] + 2 * REACH, transform.left, transform.scale)
    height, width = labels.shape
    inside = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    ids = gather(labels, *inside)
    if shown is not None:
        ids = shown(ids, *inside)
    kernel = np.ones((2 * _WIDTH + 1, 2 * _WIDTH + 1), np.uint8)
    band = cv2.dilate(ids, kernel) != cv2.erode(ids, kernel)
    lines = np.where(band, colors[ids], np.uint32(0))
    rim = cv2.dilate((lines != 0).astype(np.uint8), np.ones((3, 3), np.uint8)) != 0
    result = np.where(rim & (lines == 0), np.uint32(_HALO), lines)
    outside_rows = (rows < 0) | (rows >= height)
    outside_columns = (columns < 0) | (columns >= width)
    result[outside_rows] = 0
    result[:, outside_columns] = 0
    return np.ascontiguousarray(result[REACH:-REACH, REACH:-REACH])
