from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from seglabel.core.cancel import Cancel
from seglabel.core.categories import VOID
from seglabel.core.comparison import VERDICT_COLORS, Verdict
from seglabel.core.errors import Cancelled, CheckpointError, ExportError, SegLabelError
from seglabel.core.model_version import ModelVersion
from seglabel.core.progress import Progress
from seglabel.core.status import Status
from seglabel.formats.evaluation_store import EvaluationStore
from seglabel.formats.model_file import version_note, with_notes
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.compare import (
    Candidate,
    Judging,
    judges_given,
    judges_of_project,
    kept_evaluations,
    write_report,
)
from seglabel.jobs.train import held_back

NAMES = ("a.png", "b.png", "deep/a.png", "deep/c.png")


@pytest.fixture
def candidate(store, proposer, categories, tmp_path):
    """Makes models of the project; ``loads`` counts how often one was loaded."""

    def make(name="model-1", *, training=(), validation=(), how="", right=True, **choices):
        path = store.models_folder / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        spec = {"categories": categories.to_json(), "channels": [0, *categories.ids]}
        version = ModelVersion(name, "2026-01-01", training=training, validation=validation)
        data = save({"w": np.full(1, len(name))}, {"seglabel": json.dumps(spec), "name": name})
        path.write_bytes(with_notes(data, version_note(version), path))
        # One that is not right takes red for blue and blue for red.
        known = categories if right else categories.reordered(categories.ids[::-1])
        loaded = proposer(known, **choices)

        def load():
            made.loads += 1
            return loaded

        made = Candidate(path, load, how)
        made.loads = 0
        return made

    return make


@pytest.fixture
def truth() -> np.ndarray:
    labels = np.full((12, 20), 8, np.uint8)
    labels[:, :10] = 3
    return labels


@pytest.fixture
def judging(store, candidate, label, truth, tmp_path):
    """Two models, one of which is always wrong, on two of four reviewed images."""
    label(store, NAMES, truth)
    both = (
        candidate("model-1", training=NAMES[:2], right=False),
        candidate("model-2", training=NAMES[:2]),
    )
    judges = judges_of_project(store, [c.version for c in both], all_reviewed=True)
    return Judging(store, judges, both, EvaluationStore(tmp_path / "kept"))


# by which images


def test_models_are_judged_by_images_that_were_held_back_from_both(store, label) -> None:
    label(store, NAMES)
    held = held_back(store, 0.3).validation
    taught, spared = (name for name in NAMES if name not in held)
    # One model held back more than the other: what any of them learned from judges neither.
    first = ModelVersion("a", "", training=(taught,), validation=(*held, spared))
    second = ModelVersion("b", "", training=(taught, spared), validation=held)
    judges = judges_of_project(store, [first, second], share=0.3)
    assert (set(judges.names), judges.by) == (set(held), "held-back")
    judges = judges_of_project(store, [first], share=0.3)
    assert set(judges.names) == {*held, spared}


def test_without_held_back_images_all_reviewed_ones_judge_and_say_so(store, label) -> None:
    label(store, NAMES[:2])
    label(store, NAMES[2:], status=Status.CORRECTED)
    judges = judges_of_project(store, [ModelVersion("a", "", training=NAMES)], share=0.5)
    assert (judges.names, judges.by) == (NAMES[:2], "reviewed")


def test_without_reviewed_images_nothing_can_judge(store, label) -> None:
    label(store, NAMES, status=Status.CORRECTED)
    with pytest.raises(SegLabelError, match="no image is reviewed"):
        judges_of_project(store, [])


# what is found


def test_two_models_are_judged_on_the_same_images(judging) -> None:
    told: list[Progress] = []
    comparison = judging.comparison(judging.reports(told.append))
    assert [(m.name, m.scores.miou, m.learned_from) for m in comparison.models] == [
        ("model-1", 0, 2),
        ("model-2", 1, 2),
    ]
    assert {row.name: row.change for row in comparison.rows} == dict.fromkeys(NAMES, 1)
    assert [(p.done, p.total) for p in told] == [(i, 8) for i in range(1, 9)]


def test_what_was_found_once_is_found_at_once_without_loading_a_model(judging) -> None:
    first = judging.comparison(judging.reports())
    assert [c.loads for c in judging.candidates] == [1, 1]
    again = Judging(judging.store, judging.judges, judging.candidates, judging.kept, judging.chosen)
    for c in judging.candidates:
        c._loaded = None
    second = again.comparison(again.reports())
    again.pictures("a.png")
    assert [c.loads for c in judging.candidates] == [1, 1]
    for one, other in zip(first.models, second.models, strict=True):
        np.testing.assert_array_equal(one.scores.confusion, other.scores.confusion)


@pytest.mark.parametrize("what", ["labels", "image", "model", "how", "mapping", "damage"])
def test_whatever_decides_a_result_makes_it_anew(
    store, candidate, label, truth, images, tmp_path, what
) -> None:
    label(store, NAMES[:2], truth)
    kept = EvaluationStore(tmp_path / "kept")

    def look(one: Candidate, chosen=None) -> float:
        judges = judges_of_project(store, [], all_reviewed=True)
        judging = Judging(store, judges, (one,), kept, chosen or {})
        return judging.comparison(judging.reports()).models[0].scores.miou

    assert look(candidate()) == 1
    model = candidate()
    chosen = None
    if what == "labels":
        label(store, ["a.png"], np.where(truth == 3, 8, 3).astype(np.uint8))
    elif what == "image":
        (images / "a.png").write_bytes((images / "a.png").read_bytes() + b" ")
        store.accept_change("a.png")  # until then it does not judge
    elif what == "model":
        model = candidate(validation=("x",))
    elif what == "how":
        model = candidate(how="flipped")
    elif what == "mapping":
        chosen = {"red": "blue"}
    else:
        for file in (tmp_path / "kept").rglob("*.npz"):
            file.write_bytes(file.read_bytes()[:-30])
    look(model, chosen)
    assert model.loads == 1


def test_results_of_a_deleted_model_are_forgotten_and_no_others(judging, tmp_path) -> None:
    judging.reports()
    judging.kept.forget("model-1-")
    left = {path.name.rsplit("-", 1)[0] for path in (tmp_path / "kept").iterdir()}
    assert left == {"model-2"}


def test_a_comparison_can_be_stopped(judging) -> None:
    cancel = Cancel()

    def stop(progress: Progress) -> None:
        if progress.done == 3:
            cancel.set()

    with pytest.raises(Cancelled):
        judging.reports(stop, cancel)
    assert judging.candidates[1].loads == 0


def test_an_image_that_is_gone_is_named_and_the_others_are_compared(judging, images) -> None:
    (images / "b.png").unlink()
    comparison = judging.comparison(judging.reports())
    assert [row.name for row in comparison.rows] == ["a.png", "deep/a.png", "deep/c.png"]
    assert len(comparison.failed) == 1
    assert "b.png" in comparison.failed[0]


def test_a_file_of_another_layout_is_loaded_to_know_its_categories(
    proposer, tmp_path, categories
) -> None:
    path = tmp_path / "city.pth"
    path.write_bytes(b"weights")
    made = Candidate(path, lambda: proposer(categories, digest="d"))
    assert (made.name, made.categories, made.version) == ("city", categories, None)
    assert made.digest.startswith("d")


def test_a_model_that_is_gone_is_refused(tmp_path) -> None:
    def load():
        raise CheckpointError("gone")

    with pytest.raises(CheckpointError, match="gone"):
        Candidate(tmp_path / "model-1.safetensors", load)


# pictures and pages


def test_pictures_show_truth_proposals_and_what_became_of_each_pixel(
    judging, store, label, truth
) -> None:
    truth[:2] = VOID
    label(store, ["a.png"], truth)
    judging.reports()
    pictures = judging.pictures("a.png")
    assert pictures.image.shape == pictures.verdict.shape == (12, 20, 3)
    assert pictures.image[6, 0].tolist() == [255, 0, 0]
    gained = np.array(VERDICT_COLORS[Verdict.GAINED])
    grey = np.array([76, 76, 76])  # red in grey, over which the colour lies
    expected = 0.62 * gained + 0.38 * grey
    np.testing.assert_allclose(pictures.verdict[6, 0], expected, atol=1.5)
    assert (pictures.verdict[0] != pictures.verdict[6]).any()  # void is not judged
    np.testing.assert_array_equal(pictures.truth[6], pictures.proposals[1][6])
    assert pictures.proposals[0][6, 0].argmax() == 2  # red is taken for blue


def test_background_that_means_not_labelled_is_shown_as_not_judged(
    store, candidate, label, truth, categories
) -> None:
    store.project.categories = categories.with_background_void(True)
    label(store, ["a.png"], np.where(truth == 3, 0, truth).astype(np.uint8))
    judges = judges_of_project(store, [], all_reviewed=True)
    pictures = Judging(store, judges, (candidate(),)).pictures("a.png")
    grey = np.array([76, 76, 76])
    beige = np.array(VERDICT_COLORS[Verdict.UNJUDGED])
    np.testing.assert_allclose(pictures.verdict[6, 0], 0.62 * beige + 0.38 * grey, atol=1.5)


def test_pictures_are_made_even_if_nothing_could_be_kept(judging) -> None:
    bare = Judging(judging.store, judging.judges, judging.candidates)
    assert bare.pictures("a.png").proposals[1].shape == (12, 20, 3)


def test_the_same_comparison_gives_the_same_page(judging, tmp_path) -> None:
    comparison = judging.comparison(judging.reports())
    path = write_report(judging, comparison, tmp_path / "page")
    first = path.read_bytes()
    again = judging.comparison(judging.reports())
    assert write_report(judging, again, tmp_path / "page").read_bytes() == first
    assert [p.name for p in path.parent.iterdir()] == ["index.html"]
    for said in ("model-2 compared with model-1", "deep/c.png", "learned from 2 of these images"):
        assert said.encode() in first


def test_a_page_replaces_no_page_of_somebody_else(judging, tmp_path, images) -> None:
    comparison = judging.comparison(judging.reports())
    (tmp_path / "index.html").write_text("my own")
    with pytest.raises(ExportError, match="is no earlier report"):
        write_report(judging, comparison, tmp_path)
    assert (tmp_path / "index.html").read_text() == "my own"
    with pytest.raises(ExportError, match="lies in the"):
        write_report(judging, comparison, images / "page")


def test_a_folder_without_a_project_gets_none_by_being_judged(
    images, proposer, tmp_path, categories, truth
) -> None:
    store = ProjectStore.open(images)
    judges = judges_given(["a.png"], lambda name: truth, categories)
    path = tmp_path / "m.safetensors"
    path.write_bytes(b"")
    with kept_evaluations(store) as kept:
        judging = Judging(store, judges, (Candidate(path, proposer),), kept)
        assert judging.comparison(judging.reports()).models[0].scores.miou == 1
    assert not store.root.exists()
    assert not list(Path(tmp_path).glob("**/*.npz"))
