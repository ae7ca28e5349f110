"""Two real processes on the CPU learn one network."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import multiprocessing

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.progress import ignore_progress
from seglabel.core.samples import Learned, Sample
from seglabel.model.identify import identify
from seglabel.model.learning import DeepLabLearner
from seglabel.model.learning.recipe import Recipe
from seglabel.model.learning.run import Run

CATEGORIES = CategorySet.of("bright", "dark")
STEPS = 4


def sample(seed: int) -> Sample:
    generator = np.random.default_rng(seed)
    picture = generator.integers(0, 256, (50, 60, 3), np.uint8)
    labels = np.where(picture.mean(axis=2) > 127, 1, 2).astype(np.uint8)
    labels[: 10 * seed] = 255  # so that crops differ in how much of them is labelled
    return Sample(f"picture {seed}", lambda: (picture, labels))


def learn(init: Path, batch: int) -> Learned:
    # The overlap of a whole batch is not the mean of its parts'.
    recipe = Recipe(crop=32, batch=batch, rate=1e-2, overlap=0.0)
    learner = DeepLabLearner(init=init, steps=STEPS, device="cpu", recipe=recipe)
    return learner.learn(
        [sample(0), sample(1), sample(2)],
        [sample(3), sample(4), sample(5)],
        CATEGORIES,
        ignore_progress,
        Cancel(),
    )


def work(rank: int, port: int, init: Path, folder: Path) -> None:
    torch.set_num_threads(1)
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_PORT": port}
    os.environ.update({key: str(value) for key, value in place.items()}, MASTER_ADDR="127.0.0.1")
    weights: dict[str, torch.Tensor] = {}
    go = Run.train

    def train(run: Run, *arguments: object) -> Learned:
        learned = go(run, *arguments)
        weights.update(run._net.state_dict())
        return learned

    Run.train = train
    learned = learn(init, batch=2)
    torch.save({"weights": weights, "miou": learned.miou}, folder / f"{rank}.pt")


@pytest.fixture
def together(checkpoint, tiny, tmp_path) -> tuple[Path, list[dict]]:
    """A model to begin with, and what each of two processes has at the end."""
    init, _ = checkpoint(arch=tiny(3), categories=CATEGORIES)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    multiprocessing.spawn(work, (port, init, tmp_path), nprocs=2)
    return init, [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1)]


def test_two_processes_learn_what_one_learns_from_batches_twice_as_large(
    together, monkeypatch
) -> None:
    init, found = together
    first, second = (one["weights"] for one in found)
    assert all(torch.equal(first[key], second[key]) for key in first)
    alone: dict[str, torch.Tensor] = {}
    go = Run.train

    def train(run: Run, *arguments: object) -> Learned:
        learned = go(run, *arguments)
        alone.update(run._net.state_dict())
        return learned

    monkeypatch.setattr(Run, "train", train)
    learned = learn(init, batch=4)
    begun = identify(init).network().state_dict()
    moved = {key: float((value - begun[key]).abs().max()) for key, value in alone.items()}
    apart = {key: float((value - first[key]).abs().max()) for key, value in alone.items()}
    assert max(moved.values()) > 20 * max(apart.values())
    # Both judged all the held-back images, each its part of them.
    assert found[0]["miou"] == found[1]["miou"] == pytest.approx(learned.miou, abs=0.02)
