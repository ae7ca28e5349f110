"""What belongs together in a photograph: by colour, by edges, from a box or from seeds.

Pictures are uint8 RGB (H, W, 3), masks bool (H, W).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int32]


def similar_pixels(
    pixels: Pixels, at: tuple[int, int], tolerance: int, *, contiguous: bool, smoothing: int = 0
) -> Mask:
    """Pixels whose red, green and blue each differ from those at (y, x) by ``tolerance`` at most.

    ``contiguous``: only those connected with it. ``smoothing`` is the radius in pixels of a median
    that takes specks and fringes away; 0 for none.
    """
    y, x = at
    low = [max(int(value) - tolerance, 0) for value in pixels[y, x]]
    high = [min(int(value) + tolerance, 255) for value in pixels[y, x]]
    near = np.asarray(cv2.inRange(pixels, np.array(low), np.array(high)), np.uint8)
    if contiguous:
        near = _connected(near, at)
    if smoothing:
        near = np.asarray(cv2.medianBlur(near, 2 * smoothing + 1), np.uint8)
    return near > 0


def similar_in_disc(pixels: Pixels, disc: Mask, at: tuple[int, int], tolerance: int) -> Mask:
    """The part of ``disc`` that is connected with (y, x) without crossing an edge of colours.

    The colour to keep to is the mean around (y, x), so that one odd pixel does not decide.
    """
    y, x = at
    around = pixels[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].reshape(-1, 3)
    color = around.mean(axis=0)
    low, high = np.clip(color - tolerance, 0, 255), np.clip(color + tolerance, 0, 255)
    near = np.asarray(cv2.inRange(pixels, low, high), np.uint8)
    near[y, x] = 255
    near[~disc] = 0
    return _connected(near, at) > 0


def _connected(near: Pixels, at: tuple[int, int]) -> Pixels:
    """255 where ``near`` is 255 and connected with (y, x) by edges of pixels."""
    height, width = near.shape
    found = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (255 << 8)
    cv2.floodFill(near, found, (at[1], at[0]), 0, 0, 0, flags)
    return np.ascontiguousarray(found[1:-1, 1:-1])


def superpixels(pixels: Pixels, size: int) -> Numbers:
    """Small connected regions of like colour, about ``size`` pixels across; int32 (H, W) from 0 on.

    Seeds are put where the picture is flattest in each cell of a grid and grow until they meet
    (Machairas et al., Waterpixels, IEEE TIP 2015).
    """
    height, width = pixels.shape[:2]
    size = max(min(size, height, width), 2)
    smooth = cv2.GaussianBlur(pixels, (0, 0), 1.0)
    kernel = np.ones((3, 3), np.uint8)
    slope = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, kernel).max(axis=2)
    rows, columns = height // size, width // size
    margin = size // 4
    cells = slope[: rows * size, : columns * size].reshape(rows, size, columns, size)
    inner = cells[:, margin : size - margin, :, margin : size - margin].transpose(0, 2, 1, 3)
    across = size - 2 * margin
    flattest = inner.reshape(rows, columns, -1).argmin(axis=2)
    ys = (np.arange(rows) * size + margin)[:, None] + flattest // across
    xs = (np.arange(columns) * size + margin)[None, :] + flattest % across
    seeds = np.zeros((height, width), np.int32)
    reach = max(size // 8, 0)
    numbers = np.arange(1, rows * columns + 1, dtype=np.int32).reshape(rows, columns)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            seeds[ys + dy, xs + dx] = numbers
    return grow_seeds(np.asarray(smooth, np.uint8), seeds) - 1


def grow_seeds(pixels: Pixels, seeds: Numbers) -> Numbers:
    """Every pixel gets the number of the seed that reaches it first along like colours.

    ``seeds`` is int32 (H, W), 0 where there is none. By the watershed transform (Meyer, 1992).
    """
    grown = np.asarray(cv2.watershed(np.ascontiguousarray(pixels), seeds.copy()), np.int32)
    # What lies between two regions, and the frame, goes to a neighbour: twice for corners.
    kernel = np.ones((3, 3), np.uint8)
    for _ in range(2):
        near = cv2.dilate(grown.astype(np.float32), kernel).astype(np.int32)
        grown = np.where(grown <= 0, near, grown)
    return grown


def cut_out(pixels: Pixels, box: Region, inside: Mask, outside: Mask, rounds: int = 3) -> Mask:
    """The object in ``box``, told from what surrounds it by the colours of both.

    ``inside`` and ``outside`` are pixels of which it is known. Rother, Kolmogorov, Blake: GrabCut,
    SIGGRAPH 2004.
    """
    guess = np.full(pixels.shape[:2], cv2.GC_BGD, np.uint8)
    guess[box.slices] = cv2.GC_PR_FGD
    guess[inside] = cv2.GC_FGD
    guess[outside] = cv2.GC_BGD
    is_object = (guess == cv2.GC_FGD) | (guess == cv2.GC_PR_FGD)
    if is_object.all() or not is_object.any():
        return is_object
    models, mode = (np.zeros((1, 65)), np.zeros((1, 65))), cv2.GC_INIT_WITH_MASK
    cv2.setRNGSeed(0)  # the same box gives the same object
    cv2.grabCut(np.ascontiguousarray(pixels), guess, (0, 0, 0, 0), *models, rounds, mode)
    return (guess == cv2.GC_FGD) | (guess == cv2.GC_PR_FGD)


class EdgeMap:
    """Ways along edges from one point of a picture to any other.

    Mortensen and Barrett: Intelligent scissors, SIGGRAPH 1995.
    """

    def __init__(self, pixels: Pixels, start: tuple[int, int]) -> None:
        """Takes time that grows with the picture; ``start`` is (y, x)."""
        self._scissors = cv2.segmentation.IntelligentScissorsMB()
        self._scissors.setEdgeFeatureCannyParameters(32, 100)
        self._scissors.setGradientMagnitudeMaxLimit(200)
        self._scissors.applyImage(np.ascontiguousarray(pixels))
        self._scissors.buildMap((start[1], start[0]))

    def way_to(self, end: tuple[int, int]) -> NDArray[np.int64]:
        """Pixels (n, 2) as (y, x) from the start to ``end``, both included."""
        way = np.asarray(self._scissors.getContour((end[1], end[0])), np.int64).reshape(-1, 2)
        return way[:, ::-1]
