"""What a person put into one image, and what the model had spared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import VOID
from seglabel.core.errors import ProjectFormatError

PAUSE = 60.0
"""Seconds without any movement from which on nobody was at work."""


@dataclass(frozen=True, slots=True)
class Effort:
    """``strokes`` are a person's changes, ``seconds`` the time at work.

    A stroke that was undone was work too and counts. The rest is known of an image that was
    reviewed, of its last review: it was the ``place``-th image of the project, from 1 on; of its
    ``pixels`` that are not VOID, ``changed`` differ from what ``model`` had proposed. Where nothing
    was proposed the model is empty and ``changed`` is all of them.
    """

    strokes: int = 0
    seconds: float = 0.0
    place: int = 0
    pixels: int = 0
    changed: int = 0
    model: str = ""
    model_digest: str = ""

    @property
    def is_reviewed(self) -> bool:
        return self.place > 0

    @property
    def share_right(self) -> float | None:
        """The part of the pixels that the model had right, 0–1; ``None`` if nothing is known."""
        if not self.pixels or not self.model:
            return None
        return 1 - self.changed / self.pixels

    def with_stroke(self) -> Effort:
        """After one more change by a person."""
        return replace(self, strokes=self.strokes + 1)

    def with_pause(self, seconds: float) -> Effort:
        """After so long between two movements, which counts unless it was too long."""
        if not 0 < seconds <= PAUSE:
            return self
        return replace(self, seconds=self.seconds + seconds)

    def unreviewed(self) -> Effort:
        """The same of an image that is not reviewed, or no longer."""
        return Effort(self.strokes, self.seconds)

    def to_json(self) -> dict[str, Any]:
        """Only what differs from no effort."""
        blank = asdict(Effort())
        values = asdict(replace(self, seconds=round(self.seconds, 1)))
        return {key: value for key, value in values.items() if value != blank[key]}

    @classmethod
    def from_json(cls, data: Any) -> Effort:
        """Read what :meth:`to_json` wrote; unknown keys are left out. Raises ProjectFormatError."""
        if not isinstance(data, dict):
            raise ProjectFormatError(f"effort: expected an object, found {data!r}")
        values = {}
        for key, default in asdict(cls()).items():
            value = data.get(key, default)
            wanted = str if isinstance(default, str) else (int, float)
            is_fitting = isinstance(value, wanted) and not isinstance(value, bool)
            if not is_fitting or (not isinstance(value, str) and not 0 <= value < 2**53):
                raise ProjectFormatError(f"effort: {key}: unexpected {value!r}")
            values[key] = type(default)(value)
        return cls(**values)


def compared(
    labels: Iterable[NDArray[np.uint8]], proposed: NDArray[np.uint8] | None
) -> tuple[int, int]:
    """Pixels that are not VOID, and how many of them differ from ``proposed`` (uint8, H × W).

    ``labels`` are the bands of rows of a label map, from the top. Without a proposal all differ.
    """
    pixels = changed = top = 0
    for band in labels:
        counts = band != VOID
        pixels += int(np.count_nonzero(counts))
        if proposed is not None:
            same = band == proposed[top : top + len(band)]
            changed += int(np.count_nonzero(counts & ~same))
        top += len(band)
    return pixels, pixels if proposed is None else changed
