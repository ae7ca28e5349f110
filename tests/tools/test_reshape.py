"""Reshaping by a click or inside a lasso."""

from __future__ import annotations

import numpy as np

from seglabel.core.document import Document


def two_squares() -> Document:
    document = Document.blank(60, 80)
    document.labels[10:30, 10:30] = 5
    document.labels[10:30, 50:70] = 5
    return document


def test_a_click_changes_one_region_and_is_one_step_of_undo(hold):
    document = two_squares()
    hold(document, "reshape", reshape_operation="shrink", reshape_distance=4).click((20, 20))
    assert np.count_nonzero(document.labels[:, :40]) == 12 * 12
    assert np.count_nonzero(document.labels[:, 40:]) == 20 * 20
    document.undo()
    assert np.array_equal(document.labels, two_squares().labels)


def test_a_whole_category_can_be_changed_at_once(hold):
    document = two_squares()
    hand = hold(document, "reshape", reshape_operation="shrink", reshape_scope="category")
    hand.click((20, 20))
    assert np.count_nonzero(document.labels) == 2 * 16 * 16


def test_inside_a_lasso_only_what_it_holds_changes(hold):
    document = two_squares()
    hand = hold(
        document,
        "reshape",
        reshape_operation="shrink",
        reshape_distance=4,
        reshape_scope="lasso",
    )
    hand.drag((5, 5), (5, 20), (40, 20), (40, 5))
    assert not document.labels[10:14, 10:20].any() and document.labels[10:30, 20:30].all()
    assert document.labels[20, 15:20].all()  # the line of the lasso is no edge
    assert np.count_nonzero(document.labels[:, 40:]) == 20 * 20


def test_locked_neighbours_stop_growing(hold):
    document = two_squares()
    document.labels[10:30, 30:34] = 7
    document.locked = frozenset({7})
    hold(document, "reshape", reshape_distance=4).click((20, 20))
    assert (document.labels[10:30, 30:34] == 7).all() and document.labels[20, 7] == 5


def test_a_click_where_nothing_is_to_change_leaves_no_step(hold):
    document = two_squares()
    hand = hold(document, "reshape", reshape_operation="fill_holes")
    hand.click((20, 20))
    assert not hand.is_open and not document.history.can_undo


def test_a_press_changes_nothing_before_it_is_let_go(hold):
    document = two_squares()
    hand = hold(document, "reshape", reshape_operation="shrink")
    hand.press((20, 20))
    assert np.array_equal(document.labels, two_squares().labels)
    hand.cancel()
    assert np.array_equal(document.labels, two_squares().labels)


def test_drawing_around_something_changes_what_is_inside_whatever_a_click_would(hold):
    document = two_squares()
    hand = hold(document, "reshape", reshape_operation="shrink", reshape_distance=4)
    hand.drag((5, 5), (5, 20), (40, 20), (40, 5))
    assert not document.labels[10:14, 10:20].any() and document.labels[10:30, 20:30].all()


def test_a_hand_that_shakes_still_clicks(hold):
    document = two_squares()
    hand = hold(document, "reshape", reshape_operation="shrink", reshape_distance=4)
    hand.drag((20, 20), (21, 22), (20, 21))
    assert np.count_nonzero(document.labels[:, :40]) == 12 * 12
