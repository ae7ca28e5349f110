"""Polygons and ellipses: a pixel belongs to a shape when its centre does."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.geometry import Region
from seglabel.core.raster import ellipse, polygon

SIZE = 40
coordinates = st.integers(0, 78).map(lambda value: value / 2 + 0.25)  # never on a pixel centre
corners = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9)


def on_canvas(region: Region, mask: np.ndarray) -> np.ndarray:
    canvas = np.zeros((SIZE, SIZE), bool)
    canvas[region.slices] = mask
    return canvas


def inside(points, y: float, x: float) -> bool:
    """Whether a ray to the right crosses the outline an odd number of times."""
    found = False
    for (y0, x0), (y1, x1) in zip(points, points[1:] + points[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            found = not found
    return found


@given(corners)
def test_a_polygon_holds_exactly_the_pixels_whose_centre_lies_inside(points):
    drawn = on_canvas(*polygon(points))
    for y in range(SIZE):
        for x in range(SIZE):
            assert drawn[y, x] == inside(points, y, x), (y, x)


def test_two_polygons_with_a_side_in_common_neither_overlap_nor_leave_a_gap():
    first = on_canvas(*polygon([(0, 0), (0, 20), (30, 5), (30, 0)]))
    second = on_canvas(*polygon([(0, 20), (0, 30), (30, 30), (30, 5)]))
    assert not (first & second).any()
    assert (first | second)[:30, :30].all()


def test_a_line_encloses_nothing():
    for points in (
        [],
        [(1.0, 1.0)],
        [(1.0, 1.0), (9.0, 9.0)],
        [(3.2, 1.0), (3.4, 9.0), (3.6, 5.0)],
    ):
        region, mask = polygon(points)
        assert region.is_empty and not mask.size


def test_a_polygon_may_reach_over_the_border():
    region, mask = polygon([(-5, -5), (-5, 5), (5, 5), (5, -5)])
    assert region == Region(-5, -5, 5, 5) and mask.all()


@given(st.integers(1, 30), st.integers(1, 30))
def test_an_ellipse_touches_all_sides_and_is_symmetric(height: int, width: int):
    region, mask = ellipse(Region(3, 2, 3 + height, 2 + width))
    assert region == Region(3, 2, 3 + height, 2 + width)
    assert mask[:, width // 2].all() and mask[height // 2].all()
    assert np.array_equal(mask, mask[::-1]) and np.array_equal(mask, mask[:, ::-1])
    assert abs(mask.sum() - np.pi / 4 * height * width) <= 0.2 * height * width + 3
