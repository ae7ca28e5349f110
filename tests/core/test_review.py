"""Deciding about parts of a proposal. Each is one step, and none touches what is a person's."""

from __future__ import annotations

import numpy as np
import pytest

from seglabel.core.document import Document
from seglabel.core.geometry import Region
from seglabel.core.proposed_regions import proposed_region
from seglabel.core.review import (
    accept_above,
    accept_category,
    accept_region,
    clear_below,
    clear_proposal,
    merge_proposal,
    reject_category,
    replace_region,
)
from seglabel.core.status import Status
from seglabel.core.uncertainty import Certainty, Threshold

SHAPE = (32, 48)
LOCKED = 3


@pytest.fixture
def document() -> Document:
    """Proposed: 1 above, 2 below, 3 in a corner. A person painted a square of 1 in the middle."""
    labels = np.ones(SHAPE, np.uint8)
    labels[16:] = 2
    labels[:4, :4] = LOCKED
    document = Document.blank(*SHAPE)
    edit = document.begin("brush")
    edit.paint(Region(12, 20, 20, 28), np.ones((8, 8), np.bool_), 1)
    edit.commit()
    merge_proposal(document, labels, "propose")
    document.locked = frozenset({LOCKED})
    return document


def threshold(value: float, locked: frozenset[int] = frozenset({LOCKED})) -> Threshold:
    """The left half is sure by 0.9, the right one by 0.2."""
    confidence = np.full((8, 12), 0.9, np.float16)
    confidence[:, 6:] = 0.2
    return Threshold(Certainty(confidence, confidence, SHAPE), value, locked)


def region_at(document: Document, y: int, x: int):
    found = proposed_region(document.labels, document.painted, y, x)
    assert found is not None
    return found


VERBS = {
    "accept region": lambda d: accept_region(d, *region_at(d, 30, 0), "t"),
    "replace region": lambda d: replace_region(d, *region_at(d, 30, 0), 1, "t"),
    "reject region": lambda d: replace_region(d, *region_at(d, 30, 0), 0, "t"),
    "accept category": lambda d: accept_category(d, 1, "t"),
    "reject category": lambda d: reject_category(d, 1, "t"),
    "clear below": lambda d: clear_below(d, threshold(0.5), "t"),
    "accept above": lambda d: accept_above(d, threshold(0.5), "t"),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_each_verb_is_one_step_that_undo_takes_back(document: Document, verb) -> None:
    before = (document.labels.copy(), document.painted.copy(), document.status)
    count = len(document.history)
    assert verb(document) is not None
    assert len(document.history) == count + 1
    document.undo()
    assert np.array_equal(document.labels, before[0])
    assert np.array_equal(document.painted, before[1])
    assert document.status is before[2]


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_no_verb_changes_painted_or_locked_pixels(document: Document, verb) -> None:
    kept = document.painted | (document.labels == LOCKED)
    before, painted = document.labels.copy(), document.painted.copy()
    verb(document)
    assert np.array_equal(document.labels[kept], before[kept])
    assert np.array_equal(document.painted[kept], painted[kept])


def test_an_accepted_region_is_a_persons(document: Document) -> None:
    region, mask = region_at(document, 30, 0)
    accept_region(document, region, mask, "accept")
    assert document.painted[region.slices][mask].all()
    assert (document.labels[region.slices][mask] == 2).all()
    assert document.status is Status.CORRECTED


def test_a_rejected_region_does_not_come_back_with_the_next_proposal(document: Document) -> None:
    region, mask = region_at(document, 30, 0)
    replace_region(document, region, mask, 0, "reject")
    merge_proposal(document, np.full(SHAPE, 2, np.uint8), "propose")
    assert not document.labels[region.slices][mask].any()


def test_a_category_is_accepted_or_rejected_as_a_whole(document: Document) -> None:
    was_one = (document.labels == 1) & ~document.painted
    accept_category(document, 2, "accept")
    assert document.painted[document.labels == 2].all()
    reject_category(document, 1, "reject")
    assert not document.labels[was_one].any()
    assert document.painted[was_one].all()
    assert reject_category(document, 2, "reject") is None  # all of it is a person's by now


def test_what_is_cleared_is_what_the_threshold_hid_and_stays_open(document: Document) -> None:
    limit = threshold(0.5)
    rows, columns = np.arange(SHAPE[0]), np.arange(SHAPE[1])
    hidden = limit.hides(document.labels, document.painted, rows, columns)
    before = document.labels.copy()
    clear_below(document, limit, "clear")
    assert hidden.any()
    assert not document.labels[hidden].any()
    assert not document.painted[hidden].any()
    assert np.array_equal(document.labels[~hidden], before[~hidden])


def test_what_is_above_is_accepted_and_the_rest_stays_open(document: Document) -> None:
    painted = document.painted.copy()
    accept_above(document, threshold(0.5), "accept")
    new = document.painted & ~painted
    assert new[10, :20].all()
    assert not new[:, 28:].any()


def test_a_reviewed_image_is_not_cleared() -> None:
    document = Document(np.ones(SHAPE, np.uint8), status=Status.REVIEWED)
    assert clear_below(document, threshold(0.95), "clear") is None
    assert document.labels.all()


def test_what_is_locked_stays_proposed_when_the_rest_is_cleared() -> None:
    document = Document.blank(8, 8)
    merge_proposal(document, np.repeat(np.uint8([1, LOCKED]), 32).reshape(8, 8), "propose")
    document.locked = frozenset({LOCKED})
    clear_proposal(document, "clear")
    assert not document.labels[:4].any() and (document.labels[4:] == LOCKED).all()
    assert document.status is Status.PROPOSED
    document.locked = frozenset()
    clear_proposal(document, "clear")
    assert document.status is Status.EMPTY and not document.labels.any()
