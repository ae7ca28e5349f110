"""From scores on the network's grid to labels at full size, without a full-size score volume."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from seglabel.model.blocks import resize

Scores = NDArray[np.float32]


def winners(scores: Scores, size: tuple[int, int], *, align_corners: bool) -> NDArray[np.uint8]:
    """Index of the highest score after bilinear upsampling of (C, h, w) to ``size``, uint8 (H, W).

    A running maximum over the channels: two planes in memory instead of C. Equal to upsampling
    everything and taking the argmax, up to rounding.
    """
    best = upsample_plane(scores[0], size, align_corners=align_corners)
    index = np.zeros(size, np.uint8)
    for channel in range(1, len(scores)):
        plane = upsample_plane(scores[channel], size, align_corners=align_corners)
        higher = plane > best
        np.copyto(index, np.uint8(channel), where=higher)
        np.maximum(best, plane, out=best)
    return index


def upsample_plane(plane: Scores, size: tuple[int, int], *, align_corners: bool) -> Scores:
    """Bilinear upsampling of one plane (h, w) to ``size`` (H, W)."""
    if align_corners:
        whole = resize(torch.from_numpy(plane)[None, None], size, align_corners=True)
        return np.asarray(whole[0, 0])
    # OpenCV's bilinear rule is that of align_corners=False, and much faster on one plane.
    return np.asarray(cv2.resize(plane, size[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def best_probability(scores: Scores) -> NDArray[np.float16]:
    """Probability of the winning channel on the grid, float16 (h, w), from scores (C, h, w)."""
    peak = scores.max(axis=0)
    total = np.zeros_like(peak)
    for plane in scores:
        total += np.exp(plane - peak)
    return (1 / total).astype(np.float16)
