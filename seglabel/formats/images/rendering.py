"""How the numbers in a file become uint8 RGB: which bands, and what is black and white."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region
from seglabel.formats.images.info import Picture

Numbers = NDArray[np.generic]

SAMPLE = 1 << 20
"""About so many pixels are compared to find percentiles."""

LOOKED_AT = 1 << 24
"""About so many pixels are decoded for them."""

_FEWEST_CELLS = 9
_ROWS_AT_ONCE = 1 << 20  # pixels


class NoSuchBandError(ValueError):
    """A band was asked for that a picture does not have."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A person's choice of how a picture with many bands or deep numbers is shown.

    ``bands`` are the numbers, from 0, of those shown as red, green and blue; ``None`` takes the
    first three, or the first alone where there are one or two. Palettes and CMYK, whose bands mean
    something only together, are not asked. Numbers of more than 8 bits are stretched so that the
    ``percentiles`` of the finite values of all shown bands together become black and white.
    """

    bands: tuple[int, int, int] | None = None
    percentiles: tuple[float, float] = (0.1, 99.9)

    def __post_init__(self) -> None:
        low, high = self.percentiles
        if not 0 <= low < high <= 100:
            raise ValueError(f"expected percentiles within 0–100 that grow, found {low}, {high}")
        if self.bands is not None and (len(self.bands) != 3 or min(self.bands) < 0):
            raise ValueError(f"expected the numbers of three bands, found {self.bands}")

    def to_json(self) -> dict[str, Any]:
        """As it stands among the settings of a project."""
        bands = None if self.bands is None else list(self.bands)
        return {"bands": bands, "percentiles": list(self.percentiles)}

    @classmethod
    def from_json(cls, data: object) -> Rendering:
        """The opposite; what nobody chose so, or a damaged setting, is the usual one."""
        try:
            bands, (low, high) = data["bands"], data["percentiles"]  # type: ignore[index]
            red_green_blue = None if bands is None else tuple(int(band) for band in bands)
            return cls(red_green_blue, (float(low), float(high)))  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError):
            return cls()

    def chosen(self, count: int) -> tuple[int, ...]:
        """The bands to show of ``count``, one for grey or three. Raises NoSuchBandError."""
        if self.bands is None:
            return (0,) if count < 3 else (0, 1, 2)
        if max(self.bands) >= count:
            raise NoSuchBandError(
                f"expected band {max(self.bands)} (counted from 0), found {count} bands"
            )
        return self.bands


@dataclass(frozen=True, slots=True)
class Cells:
    """A picture of ``shape`` (H, W) cut into cells of ``size`` (h, w), those at the end smaller."""

    shape: tuple[int, int]
    size: tuple[int, int]

    @property
    def columns(self) -> int:
        return -(-self.shape[1] // self.size[1])

    @property
    def count(self) -> int:
        return -(-self.shape[0] // self.size[0]) * self.columns

    def region(self, number: int) -> Region:
        """Where cell ``number`` lies, counted row by row."""
        row, column = divmod(number, self.columns)
        top, left = row * self.size[0], column * self.size[1]
        return Region(top, left, top + self.size[0], left + self.size[1]).clipped(self.shape)

    def under(self, region: Region) -> Iterator[int]:
        """Numbers of all cells that share pixels with ``region``."""
        rows = range(region.top // self.size[0], -(-region.bottom // self.size[0]))
        columns = range(region.left // self.size[1], -(-region.right // self.size[1]))
        for row in rows:
            for column in columns:
                yield row * self.columns + column


@dataclass(frozen=True, slots=True)
class Stretch:
    """Maps ``low`` … ``high`` to 0 … 255; what is not a number becomes 0."""

    low: float
    high: float

    def apply(self, numbers: Numbers) -> Picture:
        """uint8 of the same shape, from any real dtype (H, W, …)."""
        if numbers.dtype.kind == "u" and numbers.dtype.itemsize == 2:
            return self._map(np.arange(1 << 16, dtype=np.uint16))[numbers]
        mapped = np.empty(numbers.shape, np.uint8)
        step = max(1, _ROWS_AT_ONCE // max(numbers.shape[1], 1))
        for top in range(0, len(numbers), step):  # floats of a whole picture would be huge
            mapped[top : top + step] = self._map(numbers[top : top + step])
        return mapped

    def _map(self, numbers: Numbers) -> Picture:
        scale = 255 / (self.high - self.low) if self.high > self.low else 0.0
        finite = np.nan_to_num(
            numbers.astype(np.float64), nan=self.low, posinf=self.high, neginf=self.low
        )
        return np.clip(np.rint((finite - self.low) * scale), 0, 255).astype(np.uint8)


def find_stretch(
    cells: Cells, read: Callable[[Region], Numbers], percentiles: tuple[float, float]
) -> Stretch:
    """The stretch of a picture of which ``read`` gives the numbers (h, w, …) of a cell.

    Of large pictures some cells, spread evenly, and some of their pixels stand for all, always the
    same: the whole picture and its windows come out alike.
    """
    area = cells.size[0] * cells.size[1]
    step = _spread(cells.count, max(_FEWEST_CELLS, LOOKED_AT // area), cells.columns)
    chosen = range(0, cells.count, step)
    parts = [_sample(read(cells.region(number)), SAMPLE // len(chosen)) for number in chosen]
    sample = np.concatenate(parts)
    if np.iscomplexobj(sample):
        raise ValueError("complex numbers cannot be shown")
    sample = sample.astype(np.float64)
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        return Stretch(0.0, 0.0)
    low, high = np.percentile(sample, percentiles)
    if high <= low:
        low, high = sample.min(), sample.max()
    return Stretch(float(low), float(high))


def to_rgb8(numbers: Numbers, rendering: Rendering) -> Picture:
    """Any (H, W) or (H, W, bands) array as uint8 RGB, C-contiguous."""
    if numbers.ndim not in (2, 3):
        raise ValueError(f"expected a picture, found an array of shape {numbers.shape}")
    numbers = pick(numbers.reshape(*numbers.shape[:2], -1), rendering)
    if numbers.dtype not in (np.uint8, np.bool_):
        cells = Cells(numbers.shape[:2], numbers.shape[:2])
        stretch = find_stretch(cells, lambda _: numbers, rendering.percentiles)
        return as_rgb(stretch.apply(numbers))
    return as_rgb(to_8_bits(numbers))


def pick(numbers: Numbers, rendering: Rendering) -> Numbers:
    """The shown bands (H, W, 1 or 3) of all (H, W, bands)."""
    return take(numbers, rendering.chosen(numbers.shape[2]))


def take(numbers: Numbers, bands: tuple[int, ...]) -> Numbers:
    """Some bands (H, W, n) of all; no copy where they are the first."""
    if bands == tuple(range(len(bands))):
        return numbers[:, :, : len(bands)]
    return numbers[:, :, list(bands)]


def to_8_bits(numbers: Numbers) -> Picture:
    """uint8 as it is, bool as black and white."""
    return numbers.astype(np.uint8) * 255 if numbers.dtype == np.bool_ else np.asarray(numbers)


def as_rgb(bands: Picture) -> Picture:
    """Grey (H, W, 1) repeated in three channels, colours (H, W, 3) as they are."""
    if bands.shape[2] == 1:
        bands = np.repeat(bands, 3, axis=2)
    return np.ascontiguousarray(bands, np.uint8)


def _sample(numbers: Numbers, count: int) -> Numbers:
    """Values of about ``count`` pixels out of (h, w) or (h, w, bands), all bands of each, flat."""
    height, width = numbers.shape[:2]
    total = height * width
    rows, columns = np.divmod(np.arange(0, total, _spread(total, max(count, 1), width)), width)
    return np.asarray(numbers[rows, columns]).ravel()


def _spread(total: int, wanted: int, width: int) -> int:
    """A step that takes about ``wanted`` of ``total`` things that lie in rows of ``width``."""
    step = max(1, total // wanted)
    while math.gcd(step, width) > 1:  # otherwise some columns would never be looked at
        step += 1
    return step
