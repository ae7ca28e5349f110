"""Tools that look at the photograph."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglabel.core.cancel import Cancel
from seglabel.core.document import Document
from seglabel.core.geometry import Region
from seglabel.core.picture import ArrayPicture
from seglabel.tools import Brush, Pointer, make_tools
from seglabel.tools.sight import around, reduced

SHAPE = (120, 160)
SQUARE = Region(40, 50, 80, 110)


def picture() -> np.ndarray:
    """A red rectangle on green, with a little noise."""
    pixels = np.full((*SHAPE, 3), (40, 150, 60), np.uint8)
    pixels[SQUARE.slices] = (200, 60, 50)
    noise = np.random.default_rng(1).integers(-4, 5, pixels.shape)
    return np.clip(pixels.astype(int) + noise, 0, 255).astype(np.uint8)


def wanted() -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[SQUARE.slices] = True
    return mask


def agreement(document: Document) -> float:
    """Intersection over union of what was painted and the rectangle."""
    found = document.labels > 0
    return float((found & wanted()).sum() / (found | wanted()).sum())


def test_the_wand_paints_the_region_of_like_colour(hold):
    document = Document.blank(*SHAPE)
    hold(document, "wand", picture()).click((60, 80))
    assert agreement(document) > 0.93


def test_a_drag_changes_the_tolerance_of_the_wand_while_it_shows(hold):
    document = Document.blank(*SHAPE)
    hand = hold(document, "wand", picture())
    hand.press((60, 60))
    assert hand.tool.preview.fill is not None and hand.tool.preview.text == "± 20"
    hand.move((60, 30))
    assert hand.tool.preview.text == "± 10"
    hand.move((60, 500))
    assert hand.tool.preview.text == "± 128"
    assert not document.labels.any()
    hand.release((60, 500))
    assert not hand.is_open and document.labels[SQUARE.slices].mean() > 4.9


def test_the_wand_can_take_all_that_is_alike_wherever_it_is(hold):
    pixels = picture()
    pixels[5:20, 5:20] = (200, 60, 50)
    for contiguous in (True, False):
        document = Document.blank(*SHAPE)
        hold(document, "wand", pixels, wand_contiguous=contiguous).click((60, 80))
        assert bool(document.labels[10, 10]) != contiguous


def test_a_superpixel_is_painted_whole_and_stays_within_edges(hold):
    document = Document.blank(*SHAPE)
    hand = hold(document, "superpixel", picture(), superpixel_size=16)
    hand.hover((60, 80))
    assert hand.tool.preview.fill is not None
    hand.click((60, 80))
    one = np.count_nonzero(document.labels)
    assert 60 <= one <= 700
    hand.drag((60, 80), (60, 105), (45, 105))
    assert np.count_nonzero(document.labels) > one
    assert (document.labels > 0)[~wanted()].mean() < 0.02


def test_superpixels_fill_the_picture_without_gaps(hold):
    document = Document.blank(*SHAPE)
    hand = hold(document, "superpixel", picture(), superpixel_size=12)
    hand.press((0, 0))
    for y in range(0, SHAPE[0], 2):
        hand.move((y, 0))
        hand.move((y, SHAPE[1] - 1))
    hand.release((SHAPE[0] - 1, 0))
    assert document.labels.all()


def test_paint_of_the_edge_brush_stops_at_edges_inside_its_disc(hold):
    document = Document.blank(*SHAPE)
    hand = hold(document, "edge_brush", picture(), brush=Brush(30))
    hand.drag((45, 55), (45, 105), (75, 105), (75, 55), (60, 55), (60, 105))
    assert agreement(document) > 0.97


def test_the_scissors_follow_the_edge_from_click_to_click(hold):
    document = Document.blank(*SHAPE)
    hand = hold(document, "scissors", picture())
    for corner in ((40, 50), (40, 109), (79, 109), (79, 50)):
        hand.click(corner)
    hand.hover((60, 20))
    assert len(hand.tool.preview.lines[0].points) > 150
    hand.finish()
    assert agreement(document) > 0.93


def test_backspace_takes_the_last_part_of_the_scissors_back(hold):
    hand = hold(Document.blank(*SHAPE), "scissors", picture())
    hand.click((40, 50))
    hand.click((40, 109))
    hand.step_back()
    assert len(hand.tool.preview.lines) == 2 and hand.is_open
    hand.step_back()
    assert not hand.is_open


def test_a_box_cuts_the_object_out_and_enter_paints_it(hold):
    document = Document.blank(*SHAPE)
    hand = hold(document, "grabcut", picture())
    hand.drag((30, 40), (90, 120))
    assert hand.is_open and hand.tool.preview.fill is not None and not document.labels.any()
    hand.finish()
    assert not hand.is_open and agreement(document) > 0.95
    document.undo()
    assert not document.labels.any()


def test_strokes_correct_what_was_cut_out(hold):
    document = Document.blank(*SHAPE)
    hand = hold(document, "grabcut", picture(), brush=Brush(9))
    hand.drag((30, 40), (90, 120))
    hand.drag((45, 55), (75, 55), secondary=True)
    hand.finish()
    assert not document.labels[60, 55] and document.labels[60, 100]


def test_one_stroke_of_the_watershed_grows_to_the_edge(hold):
    document = Document.blank(*SHAPE)
    hand = hold(document, "watershed", picture(), brush=Brush(5))
    hand.drag((55, 65), (65, 95))
    assert hand.is_open and not document.labels.any()
    hand.finish()
    assert agreement(document) > 0.9


def test_strokes_of_several_categories_grow_until_they_meet(hold):
    document = Document.blank(*SHAPE)
    hand = hold(document, "watershed", picture(), brush=Brush(5))
    hand.drag((55, 65), (65, 95))
    hand.category_id = 7
    hand.drag((30, 40), (30, 120))
    hand.drag((110, 40), (110, 120), secondary=True)
    hand.finish()
    assert document.labels[60, 80] == 5 and document.labels[32, 80] == 7
    assert document.labels[108, 80] == 0
    assert agreement_of(document, 5) > 0.93
    document.undo()
    assert not document.labels.any()


def agreement_of(document: Document, category_id: int) -> float:
    found = document.labels == category_id
    return float((found & wanted()).sum() / (found | wanted()).sum())


class LargePicture:
    """Refuses to be read as a whole."""

    shape = (30_000, 30_000)

    def __init__(self) -> None:
        self.read_pixels = 0

    def read(self, region: Region) -> np.ndarray:
        assert Region.whole(self.shape) | region == Region.whole(self.shape)
        self.read_pixels = max(self.read_pixels, region.area)
        assert region.area <= 1 << 24
        return np.full((region.height, region.width, 3), 90, np.uint8)


@pytest.mark.parametrize("tool", ["wand", "superpixel", "edge_brush", "scissors", "watershed"])
def test_no_tool_reads_all_of_a_large_picture(hold, tool):
    large = LargePicture()
    # One row of memory stands for all rows of a label map that nobody reads.
    labels = np.broadcast_to(np.zeros((1, 30_000), np.uint8), large.shape)
    scene = hold(Document(labels), tool, large, brush=Brush(9)).scene
    chosen = make_tools()[tool]
    step = chosen.press(Pointer(15_000, 15_000), scene)
    if step.work is None:
        step = chosen.release(Pointer(15_000, 15_010), scene)
    assert step.work is not None
    step.work(Cancel())
    assert 0 < large.read_pixels <= 1 << 24


@given(
    st.tuples(st.integers(1, 900), st.integers(1, 900)),
    st.tuples(st.floats(-50, 950), st.floats(-50, 950)),
    st.integers(100, 500_000),
)
@settings(max_examples=200)
def test_surroundings_lie_inside_the_image_and_are_not_larger_than_asked(shape, at, area):
    region = around(at, shape, area)
    assert region == region.clipped(shape) and not region.is_empty
    assert region.area <= area
    y, x = min(max(at[0], 0), shape[0] - 1), min(max(at[1], 0), shape[1] - 1)
    assert region.grown(1).contains(y, x)


def test_a_picture_is_made_smaller_by_a_whole_factor():
    pixels, factor = reduced(ArrayPicture(picture()), Region(0, 0, *SHAPE), 5_000)
    assert factor == 2 and pixels.shape == (60, 80, 3)


def test_a_stroke_after_enter_says_that_there_is_more_to_come(hold):
    hand = hold(Document.blank(*SHAPE), "watershed", picture(), brush=Brush(5))
    tool, scene, at = hand.tool, hand.scene, Pointer(60, 80)
    tool.press(at, scene)
    tool.release(at, scene)
    tool.finish(scene)  # before the first answer is there
    tool.press(Pointer(60, 60), scene)
    step = tool.release(Pointer(60, 60), scene)
    result = step.work(Cancel())
    assert not tool.receive(result, scene).done
    assert tool.finish(scene).done
