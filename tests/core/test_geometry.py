"""Regions: the algebra that painting and redrawing rely on."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.geometry import Region, union

SHAPE = (12, 15)
coordinates = st.integers(-5, 20)
regions = st.builds(Region, coordinates, coordinates, coordinates, coordinates)
sizes = st.integers(1, 12)
filled = st.builds(
    lambda top, left, height, width: Region(top, left, top + height, left + width),
    coordinates,
    coordinates,
    sizes,
    sizes,
)


def pixels(region: Region) -> set[tuple[int, int]]:
    return {
        (y, x) for y in range(region.top, region.bottom) for x in range(region.left, region.right)
    }


@given(regions)
def test_area_counts_the_pixels(region: Region):
    assert region.area == len(pixels(region))
    assert region.is_empty == (region.area == 0)


@given(regions, regions)
def test_the_intersection_holds_the_pixels_in_common(first: Region, second: Region):
    assert pixels(first & second) == pixels(first) & pixels(second)
    assert first & second == second & first


@given(filled, filled)
def test_the_union_is_the_smallest_region_around_both(first: Region, second: Region):
    both = first | second
    assert pixels(first) | pixels(second) <= pixels(both)
    ys, xs = zip(*(pixels(first) | pixels(second)), strict=True)
    assert both == Region(min(ys), min(xs), max(ys) + 1, max(xs) + 1)


@given(filled, filled, filled)
def test_unions_and_intersections_may_be_grouped_freely(a: Region, b: Region, c: Region):
    assert (a | b) | c == a | (b | c)
    assert pixels((a & b) & c) == pixels(a & (b & c))


@given(filled)
def test_nothing_is_neutral_in_a_union(region: Region):
    assert union(None, region) == union(region, None) == region
    assert union(region, region) == region
    assert union(None, None) is None


@given(regions)
def test_clipping_leaves_the_pixels_inside_an_array(region: Region):
    inside = region.clipped(SHAPE)
    assert pixels(inside) == pixels(region) & pixels(Region.whole(SHAPE))
    if not inside.is_empty:
        assert np.zeros(SHAPE)[inside.slices].shape == (inside.height, inside.width)


@given(filled, st.integers(0, 4))
def test_growing_and_shrinking_cancel(region: Region, margin: int):
    grown = region.grown(margin)
    assert grown.grown(-margin) == region
    assert pixels(region) <= pixels(grown)
    assert (grown.height, grown.width) == (region.height + 2 * margin, region.width + 2 * margin)


@given(regions, regions)
def test_relative_regions_keep_their_size_and_shift_to_the_origin(region: Region, origin: Region):
    relative = region.relative_to(origin)
    assert (relative.height, relative.width) == (region.height, region.width)
    assert origin.relative_to(origin).top == origin.relative_to(origin).left == 0
    assert pixels(relative) == {(y - origin.top, x - origin.left) for y, x in pixels(region)}


@given(regions, coordinates, coordinates)
def test_a_point_is_contained_exactly_where_there_is_a_pixel(region: Region, y: int, x: int):
    assert region.contains(y, x) == ((y, x) in pixels(region))


def test_the_first_row_and_column_belong_to_a_region_and_the_ends_do_not():
    region = Region(2, 3, 5, 9)
    assert region.contains(2, 3)
    assert region.contains(4.9, 8.9)
    assert not any(region.contains(y, x) for y, x in [(5, 3), (2, 9), (1.9, 3), (2, 2.9)])


def test_the_whole_of_a_picture_leaves_its_channels_out():
    assert Region.whole((4, 5, 3)) == Region(0, 0, 4, 5)
