"""A device that runs full or is lost costs time, never a proposal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from seglabel.core.errors import SegLabelError
from seglabel.model.batching import BatchSize
from seglabel.model.engines.pixel_net import Seen
from seglabel.model.memory import LOST, is_out_of_memory


class Failing:
    """An engine that fails so many times before it computes as another does."""

    def __init__(self, inner, failures: list[Exception], on_cpu=None) -> None:
        self._inner, self.failures, self._on_cpu = inner, failures, on_cpu
        self.title = "Failing float32"
        self.device = torch.device("cpu") if on_cpu is None else torch.device("meta")
        self.sizes: list[tuple[int, int]] = []
        self.releases = 0
        self.batches: list[int] = []

    def on_cpu(self):
        return self._on_cpu

    def release(self) -> None:
        self.releases += 1

    def run(self, batch: np.ndarray) -> Seen:
        self.sizes.append(batch.shape[1:3])
        self.batches.append(len(batch))
        if self.failures:
            raise self.failures.pop(0)
        return self._inner.run(batch)


def full() -> Exception:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")


@pytest.fixture
def failing(colour_segmenter) -> Callable[..., tuple]:
    def make(failures: list[Exception]):
        segmenter, _ = colour_segmenter()
        segmenter.engine = Failing(segmenter.engine, failures)
        return segmenter, segmenter.engine

    return make


def test_a_full_memory_is_answered_with_smaller_tiles(failing, colour_segmenter, picture) -> None:
    image = picture(700, 1300)
    segmenter, engine = failing([full(), full()])
    proposal = segmenter.propose(image)
    assert engine.sizes[0] == (704, 1312)
    assert set(engine.sizes[2:]) == {(512, 512)}
    assert engine.releases == 2
    assert "in tiles of 512 for lack of memory" in proposal.note
    expected = colour_segmenter()[0].propose(image).labels
    assert (proposal.labels == expected).mean() > 0.99


def test_what_was_learned_of_the_memory_is_remembered(failing, picture) -> None:
    segmenter, engine = failing([full()])
    segmenter.propose(picture(700, 1300))
    engine.sizes.clear()
    segmenter.propose(picture(700, 1300))
    assert engine.sizes[0] == (1024, 1024)


def test_where_nothing_smaller_is_left_the_failure_is_told(failing, picture) -> None:
    segmenter, _ = failing([full() for _ in range(9)])
    with pytest.raises(SegLabelError, match="ran out of memory"):
        segmenter.propose(picture(700, 1300))


def test_other_errors_are_not_taken_for_a_full_memory(failing, picture) -> None:
    segmenter, engine = failing([RuntimeError("shape mismatch")])
    with pytest.raises(RuntimeError, match="shape mismatch"):
        segmenter.propose(picture(64, 64))
    assert len(engine.sizes) == 1


@pytest.mark.skipif(not LOST, reason="this PyTorch has no error for a lost device")
def test_a_lost_device_is_left_for_the_cpu_at_once(colour_segmenter, picture) -> None:
    segmenter, _ = colour_segmenter()
    on_cpu, image = segmenter.engine, picture(64, 64)
    expected = segmenter.propose(image).labels
    lost = LOST[0].__new__(LOST[0], "unspecified launch failure")
    segmenter.engine = Failing(on_cpu, [lost], on_cpu)
    proposal = segmenter.propose(image)
    assert segmenter.engine is on_cpu
    assert "on the CPU" in proposal.note
    assert np.array_equal(proposal.labels, expected)


@pytest.mark.skipif(not LOST, reason="this PyTorch has no error for a lost device")
def test_a_lost_device_that_cannot_even_be_tidied_up_is_left_all_the_same(
    colour_segmenter, picture, monkeypatch
) -> None:
    # Once a context is dead every call into it raises, also those that give memory back.
    def dead(*_: object) -> None:
        raise LOST[0].__new__(LOST[0], "unspecified launch failure")

    segmenter, _ = colour_segmenter()
    on_cpu, image = segmenter.engine, picture(64, 64)
    lost = LOST[0].__new__(LOST[0], "unspecified launch failure")
    segmenter.engine = Failing(on_cpu, [lost], on_cpu)
    monkeypatch.setattr(segmenter.engine, "release", dead)
    monkeypatch.setattr("seglabel.model.segmenter.free_memory", dead)
    assert "on the CPU" in segmenter.propose(image).note
    assert segmenter.engine is on_cpu


@pytest.mark.parametrize("times", range(1, 5))
def test_a_memory_that_is_full_so_many_times_over_costs_no_proposal(
    colour_segmenter, picture, times: int
) -> None:
    segmenter, _ = colour_segmenter()
    on_cpu, image = segmenter.engine, picture(700, 1300)
    segmenter.engine = Failing(on_cpu, [full() for _ in range(times)], on_cpu)
    proposal = segmenter.propose(image)
    assert proposal.labels.shape == (700, 1300)
    given_up = ("tiles of 1024", "tiles of 512", "tiles of 256", "on the CPU")[times - 1]
    assert given_up in proposal.note and given_up in segmenter.where


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (1, 5, 8, 8), (4, 8, 8), (1, 4, 0, 8)])
def test_scores_of_another_shape_are_refused(failing, picture, shape: tuple[int, ...]) -> None:
    segmenter, engine = failing([])
    wrong = Seen(torch.zeros(shape), torch.zeros(1, 4))
    engine.run = lambda batch: wrong
    with pytest.raises(SegLabelError, match=r"colour: expected scores \(N, 4, h, w\), found"):
        segmenter.propose(picture(32, 32))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("size mismatch"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_a_full_memory_is_known_by_its_class_or_its_words(error, expected) -> None:
    assert is_out_of_memory(error) is expected


@pytest.fixture
def on_a_card(colour_segmenter) -> Callable[..., tuple]:
    """A segmenter whose engine is taken for a GPU's."""

    def make(failures: list[Exception] | None = None, batch: int = 4):
        segmenter, _ = colour_segmenter()
        on_cpu = segmenter.engine
        segmenter.engine = Failing(on_cpu, failures or [], on_cpu)
        segmenter._batch = BatchSize()
        segmenter._batch.size = batch
        return segmenter, segmenter.engine

    return make


def test_pictures_of_one_shape_are_computed_together(on_a_card, picture) -> None:
    segmenter, engine = on_a_card()
    images = [picture(60, 90, seed=seed) for seed in range(4)]
    together = segmenter.propose_batch(images)
    assert engine.batches == [4]
    for image, found in zip(images, together, strict=True):
        expected = segmenter.propose(image)
        assert np.array_equal(found.labels, expected.labels)
        assert np.array_equal(found.confidence_grid, expected.confidence_grid)
        assert found.model_digest == expected.model_digest


def test_a_full_memory_halves_the_batch_before_the_tile(on_a_card, picture) -> None:
    segmenter, engine = on_a_card([full()])
    images = [picture(60, 90, seed=seed) for seed in range(4)]
    found = segmenter.propose_batch(images)
    assert len(found) == 4
    assert segmenter.batch_size == 2
    assert "in batches of 2 for lack of memory" in found[0].note
    assert set(engine.sizes) == {(64, 96)}  # no tiles
    assert engine.releases == 1


def test_a_lost_card_leaves_the_whole_batch_to_the_cpu(on_a_card, picture) -> None:
    if not LOST:
        pytest.skip("this PyTorch has no error for a lost device")
    lost = [LOST[0].__new__(LOST[0], "unspecified launch failure") for _ in range(2)]
    segmenter, _ = on_a_card(lost)
    found = segmenter.propose_batch([picture(60, 90), picture(60, 90)])
    assert "on the CPU" in found[1].note
    assert segmenter.batch_size == 1


def test_a_processor_is_given_one_picture_at_a_time(colour_segmenter, picture) -> None:
    segmenter, _ = colour_segmenter()
    assert segmenter.batch_size == 1
    images = [picture(60, 90), picture(60, 90, seed=1)]
    labels = [proposal.labels for proposal in segmenter.propose_batch(images)]
    assert np.array_equal(labels[1], segmenter.propose(images[1]).labels)
