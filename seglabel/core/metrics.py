"""How well labels agree with the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import VOID
from seglabel.core.errors import LabelError

_AT_ONCE = 1 << 20  # pixels; each becomes eight bytes while it is counted


@dataclass(frozen=True, slots=True)
class PairCounts:
    """How often which proposed id meets which true one in an image; true VOID is not counted.

    ``pairs`` is uint16 (n,) of ``256 · true + proposed``, ascending, ``counts`` int64 (n,) of
    pixels.
    """

    pairs: NDArray[np.uint16]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, truth: NDArray[np.uint8], proposed: NDArray[np.uint8]) -> PairCounts:
        """Count one image. Both are uint8 (H, W) of ids. Raises LabelError if they do not fit."""
        if truth.shape != proposed.shape:
            raise LabelError(
                f"cannot compare: the truth has {truth.shape} pixels, the proposal {proposed.shape}"
            )
        total = np.zeros(65536, np.int64)
        rows = max(1, _AT_ONCE // max(truth.shape[1], 1))
        for top in range(0, len(truth), rows):
            pairs = truth[top : top + rows].astype(np.uint16) * 256 + proposed[top : top + rows]
            total += np.bincount(pairs.ravel(), minlength=65536)
        total[256 * VOID :] = 0
        found = np.flatnonzero(total)
        return cls(found.astype(np.uint16), total[found])

    def scores(self, ids: Sequence[int]) -> Scores:
        """Those of this image alone."""
        confusion = Confusion()
        confusion.add_counts(self)
        return confusion.scores(ids)


class Confusion:
    """Pixel counts by (true id, proposed id), over any number of images."""

    def __init__(self) -> None:
        self.counts = np.zeros((256, 256), np.int64)
        self.images = 0

    def add(self, truth: NDArray[np.uint8], proposed: NDArray[np.uint8]) -> None:
        """Count one image. Both are uint8 (H, W) of ids; true VOID pixels are not counted."""
        self.add_counts(PairCounts.of(truth, proposed))

    def add_counts(self, image: PairCounts) -> None:
        """Add an image that was counted already."""
        self.counts.reshape(-1)[image.pairs] += image.counts
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
