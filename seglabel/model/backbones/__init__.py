"""Encoders. Each maps (N, 3, H, W) to features at stride 4 and at the output stride."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from seglabel.core.errors import CheckpointError
from seglabel.model.architecture import Architecture
from seglabel.model.backbones.mobilenet_v2 import MobileNetV2
from seglabel.model.backbones.mobilenet_v3 import MOBILENET_V3, MobileNetV3
from seglabel.model.backbones.resnet import RESNET_DEPTHS, ResNet
from seglabel.model.backbones.timm_encoder import TIMM_ENCODERS, TimmEncoder, timm_name
from seglabel.model.backbones.xception import XCEPTIONS, Xception

BACKBONES: tuple[str, ...] = (
    *TIMM_ENCODERS,
    "mobilenet_v2",
    MOBILENET_V3,
    *RESNET_DEPTHS,
    *XCEPTIONS,
)
"""The backbones with names of our own; ``timm:NAME`` is any encoder of timm's."""


class Backbone(Protocol):
    """What DeepLabv3+ needs of an encoder."""

    channels: int
    low_level_channels: int

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Features at stride 4 and at the output stride."""
        ...


def build_backbone(arch: Architecture) -> Backbone:
    """The encoder that ``arch`` names, with random weights. Raises CheckpointError if unknown."""
    if arch.output_stride not in (8, 16):
        raise CheckpointError(f"output stride is {arch.output_stride}, expected 8 or 16")
    if arch.backbone in RESNET_DEPTHS:
        return ResNet(arch)
    if arch.backbone == "mobilenet_v2":
        return MobileNetV2(arch)
    if arch.backbone == MOBILENET_V3:
        return MobileNetV3(arch)
    if arch.backbone in XCEPTIONS:
        return Xception(arch)
    if timm_name(arch.backbone) is not None:
        return TimmEncoder(arch)
    raise CheckpointError(
        f"unknown backbone {arch.backbone!r}; known are {', '.join(BACKBONES)} and timm:NAME"
    )
