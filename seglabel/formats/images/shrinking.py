"""Smaller versions of pictures."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region
from seglabel.formats.images.info import Picture

_BAND = 1 << 22  # pixels that are shrunk at once


def fitted(shape: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """Height and width of a picture of ``shape`` (H, W) that fits into ``size`` (width, height).

    Proportions are kept; nothing grows, nothing gets smaller than a pixel.
    """
    height, width = shape
    scale = min(size[0] / width, size[1] / height, 1.0)
    return max(round(height * scale), 1), max(round(width * scale), 1)


def shrink(picture: Picture, shape: tuple[int, int]) -> Picture:
    """The picture at ``shape`` (H, W), each pixel the mean of those that it stands for."""
    if picture.shape[:2] == shape:
        return picture
    return np.asarray(cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def shrink_in_bands(
    read: Callable[[Region], Picture], height: int, width: int, shape: tuple[int, int]
) -> Picture:
    """The same of ``height`` × ``width`` pixels of which ``read`` gives some rows at a time."""
    total = np.zeros((shape[0], shape[1] * 3), np.float32)
    step = max(1, _BAND // width)
    for top in range(0, height, step):
        region = Region(top, 0, min(top + step, height), width)
        band = shrink(read(region), (region.height, shape[1]))
        first, shares = _row_shares(height, shape[0], region.top, region.bottom)
        part = shares @ band.reshape(region.height, -1).astype(np.float32)
        total[first : first + len(part)] += part
    return np.rint(total).astype(np.uint8).reshape(*shape, 3)


def _row_shares(height: int, small: int, top: int, bottom: int) -> tuple[int, NDArray[np.float32]]:
    """How rows ``top … bottom − 1`` of ``height`` add up to the rows of a picture ``small`` high.

    Gives the first small row they reach, and what share each has in it and those that follow,
    float32 (rows reached, bottom − top). Over all rows the shares of a small row add up to 1.
    """
    scale = height / small
    first, last = int(top / scale), min(int(np.ceil(bottom / scale)), small)
    begins = np.arange(first, last)[:, None] * scale
    rows = np.arange(top, bottom)[None, :]
    overlap = np.minimum(begins + scale, rows + 1) - np.maximum(begins, rows)
    return first, (np.maximum(overlap, 0) / scale).astype(np.float32)
