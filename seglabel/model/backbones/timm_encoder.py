"""Encoders that timm keeps: EfficientNet-Lite and its like, with atrous last stages."""

from __future__ import annotations

from typing import Any

import timm
from torch import Tensor, nn

from seglabel.model.architecture import Architecture

# our name → timm's name
TIMM_ENCODERS: dict[str, str] = {"efficientnet_lite0": "tf_efficientnet_lite0"}


class TimmEncoder(nn.Module):
    """A timm network in ``features_only`` form, dilated to the output stride."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        encoder = timm.create_model(
            TIMM_ENCODERS[arch.backbone],
            pretrained=False,
            features_only=True,
            output_stride=arch.output_stride,
        )
        info: Any = encoder.feature_info
        self._low = info.reduction().index(4)
        self.low_level_channels: int = info.channels()[self._low]
        self.channels: int = info.channels()[-1]
        self.encoder = encoder

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.encoder(x)
        return features[self._low], features[-1]
