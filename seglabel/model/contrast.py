"""Pictures spread over the whole range of brightness, for models that learned from such pictures.

Cameras of microscopes often use a small part of the range, each another one: what is to be told
apart differs by a few grey levels of 256.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region
from seglabel.core.picture import ArrayPicture, PictureSource

Picture = NDArray[np.uint8]
Table = NDArray[np.uint8]

_DARKEST, _BRIGHTEST = 0.005, 0.998  # shares of all values below which the ends of the range lie
_NARROWEST = 16  # grey levels: the noise of an empty picture is not made to fill the range
_SAMPLED = 1 << 20  # values at most that are looked at
_PIECE, _PIECES = 256, 5  # side of the pieces of a large picture that are looked at, and how many
_WHOLE = 1 << 22  # pixels up to which all of a picture is looked at


def spread_table(source: PictureSource) -> Table:
    """What each value of a picture becomes, uint8 (256,): its darkest 0, its brightest 255.

    The same for all colours, so that hues stay. Of a large picture pieces are looked at that lie
    evenly over it.
    """
    counts = np.zeros(256, np.int64)
    for region in _pieces(*source.shape):
        values = source.read(region).ravel()
        counts += np.bincount(values[:: max(values.size // _SAMPLED, 1)], minlength=256)
    shares = counts.cumsum() / max(counts.sum(), 1)
    low, high = (int(np.searchsorted(shares, share)) for share in (_DARKEST, _BRIGHTEST))
    levels = (np.arange(256) - low) / max(high - low, _NARROWEST)
    return np.rint(255 * np.clip(levels, 0, 1)).astype(np.uint8)


def spread(picture: Picture) -> Picture:
    """A picture, uint8 (H, W, 3), spread over the whole range."""
    return spread_table(ArrayPicture(picture))[picture]


class SpreadPicture:
    """Parts of a picture, spread as the whole of it is."""

    def __init__(self, source: PictureSource) -> None:
        self._source = source
        self._table = spread_table(source)

    @property
    def shape(self) -> tuple[int, int]:
        return self._source.shape

    def read(self, region: Region) -> Picture:
        return self._table[self._source.read(region)]


def _pieces(height: int, width: int) -> list[Region]:
    if height * width <= _WHOLE:
        return [Region(0, 0, height, width)]
    down, across = min(_PIECE, height), min(_PIECE, width)
    tops = np.linspace(0, height - down, _PIECES).astype(int).tolist()
    lefts = np.linspace(0, width - across, _PIECES).astype(int).tolist()
    return [Region(top, left, top + down, left + across) for top in tops for left in lefts]
