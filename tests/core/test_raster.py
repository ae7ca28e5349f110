"""Brushes: exact pixels, no gaps, whatever the pointer does."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seglabel.core.raster import capsule

CANVAS = 64
NEAR = 1e-4  # closer to the outline than this, rounding may decide

places = st.floats(15, 48, allow_nan=False).map(lambda value: round(value, 2))
points = st.tuples(places, places)
halves = st.integers(30, 96).map(lambda value: value / 2)
snapped = st.tuples(halves, halves)
diameters = st.one_of(st.integers(1, 25), st.floats(1, 25).map(lambda value: round(value, 1)))


def drawn(start, end, diameter, shape) -> NDArray[np.bool_]:
    """The capsule on a canvas that holds all of it."""
    region, mask = capsule(start, end, diameter, shape)
    canvas = np.zeros((CANVAS, CANVAS), bool)
    assert mask.shape == (region.height, region.width)
    canvas[region.slices] = mask
    assert canvas.sum() == mask.sum(), "the test's canvas is too small"
    return canvas


def distance_to_segment(start, end) -> NDArray[np.float64]:
    """From every pixel centre, float (H, W)."""
    centres = np.stack(np.mgrid[:CANVAS, :CANVAS], axis=-1).astype(float)
    a, b = np.array(start), np.array(end)
    along = b - a
    length = float(along @ along)
    t = np.clip((centres - a) @ along / max(length, 1e-12), 0, 1)
    return np.linalg.norm(centres - (a + t[..., None] * along), axis=-1)


def time_within(gap: NDArray[np.float64], step: float, radius: float):
    """When |gap − t · step| ≤ radius, as (first t, last t); (1, 0) where never."""
    if abs(step) < 1e-12:
        inside = np.abs(gap) <= radius
        return np.where(inside, 0.0, 1.0), np.where(inside, 1.0, 0.0)
    one, two = (gap - radius) / step, (gap + radius) / step
    return np.minimum(one, two), np.maximum(one, two)


def swept_square(start, end, radius) -> NDArray[np.bool_]:
    """Pixels whose centre a square meets on its way: tested axis by axis over the time 0 … 1."""
    ys, xs = np.mgrid[:CANVAS, :CANVAS].astype(float)
    y_first, y_last = time_within(ys - start[0], end[0] - start[0], radius)
    x_first, x_last = time_within(xs - start[1], end[1] - start[1], radius)
    first = np.maximum(np.maximum(y_first, x_first), 0)
    return first <= np.minimum(np.minimum(y_last, x_last), 1)


@pytest.mark.parametrize(
    ("diameter", "pixels"), [(1, 1), (2, 4), (3, 9), (4, 12), (5, 21), (6, 32), (7, 37), (8, 52)]
)
def test_a_round_dab_has_exactly_these_pixels(diameter: int, pixels: int):
    at = 20.0 if diameter % 2 else 20.5
    assert drawn((at, at), (at, at), diameter, "round").sum() == pixels


@pytest.mark.parametrize("diameter", range(1, 12))
def test_a_square_dab_has_as_many_rows_and_columns_as_its_size(diameter: int):
    at = 20.0 if diameter % 2 else 20.5
    region, mask = capsule((at, at), (at, at), diameter, "square")
    assert mask.all()
    assert (region.height, region.width) == (diameter, diameter)


@pytest.mark.parametrize("shape", ["round", "square"])
@pytest.mark.parametrize("diameter", range(1, 30))
def test_a_dab_is_alike_in_all_eight_directions(diameter: int, shape: str):
    at = 20.0 if diameter % 2 else 20.5
    _, mask = capsule((at, at), (at, at), diameter, shape)
    for turned in (mask[::-1], mask[:, ::-1], mask.T):
        assert np.array_equal(mask, turned)


def test_the_narrowest_brush_paints_single_lines():
    assert drawn((10, 10), (10, 30), 1, "round").sum() == 21
    assert drawn((10, 10), (30, 10), 1, "square").sum() == 21
    diagonal = drawn((10, 10), (30, 30), 1, "round")
    assert np.array_equal(np.argwhere(diagonal), [[i, i] for i in range(10, 31)])


@given(points, points, diameters)
def test_a_round_stroke_covers_the_centres_within_its_radius(start, end, diameter):
    distance = distance_to_segment(start, end)
    covered = drawn(start, end, diameter, "round")
    certain = np.abs(distance - diameter / 2) > NEAR
    assert np.array_equal(covered[certain], (distance <= diameter / 2)[certain])


@given(snapped, snapped, st.integers(1, 25))
def test_centres_exactly_on_a_round_outline_are_inside(start, end, diameter):
    distance = distance_to_segment(start, end)
    on_outline = np.abs(distance - diameter / 2) < 1e-9
    assert drawn(start, end, diameter, "round")[on_outline].all()


@given(points, points, diameters)
def test_a_square_stroke_covers_the_centres_that_the_square_meets(start, end, diameter):
    covered = drawn(start, end, diameter, "square")
    certainly_in = swept_square(start, end, diameter / 2 - NEAR)
    possibly_in = swept_square(start, end, diameter / 2 + NEAR)
    assert not (certainly_in & ~covered).any()
    assert not (covered & ~possibly_in).any()


@given(points, points, diameters, st.sampled_from(["round", "square"]))
def test_a_stroke_is_the_same_in_both_directions(start, end, diameter, shape):
    assert np.array_equal(drawn(start, end, diameter, shape), drawn(end, start, diameter, shape))


@given(
    st.lists(snapped, min_size=2, max_size=6),
    st.integers(1, 12),
    st.sampled_from(["round", "square"]),
)
def test_joined_dabs_leave_no_gap(way, diameter, shape):
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    for start, end in pairwise(way):
        canvas |= drawn(start, end, diameter, shape)
    count, _ = cv2.connectedComponents(canvas, connectivity=8)
    assert count == 2  # one component and the background


@given(points, points, st.sampled_from(["round", "square"]))
def test_a_brush_of_no_size_still_paints_like_the_narrowest(start, end, shape):
    assert np.array_equal(drawn(start, end, 0, shape), drawn(start, end, 1, shape))


def test_a_dab_that_meets_no_pixel_centre_is_empty():
    region, mask = capsule((20.5, 20.5), (20.5, 20.5), 1, "round")
    assert region.is_empty
    assert mask.shape == (region.height, region.width)


def test_a_stroke_may_leave_the_image():
    region, mask = capsule((-20.0, -30.0), (-5.0, 3.0), 7, "round")
    assert region.top < 0 > region.left
    assert mask.shape == (region.height, region.width)
