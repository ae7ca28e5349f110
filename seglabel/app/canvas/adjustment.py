"""Brightness, contrast and gamma of what is shown; the pictures stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Adjustment:
    """``brightness`` and ``contrast`` −1 … 1 (0: unchanged), ``gamma`` 0.2 … 5 (1: unchanged)."""

    brightness: float = 0.0
    contrast: float = 0.0
    gamma: float = 1.0

    @cached_property
    def table(self) -> NDArray[np.uint8] | None:
        """What each value 0–255 is shown as, or ``None`` where nothing changes."""
        if self == UNCHANGED:
            return None
        slope = (1 + self.contrast) / max(1 - self.contrast, 1 / 64)
        values = (np.arange(256) / 255 - 0.5) * slope + 0.5 + self.brightness
        shown = np.clip(values, 0, 1) ** (1 / self.gamma)
        return np.rint(shown * 255).astype(np.uint8)


UNCHANGED = Adjustment()
