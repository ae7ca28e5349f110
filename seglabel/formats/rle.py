"""COCO's run-length code for masks, and the way back.

Runs go down the columns (column-major), clear and set pixels taking turns, the first run clear.
The compressed form spends one character on five bits: lowest group first, 0x20 says that more
follow, the last group carries the sign, 48 is added; from the fourth run on, the difference to the
run two places before is stored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region

Mask = NDArray[np.bool_]


def encode(mask: Mask, region: Region, shape: tuple[int, int]) -> list[int]:
    """Run lengths over an image of ``shape`` (H, W) for a ``mask`` that fills ``region``."""
    height, width = shape
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1]), np.int8)
    padded[1:-1] = mask
    steps = np.diff(padded, axis=0).T  # (columns, rows + 1): +1 where a run begins, −1 behind it
    begin_column, begin_row = np.nonzero(steps == 1)
    end_column, end_row = np.nonzero(steps == -1)
    begins = (begin_column + region.left) * height + begin_row + region.top
    ends = (end_column + region.left) * height + end_row + region.top
    # A run that reaches the bottom goes on at the top of the next column.
    joined = np.flatnonzero(begins[1:] == ends[:-1])
    begins, ends = np.delete(begins, joined + 1), np.delete(ends, joined)
    edges = np.stack([begins, ends], axis=1).ravel()
    counts = np.diff(np.concatenate([[0], edges, [height * width]]))
    if len(counts) > 1 and counts[-1] == 0:
        counts = counts[:-1]
    return [int(count) for count in counts]


def decode(counts: Sequence[int] | NDArray[np.int64], shape: tuple[int, int]) -> Mask:
    """The mask, bool (H, W). Raises ValueError if the runs do not fill ``shape`` exactly."""
    height, width = shape
    runs = np.asarray(counts)
    if runs.ndim != 1 or not runs.size or runs.dtype.kind not in "iu":
        raise ValueError("run lengths must be a list of whole numbers")
    if (runs < 0).any() or (runs > height * width).any():  # so that their sum cannot overflow
        raise ValueError(f"run lengths must be within 0–{height * width}, the pixels of the image")
    total = int(runs.sum())
    if total != height * width:
        raise ValueError(f"runs of {total} pixels for an image of {height * width}")
    values = np.arange(len(runs)) % 2 == 1
    flat = np.repeat(values, runs)
    return np.ascontiguousarray(flat.reshape(width, height).T)


def compress(counts: Sequence[int]) -> str:
    """The compressed form of run lengths, as text."""
    characters = []
    for index, count in enumerate(counts):
        value = int(count) - (int(counts[index - 2]) if index > 2 else 0)
        while True:
            group = value & 0x1F
            value >>= 5
            more = value != (-1 if group & 0x10 else 0)
            characters.append(chr(group + (0x20 if more else 0) + 48))
            if not more:
                break
    return "".join(characters)


def decompress(text: str) -> list[int]:
    """Run lengths from the compressed form. Raises ValueError on anything else."""
    counts: list[int] = []
    value, shift = 0, 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64:
            raise ValueError(f"unexpected character {character!r} in compressed run lengths")
        value |= (code & 0x1F) << shift
        shift += 5
        if shift > 60:
            raise ValueError("a run length is too large")
        if code & 0x20:
            continue
        if code & 0x10:
            value -= 1 << shift
        if len(counts) > 2:
            value += counts[-2]
        counts.append(value)
        value, shift = 0, 0
    if shift:
        raise ValueError("compressed run lengths end in the middle of a number")
    return counts
