"""What a person painted of an image, as an example for the rest of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import VOID
from seglabel.core.document import Document

FROM_STROKES = "strokes"
"""Who proposed, where strokes were the example; behind it may stand `` + `` and a model."""


@dataclass(frozen=True)
class Painted:
    """Every ``step``-th pixel of an image of ``shape`` (height, width) in both directions.

    ``labels`` is uint8 (h, w) of category ids; ``mask`` is bool (h, w), true where a person
    decided. Both are copies that nobody else writes to.
    """

    labels: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    shape: tuple[int, int]
    step: int = 1

    @classmethod
    def of(cls, document: Document, pixel_limit: int) -> Painted:
        """Of so many pixels of a document as ``pixel_limit`` allows."""
        height, width = document.shape
        step = max(math.ceil(math.sqrt(height * width / pixel_limit)), 1)
        return cls(
            document.labels[::step, ::step].copy(),
            document.painted[::step, ::step].copy(),
            document.shape,
            step,
        )

    @property
    def ids(self) -> tuple[int, ...]:
        """The categories that teach something: those painted, background too, but not VOID."""
        counts = np.bincount(self.labels[self.mask], minlength=256)
        return tuple(int(i) for i in np.flatnonzero(counts) if i != VOID)
