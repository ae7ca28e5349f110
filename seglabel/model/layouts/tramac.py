"""Tramac/awesome-semantic-segmentation-pytorch: Xception-65 at output stride 8."""

from __future__ import annotations

from seglabel.model.architecture import Architecture
from seglabel.model.layouts.draft import Draft
from seglabel.model.layouts.encoders import XCEPTION_MIDDLE, move_row, move_xception_rows
from seglabel.model.layouts.heads import move_all, reorder_branches
from seglabel.model.layouts.weights import Weights

SIGNATURE = ("head.aspp.b0.", "head.c1_block.")


def read(weights: Weights) -> Draft:
    """Its exit block lacks a norm, its low-level features are reduced by 3×3."""
    weights.drop("auxlayer.", "pretrained.fc.")
    width = weights.shape("head.aspp.project.0.weight")[0]
    outputs, decoder = weights.shape("head.block.4.weight")[:2]
    low = weights.shape("head.c1_block.conv.weight")[0]
    move_xception_rows(weights, "pretrained.")
    for index in range(XCEPTION_MIDDLE):
        move_row(weights, f"pretrained.midflow.{index}", f"backbone.middle.{index}")
    move_row(weights, "pretrained.block20", "backbone.exit", bare=1)
    aspp = "head.aspp"
    move_all(
        weights,
        [
            (f"{aspp}.b0.0", f"{aspp}.b0.1", "aspp.point"),
            *(
                (f"{aspp}.b{n}.block.0", f"{aspp}.b{n}.block.1", f"aspp.atrous.{n - 1}")
                for n in (1, 2, 3)
            ),
            (f"{aspp}.b4.gap.1", f"{aspp}.b4.gap.2", "aspp.pool"),
            (f"{aspp}.project.0", f"{aspp}.project.1", "aspp.project"),
            ("head.c1_block.conv", "head.c1_block.bn", "decoder.reduce"),
            ("head.block.0.conv", "head.block.0.bn", "decoder.refine.0"),
            ("head.block.2.conv", "head.block.2.bn", "decoder.refine.1"),
        ],
    )
    weights.classifier("head.block.4")
    reorder_branches(weights, width)
    arch = Architecture(
        "xception65",
        outputs,
        output_stride=8,
        separable=False,
        aspp_channels=width,
        low_level_channels=low,
        low_level_kernel=3,
        decoder_channels=decoder,
        dropout=0.5,
        align_corners=True,
        skip_rule="all",
        exit_relu=True,
        exit_depthwise_relu=False,
        low_level_block=1,
    )
    return Draft(arch, weights.finish())
