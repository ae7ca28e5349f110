"""Heads as others name and concatenate them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seglabel.model.layouts.weights import Weights

POOL_LAST = (4, 0, 1, 2, 3)
"""Our order of ASPP branches, by index, where the pooled one comes last in the file."""


def reorder_branches(weights: Weights, width: int, order: Sequence[int] = POOL_LAST) -> None:
    """Undo another order of the ASPP's branches in what projects them."""
    weights.reorder_inputs("aspp.project.conv.weight", [width] * len(order), order)


def reorder_decoder(weights: Weights, low: int, context: int, *, separable: bool) -> None:
    """Undo a concatenation with the low-level features first."""
    sizes, order = (low, context), (1, 0)
    if not separable:
        weights.reorder_inputs("decoder.refine.0.conv.weight", sizes, order)
        return
    weights.reorder_outputs("decoder.refine.0.depthwise.", sizes, order)
    weights.reorder_inputs("decoder.refine.0.pointwise.conv.weight", sizes, order)


def move_bare_separable(weights: Weights, source: Sequence[str], norm: str, target: str) -> None:
    """A separable convolution without norm between its parts; ``source`` names both."""
    depthwise, pointwise = source
    weights.conv(depthwise, f"{target}.depthwise.conv")
    weights.conv_norm(pointwise, norm, f"{target}.pointwise")


def move_all(weights: Weights, moves: Iterable[tuple[str, str, str]]) -> None:
    """Convolutions with their norms: (convolution, norm, our name)."""
    for conv, norm, target in moves:
        weights.conv_norm(conv, norm, target)
