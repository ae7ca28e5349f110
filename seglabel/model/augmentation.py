"""Test-time augmentation: the picture seen at several scales, and mirrored, averaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from seglabel.model.blocks import resize

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Scales at which a picture is seen, and whether mirrored as well; probabilities are averaged
    (Chen et al., "Encoder-decoder with atrous separable convolution", 2018, section 4)."""

    scales: tuple[float, ...] = (1.0,)
    flip: bool = False

    @property
    def is_plain(self) -> bool:
        return self.scales == (1.0,) and not self.flip

    @property
    def title(self) -> str:
        """Tells apart what gives other proposals; empty if plain."""
        scales = "+".join(f"{scale:g}" for scale in self.scales)
        parts = ["scales" + scales] if self.scales != (1.0,) else []
        return "-".join([*parts, *(["flip"] if self.flip else [])])

    def views(self) -> Iterator[View]:
        for scale in self.scales:
            yield View(scale)
            if self.flip:
                yield View(scale, mirrored=True)


@dataclass(frozen=True, slots=True)
class View:
    """One way of looking at a picture."""

    scale: float = 1.0
    mirrored: bool = False

    def of(self, image: Picture) -> Picture:
        """The picture, uint8 RGB (H, W, 3), seen in this way."""
        if self.scale != 1.0:
            rule = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_LINEAR
            size = self._size(image.shape)[::-1]
            image = np.asarray(cv2.resize(image, size, interpolation=rule), np.uint8)
        return image[:, ::-1] if self.mirrored else image

    def back(
        self,
        scores: Tensor,
        covered: tuple[int, int],
        shape: tuple[int, ...],
        grid: tuple[int, int],
        size: tuple[int, int],
        *,
        align_corners: bool,
    ) -> Tensor:
        """Values (1, C, h, w) of this view on the ``grid`` of the plain view.

        ``covered`` is the size in pixels under the values, with padding; ``shape`` that of the
        picture, ``size`` that which the plain grid covers.
        """
        if self.mirrored:
            scores = scores.flip(-1)
        # Cut off the padding, which differs from scale to scale, before the grids are matched.
        height, width = self._size(shape)
        rows = max(round(scores.shape[-2] * height / covered[0]), 1)
        columns = max(round(scores.shape[-1] * width / covered[1]), 1)
        if self.mirrored:
            scores = scores[..., -columns:]
        scores = scores[..., :rows, :columns]
        inner = (
            max(round(grid[0] * shape[0] / size[0]), 1),
            max(round(grid[1] * shape[1] / size[1]), 1),
        )
        scores = resize(scores, inner, align_corners=align_corners)
        pad = (0, grid[1] - inner[1], 0, grid[0] - inner[0])
        return functional.pad(scores, pad, mode="replicate")

    def _size(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Height and width of the view of a picture of ``shape``, at least one pixel each."""
        return max(round(shape[0] * self.scale), 1), max(round(shape[1] * self.scale), 1)
