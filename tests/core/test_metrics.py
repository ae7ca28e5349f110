"""Scores: by hand, and against a loop over pixels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from seglabel.core.errors import LabelError
from seglabel.core.metrics import Confusion

IDS = [1, 2, 5]
maps = hnp.arrays(np.uint8, (4, 5), elements=st.sampled_from([0, 1, 2, 5, 255]))


def test_scores_of_a_small_example_are_those_computed_by_hand():
    confusion = Confusion()
    truth = np.array([[1, 1, 1, 2], [2, 2, 255, 0]], np.uint8)
    proposed = np.array([[1, 1, 2, 2], [2, 1, 1, 1]], np.uint8)
    confusion.add(truth, proposed)
    scores = confusion.scores([1, 2])
    assert scores.iou == {1: 2 / 4, 2: 2 / 4}  # 1: hits 2, union 3 + 3 − 2; 2: the same
    assert scores.miou == 0.5
    assert scores.pixel_accuracy == 4 / 6
    assert scores.confusion.tolist() == [[2, 1], [1, 2]]
    assert scores.pixels == 6


def test_a_category_that_occurs_nowhere_is_left_out_of_the_mean():
    confusion = Confusion()
    confusion.add(np.full((2, 2), 1, np.uint8), np.full((2, 2), 1, np.uint8))
    scores = confusion.scores([1, 9])
    assert scores.iou == {1: 1.0}
    assert scores.miou == 1.0


def test_a_category_that_was_only_proposed_counts_as_missed():
    confusion = Confusion()
    confusion.add(np.array([[1, 1]], np.uint8), np.array([[1, 9]], np.uint8))
    assert confusion.scores([1, 9]).iou == {1: 0.5, 9: 0.0}


@pytest.mark.parametrize("ids", [[], [4]])
def test_without_anything_to_judge_the_scores_are_not_numbers(ids: list[int]):
    confusion = Confusion()
    confusion.add(np.full((2, 2), 255, np.uint8), np.ones((2, 2), np.uint8))
    scores = confusion.scores(ids)
    assert math.isnan(scores.miou)
    assert math.isnan(scores.pixel_accuracy)
    assert scores.iou == {}


def test_images_of_different_size_cannot_be_compared():
    with pytest.raises(LabelError, match=r"the truth has \(2, 3\) pixels, the proposal \(3, 2\)"):
        Confusion().add(np.zeros((2, 3), np.uint8), np.zeros((3, 2), np.uint8))


@given(st.lists(st.tuples(maps, maps), min_size=1, max_size=3))
def test_scores_agree_with_a_loop_over_all_pixels(images):
    confusion = Confusion()
    for truth, proposed in images:
        confusion.add(truth, proposed)
    pairs = [
        (int(t), int(p))
        for truth, proposed in images
        for t, p in zip(truth.flat, proposed.flat, strict=True)
        if t in IDS
    ]
    iou = {}
    for one in IDS:
        whole = sum(one in pair for pair in pairs)
        if whole:
            iou[one] = sum(pair == (one, one) for pair in pairs) / whole
    scores = confusion.scores(IDS)
    assert scores.iou == pytest.approx(iou)
    assert scores.pixels == len(pairs)
    assert confusion.images == len(images)
    if pairs:
        assert scores.pixel_accuracy == pytest.approx(sum(t == p for t, p in pairs) / len(pairs))
        assert scores.miou == pytest.approx(sum(iou.values()) / len(iou))
    expected = [[sum(pair == (t, p) for pair in pairs) for p in IDS] for t in IDS]
    assert scores.confusion.tolist() == expected
