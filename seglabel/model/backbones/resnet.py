"""ResNet with atrous last stages (He et al. 2015, arXiv 1512.03385), keys as in torchvision.

The stride sits in a stage's first block, in its 3×3 convolution. Where a stage's stride is replaced
by dilation, its first block keeps the rate of the stage before, as torchvision has it.
"""

from __future__ import annotations

from torch import Tensor, nn

from seglabel.model.architecture import Architecture
from seglabel.model.blocks import Convolution

RESNET_DEPTHS: dict[str, tuple[int, int, int, int]] = {
    "resnet18": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
    "resnet50": (3, 4, 6, 3),
    "resnet101": (3, 4, 23, 3),
}
_BASIC = ("resnet18", "resnet34")


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a skip."""

    expansion = 1

    def __init__(
        self, inputs: int, width: int, *, stride: int, dilation: int, eps: float, same: bool
    ) -> None:
        super().__init__()
        self.conv1 = Convolution(inputs, width, 3, stride=stride, dilation=dilation, same=same)
        self.bn1 = nn.BatchNorm2d(width, eps=eps)
        self.conv2 = Convolution(width, width, 3, dilation=dilation, same=same)
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
        self, inputs: int, width: int, *, stride: int, dilation: int, eps: float, same: bool
    ) -> None:
        super().__init__()
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
    """ResNet-18, 34, 50 or 101 without its classifier."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self._block = BasicBlock if arch.backbone in _BASIC else Bottleneck
        self._eps, self._same = arch.backbone_eps, arch.same_padding
        self.conv1 = Convolution(3, 64, 7, stride=2, same=self._same)
        self.bn1 = nn.BatchNorm2d(64, eps=self._eps)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self._inputs, self._stride, self._rate = 64, 4, 1
        first, second, third, fourth = RESNET_DEPTHS[arch.backbone]
        self.layer1 = self._stage(first, 64, 1, arch.output_stride)
        self.layer2 = self._stage(second, 128, 2, arch.output_stride)
        self.layer3 = self._stage(third, 256, 2, arch.output_stride)
        self.layer4 = self._stage(fourth, 512, 2, arch.output_stride)
        self.low_level_channels = 64 * self._block.expansion
        self.channels = 512 * self._block.expansion

    def _stage(self, depth: int, width: int, stride: int, output_stride: int) -> nn.Sequential:
        first_rate = self._rate
        if self._stride * stride > output_stride:
            self._rate, stride = self._rate * stride, 1
        self._stride *= stride
        blocks = []
        for index in range(depth):
            blocks.append(
                self._block(
                    self._inputs,
                    width,
                    stride=stride if index == 0 else 1,
                    dilation=first_rate if index == 0 else self._rate,
                    eps=self._eps,
                    same=self._same,
                )
            )
            self._inputs = width * self._block.expansion
        return nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        low_level = self.layer1(x)
        return low_level, self.layer4(self.layer3(self.layer2(low_level)))
