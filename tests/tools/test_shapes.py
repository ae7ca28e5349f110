"""Tools that paint an area: lasso, polygon, rectangle, ellipse."""

from __future__ import annotations

import numpy as np
import pytest

from seglabel.core.document import Document


def painted(document: Document) -> list[int]:
    """Top, left, bottom, right of what is labelled, the last row and column included."""
    ys, xs = np.nonzero(document.labels)
    return [int(value) for value in (ys.min(), xs.min(), ys.max(), xs.max())]


def shown(hand) -> str:
    """The words beside the pointer, in English."""
    return hand.tool.preview.text.format(*hand.tool.preview.values)


def test_a_rectangle_holds_the_pixels_pressed_on_and_released_on(hold):
    document = Document.blank(40, 40)
    hold(document, "rectangle").drag((10, 5), (12, 30), (20, 8))
    assert painted(document) == [10, 5, 20, 8]
    assert np.count_nonzero(document.labels) == 11 * 4


@pytest.mark.parametrize(
    ("details", "box"),
    [
        ({"shift": True}, [10, 5, 20, 15]),
        ({"control": True}, [0, 2, 20, 8]),
        ({"shift": True, "control": True}, [0, 0, 20, 15]),
    ],
)
def test_shift_makes_it_square_and_ctrl_draws_from_the_middle(hold, details, box):
    document = Document.blank(40, 40)
    hold(document, "rectangle").drag((10, 5), (20, 8), **details)
    assert painted(document) == box


def test_an_ellipse_fills_its_box(hold):
    document = Document.blank(40, 40)
    hold(document, "ellipse").drag((10, 5), (20, 25))
    assert painted(document) == [10, 5, 20, 25]
    assert document.labels[10, 5] == 0 and document.labels[15, 15] == 5


def test_the_box_and_its_size_are_shown_while_it_is_drawn(hold):
    hand = hold(Document.blank(40, 40), "rectangle")
    hand.press((10, 5))
    hand.move((20, 8))
    assert hand.tool.preview.text == "4 × 11"
    assert hand.tool.preview.lines[0].points[0] == (9.5, 4.5)
    hand.release((20, 8))
    assert hand.tool.preview.is_empty


def test_a_lasso_paints_what_it_goes_round(hold):
    document = Document.blank(40, 40)
    hold(document, "lasso").drag((10, 10), (10, 30), (30, 30), (30, 10))
    assert document.labels[11:29, 11:29].all()
    assert painted(document) == [10, 10, 29, 29]


def test_the_right_button_erases_with_every_shape(hold):
    for tool in ("lasso", "rectangle", "ellipse"):
        document = Document.blank(40, 40)
        document.labels[:] = 3
        hold(document, tool).drag((10, 10), (10, 30), (30, 30), secondary=True)
        assert (document.labels == 0).any() and (document.labels == 3).any()


def test_a_polygon_is_closed_by_a_click_on_its_first_corner(hold):
    document = Document.blank(99, 99)
    hand = hold(document, "polygon")
    for corner in ((20, 20), (20, 80), (80, 80), (80, 20)):
        hand.click(corner)
        assert hand.is_open and not document.labels.any()
    hand.click((22, 21))
    assert not hand.is_open
    assert painted(document) == [20, 20, 79, 79]
    document.undo()
    assert not document.labels.any()


def test_a_double_click_or_enter_closes_a_polygon(hold):
    for close in (lambda hand: hand.finish(), lambda hand: hand.press((80, 20), clicks=2)):
        document = Document.blank(99, 99)
        hand = hold(document, "polygon")
        for corner in ((20, 20), (20, 80), (80, 80), (80, 20)):
            hand.click(corner)
        close(hand)
        assert not hand.is_open and painted(document) == [20, 20, 79, 79]


def test_corners_can_be_moved_removed_and_set_into_a_side(hold):
    document = Document.blank(99, 99)
    hand = hold(document, "polygon")
    for corner in ((20, 20), (20, 80), (50, 90), (80, 80), (80, 20)):
        hand.click(corner)
    hand.click((51, 89), secondary=True)  # takes the third away
    hand.drag((20, 50), (10, 50))  # a new one in the upper side
    hand.drag((80, 21), (90, 21))  # moves the last one
    hand.finish()
    top, _, bottom, right = painted(document)
    assert (top, right) == (11, 79) and bottom >= 88


def test_backspace_takes_the_last_corner_back_until_none_is_left(hold):
    hand = hold(Document.blank(99, 99), "polygon")
    hand.click((20, 20))
    hand.click((20, 80))
    hand.step_back()
    assert len(hand.tool.preview.lines[0].points) == 1 and hand.is_open
    hand.step_back()
    assert not hand.is_open and hand.tool.preview.is_empty


def test_a_polygon_of_two_corners_paints_nothing(hold):
    document = Document.blank(99, 99)
    hand = hold(document, "polygon")
    hand.click((20, 20))
    hand.click((20, 80))
    hand.finish()
    assert not hand.is_open and not document.history.can_undo


def test_measuring_says_how_long_and_how_large(hold):
    document = Document.blank(99, 99)
    hand = hold(document, "measure")
    hand.drag((10, 10), (40, 50))
    assert shown(hand) == "length 50.0 px  (Δx 40, Δy 30)"
    hand.click((40, 10))
    assert shown(hand) == "length 90.0 px · area 600 px²"
    hand.finish()
    assert hand.tool.preview.is_empty and not document.history.can_undo
