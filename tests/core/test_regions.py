"""Connected regions against a fill that anybody can follow."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from seglabel.core.geometry import Region
from seglabel.core.regions import components, flood_region

shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)
label_maps = hnp.arrays(np.uint8, shapes, elements=st.sampled_from([0, 1, 2, 255]))
masks = hnp.arrays(np.bool_, shapes)
EDGES = ((0, 1), (1, 0), (0, -1), (-1, 0))
CORNERS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def reached(same: NDArray[np.bool_], start: tuple[int, int], steps) -> set[tuple[int, int]]:
    """Pixels to which one can walk from ``start`` over pixels of ``same``."""
    seen, waiting = {start}, [start]
    while waiting:
        y, x = waiting.pop()
        for down, right in steps:
            at = y + down, x + right
            if at not in seen and Region.whole(same.shape).contains(*at) and same[at]:
                seen.add(at)
                waiting.append(at)
    return seen


@given(label_maps, st.data())
def test_a_flood_reaches_what_a_walk_over_edges_reaches(labels, data):
    y = data.draw(st.integers(0, labels.shape[0] - 1))
    x = data.draw(st.integers(0, labels.shape[1] - 1))
    before = labels.copy()
    region, mask = flood_region(labels, y, x)
    found = {(region.top + int(r), region.left + int(c)) for r, c in np.argwhere(mask)}
    assert found == reached(labels == labels[y, x], (y, x), EDGES)
    assert mask.shape == (region.height, region.width)
    assert np.array_equal(labels, before)


def test_a_flood_does_not_slip_through_corners():
    labels = np.eye(4, dtype=np.uint8)
    region, mask = flood_region(labels, 1, 1)
    assert region == Region(1, 1, 2, 2)
    assert mask.tolist() == [[True]]


def test_a_flood_accepts_a_label_map_that_is_a_view():
    labels = np.zeros((8, 8), np.uint8)[::2, ::-1]
    region, mask = flood_region(labels, 0, 0)
    assert region == Region.whole(labels.shape)
    assert mask.all()


@given(masks)
def test_components_join_pixels_that_touch_by_edge_or_corner(mask):
    numbered, found = components(mask)
    assert np.array_equal(numbered > 0, mask)
    for index, (region, count) in enumerate(found, start=1):
        own = {(int(y), int(x)) for y, x in np.argwhere(numbered == index)}
        assert own == reached(mask, min(own), EDGES + CORNERS)
        ys, xs = zip(*own, strict=True)
        assert region == Region(min(ys), min(xs), max(ys) + 1, max(xs) + 1)
        assert count == len(own)


@given(masks)
def test_components_are_numbered_as_reading_rows_meets_them(mask):
    numbered, found = components(mask)
    met = [int(value) for value in dict.fromkeys(numbered[numbered > 0])]
    assert met == list(range(1, len(found) + 1))


@pytest.mark.parametrize("height", [600, 1200])
def test_large_masks_are_numbered_by_rows_too(height: int):
    # Tall enough for OpenCV to label it in parallel stripes, which numbers by stripe and parity.
    mask = np.zeros((height, 40), bool)
    mask[::4, ::4] = True
    numbered, found = components(mask)
    assert np.array_equal(numbered[mask], np.arange(1, len(found) + 1))


def test_flooding_neither_changes_nor_copies_labels_that_may_only_be_read():
    labels = np.zeros((2000, 1500), np.uint8)
    labels[1000:, 700] = 3
    before = labels.copy()
    labels.flags.writeable = False
    tracemalloc.start()
    try:
        region, mask = flood_region(labels, 0, 0)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert region == Region.whole(labels.shape) and np.array_equal(mask, before == 0)
    assert np.array_equal(labels, before)
    assert most < 1.5 * labels.size  # the mask alone


def test_a_part_of_a_label_map_is_flooded_for_itself():
    labels = np.tile(np.array([0, 1], np.uint8), (6, 5))
    region, mask = flood_region(labels[:, ::2], 2, 2)
    assert region == Region(0, 0, 6, 5) and mask.all()
