"""With which network a training begins: ImageNet's backbone, or another model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from seglabel.core.categories import CategorySet
from seglabel.model.architecture import Architecture
from seglabel.model.checkpoint import ModelSpec, channels_of
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.identify import identify
from seglabel.model.pretrained import backbone_defaults, load_imagenet


@dataclass(frozen=True)
class Start:
    """A network and what it means. ``unknown`` counts the categories that it has yet to learn."""

    net: DeepLabV3Plus
    spec: ModelSpec
    unknown: int
    has_new_head: bool


def from_imagenet(
    backbone: str, categories: CategorySet, say: Callable[[str], None], width: int = 256
) -> Start:
    """A backbone that knows ImageNet, if its weights are here, with a head of random weights.

    ``width`` is the number of channels of the ASPP and of the decoder.
    """
    channels = channels_of(categories)
    defaults = backbone_defaults(backbone)
    arch = Architecture(
        backbone,
        len(channels),
        backbone_eps=defaults.eps,
        aspp_channels=width,
        decoder_channels=width,
    )
    net = DeepLabV3Plus(arch)
    if not load_imagenet(net):
        say(
            f"no ImageNet weights for {backbone} on this machine: it starts from random "
            "weights and needs far more images and time (efficientnet_lite0 brings its own)"
        )
    spec = ModelSpec(
        arch, categories, channels, defaults.mean, defaults.std, license=defaults.license
    )
    return Start(net, spec, len(channels), has_new_head=True)


def from_checkpoint(path: Path, categories: CategorySet) -> Start:
    """Another checkpoint's weights; its classifier where it knows a category by name."""
    model = identify(path)
    channels = channels_of(categories)
    known = model.network()
    arch = replace(model.spec.architecture, outputs=len(channels))
    net = DeepLabV3Plus(arch)
    rows = _rows_in_common(model.spec, categories, channels)
    _take_over(net, known, rows)
    spec = replace(model.spec, architecture=arch, categories=categories, channels=channels)
    return Start(net, spec, len(channels) - len(rows), has_new_head=False)


def _rows_in_common(
    known: ModelSpec, categories: CategorySet, channels: tuple[int, ...]
) -> dict[int, int]:
    """New output channel → old one, where both mean a category of the same name."""
    old: dict[str, int] = {}
    for row, channel in enumerate(known.channels):
        old.setdefault(_key(known.categories.name_of(channel)), row)  # the first is the main one
    names = [_key(categories.name_of(c)) for c in channels]
    return {row: old[name] for row, name in enumerate(names) if name in old}


def _key(name: str) -> str:
    return name.strip().casefold()


def _take_over(net: DeepLabV3Plus, known: DeepLabV3Plus, rows: dict[int, int]) -> None:
    """Give ``net`` the weights of ``known`` and, of its classifier, the rows that it shares."""
    state = known.state_dict()
    for key in ("classifier.weight", "classifier.bias"):
        old = state[key]
        state[key] = net.state_dict()[key].clone()
        state[key][list(rows)] = old[list(rows.values())]
    net.load_state_dict(state)
