"""A linear classifier of cells, fitted to the few that a person painted."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def fit(
    features: Tensor,
    targets: Tensor,
    weights: Tensor,
    categories: int,
    *,
    decay: float,
    offsets: Tensor | None = None,
    start: Tensor | None = None,
    steps: int = 40,
) -> Tensor:
    """Multinomial logistic regression by L-BFGS; returns float32 (D + 1, K), the bias last.

    ``features`` are float32 (n, D), ``targets`` int64 (n,) below ``categories`` = K, ``weights``
    float32 (n,) of the samples. ``offsets`` (n, K) are scores that are there already, so that
    without evidence nothing is added to them. ``decay`` pulls all but the bias to zero; with
    offsets the bias, too. ``start`` is where to begin.
    """
    rows = torch.cat([features, torch.ones(len(features), 1)], dim=1)
    solution = torch.zeros(rows.shape[1], categories) if start is None else start.clone()
    solution.requires_grad_(True)
    pulled = solution.shape[0] - (offsets is None)
    search = torch.optim.LBFGS(
        [solution], max_iter=steps, history_size=10, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        search.zero_grad()
        scores = rows @ solution
        if offsets is not None:
            scores = scores + offsets
        errors = functional.cross_entropy(scores, targets, reduction="none")
        value = (errors * weights).sum() + decay / 2 * solution[:pulled].square().sum()
        value.backward()
        return value

    search.step(loss)
    return solution.detach()


def balanced(targets: Tensor, present: int) -> Tensor:
    """Weights that give each of ``present`` categories the same say, in all 1, float32 (n,)."""
    counts = torch.bincount(targets)
    return 1 / (counts[targets].float() * present)
