from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from seglabel.core.cancel import Cancel
from seglabel.core.categories import VOID, CategorySet
from seglabel.core.errors import Cancelled, LabelError, SegLabelError
from seglabel.core.progress import Progress
from seglabel.jobs.evaluate import evaluate, truth_of_folder, truth_of_project


def judge(store, model, names=("a.png",), categories=None, **choices):
    return evaluate(
        store,
        list(names),
        truth_of_project(store),
        categories or store.project.categories,
        model,
        **choices,
    )


@pytest.fixture
def truth() -> np.ndarray:
    """12 × 20, of which the model calls columns 0–9 red (3) and 10–19 blue (8)."""
    labels = np.full((12, 20), 8, np.uint8)
    labels[:, :15] = 3  # five columns that the model takes for blue
    labels[:, 18:] = 0  # two columns of background, also taken for blue
    return labels


def test_scores_are_those_one_gets_by_hand(store, proposer, label, truth) -> None:
    label(store, ["a.png"], truth)
    scores = judge(store, proposer()).to_json()
    # Columns: red truly 15, found 10, both 10; blue truly 3, found 10, both 3; background 2, 0, 0.
    assert scores["iou"] == {"background": 0, "red": round(10 / 15, 6), "blue": 0.3}
    assert scores["miou"] == pytest.approx((0 + 10 / 15 + 0.3) / 3, abs=1e-6)
    assert scores["pixel_accuracy"] == pytest.approx(13 / 20)
    assert scores["categories"] == ["background", "red", "blue"]
    assert scores["confusion"] == [[0, 0, 24], [0, 120, 60], [0, 0, 36]]
    assert scores["images"] == 1


def test_pixels_are_pooled_over_all_images_before_dividing(store, proposer, label, truth) -> None:
    label(store, ["a.png"], truth)
    label(store, ["b.png"], 3)
    scores = judge(store, proposer(), ["a.png", "b.png"]).scores
    assert scores.iou[3] == pytest.approx((10 + 10) / (15 + 20))


def test_void_pixels_are_not_judged(store, proposer, label, truth) -> None:
    truth[:, 10:15] = VOID  # exactly what the model got wrong of red
    label(store, ["a.png"], truth)
    scores = judge(store, proposer()).scores
    assert scores.iou[3] == 1
    assert scores.pixels == 12 * 15


def test_background_is_not_judged_where_it_means_not_labelled(
    store, proposer, label, truth, categories
) -> None:
    label(store, ["a.png"], truth)
    report = judge(store, proposer(), categories=categories.with_background_void(True)).to_json()
    assert set(report["iou"]) == {"red", "blue"}
    assert report["pixel_accuracy"] == pytest.approx(13 / 18, abs=1e-6)
    assert report["confusion"] == [[120, 60], [0, 36]]


def test_categories_absent_from_truth_and_proposal_are_left_out_of_the_mean(
    store, proposer, label, categories
) -> None:
    labels = np.full((12, 20), 8, np.uint8)
    labels[:, :10] = 3
    label(store, ["a.png"], labels)
    more, _ = categories.with_new("never seen")
    report = judge(store, proposer(), categories=more).to_json()
    assert report["iou"] == {"red": 1, "blue": 1}
    assert report["miou"] == 1


def test_categories_of_a_model_are_matched_by_name(store, proposer, label) -> None:
    labels = np.full((12, 20), 3, np.uint8)
    labels[:, :10] = 8
    label(store, ["a.png"], labels)
    assert judge(store, proposer(CategorySet.of("Blue", "Red"))).scores.miou == 1


def test_what_a_model_calls_by_a_name_unknown_here_counts_as_background(
    store, proposer, label
) -> None:
    label(store, ["a.png"], 3)
    report = judge(store, proposer(CategorySet.of("sea", "sky")))
    assert report.scores.iou == {0: 0.0, 3: 0.0}


def test_a_bad_image_is_named_and_the_others_are_judged(store, proposer, label, damage) -> None:
    label(store, ["a.png", "b.png"])
    damage("a.png")
    told: list[Progress] = []
    report = judge(store, proposer(), ["a.png", "b.png"], progress=told.append)
    assert report.images == 1
    assert len(report.failed) == 1
    assert "a.png" in report.failed[0]
    assert [bool(p.error) for p in told] == [True, False]


def test_a_model_that_breaks_on_one_image_does_not_end_the_comparison(
    store, proposer, label
) -> None:
    class Fragile(proposer):
        def propose(self, image, cancel=None):
            if not self.pictures:
                self.pictures += 1
                raise RuntimeError("out of memory")
            return super().propose(image, cancel)

    label(store, ["a.png", "b.png"])
    report = judge(store, Fragile(), ["a.png", "b.png"])
    assert report.images == 1
    assert report.failed == ["a.png: RuntimeError: out of memory"]


def test_labels_of_another_size_than_the_image_are_named(store, images, proposer, label) -> None:
    label(store, ["a.png", "b.png"])
    Image.fromarray(np.zeros((5, 5, 3), np.uint8)).save(images / "a.png")
    report = judge(store, proposer(), ["a.png", "b.png"])
    assert (report.images, len(report.failed)) == (1, 1)
    assert "a.png" in report.failed[0]


def test_true_ids_that_are_no_category_are_named_instead_of_left_unjudged(
    store, proposer, label, truth
) -> None:
    label(store, ["a.png", "b.png"], truth)
    truth[0, 0] = 77
    label(store, ["b.png"], truth)
    report = judge(store, proposer(), ["a.png", "b.png"])
    assert report.images == 1
    assert report.failed == ["b.png: its labels hold ids without a category: [77]"]


def test_nothing_to_compare_is_refused_with_the_first_reason(store, proposer) -> None:
    with pytest.raises(SegLabelError, match=r"nothing could be compared.*a\.png: has no labels"):
        judge(store, proposer())


def test_a_comparison_can_be_cancelled(store, proposer, label) -> None:
    label(store, ["a.png"])
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        judge(store, proposer(), cancel=cancel)


def test_truth_may_come_from_a_folder_of_index_pngs(store, tmp_path, proposer, truth) -> None:
    folder = tmp_path / "truth"
    (folder / "deep").mkdir(parents=True)
    Image.fromarray(truth).save(folder / "a.png")
    Image.fromarray(truth).save(folder / "deep" / "a.png.png")  # the other way of naming
    names, load = truth_of_folder(folder, store.project.names)
    assert names == ["a.png", "deep/a.png"]
    report = evaluate(store, names, load, store.project.categories, proposer())
    assert report.images == 2
    assert report.scores.pixel_accuracy == pytest.approx(13 / 20)


def test_a_folder_without_a_fitting_png_is_refused(store, tmp_path) -> None:
    with pytest.raises(LabelError, match="4 images"):
        truth_of_folder(tmp_path, store.project.names)


def test_the_last_line_is_json_for_any_reader(store, proposer, label) -> None:
    label(store, ["a.png"], VOID)  # nothing is judged: the mean is no number
    line = json.dumps(judge(store, proposer()).to_json())
    assert line.isascii()  # whatever encoding a pipe has
    assert "\n" not in line

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    data = json.loads(line, parse_constant=refuse)
    assert data["miou"] is None
    assert {"miou", "pixel_accuracy", "iou", "images", "confusion"} <= set(data)


def test_nothing_is_judged_by_labels_of_another_file(store, images, proposer, label) -> None:
    label(store, ["a.png", "b.png"])
    Image.fromarray(np.full((12, 20, 3), 99, np.uint8)).save(images / "a.png")
    report = judge(store, proposer(), ["a.png", "b.png"])
    assert report.images == 1
    assert "a.png: its file changed after it was labelled" in report.failed[0]
