"""Exact polygons: every mask comes back pixel for pixel, holes and single pixels included."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from seglabel.formats.contours import Ring, exact_polygons

# pycocotools 2.0 speaks to numpy 2 in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")

CELL = 6  # a mask of 4 × 4 with clear pixels around it
ACROSS = 256  # cells in a row


@pytest.fixture(scope="module")
def all_masks() -> NDArray[np.bool_]:
    """All 65,536 masks of 4 × 4, bool (65536, 4, 4)."""
    numbers = np.arange(1 << 16, dtype=np.uint32)
    return (numbers[:, None] >> np.arange(16) & 1).astype(bool).reshape(-1, 4, 4)


@pytest.fixture(scope="module")
def sheet(all_masks) -> NDArray[np.bool_]:
    """All of them side by side in one picture."""
    cells = np.pad(all_masks, ((0, 0), (1, 1), (1, 1))).reshape(ACROSS, ACROSS, CELL, CELL)
    return cells.transpose(0, 2, 1, 3).reshape(ACROSS * CELL, ACROSS * CELL)


def edges(rings: list[Ring]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end corners (n, 2) as (x, y) of every edge of every ring."""
    starts = np.array([corner for ring in rings for corner in ring])
    ends = np.array([corner for ring in rings for corner in (*ring[1:], ring[0])])
    return starts, ends


def raster(rings: list[Ring], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Even-odd fill: toggle a bit along each horizontal edge, then XOR down the columns."""
    if not rings:
        return np.zeros(shape, bool)
    (xa, ya), (xb, yb) = (points.T for points in edges(rings))
    flat = (ya == yb) & (xa != xb)
    toggles = np.zeros((shape[0] + 1, shape[1] + 1), np.int64)
    np.add.at(toggles, (ya[flat], np.minimum(xa, xb)[flat]), 1)
    np.add.at(toggles, (ya[flat], np.maximum(xa, xb)[flat]), -1)
    inside = np.cumsum(toggles, axis=1).cumsum(axis=0) % 2 == 1
    return inside[:-1, :-1]


def area(ring: Ring) -> int:
    """Of one ring, by the shoelace formula; its holes run the other way and so count against it."""
    following = (*ring[1:], ring[0])
    corners = zip(ring, following, strict=True)
    return abs(sum(xa * yb - xb * ya for (xa, ya), (xb, yb) in corners)) // 2


def as_coco(rings: list[Ring]) -> list[list[int]]:
    return [[value for corner in ring for value in corner] for ring in rings]


def by_pycocotools(rings: list[Ring], height: int, width: int) -> NDArray[np.bool_]:
    if not rings:
        return np.zeros((height, width), bool)
    runs = coco_mask.frPyObjects(as_coco(rings), height, width)
    return coco_mask.decode(coco_mask.merge(runs)).astype(bool)


@pytest.fixture(scope="module", params=[True, False], ids=["8-connected", "4-connected"])
def outlined(request, sheet) -> tuple[bool, list[Ring]]:
    """Whether corners connect, and the rings of the whole sheet."""
    return request.param, exact_polygons(sheet, corners_connect=request.param)


def test_all_masks_of_4_by_4_come_back(outlined, sheet):
    _, rings = outlined
    assert np.array_equal(raster(rings, sheet.shape), sheet)


def test_pycocotools_agrees_on_all_masks_of_4_by_4(outlined, all_masks):
    _, rings = outlined
    cells: list[list[Ring]] = [[] for _ in all_masks]
    for ring in rings:
        row, column = ring[0][1] // CELL, ring[0][0] // CELL
        left, top = column * CELL + 1, row * CELL + 1
        cells[row * ACROSS + column].append([(x - left, y - top) for x, y in ring])
    for mask, own in zip(all_masks, cells, strict=True):
        assert np.array_equal(by_pycocotools(own, 4, 4), mask)


def test_there_is_one_ring_for_each_component_and_it_has_its_area(outlined, sheet):
    corners_connect, rings = outlined
    count, _, stats, _ = cv2.connectedComponentsWithStats(
        sheet.astype(np.uint8), connectivity=8 if corners_connect else 4
    )
    assert len(rings) == count - 1
    assert sorted(map(area, rings)) == sorted(stats[1:, cv2.CC_STAT_AREA].tolist())


@pytest.mark.parametrize("corners_connect", [True, False])
def test_a_mask_alone_gives_the_same_rings_as_among_others(all_masks, corners_connect):
    # The sheet above is one call; this shows that a call for each mask is no different.
    for mask in all_masks[:: 1 << 6]:
        rings = exact_polygons(mask, corners_connect=corners_connect)
        assert np.array_equal(raster(rings, (4, 4)), mask)
        assert np.array_equal(by_pycocotools(rings, 4, 4), mask)


@given(
    hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)),
    st.booleans(),
)
def test_any_small_mask_comes_back(mask, corners_connect):
    rings = exact_polygons(mask, corners_connect=corners_connect)
    assert np.array_equal(raster(rings, mask.shape), mask)
    assert np.array_equal(by_pycocotools(rings, *mask.shape), mask)


@pytest.mark.parametrize("corners_connect", [True, False])
def test_random_masks_up_to_39_by_39_come_back(corners_connect):
    noise = np.random.default_rng(0)
    for _ in range(150):
        height, width = noise.integers(1, 40, 2)
        mask = noise.random((height, width)) < noise.choice([0.1, 0.5, 0.9])
        rings = exact_polygons(mask, corners_connect=corners_connect)
        assert np.array_equal(raster(rings, mask.shape), mask)
        assert np.array_equal(by_pycocotools(rings, height, width), mask)


def test_a_ring_with_an_island_comes_back_as_two_polygons():
    mask = np.zeros((20, 20), bool)
    mask[2:18, 2:18] = True
    mask[5:15, 5:15] = False
    mask[8:12, 8:12] = True
    rings = exact_polygons(mask)
    assert [area(ring) for ring in rings] == [256 - 100, 16]
    assert np.array_equal(by_pycocotools(rings, 20, 20), mask)


def test_a_diagonal_line_is_one_part_or_many_as_asked():
    line = np.eye(30, dtype=bool)
    assert len(exact_polygons(line)) == 1
    assert len(exact_polygons(line, corners_connect=False)) == 30


def test_an_empty_mask_has_no_polygon_and_a_full_one_four_corners():
    assert exact_polygons(np.zeros((5, 7), bool)) == []
    assert [sorted(ring) for ring in exact_polygons(np.ones((5, 7), bool))] == [
        [(0, 0), (0, 5), (7, 0), (7, 5)]
    ]


def test_polygons_come_in_the_order_of_their_topmost_corners():
    mask = np.zeros((10, 30), bool)
    for top, left in ((4, 2), (1, 20), (1, 9)):
        mask[top : top + 2, left : left + 2] = True
    assert [min((y, x) for x, y in ring) for ring in exact_polygons(mask)] == [
        (1, 9),
        (1, 20),
        (4, 2),
    ]
