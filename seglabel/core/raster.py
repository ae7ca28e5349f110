"""Geometry → pixels: pure functions that give a region and the mask inside it.

Pixel centres lie on integers: a pixel belongs to a shape when its centre does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region

Mask = NDArray[np.bool_]
BrushShape = Literal["round", "square"]
_BROADCAST = 1 << 16  # pixels
_TOLERANCE = 1e-6  # so that a centre exactly on the outline is inside despite rounding


def capsule(
    start: tuple[float, float], end: tuple[float, float], diameter: float, shape: BrushShape
) -> tuple[Region, Mask]:
    """What a brush of ``diameter`` pixels covers on its straight way from ``start`` to ``end``.

    Points are (y, x). A round brush of odd diameter on a pixel centre is symmetric around it; the
    narrowest brush covers exactly the pixels nearest to its way.
    """
    points = _square_corners if shape == "square" else _round_corners
    radius = max(diameter, 1.0) / 2
    y0, x0 = start
    y1, x1 = end
    top = math.ceil(min(y0, y1) - radius - _TOLERANCE)
    bottom = math.floor(max(y0, y1) + radius + _TOLERANCE) + 1
    rows = np.arange(top, bottom, dtype=np.float64)
    left, right = _polygon_spans(rows, points(y0, x0, y1, x1, radius))
    if shape == "round":
        for y, x in (start, end):
            reach = radius * radius - (rows - y) ** 2
            half = np.sqrt(np.maximum(reach, 0))
            inside = reach >= -_TOLERANCE
            left = np.where(inside, np.minimum(left, x - half), left)
            right = np.where(inside, np.maximum(right, x + half), right)
    return _fill_spans(top, left, right)


def _round_corners(
    y0: float, x0: float, y1: float, x1: float, radius: float
) -> NDArray[np.float64]:
    """The rectangle between the two discs, (4, 2) as (y, x)."""
    length = math.hypot(y1 - y0, x1 - x0)
    if length == 0:
        return np.array([(y0, x0)] * 4)
    across_y, across_x = (x1 - x0) / length * radius, (y0 - y1) / length * radius
    return np.array(
        [
            (y0 + across_y, x0 + across_x),
            (y1 + across_y, x1 + across_x),
            (y1 - across_y, x1 - across_x),
            (y0 - across_y, x0 - across_x),
        ]
    )


def _square_corners(
    y0: float, x0: float, y1: float, x1: float, radius: float
) -> NDArray[np.float64]:
    """The convex hull of the two squares, (6, 2) as (y, x)."""
    if (y1 - y0) * (x1 - x0) < 0:  # falling to the left: mirror, build, mirror back
        hull = _square_corners(y0, -x0, y1, -x1, radius)
        return hull * (1, -1)
    (ya, yb), (xa, xb) = sorted((y0, y1)), sorted((x0, x1))
    r = radius
    return np.array(
        [
            (ya - r, xa - r),
            (ya - r, xa + r),
            (yb - r, xb + r),
            (yb + r, xb + r),
            (yb + r, xb - r),
            (ya + r, xa - r),
        ]
    )


def _polygon_spans(
    rows: NDArray[np.float64], corners: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each row enters and leaves a convex polygon; +inf, −inf where it misses it."""
    left = np.full(rows.shape, np.inf)
    right = np.full(rows.shape, -np.inf)
    for (ya, xa), (yb, xb) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        hits = (rows >= min(ya, yb) - _TOLERANCE) & (rows <= max(ya, yb) + _TOLERANCE)
        if abs(yb - ya) <= _TOLERANCE:
            low, high = min(xa, xb), max(xa, xb)
            at_low, at_high = np.full(rows.shape, low), np.full(rows.shape, high)
        else:
            at = xa + np.clip((rows - ya) / (yb - ya), 0, 1) * (xb - xa)
            at_low = at_high = at
        left = np.where(hits, np.minimum(left, at_low), left)
        right = np.where(hits, np.maximum(right, at_high), right)
    return left, right


def _fill_spans(
    top: int, left: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[Region, Mask]:
    hit = np.isfinite(left) & np.isfinite(right)
    first = np.where(hit, np.ceil(np.where(hit, left, 0) - _TOLERANCE), 1).astype(np.int64)
    last = np.where(hit, np.floor(np.where(hit, right, 0) + _TOLERANCE), 0).astype(np.int64)
    hit &= first <= last
    if not hit.any():
        return Region(top, 0, top, 0), np.zeros((0, 0), np.bool_)
    begin, end = int(first[hit].min()), int(last[hit].max()) + 1
    if len(left) * (end - begin) <= _BROADCAST:
        columns = np.arange(begin, end)
        mask = (columns >= first[:, None]) & (columns <= last[:, None]) & hit[:, None]
    else:  # row by row is several times as fast where rows are long
        mask = np.zeros((len(left), end - begin), np.bool_)
        for row in np.flatnonzero(hit).tolist():
            mask[row, first[row] - begin : last[row] + 1 - begin] = True
    return Region(top, begin, top + len(left), end), mask


def ellipse(region: Region) -> tuple[Region, Mask]:
    """The ellipse that touches all four sides of ``region``."""
    rows = np.arange(region.top, region.bottom, dtype=np.float64)
    ry, rx = region.height / 2, region.width / 2
    y, x = region.top + ry - 0.5, region.left + rx - 0.5
    reach = 1 - ((rows - y) / max(ry, _TOLERANCE)) ** 2
    half = rx * np.sqrt(np.maximum(reach, 0))
    return _fill_spans(region.top, x - half, x + half)


def polygon(points: Sequence[tuple[float, float]]) -> tuple[Region, Mask]:
    """What lies inside the closed line through ``points`` (y, x), by the even-odd rule.

    A pixel exactly on the line belongs to the shape on its right or below, so that two polygons
    with a side in common neither overlap nor leave a gap.
    """
    corners = np.asarray(points, np.float64).reshape(-1, 2)
    if len(corners) < 3:
        return Region(0, 0, 0, 0), np.zeros((0, 0), np.bool_)
    top, left = (int(value) for value in np.ceil(corners.min(axis=0)))
    bottom, right = (int(value) for value in np.ceil(corners.max(axis=0)))
    region = Region(top, left, bottom, right)
    if region.is_empty:
        return Region(top, left, top, left), np.zeros((0, 0), np.bool_)
    rows, columns = _crossings(corners)
    # Each crossing turns inside to outside, or back, for all pixels to its right.
    width = region.width + 1
    places = (rows - top) * width + np.clip(columns - left, 0, region.width)
    flips = np.bincount(places, minlength=region.height * width).reshape(region.height, width)
    inside = np.bitwise_xor.accumulate((flips & 1).astype(np.uint8), axis=1)[:, :-1]
    return region, inside.view(np.bool_)


def _crossings(corners: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where sides of a polygon cross the middle lines of rows: row, and the first pixel after."""
    ends = np.roll(corners, -1, axis=0)
    falls = corners[:, 0] > ends[:, 0]
    upper, lower = np.where(falls[:, None], ends, corners), np.where(falls[:, None], corners, ends)
    first, last = np.ceil(upper[:, 0]).astype(np.int64), np.ceil(lower[:, 0]).astype(np.int64)
    counts = last - first  # rows first … last − 1
    side = np.repeat(np.arange(len(corners)), counts)
    rows = np.arange(len(side)) - np.repeat(np.cumsum(counts) - counts, counts) + first[side]
    height = (lower - upper)[side, 0]
    share = (rows - upper[side, 0]) / np.where(height > 0, height, 1)
    at = upper[side, 1] + share * (lower - upper)[side, 1]
    return rows, np.ceil(at - _TOLERANCE).astype(np.int64)
