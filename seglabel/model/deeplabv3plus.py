"""DeepLabv3+: encoder, atrous spatial pyramid pooling, decoder (arXiv 1802.02611).

The network maps a normalised batch (N, 3, H, W) to scores (N, outputs, h, w) at the stride of its
decoder: a quarter of the image, or ``output_stride`` where there is no decoder. Upsampling to the
image belongs to whoever needs it (see :mod:`seglabel.model.upsampling`), because the whole score
volume at full size is the most expensive thing one can ask for.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from seglabel.model.architecture import Architecture
from seglabel.model.backbones import build_backbone
from seglabel.model.blocks import ConvNormAct, Convolution, head_conv, resize


class ASPP(nn.Module):
    """Image pooling, 1×1 and atrous 3×3 branches, concatenated in this order and projected."""

    def __init__(self, inputs: int, arch: Architecture) -> None:
        super().__init__()
        width, eps = arch.aspp_channels, arch.head_eps
        self.pool = ConvNormAct(inputs, width, eps=eps)
        self.point = ConvNormAct(inputs, width, eps=eps)
        self.atrous = nn.ModuleList(
            head_conv(
                inputs,
                width,
                separable=arch.separable,
                dilation=rate,
                eps=eps,
                depthwise_norm=arch.depthwise_norm,
            )
            for rate in arch.rates
        )
        concatenated = width * (2 + len(arch.rates))
        self.project = ConvNormAct(concatenated, width, arch.project_kernel, eps=eps)
        self.dropout = nn.Dropout(arch.dropout)
        self.refine = (
            None
            if arch.context_conv == "none"
            else head_conv(
                width,
                width,
                separable=arch.context_conv == "separable",
                eps=eps,
                depthwise_norm=arch.depthwise_norm,
            )
        )
        self._pool_window = arch.pool_window

    def silence_outer_taps(self) -> None:
        """Set all but the middle of the atrous kernels to zero.

        In crops smaller than a rate the outer taps only ever meet padding: they are not trained,
        and random values there would spoil pictures that are larger than the crops were.
        """
        for branch in self.atrous:
            kernel = next(m.weight for m in branch.modules() if isinstance(m, Convolution))
            middle = kernel.data[:, :, 1, 1].clone()
            kernel.data.zero_()
            kernel.data[:, :, 1, 1] = middle

    def forward(self, x: Tensor) -> Tensor:
        branches = [self._pooled(x), self.point(x), *(branch(x) for branch in self.atrous)]
        context = self.dropout(self.project(torch.cat(branches, dim=1)))
        return context if self.refine is None else self.refine(context)

    def _pooled(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        if self._pool_window is None:
            # Upsampling a 1×1 map is a broadcast, whatever the convention for corners.
            return self.pool(x.mean((2, 3), keepdim=True)).expand(-1, -1, height, width)
        window = (min(self._pool_window[0], height), min(self._pool_window[1], width))
        pooled = self.pool(functional.avg_pool2d(x, window, stride=1))
        return resize(pooled, (height, width), align_corners=False)


class Decoder(nn.Module):
    """Refines the ASPP's output, which comes first, by the backbone's features at stride 4."""

    def __init__(self, low_level: int, arch: Architecture) -> None:
        super().__init__()
        self.align_corners = arch.align_corners
        self.reduce = ConvNormAct(
            low_level, arch.low_level_channels, arch.low_level_kernel, eps=arch.head_eps
        )
        widths = [arch.low_level_channels + arch.aspp_channels]
        widths += [arch.decoder_channels] * arch.decoder_convolutions
        self.refine = nn.Sequential(
            *(
                head_conv(
                    a,
                    b,
                    arch.decoder_kernel,
                    separable=arch.separable_decoder,
                    eps=arch.head_eps,
                    depthwise_norm=arch.depthwise_norm,
                )
                for a, b in pairwise(widths)
            )
        )

    def forward(self, context: Tensor, low_level: Tensor) -> Tensor:
        low = self.reduce(low_level)
        context = resize(context, low.shape[-2:], align_corners=self.align_corners)
        return self.refine(torch.cat([context, low], dim=1))


class DeepLabV3Plus(nn.Module):
    """The network that an :class:`Architecture` describes, with random weights."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.arch = arch
        self.backbone = build_backbone(arch)
        self.aspp = ASPP(self.backbone.channels, arch)
        self.decoder = Decoder(self.backbone.low_level_channels, arch) if arch.has_decoder else None
        width = arch.decoder_channels if arch.has_decoder else arch.aspp_channels
        self.classifier = nn.Conv2d(width, arch.outputs, 1)
        _initialise(self.aspp, self.decoder, self.classifier)
        self.aspp.silence_outer_taps()

    def features(self, x: Tensor) -> Tensor:
        """What the classifier sees: (N, 256, h, w)."""
        return self._seen(x)[0]

    def described(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scores as :meth:`forward` gives them, and what sets each image apart from others: the
        mean of the ASPP's output over the image, (N, 256)."""
        features, context = self._seen(x)
        return self.classifier(features), context.mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))

    def decode(self, low_level: Tensor, high_level: Tensor) -> Tensor:
        """What the classifier sees, from what the backbone says of a picture."""
        return self._decoded(low_level, high_level)[0]

    def _seen(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self._decoded(*self.backbone(x))

    def _decoded(self, low_level: Tensor, high_level: Tensor) -> tuple[Tensor, Tensor]:
        """What the classifier sees, and the output of the ASPP at the stride of the backbone."""
        context = self.aspp(high_level)
        decoded = context if self.decoder is None else self.decoder(context, low_level)
        return decoded, context


def _initialise(*parts: nn.Module | None) -> None:
    for part in parts:
        for module in part.modules() if part is not None else ():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
