from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seglabel.core.categories import VOID, CategorySet
from seglabel.core.comparison import (
    JudgedModel,
    Verdict,
    compared,
    most_confused,
    row_shares,
    verdicts,
)
from seglabel.core.metrics import Confusion, PairCounts, Scores

CATEGORIES = CategorySet.of("a", "b")
IDS = (0, 1, 2)
maps = arrays(np.uint8, (4, 6), elements=st.sampled_from([0, 1, 2, VOID]))


def scores_by_hand(pairs: list[tuple[np.ndarray, np.ndarray]]) -> tuple[dict[int, float], float]:
    """IoU and pixel accuracy by sets of pixels, without a confusion matrix."""
    truth = np.concatenate([t.ravel() for t, _ in pairs])
    proposed = np.concatenate([p.ravel() for _, p in pairs])
    is_judged = truth != VOID
    truth, proposed = truth[is_judged], proposed[is_judged]
    iou = {}
    for i in IDS:
        union = ((truth == i) | (proposed == i)).sum()
        if union:
            iou[i] = ((truth == i) & (proposed == i)).sum() / union
    return iou, float((truth == proposed).mean()) if truth.size else float("nan")


def judged(name: str, images: dict[str, tuple[np.ndarray, np.ndarray]]) -> JudgedModel:
    confusion = Confusion()
    counts = {n: PairCounts.of(*pair) for n, pair in images.items()}
    for image in counts.values():
        confusion.add_counts(image)
    return JudgedModel(name, confusion.scores(IDS), counts)


@given(st.lists(st.tuples(maps, maps, maps), min_size=1, max_size=4))
def test_scores_of_both_models_are_those_one_gets_by_counting_pixels(triples) -> None:
    first = {str(i): (t, a) for i, (t, a, _) in enumerate(triples)}
    second = {str(i): (t, b) for i, (t, _, b) in enumerate(triples)}
    found = compared(CATEGORIES, IDS, [judged("A", first), judged("B", second)], "given")
    for model, images in zip(found.models, (first, second), strict=True):
        iou, accuracy = scores_by_hand(list(images.values()))
        assert model.scores.iou == pytest.approx(iou)
        assert model.scores.pixel_accuracy == pytest.approx(accuracy, nan_ok=True)
    for row in found.rows:
        for miou, images in zip(row.mious, (first, second), strict=True):
            iou, _ = scores_by_hand([images[row.name]])
            expected = np.mean(list(iou.values())) if iou else float("nan")
            assert miou == pytest.approx(expected, nan_ok=True)


def test_only_images_that_both_models_could_judge_are_compared() -> None:
    right, wrong = np.ones((2, 2), np.uint8), np.zeros((2, 2), np.uint8)
    first = judged("A", {"x": (right, right), "y": (right, wrong)})
    second = judged("B", {"x": (right, right)})
    found = compared(CATEGORIES, IDS, [first, second], "held-back")
    assert [row.name for row in found.rows] == ["x"]
    assert [model.scores.miou for model in found.models] == [1, 1]


def test_the_worst_and_the_most_changed_images_come_first() -> None:
    truth = np.array([[1, 1, 1, 1]], np.uint8)

    def right(count: int) -> np.ndarray:
        return np.array([[1] * count + [2] * (4 - count)], np.uint8)

    def of(name: str, **hits: int) -> JudgedModel:
        return judged(name, {image: (truth, right(count)) for image, count in hits.items()})

    found = compared(
        CATEGORIES, IDS, [of("A", p=4, q=2, r=0, s=3), of("B", p=1, q=2, r=4, s=2)], "reviewed"
    )
    assert [row.name for row in found.worst(3)] == ["p", "q", "s"]
    changes = [(row.name, round(row.change, 3)) for row in found.most_changed(9)]
    # mIoU of one category and of the one it is taken for, which has none: half of the share.
    assert changes == [("r", 1.0), ("p", -0.875), ("s", -0.125)]


def test_an_image_without_anything_to_judge_is_neither_bad_nor_changed() -> None:
    void = np.full((1, 1), VOID, np.uint8)
    one = judged("A", {"x": (void, np.ones((1, 1), np.uint8))})
    found = compared(CATEGORIES, IDS, [one, one], "given")
    assert found.worst(5) == []
    assert found.most_changed(5) == []


def test_each_pixel_is_right_gained_lost_wrong_or_not_judged() -> None:
    truth = np.array([[1, 1, 1, 1, VOID]], np.uint8)
    first = np.array([[1, 2, 1, 2, 1]], np.uint8)
    second = np.array([[1, 1, 2, 0, 1]], np.uint8)
    v = Verdict
    found = verdicts(truth, first, second).tolist()
    assert found == [[v.RIGHT, v.GAINED, v.LOST, v.WRONG, v.UNJUDGED]]
    assert verdicts(truth, first).tolist() == [[v.RIGHT, v.WRONG, v.RIGHT, v.WRONG, v.UNJUDGED]]


def test_categories_that_no_model_has_met_are_not_listed() -> None:
    def model(name: str, iou: dict[int, float]) -> JudgedModel:
        return JudgedModel(name, Scores(0, 0, iou, np.zeros((3, 3), np.int64), 0), {})

    found = compared(CATEGORIES, IDS, [model("A", {}), model("B", {})], "given")
    assert found.iou_rows() == []


def test_rows_of_a_confusion_matrix_become_shares() -> None:
    shares = row_shares(np.array([[1, 3], [0, 0]], np.int64))
    np.testing.assert_array_equal(shares, [[0.25, 0.75], [0, 0]])


def test_a_matrix_too_large_to_show_keeps_what_has_most_pixels() -> None:
    counts = np.diag(np.array([5, 0, 9, 1], np.int64))
    assert most_confused([counts], 2) == [0, 2]
    assert most_confused([counts, np.zeros_like(counts)], 9) == [0, 2, 3]
