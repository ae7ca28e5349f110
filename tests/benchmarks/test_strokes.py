"""Where the simulated annotator draws."""

from __future__ import annotations

import cv2
import numpy as np
from strokes import best_section, best_stroke, longest_way, swath, thinned


def test_a_thick_shape_thins_to_one_connected_line_inside_it() -> None:
    shape = np.zeros((60, 80), np.bool_)
    shape[10:20, 5:70] = shape[10:50, 30:40] = True
    lines = thinned(shape)
    assert (shape | ~lines).all()
    assert cv2.connectedComponents(lines.astype(np.uint8), connectivity=8)[0] == 2
    squares = cv2.boxFilter(lines.astype(np.uint8), -1, (2, 2), normalize=False)
    assert squares.max() < 4  # nowhere two pixels thick
    assert 70 < lines.sum() < 120


def test_of_branches_the_longest_way_is_taken() -> None:
    lines = np.zeros((40, 60), np.bool_)
    lines[10, 5:55] = True
    lines[11:20, 30] = True
    lines[35, 5:15] = True  # not connected
    way = longest_way(lines)
    assert sorted(way) == [(10, x) for x in range(5, 55)]
    assert longest_way(np.zeros((5, 5), np.bool_)) == []


def test_a_swath_is_as_wide_as_the_brush() -> None:
    covered = swath([(20, x) for x in range(10, 31)], 7, (40, 50))
    assert covered[:, 20].sum() == 7
    assert covered[20].sum() == 21 + 6


def test_a_stroke_keeps_within_the_category_unless_slipping_pays() -> None:
    wrong = np.zeros((80, 120), np.bool_)
    wrong[30:51, 20:100] = True
    gains = np.where(wrong, 1, -1).astype(np.int8)
    stroke = best_stroke(wrong, wrong, gains, 1000)
    assert stroke is not None
    assert stroke.size == 21
    covered = swath(list(stroke.way), stroke.size, wrong.shape)
    assert stroke.gain == np.count_nonzero(covered & wrong) - np.count_nonzero(covered & ~wrong)
    assert stroke.gain > 0.9 * wrong.sum()


def test_a_thin_error_at_the_edge_of_a_wide_place_is_drawn_along_with_a_wide_brush() -> None:
    safe = np.zeros((100, 200), np.bool_)
    safe[20:] = True
    wrong = np.zeros_like(safe)
    wrong[20:26] = True
    gains = np.where(wrong, 1, np.where(safe, 0, -1)).astype(np.int8)
    stroke = best_stroke(wrong, safe, gains, 1000)
    assert stroke is not None
    assert stroke.size > 7
    assert stroke.gain > 0.9 * wrong.sum()
    assert stroke.length < 2 * 200


def test_where_nothing_is_wrong_there_is_no_stroke() -> None:
    nothing = np.zeros((20, 20), np.bool_)
    assert best_stroke(nothing, ~nothing, nothing.astype(np.int8), 1000) is None


def test_of_a_long_way_the_section_is_drawn_that_does_most() -> None:
    gains = np.zeros((40, 200), np.int8)
    gains[18:23, 120:150] = 1
    gains[18:23, :20] = -1
    way = [(20, x) for x in range(200)]
    assert best_section(way, 5, gains, 30) == way[120:150]
    assert best_section(way, 5, gains, 200) == way


def test_no_stroke_is_longer_than_allowed() -> None:
    wrong = np.zeros((60, 300), np.bool_)
    wrong[20:31] = True
    gains = np.where(wrong, 1, -1).astype(np.int8)
    stroke = best_stroke(wrong, wrong, gains, 50)
    assert stroke is not None
    assert len(stroke.way) == 50
    assert stroke.size == 11
