"""segmentation_models_pytorch: DeepLabV3Plus over its own and timm's encoders."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from seglabel.core.errors import CheckpointError
from seglabel.model.architecture import Architecture
from seglabel.model.backbones.timm_encoder import PREFIX, timm_normalisation
from seglabel.model.checkpoint import IMAGENET_MEAN, IMAGENET_STD
from seglabel.model.layouts.draft import Draft, Triple
from seglabel.model.layouts.encoders import move_mobilenet_v2, move_resnet
from seglabel.model.layouts.heads import move_all, move_bare_separable, reorder_branches
from seglabel.model.layouts.weights import Weights

SIGNATURE = ("decoder.aspp.0.convs.", "segmentation_head.")

_RATES = (12, 24, 36)  # whatever the output stride
_TIMM = "tu-"


def read(weights: Weights) -> Draft:
    """``config.json`` beside the file names the encoder; else it is seen from the keys."""
    config = weights.raw.config
    sources: dict[str, str] = {}
    weights.drop("classification_head.")
    width = weights.shape("decoder.aspp.0.project.0.weight")[0]
    low = weights.shape("decoder.block1.0.weight")[0]
    outputs = weights.shape("segmentation_head.0.weight")[0]
    encoder = _move_encoder(weights, config.get("encoder_name"))
    aspp = "decoder.aspp.0"
    weights.conv_norm(f"{aspp}.convs.0.0", f"{aspp}.convs.0.1", "aspp.point")
    is_separable = weights.has(f"{aspp}.convs.1.0.0.")
    for branch in (1, 2, 3):
        source, target = f"{aspp}.convs.{branch}", f"aspp.atrous.{branch - 1}"
        if is_separable:
            parts = (f"{source}.0.0", f"{source}.0.1")
            move_bare_separable(weights, parts, f"{source}.1", target)
        else:
            weights.conv_norm(f"{source}.0", f"{source}.1", target)
    move_all(
        weights,
        [
            (f"{aspp}.convs.4.1", f"{aspp}.convs.4.2", "aspp.pool"),
            (f"{aspp}.project.0", f"{aspp}.project.1", "aspp.project"),
            ("decoder.block1.0", "decoder.block1.1", "decoder.reduce"),
        ],
    )
    move_bare_separable(
        weights, ("decoder.aspp.1.0", "decoder.aspp.1.1"), "decoder.aspp.2", "aspp.refine"
    )
    move_bare_separable(
        weights,
        ("decoder.block2.0.0", "decoder.block2.0.1"),
        "decoder.block2.1",
        "decoder.refine.0",
    )
    weights.classifier("segmentation_head.0")
    reorder_branches(weights, width)
    beside = [_triple(weights.raw.extra.get(key)) for key in ("mean", "std")]
    if all(beside):
        sources["normalisation"] = "the file (mean, std)"
    stride = config.get("encoder_output_stride", 16)
    if stride not in (8, 16):
        raise CheckpointError(f"{weights.raw.path}: encoder_output_stride is {stride!r}")
    if "encoder_output_stride" in config:
        sources["output stride"] = "config.json"
    rates = config.get("decoder_atrous_rates", _RATES)
    arch = Architecture(
        encoder.backbone,
        outputs,
        output_stride=stride,
        separable=is_separable,
        decoder_separable=True,
        depthwise_norm=False,
        context_conv="separable",
        aspp_rates=tuple(int(rate) for rate in rates),
        aspp_channels=width,
        low_level_channels=low,
        decoder_channels=width,
        decoder_convolutions=1,
        dropout=0.5,
        align_corners=True,
        dilation_rule="all",
        last_convolution=encoder.last_convolution,
    )
    return Draft(
        arch,
        weights.finish(),
        mean=beside[0] or encoder.mean,
        std=beside[1] or encoder.std,
        sources=sources,
    )


def _triple(value: object) -> Triple | None:
    """What a Lightning module keeps beside its network to normalise RGB in [0, 1]."""
    if not isinstance(value, Tensor) or value.numel() != 3:
        return None
    red, green, blue = (float(number) for number in value.flatten())
    return red, green, blue


@dataclass(frozen=True)
class _Encoder:
    backbone: str
    last_convolution: bool = False
    mean: Triple = IMAGENET_MEAN
    std: Triple = IMAGENET_STD


def _move_encoder(weights: Weights, name: object) -> _Encoder:
    if weights.has("encoder.model."):
        return _move_timm(weights, name)
    if weights.has("encoder.features.18."):
        move_mobilenet_v2(weights, "encoder.features.", is_flat=False)
        return _Encoder("mobilenet_v2", last_convolution=True)
    if weights.has("encoder.layer1."):
        return _Encoder(move_resnet(weights, "encoder.")[0])
    raise CheckpointError(
        f"{weights.raw.path}: this encoder of segmentation_models_pytorch ({name or 'unnamed'}) is "
        "not supported; its ResNets, MobileNetV2 and all of timm's (tu-…) are"
    )


def _move_timm(weights: Weights, name: object) -> _Encoder:
    """An encoder of timm's: which one stands in the config alone."""
    if not isinstance(name, str) or not name.startswith(_TIMM):
        raise CheckpointError(
            f"{weights.raw.path}: its encoder is one of timm's, but nothing says which; put the "
            "config.json that names it (encoder_name) beside the file"
        )
    weights.prefixed("encoder.model.", "backbone.encoder.")
    backbone = PREFIX + name.removeprefix(_TIMM)
    mean, std = timm_normalisation(backbone)
    return _Encoder(backbone, mean=mean, std=std)
