"""The network as engines run it: from pixels to scores and descriptors."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

_PER_BAND = (1, 3, 1, 1)


class Seen(NamedTuple):
    """What a network says of a batch: ``scores`` (N, C, h, w), ``descriptors`` (N, D), float32."""

    scores: Tensor
    descriptors: Tensor


class Describing(Protocol):
    """A network as :class:`~seglabel.model.deeplabv3plus.DeepLabV3Plus`."""

    def described(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (N, C, h, w) and descriptors (N, D) of normalised pixels (N, 3, H, W)."""
        ...


class PixelNet(nn.Module):
    """A network behind its own normalisation.

    In: uint8 RGB (N, H, W, 3). Out: what ``net`` says of the float32 (N, 3, H, W) pixels after
    ``(pixel / 255 - mean) / std``, scores and descriptors. Being part of the network, an engine may
    fuse it with the first convolution, and a quarter of the bytes travels to a GPU.
    """

    def __init__(
        self,
        net: Describing,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        super().__init__()
        self.net = net
        self.scale: Tensor
        self.shift: Tensor
        factors = 1 / (torch.tensor(std) * 255)
        self.register_buffer("scale", factors.reshape(_PER_BAND), persistent=False)
        shift = -torch.tensor(mean) * 255 * factors
        self.register_buffer("shift", shift.reshape(_PER_BAND), persistent=False)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        batch = pixels.permute(0, 3, 1, 2).float()
        return self.net.described(batch * self.scale + self.shift)
