"""Probabilities brought to the edges of an image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_CONTRAST = 0.02  # sum of differences in Lab / 255 that counts as a step of one cell
_ROUNDS = 2
_GUIDE_RADIUS = 2  # cells
_GUIDE_NOISE = 1e-3  # variance of grey in [0, 1] below which there is no edge


def smooth(planes: Planes, guide: Pixels, reach: float) -> Planes:
    """Average each of float32 (h, w, K) over ``reach`` cells but not across edges of the image.

    The recursive domain transform filter of Gastal and Oliveira (SIGGRAPH 2011) with ``guide``,
    uint8 Lab (h, w, 3).
    """
    lab = guide.astype(np.float32) / 255
    steps = [
        1 + np.float32(1 / _CONTRAST) * np.abs(np.diff(lab, axis=axis)).sum(2, dtype=np.float32)
        for axis in (0, 1)
    ]
    rows = np.ascontiguousarray(planes)
    for number in range(_ROUNDS):
        spread = reach * 3**0.5 * 2 ** (_ROUNDS - number - 1) / (4**_ROUNDS - 1) ** 0.5
        decay = np.float32(np.exp(-(2**0.5) / spread))
        columns = np.array(rows.swapaxes(0, 1), order="C")
        _recurse(columns, (decay ** steps[1].T)[..., None])
        rows = np.array(columns.swapaxes(0, 1), order="C")
        _recurse(rows, (decay ** steps[0])[..., None])
    return rows


def _recurse(lines: Planes, feedback: Planes) -> None:
    """Pull each line to the one before it, then to the one behind it, in place."""
    for line in range(1, len(lines)):
        lines[line] += feedback[line - 1] * (lines[line - 1] - lines[line])
    for line in range(len(lines) - 2, -1, -1):
        lines[line] += feedback[line] * (lines[line + 1] - lines[line])


def winners_at_edges(planes: Planes, image: Pixels, cell: int) -> NDArray[np.uint8]:
    """Index of the highest plane at each pixel of ``image``, uint8 (H, W).

    The planes, float32 (K, h, w), have one value for ``cell`` × ``cell`` pixels and may reach over
    the bottom and the right. Between the cells they follow the image by the fast guided filter (He
    and Sun, arXiv 1505.00996): in each neighbourhood a plane is a linear function of the grey.
    """
    height, width = image.shape[:2]
    bottom, right = planes.shape[1] * cell - height, planes.shape[2] * cell - width
    padded = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    grey = np.divide(cv2.cvtColor(padded, cv2.COLOR_RGB2GRAY), 255, dtype=np.float32)
    size = (planes.shape[2], planes.shape[1])
    small: Planes = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)
    mean = _mean(small)
    noisy = _mean(small * small) - mean * mean + np.float32(_GUIDE_NOISE)  # variance
    lines: list[tuple[Planes, Planes]] = []
    for plane in planes:
        middle = _mean(plane)
        slope = np.divide(_mean(plane * small) - middle * mean, noisy, dtype=np.float32)
        level = np.asarray(middle - slope * mean, np.float32)
        lines.append((_mean(slope), _mean(level)))
    full = (grey.shape[1], grey.shape[0])
    labels = np.zeros(grey.shape, np.uint8)
    best = np.full(grey.shape, -np.inf, np.float32)
    for index, (rise, level) in enumerate(lines):
        value: Planes = np.asarray(
            cv2.resize(rise, full, interpolation=cv2.INTER_LINEAR), np.float32
        )
        value *= grey
        value += cv2.resize(level, full, interpolation=cv2.INTER_LINEAR)
        higher = np.asarray(cv2.compare(value, best, cv2.CMP_GT), np.uint8)  # 255 where it is
        labels &= ~higher
        labels |= higher & np.uint8(index)
        cv2.max(best, value, dst=best)
    return np.ascontiguousarray(labels[:height, :width])


def _mean(plane: Planes) -> Planes:
    side = 2 * _GUIDE_RADIUS + 1
    return np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)
