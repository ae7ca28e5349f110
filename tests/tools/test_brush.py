"""Brush and eraser: what a stroke paints, from press to release."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.document import Document
from seglabel.core.geometry import Region
from seglabel.core.status import Status
from seglabel.tools import Brush, Pointer
from seglabel.tools.brush import snap

coordinates = st.floats(-10, 70, allow_nan=False)
points = st.tuples(coordinates, coordinates)
shapes = st.sampled_from(["round", "square"])


@pytest.mark.parametrize(("size", "pixels"), [(1, 1), (2, 4), (3, 9), (5, 21)])
def test_a_click_paints_one_dab_of_exactly_that_size(hold, size: int, pixels: int):
    document = Document.blank(40, 40)
    hold(document, "brush", brush=Brush(size)).click((20.3, 19.8))
    assert np.count_nonzero(document.labels == 5) == pixels
    assert np.array_equal(document.painted, document.labels == 5)
    assert document.status is Status.CORRECTED


@given(st.lists(points, min_size=1, max_size=6), st.integers(1, 12), shapes)
def test_a_fast_stroke_leaves_no_gap(hold, way, size, shape):
    # The image is larger than the way, so that its border cuts nothing off.
    document = Document.blank(110, 110)
    moved = [(y + 25, x + 25) for y, x in way]
    hold(document, "brush", brush=Brush(size, shape)).drag(*moved)
    count, _ = cv2.connectedComponents(document.labels, connectivity=8)
    assert count == 2


@given(st.lists(points, min_size=1, max_size=6), st.integers(1, 12), shapes)
def test_every_changed_pixel_lies_in_a_region_to_redraw(hold, way, size, shape):
    document = Document.blank(60, 60)
    redrawn = np.zeros((60, 60), bool)
    hand = hold(document, "brush", brush=Brush(size, shape))
    hand.drag(*way)
    for region in hand.regions:
        if region is not None:
            redrawn[region.slices] = True
    assert redrawn[document.labels != 0].all()


@given(st.lists(points, min_size=1, max_size=4), st.integers(1, 12), shapes)
def test_a_whole_stroke_is_one_step_of_undo(hold, way, size, shape):
    document = Document.blank(60, 60)
    document.labels[:] = 2
    hold(document, "brush", brush=Brush(size, shape)).drag(*way)
    document.undo()
    assert (document.labels == 2).all()
    assert not document.painted.any()
    assert not document.history.can_undo


def test_holding_still_paints_nothing_more(hold):
    hand = hold(Document.blank(40, 40), "brush", brush=Brush(5))
    hand.drag((20, 20), (20.2, 19.9), (20.1, 20.1))
    assert hand.regions == [Region(18, 18, 23, 23), None, None, None]


def test_a_stroke_given_up_does_not_join_the_next_one(hold):
    document = Document.blank(40, 40)
    hand = hold(document, "brush", brush=Brush(1))
    hand.press((1, 1))
    hand.cancel()
    hand.click((30, 30))
    assert np.argwhere(document.labels).tolist() == [[30, 30]]


def test_the_eraser_paints_background_and_that_is_a_persons_decision(hold):
    document = Document.blank(20, 20)
    document.labels[:] = 3
    hold(document, "eraser", brush=Brush(3)).click((10, 10))
    assert np.count_nonzero(document.labels == 0) == 9
    assert np.count_nonzero(document.painted) == 9


def test_a_brush_beside_the_image_paints_nothing(hold):
    document = Document.blank(20, 20)
    hand = hold(document, "brush", brush=Brush(9))
    hand.drag((-50, -50), (-50, 90))
    assert hand.regions == [None, None, None]
    assert not document.history.can_undo


def test_a_pen_paints_as_wide_as_it_is_pressed_hard(hold):
    document = Document.blank(60, 60)
    hand = hold(document, "brush", brush=Brush(20))
    hand.press((30, 10), pressure=0.05)
    hand.move((30, 40), pressure=0.5)
    hand.release((30, 40), pressure=0.0)
    heights = np.count_nonzero(document.labels, axis=0)
    assert heights[40] == 10
    hand = hold(document, "eraser", brush=Brush(20), pressure=False)
    hand.drag((30, 10), (30, 40), pressure=0.1)
    assert not document.labels.any()


@pytest.mark.parametrize(
    ("y", "x", "size", "place"),
    [
        (3.4, 7.6, 5, (3.0, 8.0)),
        (3.5, -0.6, 1, (4.0, -1.0)),
        (3.4, 7.6, 4, (3.5, 7.5)),
        (-0.2, 7.0, 2, (-0.5, 7.5)),
    ],
)
def test_brushes_snap_to_where_they_cover_whole_pixels(y, x, size, place):
    assert snap(Pointer(y, x), size) == place


@given(st.builds(Pointer, coordinates, coordinates), st.integers(1, 40))
def test_snapping_moves_a_pointer_by_half_a_pixel_at_most(pointer: Pointer, size: int):
    y, x = snap(pointer, size)
    assert max(abs(y - pointer.y), abs(x - pointer.x)) <= 0.5


def test_a_brush_stays_within_what_is_allowed():
    assert Brush(10, "square").resized(0) == Brush(1, "square")
    assert Brush().resized(10**6).size == 4000


def test_a_stroke_reports_the_region_it_touched(hold):
    hand = hold(Document.blank(40, 40), "brush", brush=Brush(3))
    hand.drag((10, 10), (10, 20))
    assert hand.regions == [Region(9, 9, 12, 12), Region(9, 9, 12, 22), None]
