"""jfzhang95/pytorch-deeplab-xception, which TagLab and giovanniguidi build upon."""

from __future__ import annotations

from dataclasses import replace

from seglabel.core.errors import CheckpointError
from seglabel.model.architecture import Architecture
from seglabel.model.layouts.draft import Draft
from seglabel.model.layouts.encoders import (
    XCEPTION_MIDDLE,
    move_mobilenet_v2,
    move_resnet,
    move_row,
    move_xception_rows,
)
from seglabel.model.layouts.heads import move_all, reorder_branches
from seglabel.model.layouts.weights import Weights

SIGNATURE = ("aspp.aspp1.atrous_conv.", "decoder.last_conv.")


def read(weights: Weights) -> Draft:
    """ResNet-101, Xception-65 or MobileNetV2; all resizing aligns corners."""
    width = weights.shape("aspp.conv1.weight")[0]
    outputs, decoder = weights.shape("decoder.last_conv.8.weight")[:2]
    base = Architecture(
        "",
        outputs,
        separable=False,
        aspp_channels=width,
        low_level_channels=weights.shape("decoder.conv1.weight")[0],
        decoder_channels=decoder,
        dropout=0.5,
        align_corners=True,
    )
    arch = _move_backbone(weights, base)
    branches = ("point", "atrous.0", "atrous.1", "atrous.2")
    move_all(
        weights,
        [
            *(
                (f"aspp.aspp{n}.atrous_conv", f"aspp.aspp{n}.bn", f"aspp.{target}")
                for n, target in enumerate(branches, start=1)
            ),
            ("aspp.global_avg_pool.1", "aspp.global_avg_pool.2", "aspp.pool"),
            ("aspp.conv1", "aspp.bn1", "aspp.project"),
            ("decoder.conv1", "decoder.bn1", "decoder.reduce"),
            ("decoder.last_conv.0", "decoder.last_conv.1", "decoder.refine.0"),
            ("decoder.last_conv.4", "decoder.last_conv.5", "decoder.refine.1"),
        ],
    )
    weights.classifier("decoder.last_conv.8")
    reorder_branches(weights, width)
    return Draft(arch, weights.finish())


def _move_backbone(weights: Weights, base: Architecture) -> Architecture:
    if weights.has("backbone.features."):
        # Each tensor is stored twice, under the whole and under the half it belongs to.
        weights.drop("backbone.low_level_features.", "backbone.high_level_features.")
        move_mobilenet_v2(weights, "backbone.features.", is_flat=True)
        return replace(base, backbone="mobilenet_v2", expands_padding=True, dilation_rule="late")
    if weights.has("backbone.block20."):
        move_xception_rows(weights, "backbone.")
        for index in range(XCEPTION_MIDDLE):
            move_row(weights, f"backbone.block{index + 4}", f"backbone.middle.{index}")
        move_row(weights, "backbone.block20", "backbone.exit")
        return replace(
            base,
            backbone="xception65",
            skip_rule="all",
            exit_relu=True,
            exit_depthwise_relu=False,
            exit_undilates=True,
            low_level_block=1,
        )
    if weights.has("backbone.layer0.") or weights.has("backbone.layer5."):
        raise CheckpointError(f"{weights.raw.path}: the DRN backbone is not supported")
    backbone, _ = move_resnet(weights, "backbone.")
    return replace(base, backbone=backbone, dilation_rule="all", multi_grid=(1, 2, 4))
