"""bubbliiiing/deeplabv3-plus-pytorch: biases before the norms, pictures only divided by 255."""

from __future__ import annotations

from seglabel.model.architecture import Architecture
from seglabel.model.layouts.draft import Draft
from seglabel.model.layouts.encoders import (
    XCEPTION_MIDDLE,
    move_mobilenet_v2,
    move_separable,
    move_skip,
    move_xception_stem,
)
from seglabel.model.layouts.heads import move_all, reorder_branches
from seglabel.model.layouts.weights import Weights

SIGNATURE = ("aspp.branch1.", "cat_conv.")


def read(weights: Weights) -> Draft:
    """Xception-65 or MobileNetV2; all resizing aligns corners."""
    width = weights.shape("aspp.conv_cat.0.weight")[0]
    outputs, decoder = weights.shape("cls_conv.weight")[:2]
    low = weights.shape("shortcut_conv.0.weight")[0]
    is_mobilenet = weights.has("backbone.features.")
    if is_mobilenet:
        move_mobilenet_v2(weights, "backbone.features.", is_flat=True)
    else:
        _move_xception(weights)
    branches = ("point", "atrous.0", "atrous.1", "atrous.2")
    move_all(
        weights,
        [
            *(
                (f"aspp.branch{n}.0", f"aspp.branch{n}.1", f"aspp.{target}")
                for n, target in enumerate(branches, start=1)
            ),
            ("aspp.branch5_conv", "aspp.branch5_bn", "aspp.pool"),
            ("aspp.conv_cat.0", "aspp.conv_cat.1", "aspp.project"),
            ("shortcut_conv.0", "shortcut_conv.1", "decoder.reduce"),
            ("cat_conv.0", "cat_conv.1", "decoder.refine.0"),
            ("cat_conv.4", "cat_conv.5", "decoder.refine.1"),
        ],
    )
    weights.classifier("cls_conv")
    reorder_branches(weights, width)
    arch = Architecture(
        "mobilenet_v2" if is_mobilenet else "xception65",
        outputs,
        separable=False,
        aspp_channels=width,
        low_level_channels=low,
        decoder_channels=decoder,
        align_corners=True,
        skip_rule="identity",
        exit_doubles_rate=False,
    )
    return Draft(
        arch,
        weights.finish(),
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
    )


def _move_xception(weights: Weights) -> None:
    move_xception_stem(weights, "backbone.")
    names = [f"entry.{index}" for index in range(3)]
    names += [f"middle.{index}" for index in range(XCEPTION_MIDDLE)]
    for number, name in enumerate([*names, "exit"], start=1):
        source, target = f"backbone.block{number}", f"backbone.{name}"
        for index in (1, 2, 3):
            _move_separable(weights, f"{source}.sepconv{index}", f"{target}.conv{index}")
        move_skip(weights, source, target)
    for index in (3, 4, 5):
        _move_separable(weights, f"backbone.conv{index}", f"backbone.last.{index - 3}")


def _move_separable(weights: Weights, source: str, target: str) -> None:
    norms = (f"{source}.bn1", f"{source}.bn2")
    move_separable(weights, source, norms, target, ("depthwise", "pointwise"))
