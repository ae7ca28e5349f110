"""Fill: one click, one connected region."""

from __future__ import annotations

import numpy as np
import pytest

from seglabel.core.document import Document
from seglabel.core.geometry import Region


def document_with_a_wall() -> Document:
    """Background, divided by a column of category 2."""
    document = Document.blank(6, 7)
    document.labels[:, 3] = 2
    return document


@pytest.fixture
def fill(hold):
    """Clicks with the tool. Returns the region to redraw."""

    def click(document: Document, y: float, x: float) -> Region | None:
        hand = hold(document, "fill", category_id=9)
        hand.drag((y, x), (y + 1, x + 1))
        assert not hand.is_open
        return hand.regions[-1]

    return click


def test_a_fill_stops_where_another_label_begins(fill):
    document = document_with_a_wall()
    assert fill(document, 2, 1) == Region(0, 0, 6, 3)
    assert document.labels[0].tolist() == [9, 9, 9, 2, 0, 0, 0]
    assert np.array_equal(document.painted, document.labels == 9)


def test_a_fill_is_one_step_of_undo(fill):
    document = document_with_a_wall()
    fill(document, 2, 1)
    document.undo()
    assert np.array_equal(document.labels, document_with_a_wall().labels)


@pytest.mark.parametrize(("y", "x"), [(-0.6, 2), (2, -0.6), (5.5, 2), (2, 6.5), (99, 99)])
def test_a_click_beside_the_image_fills_nothing(fill, y: float, x: float):
    document = document_with_a_wall()
    assert fill(document, y, x) is None
    assert not document.history.can_undo


@pytest.mark.parametrize(("y", "x"), [(-0.5, -0.5), (5.4, 6.4)])
def test_the_outermost_half_pixel_belongs_to_the_image(fill, y: float, x: float):
    assert fill(document_with_a_wall(), y, x) is not None


def test_a_locked_category_is_not_filled(fill):
    document = document_with_a_wall()
    document.locked = frozenset({2})
    fill(document, 2, 3)
    assert (document.labels[:, 3] == 2).all()


def test_filling_with_the_same_category_makes_it_a_persons_own(fill):
    document = Document.blank(3, 3)
    document.labels[:] = 9
    fill(document, 1, 1)
    assert document.painted.all()
