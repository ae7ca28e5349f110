"""MobileNetV3-Large (arXiv 1905.02244) from torchvision, with atrous last stages.

Every block of a stage whose stride became a rate gets the rate, as in torchvision's DeepLabv3.
"""

from __future__ import annotations

from torch import Tensor, nn
from torchvision.models import mobilenet_v3_large

from seglabel.model.architecture import Architecture

MOBILENET_V3 = "mobilenet_v3_large"
_LOW_LEVEL = 4  # features[:4] end at stride 4 with 24 channels


class MobileNetV3(nn.Module):
    """MobileNetV3-Large up to its last convolution (960 channels)."""

    low_level_channels = 24
    channels = 960

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.features = mobilenet_v3_large(weights=None).features
        reached, rate = 1, 1
        for module in self.features.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps = arch.backbone_eps
            if not isinstance(module, nn.Conv2d) or module.kernel_size == (1, 1):
                continue
            stride = module.stride[0]
            if reached * stride > arch.output_stride:
                rate, stride = rate * stride, 1
            reached *= stride
            module.stride = (stride, stride)
            module.dilation = (rate, rate)
            module.padding = (module.kernel_size[0] // 2 * rate,) * 2

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low_level = self.features[:_LOW_LEVEL](x)
        return low_level, self.features[_LOW_LEVEL:](low_level)
