"""Polygons that give back exactly the pixels they were made from.

A pixel at row r, column c is the square [c, c+1] × [r, r+1], as pycocotools has it. Rings run along
pixel edges; a hole is joined to the ring around it by a bridge that is walked twice, so that it
cancels out wherever a polygon is filled by the even-odd rule.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Ring = list[tuple[int, int]]


def exact_polygons(mask: Mask, *, corners_connect: bool = True) -> list[Ring]:
    """One closed ring of (x, y) corners per connected component of ``mask`` (bool, H × W).

    With ``corners_connect`` pixels that touch by a corner belong together. The last corner is not
    repeated. Components come in the order of their topmost, then leftmost corner.
    """
    padded = np.pad(mask, 1)
    ys, xs, opens_down = _corners(padded)
    across = _horizontal_partners(ys)
    along = _vertical_partners(ys, xs, opens_down, padded, corners_connect)
    outer: dict[int, Ring] = {}
    holes: list[tuple[int, Ring]] = []
    owners = _owners(padded, corners_connect)
    seen = np.zeros(len(ys), bool)
    for start in range(len(ys)):
        if seen[start]:
            continue
        ring = _walk(start, ys, xs, across, along, seen)
        x, y = ring[0]
        if padded[y + 1, x + 1]:
            outer[int(owners[y + 1, x + 1])] = ring
        else:
            holes.append((int(owners[y, x + 1]), ring))
    for owner, hole in holes:
        _bridge(outer[owner], hole)
    return list(outer.values())


def _corners(
    padded: Mask,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]:
    """All turning points, row by row, a crossing counted twice: y, x and which copy it is.

    The third array is 0 for a plain corner, 1 for the first copy of a crossing, 2 for the second.
    """
    a, b = padded[:-1, :-1], padded[:-1, 1:]
    c, d = padded[1:, :-1], padded[1:, 1:]
    count = a.astype(np.int8) + b + c + d
    saddle = (count == 2) & (a == d)
    repeats = ((count == 1) | (count == 3)).astype(np.int8) + 2 * saddle
    ys, xs = np.nonzero(repeats)
    times = repeats[ys, xs]
    ys, xs, doubled = np.repeat(ys, times), np.repeat(xs, times), np.repeat(times == 2, times)
    copy = np.zeros(len(ys), np.int8)
    first = doubled & np.concatenate([[True], (ys[1:] != ys[:-1]) | (xs[1:] != xs[:-1])])[: len(ys)]
    copy[doubled] = 2
    copy[first] = 1
    return ys, xs, copy


def _horizontal_partners(ys: NDArray[np.int64]) -> NDArray[np.int64]:
    """In each row of corners they pair off from the left."""
    return np.arange(len(ys)) ^ 1  # rows hold even numbers of corners, so pairs never cross rows


def _vertical_partners(
    ys: NDArray[np.int64],
    xs: NDArray[np.int64],
    copy: NDArray[np.int8],
    padded: Mask,
    corners_connect: bool,
) -> NDArray[np.int64]:
    """In each column they pair off from the top; at a crossing the connectivity decides who is up.

    The first copy of a crossing owns the edge to its left, the second the one to its right.
    """
    falling = padded[ys, xs]  # at a crossing: whether the pixels up-left and down-right are set
    # Keeping set pixels apart joins left with up where they lie on the falling diagonal.
    first_is_up = falling != corners_connect
    below = np.where(copy == 0, 0, np.where((copy == 1) == first_is_up, 0, 1))
    order = np.lexsort((below, ys, xs))
    partner = np.empty(len(ys), np.int64)
    partner[order[0::2]] = order[1::2]
    partner[order[1::2]] = order[0::2]
    return partner


def _owners(padded: Mask, corners_connect: bool) -> NDArray[np.int32]:
    connectivity = 8 if corners_connect else 4
    _, numbered = cv2.connectedComponents(padded.astype(np.uint8), connectivity=connectivity)
    return np.asarray(numbered, np.int32)


def _walk(
    start: int,
    ys: NDArray[np.int64],
    xs: NDArray[np.int64],
    across: NDArray[np.int64],
    along: NDArray[np.int64],
    seen: NDArray[np.bool_],
) -> Ring:
    ring: Ring = []
    at = start
    while not seen[at]:
        for corner in (at, int(across[at])):
            seen[corner] = True
            ring.append((int(xs[corner]), int(ys[corner])))
        at = int(along[across[at]])
    return ring


def _bridge(ring: Ring, hole: Ring) -> None:
    """Append a hole to a ring by a way there and the same way back.

    Holes run against their ring, so that readers which fill by winding leave them open too.
    """
    start, (x, _) = ring[0], hole[0]
    turn = (x, start[1])
    ring += [start, turn, hole[0], *reversed(hole), turn]
