"""torchvision's DeepLabv3: no decoder, a 3×3 convolution behind the ASPP."""

from __future__ import annotations

from seglabel.model.architecture import Architecture
from seglabel.model.layouts.draft import Draft
from seglabel.model.layouts.encoders import move_resnet
from seglabel.model.layouts.heads import reorder_branches
from seglabel.model.layouts.weights import Weights

SIGNATURE = ("classifier.0.convs.",)


def read(weights: Weights) -> Draft:
    """ResNet-50 or 101 at output stride 8, MobileNetV3-Large at 16."""
    weights.drop("aux_classifier.")
    width = weights.shape("classifier.0.project.0.weight")[0]
    outputs = weights.shape("classifier.4.weight")[0]
    is_resnet = weights.has("backbone.layer4.")
    if is_resnet:
        backbone, _ = move_resnet(weights, "backbone.")
    else:
        backbone = "mobilenet_v3_large"
        weights.prefixed("backbone.", "backbone.features.")
    for index, target in enumerate(("point", "atrous.0", "atrous.1", "atrous.2")):
        source = f"classifier.0.convs.{index}"
        weights.conv_norm(f"{source}.0", f"{source}.1", f"aspp.{target}")
    weights.conv_norm("classifier.0.convs.4.1", "classifier.0.convs.4.2", "aspp.pool")
    weights.conv_norm("classifier.0.project.0", "classifier.0.project.1", "aspp.project")
    weights.conv_norm("classifier.1", "classifier.2", "aspp.refine")
    weights.classifier("classifier.4")
    reorder_branches(weights, width)
    arch = Architecture(
        backbone,
        outputs,
        output_stride=8 if is_resnet else 16,
        separable=False,
        aspp_rates=(12, 24, 36),
        aspp_channels=width,
        low_level_channels=0,
        dropout=0.5,
        backbone_eps=1e-5 if is_resnet else 1e-3,
        context_conv="dense",
    )
    return Draft(arch, weights.finish())
