from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seglabel.model import upsampling
from seglabel.model.upsampling import certainty, contenders, winners, winners_on_device

sides = st.integers(1, 9)
seeds = st.integers(0, 10_000)


def random_scores(channels: int, height: int, width: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(0, 3, (channels, height, width)).astype(np.float32)


@given(
    channels=st.integers(1, 6),
    height=sides,
    width=sides,
    tall=st.integers(1, 60),
    wide=st.integers(1, 60),
    align_corners=st.booleans(),
    seed=seeds,
)
def test_the_winner_is_that_of_upsampling_everything(
    channels, height, width, tall, wide, align_corners, seed
) -> None:
    size = (max(tall, height), max(wide, width))
    scores = random_scores(channels, height, width, seed)
    whole = torch.nn.functional.interpolate(
        torch.from_numpy(scores)[None], size, mode="bilinear", align_corners=align_corners
    )[0].numpy()
    found = winners(scores, size, align_corners=align_corners)
    assert found.shape == size
    assert found.dtype == np.uint8
    # Two channels may lie within rounding of each other; then either is right.
    won = np.take_along_axis(whole, found[None].astype(np.int64), 0)[0]
    assert (whole.max(0) - won).max() <= 1e-4
    assert (found == whole.argmax(0)).mean() >= 0.99


def test_two_hundred_and_fifty_five_channels_keep_their_numbers() -> None:
    scores = np.zeros((255, 1, 1), np.float32)
    scores[254] = 1
    assert winners(scores, (2, 3), align_corners=False).tolist() == [[254] * 3] * 2


@given(channels=st.integers(1, 8), height=sides, width=sides, seed=seeds)
def test_certainty_is_the_largest_softmax_and_its_lead(channels, height, width, seed) -> None:
    scores = random_scores(channels, height, width, seed)
    ordered = torch.from_numpy(scores).softmax(0).sort(0, descending=True).values.numpy()
    second = ordered[1] if channels > 1 else np.zeros_like(ordered[0])
    confidence, uncertainty = certainty(scores)
    assert confidence.dtype == uncertainty.dtype == np.float16
    assert np.abs(confidence.astype(np.float32) - ordered[0]).max() <= 1e-3
    assert np.abs(uncertainty.astype(np.float32) - (1 - ordered[0] + second)).max() <= 1e-3
    for grid in (confidence, uncertainty):
        assert grid.min() >= 0
        assert grid.max() <= 1


def test_huge_scores_do_not_overflow_the_certainty() -> None:
    scores = np.array([[[1e4]], [[-1e4]], [[1e4]]], np.float32)
    confidence, uncertainty = certainty(scores)
    assert confidence[0, 0] == 0.5
    assert uncertainty[0, 0] == 1


@given(
    channels=st.integers(1, 6),
    height=sides,
    width=sides,
    factor=st.integers(1, 5),
    align_corners=st.booleans(),
    seed=seeds,
)
def test_a_gpu_would_find_the_same_winners(
    channels, height, width, factor, align_corners, seed
) -> None:
    scores = random_scores(channels, height, width, seed)
    size = (height * factor, width * factor)
    found = winners_on_device(torch.from_numpy(scores), size, align_corners=align_corners)
    assert found.dtype == np.uint8
    assert (found == winners(scores, size, align_corners=align_corners)).mean() >= 0.99


@pytest.mark.parametrize("rows", [1, 2, 63, 64, 65, 200])
def test_bands_of_rows_join_without_a_trace(rows: int, monkeypatch) -> None:
    scores = random_scores(5, rows, 40, rows)
    size = (rows * 4, 40 * 4)
    whole = winners(scores, size, align_corners=False)
    for band in (1, 1000, 5000):
        monkeypatch.setattr(upsampling, "_BAND", band)
        monkeypatch.setattr(upsampling, "_DEVICE_BAND", band)
        assert np.array_equal(winners(scores, size, align_corners=False), whole)
        on_device = winners_on_device(torch.from_numpy(scores), size, align_corners=False)
        assert (on_device == whole).mean() >= 0.9999


@given(channels=st.integers(2, 8), height=sides, width=sides, seed=seeds)
def test_only_contenders_ever_win(channels, height, width, seed) -> None:
    scores = random_scores(channels, height, width, seed)
    # A channel that is low everywhere, and one that leads in a corner.
    scores[0] -= 20
    scores[1, :1, :1] += 20
    found = contenders(scores)
    whole = torch.nn.functional.interpolate(
        torch.from_numpy(scores)[None], (height * 4, width * 4), mode="bilinear"
    )[0]
    assert set(whole.argmax(0).unique().tolist()) <= set(found)
    assert 0 not in found
