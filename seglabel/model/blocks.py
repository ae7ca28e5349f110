"""The few kinds of layer that every part of the network is made of."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Padding before and after one axis under TensorFlow's ``SAME`` rule, in pixels."""
    reach = (kernel - 1) * dilation
    last = (size - 1) // stride * stride  # where the last window begins without padding
    total = max(last + reach + 1 - size, 0)
    return total // 2, total - total // 2


class Convolution(nn.Conv2d):
    """A bias-free convolution that keeps the size (divided by the stride).

    Pads symmetrically by ``dilation * (kernel - 1) / 2``, or like TensorFlow when ``same``.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        *,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        same: bool = False,
    ) -> None:
        padding = 0 if same else dilation * (kernel - 1) // 2
        super().__init__(
            inputs, outputs, kernel, stride, padding, dilation=dilation, groups=groups, bias=False
        )
        self.same = same and kernel > 1

    def forward(self, x: Tensor) -> Tensor:
        if self.same:
            kernel, stride, dilation = self.kernel_size[0], self.stride[0], self.dilation[0]
            top, bottom = same_padding(x.shape[-2], kernel, stride, dilation)
            left, right = same_padding(x.shape[-1], kernel, stride, dilation)
            x = functional.pad(x, (left, right, top, bottom))
        return super().forward(x)


class ConvNormAct(nn.Sequential):
    """Convolution, batch normalisation, ReLU."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        *,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        eps: float = 1e-5,
        same: bool = False,
    ) -> None:
        super().__init__()
        self.conv = Convolution(
            inputs, outputs, kernel, stride=stride, dilation=dilation, groups=groups, same=same
        )
        self.norm = nn.BatchNorm2d(outputs, eps=eps)
        self.act = nn.ReLU(inplace=True)


class SeparableConv(nn.Sequential):
    """Atrous separable convolution: depthwise k×k, BN, ReLU, pointwise, BN, ReLU.

    Without ``depthwise_norm`` the pointwise convolution follows the depthwise one at once.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 3,
        *,
        dilation: int = 1,
        eps: float = 1e-5,
        depthwise_norm: bool = True,
    ) -> None:
        super().__init__()
        make = ConvNormAct if depthwise_norm else _BareConvolution
        self.depthwise = make(inputs, inputs, kernel, dilation=dilation, groups=inputs, eps=eps)
        self.pointwise = ConvNormAct(inputs, outputs, eps=eps)


class _BareConvolution(nn.Sequential):
    """A convolution where others have norm and activation behind it; its key stays the same."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, dilation: int, groups: int, eps: float
    ) -> None:
        super().__init__()
        self.conv = Convolution(inputs, outputs, kernel, dilation=dilation, groups=groups)


def head_conv(
    inputs: int,
    outputs: int,
    kernel: int = 3,
    *,
    separable: bool,
    dilation: int = 1,
    eps: float = 1e-5,
    depthwise_norm: bool = True,
) -> nn.Module:
    """A k×k block of the head, dense or separable."""
    if separable:
        return SeparableConv(
            inputs, outputs, kernel, dilation=dilation, eps=eps, depthwise_norm=depthwise_norm
        )
    return ConvNormAct(inputs, outputs, kernel, dilation=dilation, eps=eps)


def resize(x: Tensor, size: tuple[int, int] | torch.Size, *, align_corners: bool) -> Tensor:
    """Bilinear resize of (N, C, H, W) to ``size`` (H, W)."""
    return functional.interpolate(x, size=size, mode="bilinear", align_corners=align_corners)
