"""MobileNetV2 DeepLabv3 as Hugging Face Transformers saves it.

``google/deeplabv3_mobilenet_v2_1.0_513`` and its like: image pooling and one 1 × 1 branch, no
atrous branches, no decoder, padding as in TensorFlow.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torch import Tensor

from seglabel.core.categories import BACKGROUND, VOID, Category, CategorySet
from seglabel.core.errors import CheckpointError, ProjectFormatError
from seglabel.core.palettes import voc_color
from seglabel.model.architecture import Architecture
from seglabel.model.checkpoint import ModelSpec, RawCheckpoint

_SIGNATURE = "segmentation_head.conv_aspp."
_UNUSED = "mobilenet_v2.conv_1x1."  # the classifier's last convolution, which DeepLab leaves out
_PARTS = {"convolution": "conv", "normalization": "norm"}
_PLACES = {"convolution": 0, "normalization": 1}
_HEAD = {
    "conv_pool": "aspp.pool",
    "conv_aspp": "aspp.point",
    "conv_projection": "aspp.project",
}


def matches(raw: RawCheckpoint) -> bool:
    return any(key.startswith(_SIGNATURE) for key in raw.tensors)


def read(raw: RawCheckpoint) -> tuple[ModelSpec, dict[str, Tensor]]:
    """Spec from ``config.json`` beside the file (or this layout's defaults), weights renamed."""
    config = _config(raw)
    classifier = raw.tensors.get("segmentation_head.classifier.convolution.weight")
    if classifier is None:
        raise CheckpointError(f"{raw.path}: lacks segmentation_head.classifier.convolution.weight")
    outputs = int(classifier.shape[0])
    categories = _categories(config, outputs, raw)
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
        raise CheckpointError(f"{_config_path(raw)}: expected numbers ({error})") from error
    spec = ModelSpec(
        architecture,
        categories,
        (BACKGROUND, *categories.ids),
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        pads=False,
    )
    used = [key for key in raw.tensors if not key.startswith(_UNUSED)]
    state = {_rename(key): raw.tensors[key] for key in used}
    if len(state) < len(used):
        raise CheckpointError(f"{raw.path}: two of its tensors claim the same place")
    return spec, state


def _config_path(raw: RawCheckpoint) -> Path:
    return raw.path.with_name("config.json")


def _config(raw: RawCheckpoint) -> dict[str, Any]:
    path = _config_path(raw)
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: expected JSON ({error})") from error
    if not isinstance(data, dict):
        raise CheckpointError(f"{path}: expected an object, found {type(data).__name__}")
    return data


def _categories(config: dict[str, Any], outputs: int, raw: RawCheckpoint) -> CategorySet:
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
        raise CheckpointError(f"{_config_path(raw)}: id2label: {error}") from error


def _rename(key: str) -> str:
    """Our name of a tensor; a name that is not of this layout stays and is refused later."""
    try:
        return _renamed(key)
    except (IndexError, KeyError, ValueError):
        return key


def _renamed(key: str) -> str:
    parts = key.split(".")
    if key.startswith("segmentation_head.classifier."):
        return f"classifier.{parts[-1]}"
    if parts[0] == "segmentation_head":
        return ".".join([_HEAD[parts[1]], _PARTS[parts[2]], *parts[3:]])
    if parts[1] == "conv_stem":
        return _rename_stem(parts)
    if parts[1] == "layer":
        block = int(parts[2]) + 2  # the stem and the first block stand before
        position = {"expand_1x1": 0, "conv_3x3": 1, "reduce_1x1": 2}[parts[3]]
        return _rename_in_block(block, position, parts)
    return key


def _rename_stem(parts: list[str]) -> str:
    """The stem and the first block, which has no expansion."""
    inner = _PLACES[parts[3]]
    place = {
        "first_conv": ["0", str(inner)],
        "conv_3x3": ["1.conv.0", str(inner)],
        "reduce_1x1": ["1.conv", str(1 + inner)],
    }[parts[2]]
    return ".".join(["backbone.features", *place, *parts[4:]])


def _rename_in_block(block: int, position: int, parts: list[str]) -> str:
    inner = _PLACES[parts[4]]
    place = [str(position), str(inner)] if position < 2 else [str(2 + inner)]
    return ".".join([f"backbone.features.{block}.conv", *place, *parts[5:]])
