"""The network as engines run it: from pixels to scores."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_PER_BAND = (1, 3, 1, 1)


class PixelNet(nn.Module):
    """A network behind its own normalisation.

    In: uint8 RGB (N, H, W, 3). Out: what ``net`` makes of the float32 (N, 3, H, W) pixels after
    ``(pixel / 255 - mean) / std``. Being part of the network, an engine may fuse it with the first
    convolution, and a quarter of the bytes travels to a GPU.
    """

    def __init__(
        self,
        net: nn.Module,
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

    def forward(self, pixels: Tensor) -> Tensor:
        batch = pixels.permute(0, 3, 1, 2).float()
        scores: Tensor = self.net(batch * self.scale + self.shift)
        return scores
