"""mmsegmentation's DeepLabV3+, of 0.x and 1.x: depthwise separable, 512 wide, projected by 3×3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seglabel.core.errors import ProjectFormatError
from seglabel.core.palettes import Color
from seglabel.model.architecture import Architecture
from seglabel.model.backbones.mobilenet_v2 import STAGES
from seglabel.model.layouts.draft import Draft, Labels, named_labels
from seglabel.model.layouts.encoders import move_resnet
from seglabel.model.layouts.heads import move_all
from seglabel.model.layouts.weights import Weights

SIGNATURE = ("decode_head.aspp_modules.", "decode_head.sep_bottleneck.")

_HEAD = "decode_head"


def read(weights: Weights) -> Draft:
    """The file's name tells output stride, multi-grid and how corners are aligned."""
    weights.drop("auxiliary_head.")
    width = weights.shape(f"{_HEAD}.bottleneck.conv.weight")[0]
    outputs, decoder = weights.shape(f"{_HEAD}.conv_seg.weight")[:2]
    low = weights.shape(f"{_HEAD}.c1_bottleneck.conv.weight")[0]
    is_mobilenet = weights.has("backbone.layer7.")
    deep_stem = 0
    if is_mobilenet:
        backbone = "mobilenet_v2"
        _move_mobilenet_v2(weights)
    else:
        backbone, deep_stem = move_resnet(weights, "backbone.")
    separable = (
        (f"{_HEAD}.aspp_modules.1", "aspp.atrous.0"),
        (f"{_HEAD}.aspp_modules.2", "aspp.atrous.1"),
        (f"{_HEAD}.aspp_modules.3", "aspp.atrous.2"),
        (f"{_HEAD}.sep_bottleneck.0", "decoder.refine.0"),
        (f"{_HEAD}.sep_bottleneck.1", "decoder.refine.1"),
    )
    plain = (
        (f"{_HEAD}.image_pool.1", "aspp.pool"),
        (f"{_HEAD}.aspp_modules.0", "aspp.point"),
        (f"{_HEAD}.bottleneck", "aspp.project"),
        (f"{_HEAD}.c1_bottleneck", "decoder.reduce"),
    )
    modules = [
        *plain,
        *(
            (f"{source}.{part}_conv", f"{target}.{part}")
            for source, target in separable
            for part in ("depthwise", "pointwise")
        ),
    ]
    move_all(weights, [(f"{a}.conv", f"{a}.bn", b) for a, b in modules])
    weights.classifier(f"{_HEAD}.conv_seg")
    name = _Name.of(weights)
    arch = Architecture(
        backbone,
        outputs,
        output_stride=name.output_stride,
        separable=True,
        project_kernel=3,
        aspp_channels=width,
        low_level_channels=low,
        decoder_channels=decoder,
        align_corners=name.align_corners,
        deep_stem=deep_stem,
        dilates_both=False,
        dilation_rule="only_first" if is_mobilenet else "keep_first",
        multi_grid=name.multi_grid,
        absolute_multi_grid=name.multi_grid is not None,
    )
    labels = _labels(weights.raw.extra.get("meta"), outputs)
    sources = name.sources | ({} if labels is None else {"categories": "the file's meta"})
    return Draft(
        arch,
        weights.finish(),
        mean=(123.675 / 255, 116.28 / 255, 103.53 / 255),
        std=(58.395 / 255, 57.12 / 255, 57.375 / 255),
        labels=labels,
        sources=sources,
    )


@dataclass(frozen=True)
class _Name:
    """What only the name of a file of mmsegmentation's zoo tells."""

    output_stride: int
    multi_grid: tuple[int, ...] | None
    align_corners: bool
    sources: dict[str, str]

    @classmethod
    def of(cls, weights: Weights) -> _Name:
        name = weights.raw.path.stem
        sources = {}
        stride = re.search(r"(?:^|[-_])d(8|16)(?=[-_]|$)", name)
        grid = re.search(r"-mg(\d+)", name)
        # The configurations of 769 × 769 align corners, their weights look like all others.
        square = re.search(r"(?:^|_)769x769", name)
        if stride:
            sources["output stride"] = f"the file's name (d{stride[1]})"
        if grid:
            sources["multi-grid"] = f"the file's name (mg{grid[1]})"
        if square:
            sources["align_corners"] = "the file's name (769x769)"
        return cls(
            int(stride[1]) if stride else 8,
            tuple(int(digit) for digit in grid[1]) if grid else None,
            square is not None,
            sources,
        )


def _labels(meta: Any, outputs: int) -> Labels | None:
    """Categories from the meta of 0.x (CLASSES, PALETTE) or 1.x (dataset_meta)."""
    if not isinstance(meta, Mapping):
        return None
    inner = meta.get("dataset_meta")
    source = inner if isinstance(inner, Mapping) else meta
    lowered = {str(key).lower(): value for key, value in source.items()}
    names, palette = lowered.get("classes"), lowered.get("palette")
    if not isinstance(names, list | tuple) or len(names) != outputs:
        return None
    try:
        return named_labels([str(name) for name in names], _colors(palette, outputs))
    except ProjectFormatError:  # names that no label file could carry: numbers will do
        return None


def _colors(palette: Any, outputs: int) -> list[Color] | None:
    if not isinstance(palette, list | tuple) or len(palette) != outputs:
        return None
    try:
        colors = [tuple(int(value) for value in color) for color in palette]
    except (TypeError, ValueError):
        return None
    fits = all(len(color) == 3 and min(color) >= 0 and max(color) <= 255 for color in colors)
    return [(color[0], color[1], color[2]) for color in colors] if fits else None


def _move_mobilenet_v2(weights: Weights) -> None:
    """Stages are numbered here, and each layer is a module with ``conv`` and ``bn``."""
    weights.conv_norm(
        "backbone.conv1.conv",
        "backbone.conv1.bn",
        ("backbone.features.0.0", "backbone.features.0.1"),
    )
    block = 0
    for stage, (expansion, _, repeats, _) in enumerate(STAGES, start=1):
        for index in range(repeats):
            block += 1
            ours = f"backbone.features.{block}.conv"
            convolutions = 2 if expansion == 1 else 3
            for layer in range(convolutions):
                source = f"backbone.layer{stage}.{index}.conv.{layer}"
                target = (
                    (f"{ours}.{layer}", f"{ours}.{layer + 1}")
                    if layer == convolutions - 1
                    else (f"{ours}.{layer}.0", f"{ours}.{layer}.1")
                )
                weights.conv_norm(f"{source}.conv", f"{source}.bn", target)
