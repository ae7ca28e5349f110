"""MobileNetV2 DeepLabv3 as Hugging Face Transformers saves it.

``google/deeplabv3_mobilenet_v2_1.0_513`` and its like: image pooling and one 1 × 1 branch, no
atrous branches, no decoder, padding as in TensorFlow.
"""

from __future__ import annotations

from typing import Any

from seglabel.core.categories import BACKGROUND, VOID, Category, CategorySet
from seglabel.core.errors import CheckpointError, ProjectFormatError
from seglabel.core.palettes import voc_color
from seglabel.model.architecture import Architecture
from seglabel.model.backbones.mobilenet_v2 import BLOCKS
from seglabel.model.layouts.draft import Draft
from seglabel.model.layouts.weights import Weights

SIGNATURE = ("segmentation_head.conv_aspp.",)

_STEM = "mobilenet_v2.conv_stem"


def read(weights: Weights) -> Draft:
    """``config.json`` beside the file gives names and output stride, or this layout's defaults."""
    raw, config = weights.raw, weights.raw.config
    weights.drop("mobilenet_v2.conv_1x1.")  # the classifier's last convolution; DeepLab has none
    outputs = weights.shape("segmentation_head.classifier.convolution.weight")[0]
    categories = _categories(config, outputs, weights)
    try:
        architecture = Architecture(
            "mobilenet_v2",
            outputs,
            output_stride=int(config.get("output_stride", 16)),
            aspp_rates=(),
            low_level_channels=0,
            backbone_eps=float(config.get("layer_norm_eps", 1e-3)),
            head_eps=1e-5,
            same_padding=bool(config.get("tf_padding", True)),
        )
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{raw.config_path}: expected numbers ({error})") from error
    _move_backbone(weights)
    head = {"conv_pool": "aspp.pool", "conv_aspp": "aspp.point", "conv_projection": "aspp.project"}
    for theirs, ours in head.items():
        _move(weights, f"segmentation_head.{theirs}", ours)
    weights.classifier("segmentation_head.classifier.convolution")
    return Draft(
        architecture,
        weights.finish(),
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        labels=(categories, (BACKGROUND, *categories.ids)),
        sources={
            fact: "config.json"
            for fact, key in (("output stride", "output_stride"), ("categories", "id2label"))
            if key in config
        },
    )


def _move(weights: Weights, source: str, target: str | tuple[str, str]) -> None:
    weights.conv_norm(f"{source}.convolution", f"{source}.normalization", target)


def _move_backbone(weights: Weights) -> None:
    """The stem holds the first block too, which has no expansion; the others count from 0."""
    features = "backbone.features"
    _move(weights, f"{_STEM}.first_conv", (f"{features}.0.0", f"{features}.0.1"))
    _move(weights, f"{_STEM}.conv_3x3", (f"{features}.1.conv.0.0", f"{features}.1.conv.0.1"))
    _move(weights, f"{_STEM}.reduce_1x1", (f"{features}.1.conv.1", f"{features}.1.conv.2"))
    for block in range(BLOCKS - 1):
        source, target = f"mobilenet_v2.layer.{block}", f"{features}.{block + 2}.conv"
        _move(weights, f"{source}.expand_1x1", (f"{target}.0.0", f"{target}.0.1"))
        _move(weights, f"{source}.conv_3x3", (f"{target}.1.0", f"{target}.1.1"))
        _move(weights, f"{source}.reduce_1x1", (f"{target}.2", f"{target}.3"))


def _categories(config: dict[str, Any], outputs: int, weights: Weights) -> CategorySet:
    raw = weights.raw
    if not 2 <= outputs <= VOID:
        raise CheckpointError(f"{raw.path}: {outputs} output channels; a label map holds 2–255")
    names = config.get("id2label")
    names = names if isinstance(names, dict) else {}
    try:
        return CategorySet(
            tuple(
                Category(i, str(names.get(str(i), f"category {i}")), voc_color(i), is_thing=True)
                for i in range(1, outputs)
            ),
            background=str(names.get("0", "background")),
        )
    except ProjectFormatError as error:
        raise CheckpointError(f"{raw.config_path}: id2label: {error}") from error
