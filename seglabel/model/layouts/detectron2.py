"""detectron2's DeepLab project: a ResNet with a deep stem, pooling without norm."""

from __future__ import annotations

from seglabel.core.errors import CheckpointError
from seglabel.model.architecture import Architecture
from seglabel.model.backbones.resnet import RESNET_DEPTHS
from seglabel.model.layouts.draft import Draft
from seglabel.model.layouts.heads import reorder_branches, reorder_decoder
from seglabel.model.layouts.weights import Weights

SIGNATURE = ("sem_seg_head.decoder.",)

_HEAD = "sem_seg_head.decoder"
_MEAN, _STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)  # of RGB in 0–255
_POOL_WINDOW = (32, 64)  # of features, from crops of 512 × 1024 at output stride 16


def read(weights: Weights) -> Draft:
    """DeepLabV3+ over ResNet-50/101/152 with multi-grid (1, 2, 4)."""
    mean, std = weights.numbers("pixel_mean"), weights.numbers("pixel_std")
    aspp, low = f"{_HEAD}.res5.project_conv", f"{_HEAD}.res2.project_conv"
    fuse = f"{_HEAD}.res2.fuse_conv"
    width = weights.shape(f"{aspp}.project.weight")[0]
    low_width = weights.shape(f"{low}.weight")[0]
    outputs, decoder = weights.shape("sem_seg_head.predictor.weight")[:2]
    separable = weights.has(f"{fuse}.depthwise.")
    backbone, deep_stem = _move_resnet(weights)
    _move(weights, f"{aspp}.convs.0", "aspp.point")
    for branch in (1, 2, 3):
        _move_conv(weights, f"{aspp}.convs.{branch}", f"aspp.atrous.{branch - 1}")
    weights.conv_without_norm(f"{aspp}.convs.4.1", "aspp.pool")
    _move(weights, f"{aspp}.project", "aspp.project")
    _move(weights, low, "decoder.reduce")
    if separable:
        _move_conv(weights, fuse, "decoder.refine.0")
    else:
        for index in (0, 1):
            _move(weights, f"{fuse}.{index}", f"decoder.refine.{index}")
    weights.classifier("sem_seg_head.predictor")
    reorder_branches(weights, width)
    reorder_decoder(weights, low_width, width, separable=separable)
    arch = Architecture(
        backbone,
        outputs,
        separable=separable,
        aspp_channels=width,
        low_level_channels=low_width,
        decoder_channels=decoder,
        decoder_convolutions=1 if separable else 2,
        decoder_kernel=5 if separable else 3,
        pool_window=_POOL_WINDOW,
        deep_stem=deep_stem,
        dilation_rule="all",
        multi_grid=(1, 2, 4),
    )
    sources = {} if mean is None else {"normalisation": "the file (pixel_mean, pixel_std)"}
    mean, std = mean or _MEAN, std or _STD
    if mean[0] < mean[2]:  # blue is first: INPUT.FORMAT was BGR
        weights.reorder_inputs("backbone.stem.0.weight", (1, 1, 1), (2, 1, 0))
        mean, std = mean[::-1], std[::-1]
    return Draft(
        arch,
        weights.finish(),
        mean=(mean[0] / 255, mean[1] / 255, mean[2] / 255),
        std=(std[0] / 255, std[1] / 255, std[2] / 255),
        sources=sources,
    )


def _move(weights: Weights, source: str, target: str | tuple[str, str]) -> None:
    """A convolution whose norm is a part of it."""
    weights.conv_norm(source, f"{source}.norm", target)


def _move_conv(weights: Weights, source: str, target: str) -> None:
    """A convolution of the head, dense or in two parts."""
    if weights.has(f"{source}.depthwise."):
        for part in ("depthwise", "pointwise"):
            _move(weights, f"{source}.{part}", f"{target}.{part}")
    else:
        _move(weights, source, target)


def _move_resnet(weights: Weights) -> tuple[str, int]:
    depths = tuple(weights.count(f"backbone.res{stage}.") for stage in (2, 3, 4, 5))
    name = next((n for n, d in RESNET_DEPTHS.items() if d == depths and n != "resnet34"), None)
    if name is None or not weights.has("backbone.res2.0.conv3."):
        raise CheckpointError(
            f"{weights.raw.path}: its ResNet has {'/'.join(map(str, depths))} blocks, expected a "
            "ResNet-50, 101 or 152"
        )
    deep_stem = 0
    if weights.has("backbone.stem.conv3."):
        deep_stem = weights.shape("backbone.stem.conv3.weight")[0]
        for number, index in ((1, 0), (2, 3), (3, 6)):
            stem = (f"backbone.stem.{index}", f"backbone.stem.{index + 1}")
            _move(weights, f"backbone.stem.conv{number}", stem)
    else:
        _move(weights, "backbone.stem.conv1", ("backbone.stem.0", "backbone.stem.1"))
    for stage, depth in enumerate(depths, start=1):
        for block in range(depth):
            source = f"backbone.res{stage + 1}.{block}"
            target = f"backbone.layer{stage}.{block}"
            for number in (1, 2, 3):
                _move(
                    weights,
                    f"{source}.conv{number}",
                    (f"{target}.conv{number}", f"{target}.bn{number}"),
                )
            if block == 0:
                _move(
                    weights,
                    f"{source}.shortcut",
                    (f"{target}.downsample.0", f"{target}.downsample.1"),
                )
    return name, deep_stem
