"""A training that was ended by force goes on as if nothing had happened."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import TrainingError
from seglabel.core.progress import Progress, ignore_progress
from seglabel.core.samples import Learned, Resume, Sample
from seglabel.model.learning import DeepLabLearner, run
from seglabel.model.learning.judge import Judge, Verdict
from seglabel.model.learning.recipe import Recipe, Stage
from seglabel.model.learning.state import TrainingState

RECIPE = Recipe(crop=32, batch=2, rate=2e-3)
STEPS = 12
HEAD = ("aspp", "decoder", "classifier")


@pytest.fixture(autouse=True)
def two_stages(monkeypatch) -> None:
    """The head for five steps, then all."""
    stages = (
        Stage("decoder", HEAD, 5 / STEPS, cached=True),
        Stage("network", ("backbone", *HEAD), 1.0, cached=False),
    )
    monkeypatch.setattr("seglabel.model.learning.learner.plan", lambda *_, **__: stages)
    monkeypatch.setattr(run, "PATIENCE", 100)


def sample(seed: int = 0) -> Sample:
    generator = np.random.default_rng(seed)
    picture = generator.integers(0, 256, (50, 60, 3), np.uint8)
    labels = np.where(picture.mean(axis=2) > 127, 1, 2).astype(np.uint8)
    return Sample(f"picture {seed}", lambda: (picture, labels))


class Killed(BaseException):
    """What no code of the training catches."""


class Notes:
    """Keeps what a training wants to have kept."""

    def __init__(self) -> None:
        self.states: list[tuple[bytes, float]] = []

    def resume(self, state: bytes | None = None) -> Resume:
        return Resume(state, lambda data, share: self.states.append((data, share)))


def learn(resume: Resume, *, dies_at: int = 0, said: list[str] | None = None) -> Learned:
    def progress(progress: Progress) -> None:
        if progress.done == dies_at:
            raise Killed

    ticks = count()
    learner = DeepLabLearner(
        backbone="mobilenet_v2",
        steps=STEPS,
        device="cpu",
        recipe=RECIPE,
        say=(said if said is not None else []).append,
        clock=lambda: next(ticks) / 2,  # so that something is kept every few steps
    )
    return learner.learn(
        [sample(), sample(1)],
        [sample(2)],
        CategorySet.of("bright", "dark"),
        progress,
        Cancel(),
        lambda checkpoint: None,
        resume,
    )


@pytest.mark.parametrize("dies_at", [4, 9])
def test_a_training_that_is_killed_and_goes_on_ends_where_one_ends_that_was_not(dies_at) -> None:
    alone = learn(Notes().resume())
    notes, said = Notes(), []
    with pytest.raises(Killed):
        learn(notes.resume(), dies_at=dies_at)
    state, share = notes.states[-1]
    assert 0 < share < dies_at / STEPS
    resumed = learn(notes.resume(state), said=said)
    assert any("going on after" in sentence for sentence in said)
    assert resumed.steps == alone.steps == STEPS
    first, second = load(alone.checkpoint), load(resumed.checkpoint)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert (resumed.miou, resumed.iou) == (alone.miou, alone.iou)


def test_what_is_damaged_is_not_gone_on_with_and_costs_nothing_else() -> None:
    said: list[str] = []
    assert learn(Notes().resume(b"torn"), said=said).steps == STEPS
    assert any("starting anew" in sentence for sentence in said)


def test_what_is_kept_of_another_network_is_not_gone_on_with() -> None:
    notes, said = Notes(), []
    with pytest.raises(Killed):
        learn(notes.resume(), dies_at=9)
    state = TrainingState.decode(notes.states[-1][0])
    state.net.pop("classifier.bias")
    assert learn(notes.resume(state.encode()), said=said).steps == STEPS
    assert any("of another training" in sentence for sentence in said)


def test_a_state_that_runs_code_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "harm",))

    torch.save({"net": Evil()}, tmp_path / "evil")
    with pytest.raises(TrainingError, match="damaged"):
        TrainingState.decode((tmp_path / "evil").read_bytes())
    assert not (tmp_path / "harm").exists()


# ending early


def test_a_training_that_only_gets_worse_ends_by_itself_and_keeps_the_best(monkeypatch) -> None:
    monkeypatch.setattr(run, "PATIENCE", 2)
    scores = iter([0.6, 0.7, 0.65, 0.64, 0.63])
    monkeypatch.setattr(Judge, "judge", lambda judge, net: Verdict(next(scores), 0.9, {}))
    said: list[str] = []
    learned = learn(Resume(), said=said)
    assert learned.is_early and not learned.is_cancelled
    assert learned.miou == 0.7
    assert learned.steps < STEPS
    assert any("stopped early" in sentence for sentence in said)


def test_a_training_that_nothing_judges_never_ends_early() -> None:
    learner = DeepLabLearner(backbone="mobilenet_v2", steps=STEPS, device="cpu", recipe=RECIPE)
    learned = learner.learn(
        [sample()], [], CategorySet.of("bright", "dark"), ignore_progress, Cancel()
    )
    assert learned.steps == STEPS and not learned.is_early


def test_each_step_says_in_which_stage_it_is() -> None:
    told: list[Progress] = []
    learner = DeepLabLearner(backbone="mobilenet_v2", steps=STEPS, device="cpu", recipe=RECIPE)
    learner.learn([sample()], [], CategorySet.of("bright", "dark"), told.append, Cancel())
    stages = {progress.done: progress.values["stage"] for progress in told}
    assert [stages[step] for step in range(1, STEPS + 1)] == ["decoder"] * 5 + ["network"] * 7
