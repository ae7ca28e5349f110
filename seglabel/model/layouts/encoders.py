"""Backbones as others name their layers, moved to our names."""

from __future__ import annotations

from seglabel.core.errors import CheckpointError
from seglabel.model.backbones.mobilenet_v2 import BLOCKS
from seglabel.model.backbones.resnet import RESNET_DEPTHS
from seglabel.model.layouts.weights import Weights

XCEPTION_MIDDLE = 16  # blocks in the middle flow of an Xception-65

_RESNETS = {
    (depths, name not in ("resnet18", "resnet34")): name for name, depths in RESNET_DEPTHS.items()
}


def move_resnet(weights: Weights, prefix: str) -> tuple[str, int]:
    """A ResNet named as in torchvision. Returns its name and the width of its deep stem or 0."""
    depths = tuple(weights.count(f"{prefix}layer{stage}.") for stage in (1, 2, 3, 4))
    is_bottleneck = weights.has(f"{prefix}layer1.0.conv3.")
    name = _RESNETS.get((depths, is_bottleneck))  # type: ignore[arg-type]
    if name is None:
        kind = "bottlenecks" if is_bottleneck else "basic blocks"
        raise CheckpointError(
            f"{weights.raw.path}: its ResNet has {'/'.join(map(str, depths))} {kind}, "
            f"expected one of {', '.join(RESNET_DEPTHS)}"
        )
    deep_stem = 0
    if weights.has(f"{prefix}stem."):
        deep_stem = weights.shape(f"{prefix}stem.6.weight")[0]
        for index in (0, 3, 6):
            at = f"{prefix}stem.{index}", f"{prefix}stem.{index + 1}"
            weights.conv_norm(*at, (f"backbone.stem.{index}", f"backbone.stem.{index + 1}"))
    else:
        weights.conv_norm(f"{prefix}conv1", f"{prefix}bn1", ("backbone.stem.0", "backbone.stem.1"))
    for stage in (1, 2, 3, 4):
        weights.prefixed(f"{prefix}layer{stage}.", f"backbone.layer{stage}.")
    return name, deep_stem


def move_mobilenet_v2(weights: Weights, prefix: str, *, is_flat: bool) -> bool:
    """A MobileNetV2 whose blocks are numbered through, as torchvision's.

    In a flat one all layers of a block stand in a single row. Returns whether it goes on to the
    1280 channels of the classifier.
    """
    if not is_flat:
        last = weights.has(f"{prefix}{BLOCKS + 1}.")
        weights.prefixed(prefix, "backbone.features.")
        return last
    weights.conv_norm(
        f"{prefix}0.0", f"{prefix}0.1", ("backbone.features.0.0", "backbone.features.0.1")
    )
    for block in range(1, BLOCKS + 1):
        ours = f"backbone.features.{block}.conv"
        theirs = f"{prefix}{block}.conv"
        # Layers come as convolution, norm and activation, but the last has no activation.
        convolutions = 2 if block == 1 else 3
        for index in range(convolutions):
            is_last = index == convolutions - 1
            target = (
                (f"{ours}.{index}", f"{ours}.{index + 1}")
                if is_last
                else (f"{ours}.{index}.0", f"{ours}.{index}.1")
            )
            weights.conv_norm(f"{theirs}.{3 * index}", f"{theirs}.{3 * index + 1}", target)
    return False


def move_xception_rows(weights: Weights, prefix: str) -> None:
    """An Xception-65 whose blocks are rows of layers, but for its middle flow and exit block."""
    move_xception_stem(weights, prefix)
    for index in (1, 2, 3):
        # The first two blocks get what is activated already and have no ReLU of their own.
        first = 1 if index == 3 else 0
        move_row(weights, f"{prefix}block{index}", f"backbone.entry.{index - 1}", first=first)
    for index in (3, 4, 5):
        source = f"{prefix}conv{index}"
        norms = (f"{source}.bn", f"{prefix}bn{index}")
        move_separable(weights, source, norms, f"backbone.last.{index - 3}", ("conv1", "pointwise"))


def move_row(
    weights: Weights, source: str, target: str, *, first: int = 1, bare: int | None = None
) -> None:
    """A block as a row of ReLU, separable convolution, norm; ``first`` is its first convolution.

    ``bare`` is the convolution, from 0, that has no norm behind its pointwise part.
    """
    at = first
    for index in range(3):
        layer, ours = f"{source}.rep.{at}", f"{target}.conv{index + 1}"
        pointwise = (f"{ours}.pointwise", f"{ours}.pointwise_norm")
        weights.conv_norm(
            f"{layer}.conv1", f"{layer}.bn", (f"{ours}.depthwise", f"{ours}.depthwise_norm")
        )
        if index == bare:
            weights.conv_without_norm(f"{layer}.pointwise", pointwise)
            at += 2
        else:
            weights.conv_norm(f"{layer}.pointwise", f"{source}.rep.{at + 1}", pointwise)
            at += 3
    move_skip(weights, source, target)


def move_xception_stem(weights: Weights, prefix: str) -> None:
    """The two convolutions an Xception begins with."""
    weights.conv_norm(f"{prefix}conv1", f"{prefix}bn1", ("backbone.stem.0", "backbone.stem.1"))
    weights.conv_norm(f"{prefix}conv2", f"{prefix}bn2", ("backbone.stem.3", "backbone.stem.4"))


def move_separable(
    weights: Weights, source: str, norms: tuple[str, str], target: str, names: tuple[str, str]
) -> None:
    """A separable convolution of an Xception; ``norms`` are full names of its two norms."""
    for theirs, norm, ours in zip(names, norms, ("depthwise", "pointwise"), strict=True):
        weights.conv_norm(f"{source}.{theirs}", norm, (f"{target}.{ours}", f"{target}.{ours}_norm"))


def move_skip(weights: Weights, source: str, target: str) -> None:
    """The convolution beside a block, where it has one."""
    if weights.has(f"{source}.skip."):
        weights.conv_norm(
            f"{source}.skip", f"{source}.skipbn", (f"{target}.skip", f"{target}.skip_norm")
        )
