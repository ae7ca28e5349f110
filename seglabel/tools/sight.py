"""How much of a picture a tool looks at: never all of a large one."""

from __future__ import annotations

import math

import cv2
import numpy as np

from seglabel.core.geometry import Region
from seglabel.tools.base import Mask, PictureSource, Pixels
from seglabel.tools.preview import Point

READ_LIMIT = 1 << 24
"""Pixels that are read of a picture at once, at most."""


def around(at: Point, shape: tuple[int, int], area: int = READ_LIMIT) -> Region:
    """The surroundings of a point inside an image of ``shape``: all of it if that is not more than
    ``area`` pixels, else a part as near to a square as there is room for."""
    height, width = shape
    if height * width <= area:
        return Region(0, 0, height, width)
    side = math.isqrt(area)
    rows = min(height, max(side, area // width))
    columns = min(width, area // rows)
    top = min(max(round(at[0]) - rows // 2, 0), height - rows)
    left = min(max(round(at[1]) - columns // 2, 0), width - columns)
    return Region(top, left, top + rows, left + columns)


def reduced(picture: PictureSource, region: Region, pixels: int) -> tuple[Pixels, int]:
    """A region of a picture made smaller by a whole factor, so that it has ``pixels`` at most."""
    part = picture.read(region)
    factor = max(math.ceil(math.sqrt(region.area / pixels)), 1)
    if factor == 1:
        return np.ascontiguousarray(part), 1
    size = (-(-region.width // factor), -(-region.height // factor))
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8), factor


def enlarged(mask: Mask, region: Region) -> Mask:
    """A mask of a picture that was made smaller, smoothly brought to the size of ``region``."""
    if mask.shape == (region.height, region.width):
        return mask
    levels = mask.astype(np.uint8) * np.uint8(255)
    size = (region.width, region.height)
    return np.asarray(cv2.resize(levels, size, interpolation=cv2.INTER_CUBIC)) > 127


def trimmed(region: Region, mask: Mask) -> tuple[Region, Mask]:
    """The smallest region that holds all of a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return Region(region.top, region.left, region.top, region.left), mask[:0, :0]
    inner = Region(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    moved = Region(
        region.top + inner.top,
        region.left + inner.left,
        region.top + inner.bottom,
        region.left + inner.right,
    )
    return moved, mask[inner.slices]
