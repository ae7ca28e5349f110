"""From scores on the network's grid to labels at full size, without a full-size score volume."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seglabel.model.blocks import resize

Scores = NDArray[np.float32]

_BAND = 1 << 17  # pixels upsampled at a time: a few planes of it stay in the processor's cache
_DEVICE_BAND = 1 << 27  # scores upsampled at a time on a GPU


def winners(scores: Scores, size: tuple[int, int], *, align_corners: bool) -> NDArray[np.uint8]:
    """Index of the highest score after bilinear upsampling of (C, h, w) to ``size``, uint8 (H, W).

    A running maximum over the channels in bands of rows, and only over those channels that can win
    there. Equal to upsampling everything and taking the argmax, up to rounding.
    """
    rows = scores.shape[1]
    factor = size[0] // rows
    # Only then do the rows of a band fall where they fall in the whole.
    in_bands = not align_corners and factor * rows == size[0] and rows > 1
    if not in_bands:
        return _winners_of_band(scores, size, align_corners=align_corners)
    index = np.empty(size, np.uint8)
    step = max(_BAND // (size[1] * factor), 1)
    for top in range(0, rows, step):
        bottom = min(top + step, rows)
        first, last = max(top - 1, 0), min(bottom + 1, rows)  # upsampling looks at the next row
        band = np.ascontiguousarray(scores[:, first:last])
        found = _winners_of_band(band, ((last - first) * factor, size[1]), align_corners=False)
        own = found[(top - first) * factor : (bottom - first) * factor]
        index[top * factor : bottom * factor] = own
    return index


def _winners_of_band(
    scores: Scores, size: tuple[int, int], *, align_corners: bool
) -> NDArray[np.uint8]:
    channels = contenders(scores)
    index = np.full(size, channels[0], np.uint8)
    if len(channels) == 1:
        return index
    best = upsample_plane(scores[channels[0]], size, align_corners=align_corners)
    for channel in channels[1:]:
        plane = upsample_plane(scores[channel], size, align_corners=align_corners)
        higher = np.asarray(cv2.compare(plane, best, cv2.CMP_GT), np.uint8)  # 255 where it is
        # Two passes without a branch: where regions are ragged, far faster than a masked copy.
        index &= ~higher
        index |= higher & np.uint8(channel)
        cv2.max(best, plane, dst=best)
    return index


def contenders(scores: Scores) -> list[int]:
    """The channels of (C, h, w) that may be highest somewhere after bilinear upsampling.

    Between four neighbours on the grid a channel lies between its lowest and its highest corner; it
    cannot win where its highest corner is below another channel's lowest.
    """
    square = np.ones((2, 2), np.uint8)  # its anchor makes each cell look at the same four corners
    highest = [cv2.dilate(plane, square) for plane in scores]
    floor = cv2.erode(scores[0], square)
    for plane in scores[1:]:
        cv2.max(floor, cv2.erode(plane, square), dst=floor)
    return [channel for channel, top in enumerate(highest) if (top >= floor).any()]


def upsample_plane(plane: Scores, size: tuple[int, int], *, align_corners: bool) -> Scores:
    """Bilinear upsampling of one plane (h, w) to ``size`` (H, W)."""
    if align_corners:
        whole = resize(torch.from_numpy(plane)[None, None], size, align_corners=True)
        return np.asarray(whole[0, 0])
    # OpenCV's bilinear rule is that of align_corners=False, and much faster on one plane.
    return np.asarray(cv2.resize(plane, size[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def winners_on_device(
    scores: Tensor, size: tuple[int, int], *, align_corners: bool
) -> NDArray[np.uint8]:
    """The same as :func:`winners` for scores (C, h, w) on a GPU; only labels leave it."""
    channels, rows, _ = scores.shape
    factor = size[0] // rows
    if align_corners or factor * rows != size[0]:
        full = resize(scores[None], size, align_corners=align_corners)
        return np.asarray(full[0].argmax(0).byte().cpu())
    index = torch.empty(size, dtype=torch.uint8, device=scores.device)
    step = max(_DEVICE_BAND // (size[1] * factor * channels), 1)
    for top in range(0, rows, step):
        bottom = min(top + step, rows)
        first, last = max(top - 1, 0), min(bottom + 1, rows)
        band = resize(
            scores[None, :, first:last], ((last - first) * factor, size[1]), align_corners=False
        )
        own = slice((top - first) * factor, (bottom - first) * factor)
        index[top * factor : bottom * factor] = band[0, :, own].argmax(0)
    return np.asarray(index.cpu())


def certainty(scores: Scores) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """Confidence and uncertainty on the grid, both float16 (h, w) in [0, 1], of scores (C, h, w).

    Confidence is the probability (softmax) of the winner. Uncertainty is one less its lead over the
    second (margin sampling: Scheffer, Decomain, Wrobel, "Active hidden Markov models for
    information extraction", 2001): 1 where two channels are equal. One channel alone is certain.
    """
    first = scores[0].copy()
    second = np.full_like(first, -np.inf)
    for plane in scores[1:]:
        np.maximum(second, np.minimum(first, plane), out=second)
        np.maximum(first, plane, out=first)
    total = np.zeros_like(first)
    for plane in scores:
        total += np.exp(plane - first)
    best = 1 / total
    uncertainty = 1 - (best - np.exp(second - first) * best)
    return best.astype(np.float16), np.clip(uncertainty, 0, 1).astype(np.float16)
