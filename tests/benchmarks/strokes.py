"""Where a careful hand draws: the one brush stroke that repairs most of a wrong region."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Gains = NDArray[np.int8]

_SIZES = (1, 3, 5, 7, 9, 11, 15, 21, 29, 41, 57, 81, 115, 161, 227, 321)
"""Diameters in pixels, odd ones: they lie evenly around a pixel."""

_SLIPS = (0.0, 2.0)
"""By how many pixels a stroke may reach over the edge: a hand trades that for a wider brush."""

_HUGGING = 1.5  # pixels from the edge that a stroke along it may stray
_WIDE = 1.5  # times the brush: a place so much wider is for a wider brush
_WORSE = 2  # brushes one after the other that do less than a wider one: narrower ones will, too


@dataclass(frozen=True, slots=True)
class Stroke:
    """A drag through ``way``, points (y, x), with a round brush of diameter ``size``.

    ``gain`` is how many pixels more are right after it.
    """

    way: tuple[tuple[int, int], ...]
    size: int
    gain: int

    @property
    def length(self) -> float:
        """Of its way, in pixels."""
        return sum(math.dist(start, end) for start, end in pairwise(self.way))


def best_stroke(wrong: Mask, safe: Mask, gains: Gains, longest: int) -> Stroke | None:
    """The stroke that makes most of the image right, among those that touch ``wrong``.

    All arrays are (H, W). ``safe`` is true where the category may be painted, ``gains`` says what
    painting a pixel does: 1 it gets right, −1 it gets wrong, 0 nothing. Candidates are drawn with
    each of some brushes along the middle of where the brush fits, and along its edge; of branches
    the longest way through is followed, at most ``longest`` pixels of it where it does most, and
    the brush keeps its width. ``None`` if none helps.
    """
    rows, columns = np.flatnonzero(wrong.any(1)), np.flatnonzero(wrong.any(0))
    if not len(rows):
        return None
    sizes = _sizes_for(rows, columns)
    reach = sizes[0] // 2
    top, left = max(int(rows[0]) - reach, 0), max(int(columns[0]) - reach, 0)
    box = np.s_[top : rows[-1] + reach + 1, left : columns[-1] + reach + 1]
    wrong, safe, gains = wrong[box], safe[box], gains[box]
    to_edge, to_wrong = _distance_within(safe), _distance_to(wrong)
    best: Stroke | None = None
    for slip in _SLIPS:
        worse = 0
        for size in (size for size in sizes if size / 2 > slip):
            gain = 0
            for whole in _ways(to_edge, to_wrong, size, slip):
                way = best_section(whole, size, gains, longest)
                own = int(gains[swath(way, size, gains.shape)].sum(dtype=np.int64))
                gain = max(gain, own)
                if own > (0 if best is None else best.gain):
                    best = Stroke(tuple((y + top, x + left) for y, x in way), size, own)
                    worse = -1
            worse += gain > 0
            if worse == _WORSE:
                break
    return best


def _sizes_for(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> list[int]:
    """The brushes to try, the widest first: none much wider than the region."""
    extent = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    return [size for size in reversed(_SIZES) if size <= 2 * extent + 9]


def _ways(
    to_edge: NDArray[np.float32], to_wrong: NDArray[np.float32], size: int, slip: float
) -> Iterator[list[tuple[int, int]]]:
    """Along the edge, and through the middle where that isn't too wide."""
    centres = (to_edge > size / 2 - slip) & (to_wrong <= size / 2)
    if not centres.any():
        return
    ways = [centres & (to_edge <= size / 2 - slip + _HUGGING)]
    if to_edge[centres].max() <= size * _WIDE:
        ways.append(centres)
    for region in ways:
        way = longest_way(thinned(region))
        if way:
            yield way


def best_section(
    way: list[tuple[int, int]], size: int, gains: Gains, longest: int
) -> list[tuple[int, int]]:
    """The part of ``way``, at most ``longest`` points of it, along which a brush gains most."""
    if len(way) <= longest:
        return way
    points = np.ones(gains.shape, np.uint8)
    rows, columns = np.array(way).T
    points[rows, columns] = 0
    distance, nearest = cv2.distanceTransformWithLabels(
        points, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    covered = distance <= size / 2
    each = np.bincount(nearest[covered], gains[covered], minlength=len(way) + 1)
    sums = np.concatenate([[0], np.cumsum(each[nearest[rows, columns]])])
    begin = int(np.argmax(sums[longest:] - sums[:-longest]))
    return way[begin : begin + longest]


def swath(way: list[tuple[int, int]], size: int, shape: tuple[int, int]) -> Mask:
    """What a round brush covers on ``way``, whose points are neighbours; bool of ``shape``."""
    points = np.zeros(shape, np.bool_)
    points[tuple(np.array(way).T)] = True
    return _distance_to(points) <= size / 2


def thinned(region: Mask) -> Mask:
    """Its middle lines, one pixel wide, connected as the region is.

    Zhang and Suen, "A fast parallel algorithm for thinning digital patterns", 1984.
    """
    pixels = cv2.copyMakeBorder(region.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    while True:
        before = np.count_nonzero(pixels)
        for table in _THINNING:
            around = cv2.filter2D(pixels, cv2.CV_8U, _AROUND)
            pixels &= cv2.LUT(around, table)
        if np.count_nonzero(pixels) == before:
            return pixels[1:-1, 1:-1] > 0


def longest_way(lines: Mask) -> list[tuple[int, int]]:
    """The longest way without a detour through the largest connected part of thin ``lines``."""
    count, numbered, stats, _ = cv2.connectedComponentsWithStats(
        lines.astype(np.uint8), connectivity=8
    )
    if count < 2:
        return []
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    pixels = {(int(y), int(x)) for y, x in np.argwhere(numbered == largest)}
    end = _walk(min(pixels), pixels)[-1]
    return _walk(end, pixels)


def _walk(start: tuple[int, int], pixels: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """The shortest way from ``start`` to the pixel that is farthest from it."""
    origin: dict[tuple[int, int], tuple[int, int] | None] = {start: None}
    queue = deque([start])
    last = start
    while queue:
        last = queue.popleft()
        y, x = last
        for dy, dx in _NEIGHBOURS:
            near = (y + dy, x + dx)
            if near in pixels and near not in origin:
                origin[near] = last
                queue.append(near)
    way: list[tuple[int, int]] = []
    here: tuple[int, int] | None = last
    while here is not None:
        way.append(here)
        here = origin[here]
    return way[::-1]


def _distance_to(mask: Mask) -> NDArray[np.float32]:
    """To the nearest true pixel, in pixels."""
    return np.asarray(
        cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    )


def _distance_within(mask: Mask) -> NDArray[np.float32]:
    """To the nearest false pixel; outside the image there is none."""
    return _distance_to(~mask)


# From the pixel above on, clockwise: Zhang and Suen's P2 … P9.
_RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
_NEIGHBOURS = tuple(sorted(_RING, key=lambda step: abs(step[0]) + abs(step[1])))


def _ring_weights() -> NDArray[np.float32]:
    weights = np.zeros((3, 3), np.float32)
    for bit, (dy, dx) in enumerate(_RING):
        weights[1 + dy, 1 + dx] = 1 << bit
    return weights


def _thinning_tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For each half of a round, whether a pixel with such neighbours stays."""
    tables = []
    for first, second in (((0, 2, 4), (2, 4, 6)), ((0, 2, 6), (0, 4, 6))):
        table = np.ones(256, np.uint8)
        for code in range(256):
            ring = [code >> bit & 1 for bit in range(8)]
            changes = sum(not ring[i] and ring[(i + 1) % 8] for i in range(8))
            if (
                2 <= sum(ring) <= 6
                and changes == 1
                and not all(ring[i] for i in first)
                and not all(ring[i] for i in second)
            ):
                table[code] = 0
        tables.append(table)
    return tables[0], tables[1]


_AROUND = _ring_weights()
_THINNING = _thinning_tables()
