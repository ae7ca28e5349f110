"""What is made small: the error per pixel, and what lacks of each category's IoU."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from seglabel.core.categories import VOID


def category_weights(frequencies: NDArray[np.float64], power: float) -> Tensor:
    """Rare categories count more; the mean weight of a pixel is 1."""
    weights = (frequencies + 0.01) ** -power
    weights /= max(float((weights * frequencies).sum()), 1e-9)
    return torch.tensor(weights, dtype=torch.float32)


def cross_entropy_sum(scores: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted cross entropy summed over labelled pixels, and the sum of their weights.

    ``scores`` (N, C, H, W), ``targets`` int64 (N, H, W) with VOID where nothing is learned.
    """
    total = functional.cross_entropy(
        scores, targets, weight=weights, ignore_index=VOID, reduction="sum"
    )
    return total, weights[targets[targets != VOID]].sum()


def lovasz_softmax(scores: Tensor, targets: Tensor) -> Tensor:
    """Lovász extension of 1 − IoU, the mean over the categories present, between 0 and 1.

    Berman, Triki, Blaschko, "The Lovász-Softmax loss" (2018), equations 8, 9 and 11. ``scores``
    (N, C, h, w), ``targets`` int64 (N, h, w); VOID is left out. Zero if there is nothing else.
    """
    channels = scores.shape[1]
    labels = targets.flatten()
    known = labels != VOID
    chances = scores.softmax(dim=1).permute(0, 2, 3, 1).reshape(-1, channels)[known]
    labels = labels[known]
    present = torch.bincount(labels, minlength=channels)[:channels].nonzero().flatten()
    if not len(present):
        return scores.sum() * 0
    truth = (labels[:, None] == present[None]).float()
    errors, order = (truth - chances[:, present]).abs().sort(dim=0, descending=True)
    truth = truth.gather(0, order)
    # IoU lost if exactly the first k pixels, those of the largest errors, were wrong.
    hits = truth.sum(dim=0) - truth.cumsum(dim=0)
    union = truth.sum(dim=0) + (1 - truth).cumsum(dim=0)
    lost = 1 - hits / union
    steps = torch.cat([lost[:1], lost[1:] - lost[:-1]])
    return (errors * steps).sum(dim=0).mean()
