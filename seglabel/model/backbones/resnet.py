"""ResNet with atrous last stages (He et al. 2015, arXiv 1512.03385), keys as in torchvision.

The stride sits in a stage's first block, in its 3×3 convolution. Where a stage's stride is replaced
by dilation, its blocks get rates by the architecture's rules.
"""

from __future__ import annotations

from torch import Tensor, nn

from seglabel.core.errors import CheckpointError
from seglabel.model.architecture import Architecture
from seglabel.model.blocks import Convolution

RESNET_DEPTHS: dict[str, tuple[int, int, int, int]] = {
    "resnet18": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
    "resnet50": (3, 4, 6, 3),
    "resnet101": (3, 4, 23, 3),
    "resnet152": (3, 8, 36, 3),
}
_BASIC = ("resnet18", "resnet34")


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a skip."""

    expansion = 1

    def __init__(
        self, inputs: int, width: int, *, stride: int, dilation: int, arch: Architecture
    ) -> None:
        super().__init__()
        eps, same = arch.backbone_eps, arch.same_padding
        second = dilation if arch.dilates_both else 1
        self.conv1 = Convolution(inputs, width, 3, stride=stride, dilation=dilation, same=same)
        self.bn1 = nn.BatchNorm2d(width, eps=eps)
        self.conv2 = Convolution(width, width, 3, dilation=second, same=same)
        self.bn2 = nn.BatchNorm2d(width, eps=eps)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _downsample(inputs, width, stride, eps)

    def forward(self, x: Tensor) -> Tensor:
        skip = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(out)) + skip)


class Bottleneck(nn.Module):
    """1×1, 3×3, 1×1 and a skip; four times as many channels come out."""

    expansion = 4

    def __init__(
        self, inputs: int, width: int, *, stride: int, dilation: int, arch: Architecture
    ) -> None:
        super().__init__()
        eps, same = arch.backbone_eps, arch.same_padding
        outputs = width * self.expansion
        self.conv1 = Convolution(inputs, width)
        self.bn1 = nn.BatchNorm2d(width, eps=eps)
        self.conv2 = Convolution(width, width, 3, stride=stride, dilation=dilation, same=same)
        self.bn2 = nn.BatchNorm2d(width, eps=eps)
        self.conv3 = Convolution(width, outputs)
        self.bn3 = nn.BatchNorm2d(outputs, eps=eps)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _downsample(inputs, outputs, stride, eps)

    def forward(self, x: Tensor) -> Tensor:
        skip = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        return self.relu(self.bn3(self.conv3(out)) + skip)


def _downsample(inputs: int, outputs: int, stride: int, eps: float) -> nn.Sequential | None:
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(
        Convolution(inputs, outputs, stride=stride), nn.BatchNorm2d(outputs, eps=eps)
    )


class ResNet(nn.Module):
    """ResNet without its classifier."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self._block = BasicBlock if arch.backbone in _BASIC else Bottleneck
        self.stem = _stem(arch)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self._inputs, self._stride, self._rate = arch.deep_stem or 64, 4, 1
        first, second, third, fourth = RESNET_DEPTHS[arch.backbone]
        self.layer1 = self._stage(first, 64, 1, arch)
        self.layer2 = self._stage(second, 128, 2, arch)
        self.layer3 = self._stage(third, 256, 2, arch)
        self.layer4 = self._stage(fourth, 512, 2, arch, arch.multi_grid)
        self.low_level_channels = 64 * self._block.expansion
        self.channels = 512 * self._block.expansion

    def _stage(
        self,
        depth: int,
        width: int,
        stride: int,
        arch: Architecture,
        multi_grid: tuple[int, ...] | None = None,
    ) -> nn.Sequential:
        before = self._rate
        if self._stride * stride > arch.output_stride:
            self._rate, stride = self._rate * stride, 1
        self._stride *= stride
        rates = [self._rate] * depth
        if arch.dilation_rule == "keep_first":
            rates[0] = before
        if multi_grid is not None:
            if len(multi_grid) != depth:
                raise CheckpointError(f"multi-grid {multi_grid}: expected {depth} rates")
            factor = 1 if arch.absolute_multi_grid else self._rate
            rates = [rate * factor for rate in multi_grid]
        blocks = []
        for index, rate in enumerate(rates):
            step = stride if index == 0 else 1
            blocks.append(self._block(self._inputs, width, stride=step, dilation=rate, arch=arch))
            self._inputs = width * self._block.expansion
        return nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low_level = self.layer1(self.maxpool(self.stem(x)))
        return low_level, self.layer4(self.layer3(self.layer2(low_level)))


def _stem(arch: Architecture) -> nn.Sequential:
    """To half the size: one 7×7 convolution, or three of 3×3 (ResNet-C, arXiv 1812.01187)."""
    eps, same = arch.backbone_eps, arch.same_padding
    if not arch.deep_stem:
        plan = [(3, 64, 7, 2)]
    else:
        half = arch.deep_stem // 2
        plan = [(3, half, 3, 2), (half, half, 3, 1), (half, arch.deep_stem, 3, 1)]
    layers: list[nn.Module] = []
    for inputs, outputs, kernel, stride in plan:
        convolution = Convolution(inputs, outputs, kernel, stride=stride, same=same)
        layers += [convolution, nn.BatchNorm2d(outputs, eps=eps), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)
