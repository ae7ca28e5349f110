"""The simulated annotator, on labels whose corrections can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from simulated_annotator import Correction, Refine, correct

from seglabel.core.categories import VOID
from seglabel.core.document import Document
from seglabel.core.review import merge_proposal

Labels = NDArray[np.uint8]
SHAPE = (96, 128)


def labels_of(value: int) -> Labels:
    return np.full(SHAPE, value, np.uint8)


def street() -> Labels:
    """Sky (1) over a house (2) with three windows (3)."""
    truth = labels_of(2)
    truth[:30] = 1
    for left in (15, 55, 95):
        truth[45:70, left : left + 20] = 3
    return truth


def correct_proposal(
    proposed: Labels,
    truth: Labels,
    refine: Refine | None = None,
    limit: int = 1000,
    longest: int = 1000,
) -> tuple[Document, Correction]:
    document = Document.blank(*SHAPE)
    merge_proposal(document, proposed, "propose")
    picture = np.zeros((*SHAPE, 3), np.uint8)
    return document, correct(document, picture, truth, refine, limit, longest)


def test_labels_that_are_right_take_no_action() -> None:
    _, done = correct_proposal(street(), street())
    assert (done.total, done.drawn, done.changed, done.miou) == (0, 0.0, 0, 1.0)
    assert done.is_over


def test_a_region_that_is_wrong_as_a_whole_takes_one_fill() -> None:
    proposed = street()
    proposed[45:70, 55:75] = 1
    document, done = correct_proposal(proposed, street())
    assert done.actions == {"fill": 1}
    assert done.changed == 25 * 20
    assert (document.labels == street()).all()


def test_a_bar_that_was_missed_takes_one_stroke() -> None:
    truth = labels_of(1)
    truth[40:51] = 2
    document, done = correct_proposal(labels_of(1), truth)
    assert done.actions == {"brush": 1}
    assert (document.labels == truth).all()
    assert SHAPE[1] - 15 <= done.drawn <= SHAPE[1]  # to the ends of the bar, but once only


def test_an_image_is_labelled_from_scratch_and_each_window_costs() -> None:
    _, done = correct_proposal(labels_of(0), street())
    assert done.is_over
    assert done.miou >= 0.92  # the corners of small windows are crumbs
    assert done.changed > 0.95 * street().size
    _, without = correct_proposal(labels_of(0), np.where(street() == 3, 2, street()))
    assert without.total + 3 <= done.total <= 20


def test_a_better_proposal_takes_fewer_actions() -> None:
    worse, better = street(), street()
    worse[45:70] = 2
    better[45:70, :40] = 2
    totals = [correct_proposal(start, street())[1].total for start in (worse, better, street())]
    assert totals == sorted(totals, reverse=True)
    assert len(set(totals)) == 3


def test_void_of_the_truth_is_nobodys_concern() -> None:
    truth = street()
    truth[45:70] = VOID
    _, done = correct_proposal(street(), truth)
    assert (done.total, done.changed) == (0, 0)


def test_slivers_and_crumbs_are_not_corrected() -> None:
    proposed = street()
    proposed[45:47, 15:35] = proposed[30:32] = 1  # along an edge of a window and of the sky
    proposed[80:83, 60:65] = 3
    assert correct_proposal(proposed, street())[1].total == 0


def test_what_concerns_no_category_that_is_not_right_is_left_alone() -> None:
    truth = labels_of(1)
    truth[48:] = 2
    proposed = truth.copy()
    proposed[:10, :15] = 2  # 150 pixels of 6144
    assert correct_proposal(proposed, truth)[1].total == 0


def test_no_more_is_done_than_the_limit_allows() -> None:
    _, done = correct_proposal(labels_of(0), street(), limit=2)
    assert done.total == 2
    assert not done.is_over


def test_the_same_labels_are_always_corrected_in_the_same_way() -> None:
    first, second = (correct_proposal(labels_of(0), street()) for _ in range(2))
    assert (first[0].labels == second[0].labels).all()
    assert first[1] == second[1]


def test_refine_is_pressed_once_each_category_has_a_stroke() -> None:
    strokes = []

    def refine(document: Document) -> Labels:
        strokes.append(np.unique(document.labels[document.painted]).tolist())
        return street()

    _, done = correct_proposal(labels_of(0), street(), refine)
    assert strokes == [[1, 2, 3]]
    assert done.actions["refine"] == 1
    assert done.actions["brush"] >= 3
    assert "undo" not in done.actions
    assert done.miou >= 0.95


def test_a_refine_that_made_it_worse_is_undone_and_counted() -> None:
    proposed = street()
    proposed[45:70] = 2
    before = []

    def refine(document: Document) -> Labels:
        before.append(document.labels.copy())
        return labels_of(1)

    document, done = correct_proposal(proposed, street(), refine, limit=1)
    assert (done.actions["refine"], done.actions["undo"]) == (1, 1)
    assert (document.labels == before[0]).all()


@pytest.mark.parametrize("proposed", [0, 1, 2, 3])
def test_it_comes_to_an_end_whatever_is_proposed(proposed: int) -> None:
    rng = np.random.default_rng(proposed)
    blocks = rng.integers(1, 4, (6, 8), np.uint8).repeat(16, 0).repeat(16, 1)
    document, done = correct_proposal(labels_of(proposed), blocks)
    assert done.is_over
    assert (document.labels == blocks).mean() > 0.9


def test_with_shorter_strokes_more_are_needed() -> None:
    truth = labels_of(1)
    truth[40:51] = 2
    _, done = correct_proposal(labels_of(1), truth, longest=30)
    assert 4 <= done.actions["brush"] <= 6
    assert done.miou > 0.95


def test_nothing_is_filled_that_mostly_belongs_elsewhere() -> None:
    truth = labels_of(1)
    truth[:, 40:] = 2
    _, done = correct_proposal(labels_of(0), truth)
    assert done.actions["brush"] >= 1  # one half has to be drawn before the other can be filled
    assert done.miou > 0.95
