"""Connected regions of a label map."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region

Mask = NDArray[np.bool_]


def flood_region(labels: NDArray[np.uint8], y: int, x: int) -> tuple[Region, Mask]:
    """The connected pixels (by their edges) that have the label of pixel (y, x)."""
    height, width = labels.shape
    # cv2 wants a mask with a border of one pixel and only writes where that is zero.
    mask = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (1 << 8)
    source = _Writable(np.ascontiguousarray(labels)).array
    _, _, _, (left, top, across, down) = cv2.floodFill(source, mask, (x, y), 0, 0, 0, flags)
    region = Region(top, left, top + down, left + across)
    return region, mask[1:-1, 1:-1][region.slices].view(np.bool_)


class _Writable:
    """The same memory for cv2, which refuses what it cannot write even if it only reads.

    A copy would take as much again as the label map of a large image.
    """

    def __init__(self, array: NDArray[np.uint8]) -> None:
        self._array = array  # stays alive as long as somebody looks at its memory

    @property
    def __array_interface__(self) -> dict[str, Any]:
        place, _ = self._array.__array_interface__["data"]
        return {**self._array.__array_interface__, "data": (place, False)}

    @property
    def array(self) -> NDArray[np.uint8]:
        return np.asarray(self)


def components(mask: Mask) -> tuple[NDArray[np.int32], list[tuple[Region, int]]]:
    """Connected components, pixels touching by corners counted as connected.

    Returns int32 (H, W) with 0 outside and 1 … n inside, and (region, pixel count) of each, in the
    order in which rows read from the top first meet them.
    """
    count, numbered, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    found = []
    for index in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[index])
        first = left + int(np.argmax(numbered[top, left : left + width] == index))
        found.append((top, first, index, Region(top, left, top + height, left + width), area))
    # OpenCV labels in parallel stripes, so that its own numbering need not follow the rows.
    found.sort()
    order = np.zeros(count, np.int32)
    for position, (_, _, index, _, _) in enumerate(found, start=1):
        order[index] = position
    return order[numbered], [(region, area) for *_, region, area in found]
