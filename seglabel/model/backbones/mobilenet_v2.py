"""MobileNetV2 with atrous last stages (Sandler 2018, arXiv 1801.04381), keys as in torchvision.

Where a stage's stride is replaced by dilation, its first block keeps the rate of the stage before.
"""

from __future__ import annotations

from torch import Tensor, nn

from seglabel.model.architecture import Architecture
from seglabel.model.blocks import Convolution

# expansion, channels, repeats, stride: table 2 of the paper
_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
_LOW_LEVEL = 4  # features[:4] end at stride 4 with 24 channels


def _conv_norm(
    inputs: int, outputs: int, kernel: int, arch: Architecture, **options: int
) -> list[nn.Module]:
    return [
        Convolution(inputs, outputs, kernel, same=arch.same_padding, **options),
        nn.BatchNorm2d(outputs, eps=arch.backbone_eps),
    ]


class InvertedResidual(nn.Module):
    """Expand by 1×1, filter by depthwise 3×3, project by 1×1 without activation."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        expansion: int,
        stride: int,
        dilation: int,
        arch: Architecture,
    ) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = []
        if expansion != 1:
            layers.append(nn.Sequential(*_conv_norm(inputs, hidden, 1, arch), nn.ReLU6(True)))
        depthwise = _conv_norm(
            hidden, hidden, 3, arch, stride=stride, dilation=dilation, groups=hidden
        )
        layers.append(nn.Sequential(*depthwise, nn.ReLU6(True)))
        self.conv = nn.Sequential(*layers, *_conv_norm(hidden, outputs, 1, arch))
        self.has_skip = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.has_skip else self.conv(x)


class MobileNetV2(nn.Module):
    """MobileNetV2 up to its last bottleneck (320 channels)."""

    low_level_channels = 24
    channels = 320

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        stem = nn.Sequential(*_conv_norm(3, 32, 3, arch, stride=2), nn.ReLU6(True))
        layers: list[nn.Module] = [stem]
        inputs, reached, rate = 32, 2, 1
        for expansion, outputs, repeats, stage_stride in _STAGES:
            first_rate, stride = rate, stage_stride
            if reached * stride > arch.output_stride:
                rate, stride = rate * stride, 1
            reached *= stride
            for index in range(repeats):
                layers.append(
                    InvertedResidual(
                        inputs,
                        outputs,
                        expansion=expansion,
                        stride=stride if index == 0 else 1,
                        dilation=first_rate if index == 0 else rate,
                        arch=arch,
                    )
                )
                inputs = outputs
        self.features = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low_level = self.features[:_LOW_LEVEL](x)
        return low_level, self.features[_LOW_LEVEL:](low_level)
