"""Modified aligned Xception (section 3.3 of arXiv 1802.02611), and the forms others gave it.

Every max-pooling is a strided separable convolution, batch normalisation follows each depthwise
convolution. The stride of a block sits in the third of its separable convolutions.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from seglabel.model.architecture import Architecture
from seglabel.model.blocks import Convolution

_EXIT = (728, 1024, 1024)
_LAST = (1536, 1536, 2048)

# entry flow: width and stride of each block; number of blocks in the middle flow
XCEPTIONS: dict[str, tuple[tuple[tuple[int, int], ...], int]] = {
    "xception41": (((128, 2), (256, 2), (728, 2)), 8),
    "xception65": (((128, 2), (256, 2), (728, 2)), 16),
    "xception71": (((128, 2), (256, 1), (256, 2), (728, 1), (728, 2)), 16),
}


class _Separable(nn.Module):
    """Depthwise 3×3, BN, pointwise, BN."""

    def __init__(
        self, inputs: int, outputs: int, *, eps: float, stride: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        self.depthwise = Convolution(
            inputs, inputs, 3, stride=stride, dilation=dilation, groups=inputs
        )
        self.depthwise_norm = nn.BatchNorm2d(inputs, eps=eps)
        self.pointwise = Convolution(inputs, outputs)
        self.pointwise_norm = nn.BatchNorm2d(outputs, eps=eps)

    def forward(self, x: Tensor, *, depthwise_relu: bool = False) -> Tensor:
        x = self.depthwise_norm(self.depthwise(x))
        if depthwise_relu:
            x = functional.relu(x)
        return self.pointwise_norm(self.pointwise(x))


class _Block(nn.Module):
    """Three separable convolutions, each of what ReLU leaves, and a skip."""

    def __init__(
        self,
        inputs: int,
        widths: tuple[int, int, int],
        *,
        arch: Architecture,
        stride: int = 1,
        rates: tuple[int, int, int] = (1, 1, 1),
    ) -> None:
        super().__init__()
        eps = arch.backbone_eps
        first, second, third = widths
        self.conv1 = _Separable(inputs, first, eps=eps, dilation=rates[0])
        self.conv2 = _Separable(first, second, eps=eps, dilation=rates[1])
        self.conv3 = _Separable(second, third, eps=eps, stride=stride, dilation=rates[2])
        is_identity = stride == 1 and inputs == third
        self.skip = None if is_identity else Convolution(inputs, third, stride=stride)
        self.skip_norm = None if is_identity else nn.BatchNorm2d(third, eps=eps)
        self._skips_activated = arch.skip_rule == "all" or (
            arch.skip_rule == "identity" and is_identity
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The block's output, and what its second convolution gave."""
        activated = functional.relu(x)
        middle = self.conv2(functional.relu(self.conv1(activated)))
        out = self.conv3(functional.relu(middle))
        skip = activated if self._skips_activated else x
        if self.skip is not None and self.skip_norm is not None:
            skip = self.skip_norm(self.skip(skip))
        return out + skip, middle


class Xception(nn.Module):
    """Xception-41, 65 or 71 (2048 channels)."""

    channels = 2048

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        entry, middle = XCEPTIONS[arch.backbone]
        eps = arch.backbone_eps
        self.stem = nn.Sequential(
            Convolution(3, 32, 3, stride=2),
            nn.BatchNorm2d(32, eps=eps),
            nn.ReLU(inplace=True),
            Convolution(32, 64, 3),
            nn.BatchNorm2d(64, eps=eps),
            nn.ReLU(inplace=True),
        )
        self.entry = nn.ModuleList()
        inputs, reached = 64, 2
        self._low_index = 0
        for index, (width, stride) in enumerate(entry):
            if reached == 4 and stride == 2 and arch.low_level_block != 1:
                self._low_index = index
            if reached * stride > arch.output_stride:
                stride = 1
            reached *= stride
            self.entry.append(_Block(inputs, (width,) * 3, stride=stride, arch=arch))
            inputs = width
        self._low_is_end = arch.low_level_block == 1
        self.low_level_channels = entry[self._low_index][0]
        rate = 16 // arch.output_stride
        self.middle = nn.ModuleList(
            _Block(inputs, (inputs,) * 3, rates=(rate,) * 3, arch=arch) for _ in range(middle)
        )
        last_of_exit = 1 if arch.exit_undilates else rate
        self.exit = _Block(inputs, _EXIT, rates=(rate, rate, last_of_exit), arch=arch)
        rate = 2 * rate if arch.exit_doubles_rate else rate
        widths = (_EXIT[-1], *_LAST)
        self.last = nn.ModuleList(
            _Separable(a, b, eps=eps, dilation=rate) for a, b in pairwise(widths)
        )
        self._exit_relu, self._depthwise_relu = arch.exit_relu, arch.exit_depthwise_relu

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem(x)
        low_level = x
        for index, block in enumerate(self.entry):
            x, middle = block(x)
            if index == self._low_index:
                low_level = functional.relu(x) if self._low_is_end else middle
        for block in self.middle:
            x, _ = block(x)
        x, _ = self.exit(x)
        if self._exit_relu:
            x = functional.relu(x)
        for convolution in self.last:
            x = functional.relu(convolution(x, depthwise_relu=self._depthwise_relu))
        return low_level, x
