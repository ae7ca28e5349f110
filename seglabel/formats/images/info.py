"""What an image file says of itself, and how large it may be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seglabel.core.errors import ImageError

Picture = NDArray[np.uint8]

PIXEL_LIMIT = 1 << 28
"""Pictures that must be decoded whole are refused with more pixels than this (16384²)."""

WINDOW_PIXEL_LIMIT = 1 << 30
"""Pictures that are read by windows, and label maps, may have as many (32768²)."""


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What an image file says of itself. ``height`` and ``width`` are upright.

    ``orientation`` is the EXIF value 1–8; from 5 on, the stored rows are the upright columns.
    ``is_windowed`` tells whether parts can be read without decoding the whole.
    """

    format: str
    height: int
    width: int
    orientation: int
    frames: int
    is_windowed: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width

    @property
    def is_turned(self) -> bool:
        return self.orientation != 1


def check_size(path: Path, height: int, width: int, pixel_limit: int) -> None:
    """Raise ImageError if a picture claims no size, or one beyond the limit."""
    if height <= 0 or width <= 0:
        raise ImageError(f"{path}: claims a size of {width} × {height} pixels")
    if height * width > pixel_limit:
        raise ImageError(
            f"{path}: {width} × {height} pixels are more than the limit of "
            f"{pixel_limit / 1e6:,.0f} million; raise the limit if the file is meant to be so large"
        )
