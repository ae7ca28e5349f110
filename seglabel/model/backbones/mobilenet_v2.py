"""MobileNetV2 with atrous last stages (Sandler 2018, arXiv 1801.04381), keys as in torchvision.

Where a stage's stride is replaced by dilation, its blocks get rates by the architecture's rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn
from torch.nn import functional

from seglabel.model.architecture import Architecture
from seglabel.model.blocks import Convolution

# expansion, channels, repeats, stride: table 2 of the paper
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
BLOCKS = sum(repeats for _, _, repeats, _ in STAGES)
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
        # Padded before the expansion, the border is relu6(BN(0)) instead of 0.
        self._border = dilation if arch.expands_padding else 0
        if self._border:
            depthwise[0].padding = (0, 0)  # type: ignore[assignment]
        layers.append(nn.Sequential(*depthwise, nn.ReLU6(True)))
        self.conv = nn.Sequential(*layers, *_conv_norm(hidden, outputs, 1, arch))
        self.has_skip = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv(functional.pad(x, [self._border] * 4) if self._border else x)
        return x + out if self.has_skip else out


class MobileNetV2(nn.Module):
    """MobileNetV2 up to its last bottleneck (320 channels), or to the 1280 behind it."""

    low_level_channels = 24

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        first = _conv_norm(3, 32, 3, arch, stride=2)
        if not arch.same_padding:
            first[0].padding = (arch.stem_padding,) * 2  # type: ignore[assignment]
        layers: list[nn.Module] = [nn.Sequential(*first, nn.ReLU6(True))]
        inputs = 32
        for (expansion, outputs, repeats, _), (stride, rates) in zip(
            STAGES, _schedule(arch), strict=True
        ):
            for index in range(repeats):
                layers.append(
                    InvertedResidual(
                        inputs,
                        outputs,
                        expansion=expansion,
                        stride=stride if index == 0 else 1,
                        dilation=rates[0] if index == 0 else rates[1],
                        arch=arch,
                    )
                )
                inputs = outputs
        self.channels = inputs
        if arch.last_convolution:
            self.channels = 1280
            last = _conv_norm(inputs, self.channels, 1, arch)
            layers.append(nn.Sequential(*last, nn.ReLU6(True)))
        self.features = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low_level = self.features[:_LOW_LEVEL](x)
        return low_level, self.features[_LOW_LEVEL:](low_level)


def _schedule(arch: Architecture) -> Iterator[tuple[int, tuple[int, int]]]:
    """Per stage its stride, and the rates of its first block and of the others."""
    reached, rate = 2, 1
    for _, _, _, stride in STAGES:
        before = rate
        if reached * stride > arch.output_stride:
            rate, stride = rate * stride, 1
        reached *= stride
        yield (
            stride,
            {
                "keep_first": (before, rate),
                "all": (rate, rate),
                "only_first": (rate, 1),
                "late": (before, before),
            }[arch.dilation_rule],
        )
