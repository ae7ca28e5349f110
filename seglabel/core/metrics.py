"""How well labels agree with the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import VOID
from seglabel.core.errors import LabelError


class Confusion:
    """Pixel counts by (true id, proposed id), over any number of images."""

    def __init__(self) -> None:
        self.counts = np.zeros((256, 256), np.int64)
        self.images = 0

    def add(self, truth: NDArray[np.uint8], proposed: NDArray[np.uint8]) -> None:
        """Count one image. Both are uint8 (H, W) of ids; true VOID pixels are not counted."""
        if truth.shape != proposed.shape:
            raise LabelError(
                f"cannot compare: the truth has {truth.shape} pixels, the proposal {proposed.shape}"
            )
        pairs = truth.astype(np.uint16) * 256 + proposed
        self.counts += np.bincount(pairs.ravel(), minlength=65536).reshape(256, 256)
        self.counts[VOID] = 0
        self.images += 1

    def scores(self, ids: Sequence[int]) -> Scores:
        """Scores over ``ids``; true pixels of other ids are ignored like VOID.

        A pixel of a listed category that was proposed as something unlisted counts as an error.
        """
        rows = self.counts[list(ids)]
        total = int(rows.sum())
        hits = rows[np.arange(len(ids)), list(ids)] if ids else np.zeros(0, np.int64)
        proposed = rows.sum(axis=0)[list(ids)]
        unions = rows.sum(axis=1) + proposed - hits
        iou = {
            category_id: float(hit / whole)
            for category_id, hit, whole in zip(ids, hits, unions, strict=True)
            if whole > 0
        }
        return Scores(
            miou=float(np.mean(list(iou.values()))) if iou else float("nan"),
            pixel_accuracy=float(hits.sum() / total) if total else float("nan"),
            iou=iou,
            confusion=rows[:, list(ids)],
            pixels=total,
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """``iou`` per id (absent from both truth and proposal: left out), their mean, pixel accuracy.

    ``confusion[i, j]`` counts pixels of the i-th id that were proposed as the j-th.
    """

    miou: float
    pixel_accuracy: float
    iou: dict[int, float]
    confusion: NDArray[np.int64]
    pixels: int
