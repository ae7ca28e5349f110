"""What networks see in an image, reduced to what a small linear classifier needs of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from seglabel.core.errors import CheckpointError
from seglabel.model.architecture import Architecture
from seglabel.model.backbones.timm_encoder import TimmEncoder
from seglabel.model.checkpoint import ModelSpec
from seglabel.model.contrast import spread
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.pretrained import backbone_defaults, load_imagenet
from seglabel.model.tiling import ALIGNMENT

CELL = 4
"""Pixels in each direction of a cell of the grid on which images are classified."""

_COMPONENTS = 48  # principal components kept of the channels of one stage
_COLOUR, _PLACE, _DECODER = 1.0, 0.5, 1.0
_BACKBONE = "efficientnet_lite0"
# Of the stem and the seven stages. The middle ones tell textures and parts of objects apart; the
# last knows ImageNet's categories rather than anyone's.
_WEIGHTS = (1.0, 1.0, 1.4, 1.4, 1.4, 1.4, 1.0, 0.5)


@dataclass(frozen=True)
class FeatureMaps:
    """Features of one image on the strides at which they arose, float32 (D, h, w) each.

    All cover the same pixels: ``grid`` cells of CELL × CELL. A linear classifier commutes with
    bilinear upsampling, so that they never need to be brought to one size. ``prior`` is what the
    head of the model that is in use says, float32 (C, *grid), of its categories in its order.
    """

    maps: tuple[Tensor, ...]
    grid: tuple[int, int]
    prior: Tensor | None = None

    @property
    def width(self) -> int:
        """Features of a cell."""
        return sum(one.shape[0] for one in self.maps)

    @property
    def nbytes(self) -> int:
        kept = self.maps if self.prior is None else (*self.maps, self.prior)
        return sum(one.numel() * one.element_size() for one in kept)

    def at(self, cells: NDArray[np.int64]) -> Tensor:
        """Features of cells given by their number in the grid, float32 (n, width)."""
        rows, columns = (
            torch.from_numpy(cells // self.grid[1]),
            torch.from_numpy(cells % self.grid[1]),
        )
        y = (rows.float() + 0.5) / self.grid[0] * 2 - 1
        x = (columns.float() + 0.5) / self.grid[1] * 2 - 1
        points = torch.stack([x, y], dim=1)[None, None]
        sampled = [
            functional.grid_sample(one[None], points, padding_mode="border", align_corners=False)[
                0, :, 0
            ]
            for one in self.maps
        ]
        return torch.cat(sampled).T.contiguous()

    def scores(self, weights: Tensor) -> Tensor:
        """Of every cell, float32 (K, *grid), for ``weights`` (width + 1, K), the bias last."""
        total = weights[-1][:, None, None].expand(-1, *self.grid).clone()
        first = 0
        for one in self.maps:
            part = weights[first : first + one.shape[0]]
            found = torch.einsum("dhw,dk->khw", one, part)
            if found.shape[1:] != self.grid:
                found = functional.interpolate(
                    found[None], size=self.grid, mode="bilinear", align_corners=False
                )[0]
            total += found
            first += one.shape[0]
        return total


class ImageNetFeatures:
    """The stages of an EfficientNet-Lite0 (timm) with the ImageNet weights that come packed."""

    def __init__(self) -> None:
        net = DeepLabV3Plus(Architecture(_BACKBONE, outputs=1))
        if not load_imagenet(net) or not isinstance(net.backbone, TimmEncoder):
            raise CheckpointError(f"the weights of {_BACKBONE} are not installed")
        self._encoder: Any = net.backbone.encoder.eval().requires_grad_(False)
        defaults = backbone_defaults(_BACKBONE)
        self._mean, self._std = defaults.mean, defaults.std

    def stages(self, pixels: NDArray[np.uint8]) -> list[Tensor]:
        """Of padded uint8 RGB (H, W, 3): float32 (C, h, w) at strides 4 to 16."""
        encoder = self._encoder
        x = encoder.bn1(encoder.conv_stem(_normalised(pixels, self._mean, self._std)))
        found = [x]
        for stage in encoder.blocks:
            x = stage(x)
            found.append(x)
        return [_at_least_a_cell(one, pixels.shape[0])[0] for one in found]


def feature_maps(
    image: NDArray[np.uint8],
    backbone: ImageNetFeatures,
    model: tuple[DeepLabV3Plus, ModelSpec] | None = None,
) -> FeatureMaps:
    """Of uint8 RGB (H, W, 3), with those of the decoder of ``model`` and what its head says."""
    pixels = padded_image(image)
    grid = (pixels.shape[0] // CELL, pixels.shape[1] // CELL)
    with torch.inference_mode():
        maps = [
            _condensed(stage, weight)
            for stage, weight in zip(backbone.stages(pixels), _WEIGHTS, strict=True)
        ]
        prior = None
        if model is not None:
            net, spec = model
            seen = spread(pixels) if spec.spreads else pixels
            decoded = net.features(_normalised(seen, spec.mean, spec.std))
            prior = functional.interpolate(
                net.classifier(decoded), size=grid, mode="bilinear", align_corners=False
            )[0]
            maps.append(_condensed(decoded[0], _DECODER))
        maps.append(_condensed(colours(pixels, grid), _COLOUR))
        maps.append(_condensed(places(grid), _PLACE))
    # Tensors made in inference mode can't be used to learn from.
    return FeatureMaps(
        tuple(one.clone() for one in maps), grid, None if prior is None else prior.clone()
    )


def padded_image(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    bottom, right = -image.shape[0] % ALIGNMENT, -image.shape[1] % ALIGNMENT
    padded = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    return np.asarray(padded, np.uint8)


def _normalised(pixels: NDArray[np.uint8], mean: Sequence[float], std: Sequence[float]) -> Tensor:
    scaled = torch.from_numpy(pixels).permute(2, 0, 1)[None].float().div_(255)
    shape = (1, 3, 1, 1)
    normalised = (scaled - torch.tensor(mean).view(shape)) / torch.tensor(std).view(shape)
    return normalised.contiguous(memory_format=torch.channels_last)


def _at_least_a_cell(stage: Tensor, height: int) -> Tensor:
    """What is finer than the grid is averaged over its cells."""
    factor = CELL * stage.shape[2] // height
    return functional.avg_pool2d(stage, factor) if factor > 1 else stage


def _condensed(stage: Tensor, weight: float) -> Tensor:
    """Standardised channels (C, h, w), or the principal components of many, of ``weight`` in all.

    Every stage has the same say whatever its number of channels.
    """
    channels = stage.shape[0]
    flat = stage.reshape(channels, -1)
    flat = flat - flat.mean(1, keepdim=True)
    flat = flat / (flat.std(1, keepdim=True) + 1e-6)
    if channels > _COMPONENTS:
        _, vectors = torch.linalg.eigh(flat @ flat.T)
        flat = vectors[:, -_COMPONENTS:].T @ flat
    return (flat * (weight / channels**0.5)).view(-1, *stage.shape[1:])


def colours(pixels: NDArray[np.uint8], grid: tuple[int, int]) -> Tensor:
    """CIE Lab of each cell."""
    small = cv2.resize(pixels, (grid[1], grid[0]), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    return torch.from_numpy(np.ascontiguousarray(lab.transpose(2, 0, 1))).float()


def places(grid: tuple[int, int]) -> Tensor:
    """Row and column of each cell."""
    rows, columns = torch.arange(grid[0]).float(), torch.arange(grid[1]).float()
    return torch.stack(torch.meshgrid(rows, columns, indexing="ij"))
