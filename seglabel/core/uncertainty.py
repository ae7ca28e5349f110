"""How sure a model was of its proposal, at any pixel of the image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglabel.core.proposal import Proposal

UNCERTAIN = 0.5
"""From this uncertainty on a pixel counts as uncertain: the winner leads by less than a half."""

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Certainty:
    """What is kept of a proposal beside its labels.

    ``confidence_grid`` and ``uncertainty_grid`` are float16 (h, w) in [0, 1] as in
    :class:`~seglabel.core.proposal.Proposal`; ``shape`` (H, W) is that of the image they cover.
    """

    confidence_grid: NDArray[np.float16]
    uncertainty_grid: NDArray[np.float16]
    shape: tuple[int, int]

    @classmethod
    def of(cls, proposal: Proposal) -> Certainty:
        """That of a proposal, without holding its labels."""
        height, width = proposal.labels.shape
        return cls(proposal.confidence_grid, proposal.uncertainty_grid, (height, width))

    def confidence_at(self, rows: Indices, columns: Indices) -> Floats:
        """Confidence, float32 (len(rows), len(columns)), where these pixels cross."""
        return _interpolated(self.confidence_grid, self.shape, rows, columns)

    def uncertainty_at(self, rows: Indices, columns: Indices) -> Floats:
        """Uncertainty, float32 (len(rows), len(columns)), where these pixels cross."""
        return _interpolated(self.uncertainty_grid, self.shape, rows, columns)


@dataclass(frozen=True, eq=False)
class Threshold:
    """Which pixels of a proposal count as not labelled: those of too little confidence.

    ``confidence`` is the least that counts, in [0, 1]. Categories in ``locked`` are left alone.
    """

    certainty: Certainty
    confidence: float
    locked: frozenset[int] = frozenset()

    def hides(
        self, labels: NDArray[np.uint8], painted: Mask, rows: Indices, columns: Indices
    ) -> Mask:
        """Which of the pixels where ``rows`` and ``columns`` cross count as not labelled.

        ``labels`` (uint8) and ``painted`` (bool), both (len(rows), len(columns)), are what the
        document has there. What a person painted always counts.
        """
        judged = np.ones(256, np.bool_)
        judged[[0, *self.locked]] = False
        below = self.certainty.confidence_at(rows, columns) < self.confidence
        return below & ~painted & judged[labels]


def _interpolated(
    grid: NDArray[np.float16], shape: tuple[int, int], rows: Indices, columns: Indices
) -> Floats:
    """Linear between the middles of the grid's cells; beyond the outermost ones constant.

    Only the rows of the grid that are needed are looked at, so that a part of a large image costs
    what the part is large.
    """
    above, down = _between(rows, shape[0], grid.shape[0])
    before, across = _between(columns, shape[1], grid.shape[1])
    if not len(rows) or not len(columns):
        return np.zeros((len(rows), len(columns)), np.float32)
    last_row, last_column = grid.shape[0] - 1, grid.shape[1] - 1
    needed = np.unique(np.concatenate((above, np.minimum(above + 1, last_row))))
    left = int(before[0])
    strip = grid[needed, left : int(before[-1]) + 2].astype(np.float32)
    after = np.minimum(before + 1, last_column) - left
    lines = strip[:, before - left] * (1 - across) + strip[:, after] * across
    upper = np.searchsorted(needed, above)
    lower = np.searchsorted(needed, np.minimum(above + 1, last_row))
    down = down[:, None]
    return np.asarray(lines[upper] * (1 - down) + lines[lower] * down, np.float32)


def _between(pixels: Indices, length: int, cells: int) -> tuple[Indices, Floats]:
    """The cell whose middle is the last at or before each pixel's, and how far on it lies, 0–1."""
    at = np.clip((pixels + 0.5) * (cells / length) - 0.5, 0, cells - 1)
    first = np.floor(at).astype(np.int64)
    return first, (at - first).astype(np.float32)
