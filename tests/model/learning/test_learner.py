from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from seglabel.core.cancel import Cancel
from seglabel.core.categories import VOID, CategorySet
from seglabel.core.errors import Cancelled, CheckpointError, TrainingError
from seglabel.core.progress import Progress, ignore_progress
from seglabel.core.samples import Learned, Sample
from seglabel.model import Segmenter
from seglabel.model.checkpoint import ModelSpec
from seglabel.model.layouts import understand
from seglabel.model.learning import DeepLabLearner
from seglabel.model.learning.recipe import Recipe
from seglabel.model.learning.run import Run
from seglabel.model.raw_checkpoint import read_checkpoint

RECIPE = Recipe(crop=32, batch=2, rate=2e-3, warm_up=0.01)
CATEGORIES = CategorySet.of("red", "blue")


def sample(height: int = 40, width: int = 60, *, void: bool = False, other: int = VOID) -> Sample:
    """The left half is red and labelled 1, the right half is blue and labelled 2."""
    picture = np.zeros((height, width, 3), np.uint8)
    labels = np.full((height, width), other, np.uint8)
    middle = width // 2
    picture[:, :middle], picture[:, middle:] = (230, 20, 20), (20, 20, 230)
    if not void:
        labels[4:, :middle], labels[4:, middle:] = 1, 2
    return Sample("picture", lambda: (picture, labels))


def learn(
    training: list[Sample],
    validation: list[Sample] | None = None,
    *,
    categories: CategorySet = CATEGORIES,
    progress: Callable[[Progress], None] = ignore_progress,
    cancel: Cancel | None = None,
    **choices: object,
) -> Learned:
    settings = {"backbone": "mobilenet_v2", "steps": 3, "device": "cpu", "recipe": RECIPE}
    return DeepLabLearner(**{**settings, **choices}).learn(
        training, validation or [], categories, progress, cancel or Cancel()
    )


def losses(training: list[Sample], **choices: object) -> list[float]:
    """The loss of every step."""
    found: dict[int, float] = {}
    learn(training, progress=lambda p: found.setdefault(p.done, p.values["loss"]), **choices)
    return list(found.values())


def spec_of(learned: Learned, folder: Path) -> ModelSpec:
    path = folder / "learned.safetensors"
    path.write_bytes(learned.checkpoint)
    return understand(read_checkpoint(path)).spec


def test_learning_lowers_the_loss() -> None:
    found = losses([sample()], steps=10, recipe=Recipe(crop=48, batch=4, rate=4e-3, warm_up=0.01))
    assert len(found) == 10
    assert np.mean(found[-3:]) < 0.5 * np.mean(found[:3])


def test_what_was_learned_can_be_loaded_and_speaks_of_the_projects_categories(tmp_path) -> None:
    learned = learn([sample()])
    path = tmp_path / "learned.safetensors"
    path.write_bytes(learned.checkpoint)
    segmenter = Segmenter.load(path, "cpu")
    assert segmenter.categories == CATEGORIES
    assert segmenter.spec.channels == (0, 1, 2)
    assert segmenter.spec.training["steps"] == learned.steps == 3
    assert segmenter.propose(np.zeros((20, 30, 3), np.uint8)).labels.shape == (20, 30)


def test_background_gets_no_channel_where_it_means_not_labelled(tmp_path) -> None:
    learned = learn([sample()], categories=CATEGORIES.with_background_void(True))
    assert spec_of(learned, tmp_path).channels == (1, 2)


def test_the_same_seed_learns_the_same() -> None:
    assert losses([sample()], seed=5) == losses([sample()], seed=5)
    assert losses([sample()], seed=5) != losses([sample()], seed=6)


def test_an_id_without_a_category_teaches_as_little_as_void() -> None:
    assert losses([sample(other=77)]) == losses([sample(other=VOID)])


def test_images_of_void_alone_are_refused() -> None:
    with pytest.raises(TrainingError, match="no pixel of any category"):
        learn([sample(void=True), sample(void=True)])


def test_an_image_of_void_among_others_spoils_nothing() -> None:
    assert np.isfinite(losses([sample(void=True), sample()], steps=4)).all()


def test_pictures_smaller_than_the_crop_are_learned_from() -> None:
    assert np.isfinite(losses([sample(9, 12)])).all()


# validation


def test_scores_on_held_back_images_are_kept_in_the_checkpoint(tmp_path) -> None:
    learned = learn([sample()], [sample(50, 50)], steps=8)
    training = spec_of(learned, tmp_path).training
    assert training["miou"] == learned.miou
    assert training["pixel_accuracy"] == learned.pixel_accuracy
    assert 0 <= learned.miou <= 1
    assert set(learned.iou) <= {"background", "red", "blue"}
    assert training["seed"] == 0
    assert training["stages"] == ["decoder"]  # so short a training has no other


def test_the_scores_are_those_of_the_checkpoint_that_is_returned(tmp_path) -> None:
    held_back = sample(50, 50)
    learned = learn([sample()], [held_back], steps=8)
    path = tmp_path / "learned.safetensors"
    path.write_bytes(learned.checkpoint)
    picture, truth = held_back.load()
    labels = Segmenter.load(path, "cpu").propose(picture).labels
    judged = truth != VOID
    assert (labels == truth)[judged].mean() == pytest.approx(learned.pixel_accuracy)


def test_without_held_back_images_there_are_no_scores_but_a_checkpoint(tmp_path) -> None:
    learned = learn([sample()])
    assert np.isnan(learned.miou)
    assert learned.iou == {}
    assert "miou" not in spec_of(learned, tmp_path).training


def test_held_back_images_that_judge_nothing_never_keep_the_training_from_its_end(
    tmp_path,
) -> None:
    told: list[Progress] = []
    learned = learn([sample()], [sample(void=True)], steps=8, progress=told.append)
    # The first look at them must not count as the best for ever.
    assert spec_of(learned, tmp_path).training["steps"] == 8
    for progress in told:  # what programs read must be JSON, which knows no NaN
        json.dumps(progress.to_json(), allow_nan=False)


def test_the_best_score_so_far_is_told_while_it_learns() -> None:
    told: list[Progress] = []
    learned = learn([sample()], [sample()], steps=8, progress=told.append)
    best = [p.values["best_miou"] for p in told if "best_miou" in p.values]
    assert best == sorted(best)
    assert best[-1] == round(learned.miou, 4)
    assert [p.done for p in told] == sorted(p.done for p in told)


# stopping


@pytest.mark.parametrize("validation", [[], [sample(50, 50)]])
def test_what_is_best_so_far_is_handed_over_before_the_end(validation) -> None:
    told: list[object] = []
    learned = DeepLabLearner(recipe=RECIPE, steps=8, device="cpu").learn(
        [sample()], validation, CATEGORIES, told.append, Cancel(), told.append
    )
    kept = [index for index, one in enumerate(told) if isinstance(one, bytes)]
    assert kept[0] < len(told) / 2
    assert told[kept[-1]] == learned.checkpoint


def test_scores_of_each_category_are_told_while_it_learns() -> None:
    told: list[Progress] = []
    learn([sample()], [sample(50, 50)], steps=8, progress=told.append)
    looks = [p.values for p in told if "miou" in p.values]
    assert len(looks) > 2
    assert {"red", "blue"} <= set(looks[-1]["iou"])
    shares = [p.values["share"] for p in told]
    assert shares == sorted(shares) and 0 <= shares[0] < shares[-1] <= 1


def test_cancelling_before_the_first_step_leaves_nothing() -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        learn([sample()], cancel=cancel)


def test_cancelling_later_brings_back_what_was_learned_until_then(tmp_path) -> None:
    cancel = Cancel()
    learned = learn([sample()], steps=50, cancel=cancel, progress=lambda p: cancel.set())
    assert learned.is_cancelled
    assert learned.steps == 1
    assert spec_of(learned, tmp_path).training["steps"] == 1


def broken_at(monkeypatch, wanted: int) -> None:
    """The loss of this step is not a number."""
    learn_one = Run._learn

    def fail(run, *batch):
        value = learn_one(run, *batch)
        if run._step + 1 == wanted:
            raise TrainingError(f"the loss became nan at step {wanted}")
        return value

    monkeypatch.setattr(Run, "_learn", fail)


def test_a_loss_that_breaks_down_leaves_the_best_checkpoint_until_then(
    monkeypatch, tmp_path
) -> None:
    broken_at(monkeypatch, 4)
    said: list[str] = []
    learned = learn([sample()], [sample(50, 50)], steps=8, say=said.append)
    assert learned.steps == 3
    assert spec_of(learned, tmp_path).training["steps"] < 4
    assert 0 <= learned.miou <= 1
    assert any("nan at step 4" in sentence and "kept" in sentence for sentence in said)


def test_a_loss_that_breaks_down_before_anything_was_kept_is_an_error(monkeypatch) -> None:
    broken_at(monkeypatch, 2)
    with pytest.raises(TrainingError, match="nan at step 2"):
        learn([sample()], steps=8)


def test_a_net_that_is_lost_never_becomes_the_best(monkeypatch, tmp_path) -> None:
    average = Run._update_average

    def spoil(run) -> None:
        average(run)
        if run._step == 4:
            with torch.no_grad():
                for parameter in [*run._net.parameters(), *run._average.parameters()]:
                    parameter.fill_(float("nan"))

    monkeypatch.setattr(Run, "_update_average", spoil)
    learned = learn([sample()], [sample(50, 50)], steps=8)
    state = safetensors_state(learned, tmp_path)
    assert all(torch.isfinite(value).all() for value in state.values())
    assert learned.steps == 5


def ticking() -> Callable[[], float]:
    """A clock that goes on by a quarter of a second whenever it is looked at."""
    ticks = count()
    return lambda: next(ticks) / 4


def test_a_time_budget_is_kept() -> None:
    learned = learn([sample()], [sample()], steps=None, seconds=20.0, clock=ticking())
    assert 1 < learned.steps < 80
    assert learned.seconds <= 20 + 2  # the last look at the validation images included
    assert not learned.is_cancelled


def test_a_budget_that_is_over_before_the_first_step_is_not_called_cancelled() -> None:
    with pytest.raises(TrainingError, match="before the first step"):
        learn([sample()], steps=None, seconds=0.5, clock=ticking())


@pytest.mark.parametrize(
    ("choice", "named"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": None, "seconds": -1.0}, "seconds"),
        ({"steps": None, "seconds": 0.0}, "seconds"),
        ({"seed": -1}, "seed"),
        ({"seed": 1 << 64}, "seed"),
    ],
)
def test_numbers_that_make_no_training_are_refused(choice, named) -> None:
    with pytest.raises(TrainingError, match=named):
        learn([sample()], **choice)


def test_an_unknown_backbone_is_refused() -> None:
    with pytest.raises(CheckpointError, match="alexnet"):
        learn([sample()], backbone="alexnet")


# going on from another model


@pytest.fixture
def known(checkpoint, tiny) -> tuple[Path, torch.nn.Module]:
    """A model of another project that knows blue and green."""
    categories = CategorySet.of("green", "Blue ")
    return checkpoint(arch=tiny(3, output_stride=8), categories=categories, mean=(0.1, 0.2, 0.3))


def test_going_on_keeps_what_a_model_knows_of_categories_of_the_same_name(known, tmp_path) -> None:
    path, net = known
    # A rate of zero shows with what the training begins.
    still = Recipe(crop=32, batch=2, rate=0.0)
    learned = learn([sample()], init=path, recipe=still, steps=1)
    state = safetensors_state(learned, tmp_path)
    rows, old = state["classifier.weight"], net.classifier.weight.data
    assert torch.equal(rows[0], old[0])  # background
    assert torch.equal(rows[2], old[2])  # blue, however it is written
    assert not any(torch.equal(rows[1], row) for row in old)  # red is new
    assert torch.equal(
        state["backbone.features.0.0.weight"], net.backbone.features[0][0].weight.data
    )


def safetensors_state(learned: Learned, folder: Path) -> dict[str, torch.Tensor]:
    path = folder / "continued.safetensors"
    path.write_bytes(learned.checkpoint)
    return read_checkpoint(path).tensors


def test_going_on_keeps_how_a_model_sees_pictures(known, tmp_path) -> None:
    spec = spec_of(learn([sample()], init=known[0], steps=1), tmp_path)
    assert spec.mean == (0.1, 0.2, 0.3)
    assert spec.architecture.output_stride == 8
    assert spec.categories == CATEGORIES


def test_going_on_from_a_model_with_no_name_in_common_is_possible(known, tmp_path) -> None:
    other = replace(CategorySet.of("cat"), background="anything else")
    learned = learn([sample()], init=known[0], steps=1, categories=other)
    assert spec_of(learned, tmp_path).categories == other


@pytest.mark.parametrize("key", ["classifier.weight", "aspp.point.conv.weight"])
@pytest.mark.parametrize("shape", [None, (1, 2, 3)])
def test_going_on_from_a_damaged_model_is_refused_by_its_tensor(known, key, shape) -> None:
    path, _ = known
    raw = read_checkpoint(path)
    tensors = {k: v for k, v in raw.tensors.items() if k != key}
    if shape is not None:
        tensors[key] = torch.zeros(shape)
    path.write_bytes(safetensors.torch.save(tensors, raw.metadata))
    with pytest.raises(CheckpointError, match=key):
        learn([sample()], init=path)


def test_a_training_without_weights_to_begin_with_says_so() -> None:
    said: list[str] = []
    learn([sample()], say=said.append, steps=1)
    assert any("random weights" in sentence for sentence in said)
    assert any("3 categories from 1 images" in sentence for sentence in said)
