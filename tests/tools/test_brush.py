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
from seglabel.tools import Brush, Pointer, Stroke, make_tools
from seglabel.tools.brush import snap

coordinates = st.floats(-10, 70, allow_nan=False)
pointers = st.builds(Pointer, coordinates, coordinates)
shapes = st.sampled_from(["round", "square"])


def draw(document: Document, way: list[Pointer], brush: Brush, *, tool="brush", category_id=5):
    """One stroke, committed. Returns the regions to redraw."""
    chosen = make_tools()[tool]
    stroke = Stroke(document, document.begin(tool), category_id, brush)
    regions = [chosen.press(way[0], stroke)]
    regions += [chosen.move(pointer, stroke) for pointer in way[1:]]
    regions.append(chosen.release(way[-1], stroke))
    stroke.edit.commit()
    return regions


@pytest.mark.parametrize(("size", "pixels"), [(1, 1), (2, 4), (3, 9), (5, 21)])
def test_a_click_paints_one_dab_of_exactly_that_size(size: int, pixels: int):
    document = Document.blank(40, 40)
    draw(document, [Pointer(20.3, 19.8)], Brush(size))
    assert np.count_nonzero(document.labels == 5) == pixels
    assert np.array_equal(document.painted, document.labels == 5)
    assert document.status is Status.CORRECTED


@given(st.lists(pointers, min_size=1, max_size=6), st.integers(1, 12), shapes)
def test_a_fast_stroke_leaves_no_gap(way, size, shape):
    # The image is larger than the way, so that its border cuts nothing off.
    document = Document.blank(110, 110)
    moved = [Pointer(pointer.y + 25, pointer.x + 25) for pointer in way]
    draw(document, moved, Brush(size, shape))
    count, _ = cv2.connectedComponents(document.labels, connectivity=8)
    assert count == 2


@given(st.lists(pointers, min_size=1, max_size=6), st.integers(1, 12), shapes)
def test_every_changed_pixel_lies_in_a_region_to_redraw(way, size, shape):
    document = Document.blank(60, 60)
    redrawn = np.zeros((60, 60), bool)
    for region in draw(document, way, Brush(size, shape)):
        if region is not None:
            redrawn[region.slices] = True
    assert redrawn[document.labels != 0].all()


@given(st.lists(pointers, min_size=1, max_size=4), st.integers(1, 12), shapes)
def test_a_whole_stroke_is_one_step_of_undo(way, size, shape):
    document = Document.blank(60, 60)
    document.labels[:] = 2
    draw(document, way, Brush(size, shape))
    document.undo()
    assert (document.labels == 2).all()
    assert not document.painted.any()
    assert not document.history.can_undo


def test_holding_still_paints_nothing_more():
    document = Document.blank(40, 40)
    tool, stroke = make_tools()["brush"], Stroke(document, document.begin("brush"), 1, Brush(5))
    assert tool.press(Pointer(20, 20), stroke) is not None
    assert tool.move(Pointer(20.2, 19.9), stroke) is None
    assert tool.release(Pointer(20.1, 20.1), stroke) is None


def test_a_stroke_given_up_does_not_join_the_next_one():
    document = Document.blank(40, 40)
    tool = make_tools()["brush"]
    stroke = Stroke(document, document.begin("brush"), 1, Brush(1))
    tool.press(Pointer(1, 1), stroke)
    stroke.edit.cancel()
    stroke = Stroke(document, document.begin("brush"), 1, Brush(1))
    tool.press(Pointer(30, 30), stroke)
    tool.release(Pointer(30, 30), stroke)
    assert np.argwhere(document.labels).tolist() == [[30, 30]]


def test_the_eraser_paints_background_and_that_is_a_persons_decision():
    document = Document.blank(20, 20)
    document.labels[:] = 3
    draw(document, [Pointer(10, 10)], Brush(3), tool="eraser")
    assert np.count_nonzero(document.labels == 0) == 9
    assert np.count_nonzero(document.painted) == 9


def test_a_brush_beside_the_image_paints_nothing():
    document = Document.blank(20, 20)
    regions = draw(document, [Pointer(-50, -50), Pointer(-50, 90)], Brush(9))
    assert regions == [None, None, None]
    assert not document.history.can_undo


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


@given(pointers, st.integers(1, 40))
def test_snapping_moves_a_pointer_by_half_a_pixel_at_most(pointer: Pointer, size: int):
    y, x = snap(pointer, size)
    assert max(abs(y - pointer.y), abs(x - pointer.x)) <= 0.5


def test_a_brush_stays_within_what_is_allowed():
    assert Brush(10, "square").resized(0) == Brush(1, "square")
    assert Brush().resized(10**6).size == 4000


def test_a_stroke_reports_the_region_it_touched():
    document = Document.blank(40, 40)
    regions = draw(document, [Pointer(10, 10), Pointer(10, 20)], Brush(3))
    assert regions == [Region(9, 9, 12, 12), Region(9, 9, 12, 22), None]
