"""Large pictures tile by tile: where tiles lie, and how their scores become one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region
from seglabel.core.picture import PictureSource

Scores = NDArray[np.float32]

ALIGNMENT = 16  # tiles begin on the coarsest grid of the network, so that grids coincide
_MARGIN = 48  # pixels of a tile's border that count for next to nothing
_NOTHING = 1e-8  # below the rounding of float32, and its square above the smallest number


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

    Next to nothing within ``margin`` cells of its border, where the network saw padding instead of
    picture; then a smooth rise over the rest of the overlap; 1 in the middle.
    """
    distance = np.minimum(np.arange(length), np.arange(length)[::-1]) + 0.5
    rise = np.clip((distance - margin) / max(overlap - 2 * margin, 1), 0, 1)
    weight = 0.5 - 0.5 * np.cos(np.pi * rise)
    return np.maximum(weight, _NOTHING).astype(np.float32)


def _up_to_the_ends(weight: NDArray[np.float32], count: int) -> list[NDArray[np.float32]]:
    """Weights of all ``count`` tiles along one axis.

    At the ends of the picture a tile sees what the network would see of the whole: it counts fully.
    """
    weights = [weight.copy() for _ in range(count)]
    half = len(weight) // 2
    weights[0][:half] = 1
    weights[-1][half:] = 1
    return weights


def blended(
    source: PictureSource,
    tile: int,
    stride: int,
    channels: int,
    score: Callable[[NDArray[np.uint8]], Scores],
) -> Iterator[Scores]:
    """Blended scores (C, rows, w) of a large picture, in bands from the top to the bottom.

    ``score`` gives those (C, tile / stride, tile / stride) of one tile, uint8 RGB. Only a row of
    tiles is ever in memory.
    """
    overlap = max(tile // 4, 2 * _MARGIN)
    height, width = (-(-n // ALIGNMENT) * ALIGNMENT for n in source.shape)
    plan = plan_tiles(max(height, tile), max(width, tile), tile, overlap)
    cells = tile // stride
    line = tile_weight(cells, overlap // stride, _MARGIN // stride)
    down, across = (_up_to_the_ends(line, len(begins)) for begins in (plan.rows, plan.columns))
    columns = max(width, tile) // stride
    total = np.zeros((channels, cells, columns), np.float32)
    share = np.zeros((cells, columns), np.float32)
    for index, top in enumerate(plan.rows):
        for left, along in zip(plan.columns, across, strict=True):
            at, weight = left // stride, np.outer(down[index], along)
            total[:, :, at : at + cells] += score(_cut(source, top, left, tile)) * weight
            share[:, at : at + cells] += weight
        is_last = index == len(plan.rows) - 1
        done = cells if is_last else (plan.rows[index + 1] - top) // stride
        rows = min(done, (height - top) // stride)  # a tile may be higher than the picture
        inside = slice(None, width // stride)
        yield np.asarray(total[:, :rows, inside] / share[:rows, inside], np.float32)
        for plane in (*total, share):  # one by one: all of them at once take much memory
            plane[:-done] = plane[done:].copy()
            plane[-done:] = 0


def with_neighbours(bands: Iterator[Scores]) -> Iterator[tuple[Scores, slice]]:
    """Each band between the adjoining rows of its neighbours, and where it lies among the rows.

    Upsampling a row looks at the next one; without it the borders of the bands would show.
    """
    above: list[Scores] = []
    band = next(bands)
    for following in chain(bands, (None,)):
        below = [] if following is None else [following[:, :1]]
        own = slice(len(above), len(above) + band.shape[1])
        yield np.concatenate([*above, band, *below], axis=1), own
        if following is not None:
            above, band = [band[:, -1:]], following


def _cut(source: PictureSource, top: int, left: int, tile: int) -> NDArray[np.uint8]:
    """A tile of the picture, its border repeated where the tile reaches beyond."""
    piece = source.read(Region(top, left, top + tile, left + tile).clipped(source.shape))
    below, beside = tile - piece.shape[0], tile - piece.shape[1]
    if not below and not beside:
        return piece
    return np.pad(piece, ((0, below), (0, beside), (0, 0)), mode="edge")
