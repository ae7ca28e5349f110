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
    what had to be given up.
    """

    labels: NDArray[np.uint8]
    confidence_grid: NDArray[np.float16]
    uncertainty_grid: NDArray[np.float16]
    model: str
    model_digest: str
    note: str = ""

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


def _upsampled(grid: NDArray[np.float16], shape: tuple[int, ...]) -> NDArray[np.float16]:
    size = (shape[1], shape[0])
    full = cv2.resize(grid.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return np.clip(full, 0, 1).astype(np.float16)
