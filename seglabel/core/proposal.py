"""What a model says of one image, before anyone looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Proposal:
    """The model's labels for one image and how sure it is of them.

    ``labels`` is uint8 (H, W) of category ids. On the network's own grid, usually a quarter of the
    image in each direction, ``confidence_grid`` is the probability of the winning category and
    ``uncertainty_grid`` one less its lead over the second, both float16 (h, w) in [0, 1]. ``model``
    and ``model_digest`` say who proposed. ``note`` is for the person: which device was used, or
    what had to be given up. ``descriptor`` is what sets the image apart from others in the eyes of
    this model, float16 (D,) of length 1; only those of one model can be compared.
    """

    labels: NDArray[np.uint8]
    confidence_grid: NDArray[np.float16]
    uncertainty_grid: NDArray[np.float16]
    model: str
    model_digest: str
    note: str = ""
    descriptor: NDArray[np.float16] | None = None

    @cached_property
    def confidence(self) -> NDArray[np.float16]:
        """Probability of the proposed category, float16 (H, W) in [0, 1]."""
        return _upsampled(self.confidence_grid, self.labels.shape)

    @cached_property
    def uncertainty(self) -> NDArray[np.float16]:
        """One less the lead of the proposed category over the next, float16 (H, W) in [0, 1]."""
        return _upsampled(self.uncertainty_grid, self.labels.shape)

    @property
    def mean_confidence(self) -> float:
        """Mean over the image, in [0, 1]."""
        return float(self.confidence_grid.mean(dtype=np.float64))

    @property
    def mean_uncertainty(self) -> float:
        """Mean over the image, in [0, 1]."""
        return float(self.uncertainty_grid.mean(dtype=np.float64))

    @property
    def doubted(self) -> tuple[int, float]:
        """The category that most of the uncertainty is about, and the mean over its pixels."""
        grid = self.uncertainty_grid
        rows, columns = (
            (np.arange(cells) * 2 + 1) * pixels // (2 * cells)  # the middles of the cells
            for cells, pixels in zip(grid.shape, self.labels.shape, strict=True)
        )
        labels = self.labels[np.ix_(rows, columns)].ravel()
        total = np.bincount(labels, grid.ravel().astype(np.float64), minlength=256)
        category_id = int(total.argmax())
        count = int((labels == category_id).sum())
        return category_id, float(total[category_id]) / max(count, 1)


def unit_length(descriptor: NDArray[np.floating]) -> NDArray[np.float16]:
    """The descriptor (D,) scaled to length 1, float16; zeros stay."""
    vector = np.asarray(descriptor, np.float32)
    length = max(float(np.linalg.norm(vector)), 1e-12)
    return (vector / np.float32(length)).astype(np.float16)


def _upsampled(grid: NDArray[np.float16], shape: tuple[int, ...]) -> NDArray[np.float16]:
    size = (shape[1], shape[0])
    full = cv2.resize(grid.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return np.clip(full, 0, 1).astype(np.float16)
