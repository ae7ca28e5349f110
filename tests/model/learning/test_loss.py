from __future__ import annotations

import numpy as np
import pytest
import torch

from seglabel.core.categories import VOID
from seglabel.model.learning.loss import category_weights, cross_entropy_sum, lovasz_softmax


def sure(labels: list[int], channels: int = 3) -> torch.Tensor:
    """Scores (1, C, 1, n) that leave no doubt."""
    scores = torch.full((1, channels, 1, len(labels)), -50.0)
    for place, label in enumerate(labels):
        scores[0, label, 0, place] = 50.0
    return scores


def target(labels: list[int]) -> torch.Tensor:
    return torch.tensor(labels)[None, None]


@pytest.mark.parametrize(
    ("truth", "said"),
    [([0, 0, 1, 1], [0, 0, 1, 1]), ([0, 0, 1, 1], [0, 1, 1, 1]), ([0, 1, 2, 2], [2, 2, 2, 2])],
)
def test_of_sure_answers_the_overlap_loss_is_what_lacks_of_the_mean_iou(truth, said) -> None:
    ious = []
    for category in set(truth):
        a, b = np.array(truth) == category, np.array(said) == category
        ious.append((a & b).sum() / (a | b).sum())
    found = lovasz_softmax(sure(said), target(truth))
    assert float(found) == pytest.approx(1 - np.mean(ious), abs=1e-6)


def test_void_changes_no_loss() -> None:
    scores, more = torch.randn(1, 3, 1, 4), torch.randn(1, 3, 1, 2)
    both = torch.cat([scores, more], dim=3)
    known, void = target([0, 1, 2, 2]), target([0, 1, 2, 2, VOID, VOID])
    assert torch.allclose(lovasz_softmax(scores, known), lovasz_softmax(both, void))
    weights = torch.tensor([1.0, 2.0, 0.5])
    for a, b in zip(
        cross_entropy_sum(scores, known, weights),
        cross_entropy_sum(both, void, weights),
        strict=True,
    ):
        assert torch.allclose(a, b)


def test_of_void_alone_nothing_is_lost_and_nothing_breaks() -> None:
    scores = torch.randn(1, 3, 2, 2, requires_grad=True)
    loss = lovasz_softmax(scores, torch.full((1, 2, 2), VOID))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(scores.grad, torch.zeros_like(scores))


def test_following_the_overlap_loss_finds_a_small_category() -> None:
    torch.manual_seed(0)
    truth = target([0] * 40 + [1] * 3)
    scores = torch.zeros(1, 2, 1, 43, requires_grad=True)
    optimizer = torch.optim.Adam([scores], lr=0.2)
    for _ in range(60):
        optimizer.zero_grad()
        lovasz_softmax(scores, truth).backward()
        optimizer.step()
    assert torch.equal(scores.argmax(dim=1), truth)


def test_rare_categories_count_more_and_a_mean_pixel_counts_once() -> None:
    frequencies = np.array([0.7, 0.25, 0.05])
    weights = category_weights(frequencies, 0.25).numpy()
    assert (np.diff(weights) > 0).all()
    assert (weights * frequencies).sum() == pytest.approx(1)
