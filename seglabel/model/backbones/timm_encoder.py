"""Encoders that timm keeps, with atrous last stages."""

from __future__ import annotations

import re
from typing import Any

import timm
from torch import Tensor, nn

from seglabel.core.errors import CheckpointError
from seglabel.model.architecture import Architecture

PREFIX = "timm:"

Triple = tuple[float, float, float]

# our name → timm's name; others go by timm's own behind the prefix
TIMM_ENCODERS: dict[str, str] = {
    f"efficientnet_lite{n}": f"tf_efficientnet_lite{n}" for n in range(5)
}


def timm_name(backbone: str) -> str | None:
    """timm's name of a backbone, or ``None`` if it is not timm's."""
    if backbone.startswith(PREFIX):
        return backbone.removeprefix(PREFIX)
    return TIMM_ENCODERS.get(backbone)


def timm_normalisation(backbone: str) -> tuple[Triple, Triple]:
    """Mean and deviation of RGB in [0, 1] that timm's weights of this encoder were trained with."""
    config = timm.get_pretrained_cfg(timm_name(backbone) or backbone)
    if config is None:
        raise CheckpointError(f"backbone {backbone!r}: timm does not know it")
    (a, b, c), (d, e, f) = config.mean, config.std
    return (a, b, c), (d, e, f)


class TimmEncoder(nn.Module):
    """A timm network in ``features_only`` form, dilated to the output stride.

    Raises CheckpointError if timm does not have it or cannot dilate it.
    """

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        name = timm_name(arch.backbone) or arch.backbone
        # timm also takes names of folders and of models on the network, which a file must not make
        # it read or fetch.
        if not re.fullmatch(r"[\w.]+", name) or not timm.is_model(name):
            raise CheckpointError(f"backbone {arch.backbone!r}: timm does not know it")
        try:
            encoder = timm.create_model(
                name,
                pretrained=False,
                features_only=True,
                output_stride=arch.output_stride,
            )
        except (RuntimeError, TypeError, NotImplementedError, AssertionError) as error:
            raise CheckpointError(
                f"backbone {arch.backbone!r}: timm cannot make it with output stride "
                f"{arch.output_stride} ({error})"
            ) from error
        info: Any = encoder.feature_info
        if 4 not in info.reduction():
            raise CheckpointError(f"backbone {arch.backbone!r} has no features at stride 4")
        self._low = info.reduction().index(4)
        self.low_level_channels: int = info.channels()[self._low]
        self.channels: int = info.channels()[-1]
        self.encoder = encoder

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.encoder(x)
        return features[self._low], features[-1]
