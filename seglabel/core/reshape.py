"""Regions made larger, smaller, smoother or whole: which pixels change, and to what.

All functions are pure. ``labels`` is a label map, uint8 (H, W).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region

Mask = NDArray[np.bool_]
LabelMap = NDArray[np.uint8]

_BAND = 8 << 20  # pixels that are worked on at once

Operation = Literal["grow", "shrink", "smooth", "fill_holes", "remove_islands"]


@dataclass(frozen=True, eq=False)
class Change:
    """Pixels of ``mask`` (bool, the region's size) get what stands in ``labels`` (uint8)."""

    region: Region
    mask: Mask
    labels: LabelMap


def reshape(
    labels: LabelMap, region: Region, mask: Mask, operation: Operation, amount: int
) -> Change | None:
    """Change the shape that the pixels of ``mask`` (bool, the size of ``region``) make.

    They have one label in common. ``amount`` is in pixels: a distance for *grow* and *shrink*, a
    radius for *smooth*, and an area for *fill_holes* (the largest hole that is filled, 0 for any)
    and *remove_islands* (the smallest island that stays). Pixels that are lost take the nearest
    label around, so that no gap opens where two categories meet. ``None`` where nothing changes.
    """
    if not mask.any():
        return None
    by_distance = operation in ("grow", "smooth")
    room = region.grown(amount + 2 if by_distance else 2).clipped(labels.shape)
    shape = np.zeros((room.height, room.width), np.uint8)
    shape[region.relative_to(room).slices] = mask
    around = np.asarray(labels[room.slices], np.uint8)
    own = around[shape > 0][0]
    wanted = _OPERATIONS[operation](shape, amount)
    gained, lost = (wanted > 0) & (shape == 0), (wanted == 0) & (shape > 0)
    changed = gained | lost
    if not changed.any():
        return None
    result = around.copy()
    result[gained] = own
    if lost.any():
        result[lost] = _nearest_other(around, lost, own)[lost]
    return Change(room, changed, result)


def reshape_category(
    labels: LabelMap, category_id: int, operation: Operation, amount: int
) -> Iterator[Change]:
    """The same for all pixels of a category, part by part where only what is near matters."""
    height, width = labels.shape
    by_distance = operation in ("grow", "shrink", "smooth")
    rows = max(_BAND // max(width, 1), 1) if by_distance else height
    reach = 2 * amount + 4  # beyond which no pixel has a say
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        band = Region(max(top - reach, 0), 0, min(bottom + reach, height), width)
        part = labels[band.slices]
        whole = Region.whole(part.shape)
        change = reshape(part, whole, part == category_id, operation, amount)
        if change is None:
            continue
        first = max(top - band.top - change.region.top, 0)
        last = min(bottom - band.top - change.region.top, change.region.height)
        if first < last and change.mask[first:last].any():
            shift = band.top + change.region.top
            region = Region(shift + first, change.region.left, shift + last, change.region.right)
            yield Change(region, change.mask[first:last], change.labels[first:last])


def _grow(shape: NDArray[np.uint8], amount: int) -> NDArray[np.uint8]:
    distance = cv2.distanceTransform(1 - shape, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return (np.asarray(distance) <= amount).astype(np.uint8)


def _shrink(shape: NDArray[np.uint8], amount: int) -> NDArray[np.uint8]:
    # The frame is no edge of the region where it is the border of the image; elsewhere there is
    # room around the region in any case.
    distance = cv2.distanceTransform(shape, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return (np.asarray(distance) > amount).astype(np.uint8)


def _smooth(shape: NDArray[np.uint8], amount: int) -> NDArray[np.uint8]:
    blurred = cv2.GaussianBlur(
        shape.astype(np.float32), (0, 0), max(amount, 1) / 2, borderType=cv2.BORDER_REPLICATE
    )
    return (np.asarray(blurred) > 0.5).astype(np.uint8)


def _fill_holes(shape: NDArray[np.uint8], amount: int) -> NDArray[np.uint8]:
    _, numbered, stats, _ = cv2.connectedComponentsWithStats(1 - shape, connectivity=4)
    height, width = shape.shape
    is_hole = (
        (stats[:, cv2.CC_STAT_LEFT] > 0)
        & (stats[:, cv2.CC_STAT_TOP] > 0)
        & (stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH] < width)
        & (stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] < height)
    )
    if amount:
        is_hole &= stats[:, cv2.CC_STAT_AREA] <= amount
    is_hole[0] = False  # those are the pixels of the region itself
    return (shape > 0).astype(np.uint8) | is_hole[numbered].astype(np.uint8)


def _remove_islands(shape: NDArray[np.uint8], amount: int) -> NDArray[np.uint8]:
    _, numbered, stats, _ = cv2.connectedComponentsWithStats(shape, connectivity=8)
    stays = stats[:, cv2.CC_STAT_AREA] >= amount
    stays[0] = False
    return stays[numbered].astype(np.uint8)


_OPERATIONS = {
    "grow": _grow,
    "shrink": _shrink,
    "smooth": _smooth,
    "fill_holes": _fill_holes,
    "remove_islands": _remove_islands,
}


def _nearest_other(labels: LabelMap, lost: Mask, own: np.uint8) -> LabelMap:
    """For every pixel the label of the nearest one that is not of the shape's own category."""
    sources = (labels != own) & ~lost
    if not sources.any():
        return np.zeros_like(labels)
    _, nearest = cv2.distanceTransformWithLabels(
        (~sources).astype(np.uint8),
        cv2.DIST_L2,
        cv2.DIST_MASK_5,
        labelType=cv2.DIST_LABEL_PIXEL,
    )
    table = np.zeros(int(nearest.max()) + 1, np.uint8)
    table[nearest[sources]] = labels[sources]
    return table[nearest]
