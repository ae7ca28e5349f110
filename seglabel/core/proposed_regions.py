"""Regions of a proposal that nobody decided about yet: the one at a pixel, and the doubtful ones.

A region here is a connected component of pixels that no person painted and that have the same
category; pixels touching by corners count as connected.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region
from seglabel.core.uncertainty import UNCERTAIN, Certainty

Mask = NDArray[np.bool_]
_REACH = 4096  # pixels from the one asked for, so that a huge image costs no more than 64 MB
_PAINTED, _FOUND = 1, 2
_CRUMB = 64  # pixels; nobody is led to less than that, or a thousandth of a small picture


@dataclass(frozen=True, slots=True)
class UncertainRegion:
    """A region and how much there is to look at in it.

    ``weight`` is the area of its uncertain pixels times their mean uncertainty, in pixels of the
    image. ``seed`` (y, x) is its most uncertain pixel, ``confidence`` the mean of the region, 0–1.
    """

    category_id: int
    weight: float
    seed: tuple[int, int]
    confidence: float = 0.0

    @property
    def order(self) -> tuple[float, int, int]:
        """Sorts the heaviest first, and always in the same way."""
        return (-self.weight, *self.seed)


@dataclass(frozen=True, slots=True)
class Uncertain:
    """``share`` of all pixels that are uncertain and undecided, 0–1, and their ``regions``."""

    share: float
    regions: tuple[UncertainRegion, ...]


def proposed_region(
    labels: NDArray[np.uint8], painted: Mask, y: int, x: int
) -> tuple[Region, Mask] | None:
    """The region of pixel (y, x), as far as it lies within 4096 pixels; ``None`` if painted."""
    if painted[y, x]:
        return None
    window = Region(y - _REACH, x - _REACH, y + _REACH, x + _REACH).clipped(labels.shape)
    # cv2 wants a border of one pixel around its mask and goes only where that is zero.
    mask = np.zeros((window.height + 2, window.width + 2), np.uint8)
    np.multiply(painted[window.slices], np.uint8(_PAINTED), out=mask[1:-1, 1:-1])
    flags = 8 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (_FOUND << 8)
    source = np.require(labels[window.slices], requirements=("C", "W"))
    seed = (x - window.left, y - window.top)
    _, _, _, (left, top, across, down) = cv2.floodFill(source, mask, seed, 0, 0, 0, flags)
    found = Region(top, left, top + down, left + across)
    region = Region(
        window.top + found.top,
        window.left + found.left,
        window.top + found.bottom,
        window.left + found.right,
    )
    return region, mask[1:-1, 1:-1][found.slices] == _FOUND


def uncertain_regions(
    labels: NDArray[np.uint8],
    painted: Mask,
    certainty: Certainty,
    locked: frozenset[int] = frozenset(),
) -> Uncertain:
    """The regions with uncertain pixels in them, the heaviest first; crumbs are left out.

    They are told apart on the grid of ``certainty``, of which every cell stands for the pixel in
    its middle, so that a large image takes no longer than its proposal is fine. Regions of
    ``locked`` categories are left out.
    """
    grid = certainty.uncertainty_grid.astype(np.float32)
    sureness = certainty.confidence_grid.astype(np.float32)
    rows, columns = (
        ((np.arange(cells) + 0.5) * side / cells).astype(np.int64)
        for cells, side in zip(grid.shape, certainty.shape, strict=True)
    )
    cells = np.ix_(rows, columns)
    ids, is_open = labels[cells], ~painted[cells]
    if locked:
        is_open &= ~np.isin(ids, list(locked))
    weights = np.where(is_open & (grid >= UNCERTAIN), grid, np.float32(0))
    pixels_per_cell = labels.size / grid.size
    crumb = min(_CRUMB, labels.size / 1000)
    found: list[UncertainRegion] = []
    for category_id in np.unique(ids[weights > 0]).tolist():
        mask = (is_open & (ids == category_id)).view(np.uint8)
        count, numbered, boxes, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        sums = np.bincount(numbered.ravel(), weights.ravel(), minlength=count)
        trust = np.bincount(numbered.ravel(), sureness.ravel(), minlength=count)
        for index in (np.flatnonzero(sums[1:]) + 1).tolist():
            left, top, width, height, area = boxes[index].tolist()
            if area * pixels_per_cell < crumb:
                continue
            box = np.s_[top : top + height, left : left + width]
            inside = np.where(numbered[box] == index, weights[box], 0)
            row, column = divmod(int(np.argmax(inside)), width)
            seed = int(rows[top + row]), int(columns[left + column])
            weight = float(sums[index]) * pixels_per_cell
            confidence = float(trust[index]) / area
            found.append(UncertainRegion(category_id, weight, seed, confidence))
    share = np.count_nonzero(weights) / weights.size
    return Uncertain(share, tuple(sorted(found, key=lambda region: region.order)))


def step(uncertain: Uncertain, last: UncertainRegion | None, count: int) -> UncertainRegion | None:
    """The region to look at after (``count`` > 0) or before ``last``, going round at the ends.

    ``last`` need not be among them any more: it may have been decided meanwhile.
    """
    regions = uncertain.regions
    if not regions:
        return None
    if count > 0:
        after = (r for r in regions if last is not None and r.order > last.order)
        return next(after, regions[0])
    before = (r for r in reversed(regions) if last is not None and r.order < last.order)
    return next(before, regions[-1])
