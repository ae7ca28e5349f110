"""Recording and playing kernels: when, for which shapes, and what happens where it fails."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seglabel.model.engines import cuda
from seglabel.model.engines.cuda import CudaUpload, GraphedCalls


class Recorded:
    """In place of recorded kernels: computes, and keeps count."""

    made: list[tuple[int, ...]]

    def __init__(self, function, batch: torch.Tensor) -> None:
        self.made.append(tuple(batch.shape))
        self._function, self.plays = function, 0

    def play(self, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.plays += 1
        return self._function(batch)


@pytest.fixture
def recorded(monkeypatch):
    Recorded.made = []
    monkeypatch.setattr(cuda, "_Graph", Recorded)
    return Recorded.made


def double(batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return batch * 2, batch * 3


def test_a_shape_is_recorded_when_it_comes_again(recorded) -> None:
    calls = GraphedCalls(double)
    for _ in range(4):
        twice, thrice = calls(torch.ones(2, 3))
        assert torch.equal(twice, torch.full((2, 3), 2.0))
        assert torch.equal(thrice, torch.full((2, 3), 3.0))
    assert recorded == [(2, 3)]


def test_shapes_that_come_once_are_never_recorded(recorded) -> None:
    calls = GraphedCalls(double)
    for side in range(1, 200):
        calls(torch.ones(side))
    assert recorded == []


def test_only_a_few_shapes_keep_their_memory(recorded) -> None:
    calls = GraphedCalls(double)
    for _ in range(2):
        for side in range(1, 7):
            calls(torch.ones(side))
    assert len(recorded) == 6
    kept = [graph for graph in calls._seen.values() if graph is not None]
    assert len(kept) == cuda._KEPT_GRAPHS
    calls.forget()
    assert not calls._seen


def test_where_recording_fails_the_function_is_called(monkeypatch) -> None:
    def refuse(function, batch):
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(cuda, "_Graph", refuse)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda _: None)
    calls = GraphedCalls(double)
    for _ in range(3):
        assert torch.equal(calls(torch.ones(2))[0], torch.full((2,), 2.0))


def test_a_full_memory_while_recording_is_told(monkeypatch) -> None:
    def refuse(function, batch):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(cuda, "_Graph", refuse)
    calls = GraphedCalls(double)
    calls(torch.ones(2))
    with pytest.raises(torch.OutOfMemoryError):
        calls(torch.ones(2))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_a_card_recorded_kernels_give_the_same_scores(tiny, randomised) -> None:
    from seglabel.model.deeplabv3plus import DeepLabV3Plus
    from seglabel.model.devices import choose_device
    from seglabel.model.engines.pixel_net import PixelNet
    from seglabel.model.engines.torch_engine import TorchEngine

    net = PixelNet(randomised(DeepLabV3Plus(tiny())), (0.5,) * 3, (0.5,) * 3)
    engine = TorchEngine(net, choose_device("cuda"))
    generator = np.random.default_rng(0)
    batches = [generator.integers(0, 256, (2, 64, 96, 3), np.uint8) for _ in range(6)]
    plain = [engine._compute(torch.from_numpy(batch).cuda()) for batch in batches]
    found = [engine.run(batch) for batch in batches]  # none is waited for
    for seen, (scores, descriptors) in zip(found, plain, strict=True):
        assert torch.allclose(seen.scores, scores, atol=1e-2)
        assert torch.allclose(seen.descriptors, descriptors, atol=1e-2)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_on_a_card_uploads_never_overtake_each_other() -> None:
    upload = CudaUpload(torch.device("cuda"))
    batches = [np.full((1, 512, 512, 3), value, np.uint8) for value in range(32)]
    found = [upload(batch) for batch in batches]
    for value, pixels in enumerate(found):
        assert bool((pixels == value).all())
