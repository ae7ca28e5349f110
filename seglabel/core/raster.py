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
    radius = max(diameter, 1.0) / 2
    y0, x0 = start
    y1, x1 = end
    top = math.ceil(min(y0, y1) - radius - _TOLERANCE)
    bottom = math.floor(max(y0, y1) + radius + _TOLERANCE) + 1
    rows = np.arange(top, bottom, dtype=np.float64)
    sides = _square_sides if shape == "square" else _round_sides
    low, inside = _side_crossings(rows, sides(y0, x0, y1, x1, radius))
    high = low
    if shape == "round":
        y, x = np.array((start, end) if start != end else (start,)).T[..., None]
        reach = radius * radius - (rows - y) ** 2
        half = np.sqrt(np.maximum(reach, 0))
        low, high = np.concatenate((low, x - half)), np.concatenate((high, x + half))
        inside = np.concatenate((inside, reach >= -_TOLERANCE))
    left = np.minimum.reduce(low, axis=0, where=inside, initial=np.inf)
    right = np.maximum.reduce(high, axis=0, where=inside, initial=-np.inf)
    return _fill_spans(top, left, right)


_Side = tuple[float, float, float, float]  # from (y, x) to (y, x)


def _round_sides(y0: float, x0: float, y1: float, x1: float, radius: float) -> list[_Side]:
    """The two sides of the rectangle between the discs that the discs do not cover."""
    length = math.hypot(y1 - y0, x1 - x0)
    if length == 0:
        return []
    across_y, across_x = (x1 - x0) / length * radius, (y0 - y1) / length * radius
    return [
        (y0 + across_y, x0 + across_x, y1 + across_y, x1 + across_x),
        (y0 - across_y, x0 - across_x, y1 - across_y, x1 - across_x),
    ]


def _square_sides(y0: float, x0: float, y1: float, x1: float, radius: float) -> list[_Side]:
    """The sides of the convex hull of the two squares but those that are level."""
    if (y1 - y0) * (x1 - x0) < 0:  # falling to the left: mirror, build, mirror back
        hull = _square_sides(y0, -x0, y1, -x1, radius)
        return [(ya, -xa, yb, -xb) for ya, xa, yb, xb in hull]
    (ya, yb), (xa, xb) = sorted((y0, y1)), sorted((x0, x1))
    r = radius
    return [
        (ya - r, xa + r, yb - r, xb + r),
        (yb - r, xb + r, yb + r, xb + r),
        (yb + r, xb - r, ya + r, xa - r),
        (ya + r, xa - r, ya - r, xa - r),
    ]


def _side_crossings(
    rows: NDArray[np.float64], sides: list[_Side]
) -> tuple[NDArray[np.float64], Mask]:
    """Where each side of a convex polygon crosses each row, and whether it does: (sides, rows).

    Level sides are left out: what they reach in their row, the ends of their neighbours reach too.
    """
    steep = [side for side in sides if abs(side[2] - side[0]) > _TOLERANCE]
    ya, xa, yb, xb = np.array(steep, np.float64).reshape(-1, 4).T[..., None]
    rise = yb - ya
    share = (rows - ya) / rise
    slack = _TOLERANCE / np.abs(rise)
    inside = (share >= -slack) & (share <= 1 + slack)
    return xa + np.minimum(np.maximum(share, 0), 1) * (xb - xa), inside


def _fill_spans(
    top: int, left: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[Region, Mask]:
    """Rows from ``top`` on filled from ``left`` to ``right``; +inf, −inf where there is nothing."""
    first, last = np.ceil(left - _TOLERANCE), np.floor(right + _TOLERANCE)
    hit = first <= last
    low = np.minimum.reduce(first, where=hit, initial=np.inf)
    if low == np.inf:
        return Region(top, 0, top, 0), np.zeros((0, 0), np.bool_)
    begin, end = int(low), int(np.maximum.reduce(last, where=hit, initial=-np.inf)) + 1
    if len(left) * (end - begin) <= _BROADCAST:
        columns = np.arange(begin, end, dtype=np.float64)
        mask = (columns >= first[:, None]) & (columns <= last[:, None])
    else:  # row by row is several times as fast where rows are long
        mask = np.zeros((len(left), end - begin), np.bool_)
        starts, stops = (first - begin).tolist(), (last + 1 - begin).tolist()
        for row in np.flatnonzero(hit).tolist():
            mask[row, int(starts[row]) : int(stops[row])] = True
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
