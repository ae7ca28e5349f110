"""VainF/DeepLabV3Plus-Pytorch: ``classifier.aspp.convs`` and a backbone cut in two."""

from __future__ import annotations

from seglabel.core.errors import CheckpointError
from seglabel.model.architecture import Architecture
from seglabel.model.layouts.draft import Draft
from seglabel.model.layouts.encoders import move_mobilenet_v2, move_resnet
from seglabel.model.layouts.heads import move_bare_separable, reorder_branches, reorder_decoder
from seglabel.model.layouts.weights import Weights

SIGNATURE = ("classifier.aspp.convs.",)
SIGNATURE_V3 = ("classifier.classifier.0.convs.",)


def read(weights: Weights) -> Draft:
    """DeepLabv3+ of ResNet-50/101 or MobileNetV2, dense or separable."""
    separable = weights.has("classifier.aspp.convs.1.0.body.")
    width = weights.shape("classifier.aspp.project.0.weight")[0]
    low = weights.shape("classifier.project.0.weight")[0]
    outputs, decoder = weights.shape("classifier.classifier.3.weight")[:2]
    backbone, is_mobilenet = _move_backbone(weights)
    _move_aspp(weights, "classifier.aspp", separable)
    weights.conv_norm("classifier.project.0", "classifier.project.1", "decoder.reduce")
    _move_conv(weights, "classifier.classifier", 0, 1, "decoder.refine.0", separable)
    weights.classifier("classifier.classifier.3")
    reorder_branches(weights, width)
    reorder_decoder(weights, low, width, separable=separable)
    arch = Architecture(
        backbone,
        outputs,
        separable=separable,
        depthwise_norm=False,
        aspp_channels=width,
        low_level_channels=low,
        decoder_channels=decoder,
        decoder_convolutions=1,
        stem_padding=0 if is_mobilenet else 1,
        expands_padding=is_mobilenet,
    )
    return Draft(arch, weights.finish())


def read_v3(weights: Weights) -> Draft:
    """Plain DeepLabv3: a 3×3 convolution behind the ASPP, no decoder."""
    head = "classifier.classifier"
    separable = weights.has(f"{head}.0.convs.1.0.body.")
    width = weights.shape(f"{head}.0.project.0.weight")[0]
    outputs = weights.shape(f"{head}.4.weight")[0]
    backbone, is_mobilenet = _move_backbone(weights)
    _move_aspp(weights, f"{head}.0", separable)
    _move_conv(weights, head, 1, 2, "aspp.refine", separable)
    weights.classifier(f"{head}.4")
    reorder_branches(weights, width)
    arch = Architecture(
        backbone,
        outputs,
        separable=separable,
        depthwise_norm=False,
        aspp_channels=width,
        low_level_channels=0,
        context_conv="separable" if separable else "dense",
        stem_padding=0 if is_mobilenet else 1,
        expands_padding=is_mobilenet,
    )
    return Draft(arch, weights.finish())


def _move_backbone(weights: Weights) -> tuple[str, bool]:
    """Name of the backbone, and whether it is MobileNetV2."""
    if weights.has("backbone.low_level_features."):
        for part in ("low_level_features", "high_level_features"):
            move_mobilenet_v2(weights, f"backbone.{part}.", is_flat=False)
        return "mobilenet_v2", True
    for prefix, name in (("backbone.stage4.", "HRNet"), ("backbone.block12.", "Xception")):
        if weights.has(prefix):
            raise CheckpointError(
                f"{weights.raw.path}: VainF's {name} is not supported; its ResNets and MobileNetV2 "
                "are"
            )
    return move_resnet(weights, "backbone.")[0], False


def _move_aspp(weights: Weights, source: str, separable: bool) -> None:
    weights.conv_norm(f"{source}.convs.0.0", f"{source}.convs.0.1", "aspp.point")
    for branch in (1, 2, 3):
        _move_conv(
            weights, f"{source}.convs.{branch}", 0, 1, f"aspp.atrous.{branch - 1}", separable
        )
    weights.conv_norm(f"{source}.convs.4.1", f"{source}.convs.4.2", "aspp.pool")
    weights.conv_norm(f"{source}.project.0", f"{source}.project.1", "aspp.project")


def _move_conv(
    weights: Weights, source: str, conv: int, norm: int, target: str, separable: bool
) -> None:
    if separable:
        parts = [f"{source}.{conv}.body.{index}" for index in (0, 1)]
        move_bare_separable(weights, parts, f"{source}.{norm}", target)
    else:
        weights.conv_norm(f"{source}.{conv}", f"{source}.{norm}", target)
