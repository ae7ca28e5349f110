"""Where tiles lie and how much each counts where they overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ALIGNMENT = 16  # tiles begin on the coarsest grid of the network, so that grids coincide


@dataclass(frozen=True, slots=True)
class TilePlan:
    """Begins of tiles along both axes, in pixels; every tile is ``size`` pixels square."""

    size: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]


def plan_tiles(height: int, width: int, size: int, overlap: int) -> TilePlan:
    """Cover ``height`` × ``width`` pixels (multiples of 16) by tiles that overlap."""
    return TilePlan(size, _begins(height, size, overlap), _begins(width, size, overlap))


def _begins(length: int, size: int, overlap: int) -> tuple[int, ...]:
    last = length - size
    if last <= 0:
        return (0,)
    count = -(-last // (size - overlap)) + 1
    return tuple(round(last * i / (count - 1) / ALIGNMENT) * ALIGNMENT for i in range(count))


def tile_weight(length: int, overlap: int, margin: int) -> NDArray[np.float32]:
    """Weight of a tile along one axis on its grid, float32 (length,).

    Nearly nothing within ``margin`` cells of its border, where the network saw padding instead of
    picture; then a smooth rise over the rest of the overlap; 1 in the middle.
    """
    distance = np.minimum(np.arange(length), np.arange(length)[::-1]) + 0.5
    rise = np.clip((distance - margin) / max(overlap - 2 * margin, 1), 0, 1)
    weight = 0.5 - 0.5 * np.cos(np.pi * rise)
    return np.maximum(weight, 1e-4).astype(np.float32)
