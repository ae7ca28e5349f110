from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from seglabel.model.upsampling import best_probability, winners

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
def test_confidence_is_the_largest_softmax(channels, height, width, seed) -> None:
    scores = random_scores(channels, height, width, seed)
    expected = torch.from_numpy(scores).softmax(0).max(0).values.numpy()
    found = best_probability(scores)
    assert found.dtype == np.float16
    assert np.abs(found.astype(np.float32) - expected).max() <= 1e-3
    assert found.min() >= 0
    assert found.max() <= 1


def test_huge_scores_do_not_overflow_the_confidence() -> None:
    scores = np.array([[[1e4]], [[-1e4]], [[1e4]]], np.float32)
    assert best_probability(scores)[0, 0] == 0.5
