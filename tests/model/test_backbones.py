from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torchvision
from torch import Tensor, nn

from seglabel.core.errors import CheckpointError
from seglabel.model.architecture import Architecture
from seglabel.model.backbones import BACKBONES, build_backbone
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.pretrained import backbone_defaults, load_imagenet

PICTURE = torch.randn(1, 3, 33, 49, generator=torch.Generator().manual_seed(1))


def equal(found: Tensor, expected: Tensor) -> bool:
    """Equal up to rounding, relative to the largest value."""
    error = (found - expected).abs().max() / expected.abs().max()
    return found.shape == expected.shape and float(error) < 1e-5


def by_our_names(resnet: torchvision.models.ResNet) -> dict[str, Tensor]:
    """Their tensors; what stands before the stages has a name of its own here."""
    own = {"conv1": "stem.0", "bn1": "stem.1"}
    named = (key.split(".", 1) for key in resnet.state_dict())
    return {
        f"{own.get(part, part)}.{rest}": resnet.state_dict()[f"{part}.{rest}"]
        for part, rest in named
    }


def stages(resnet: torchvision.models.ResNet, x: Tensor) -> list[Tensor]:
    x = resnet.maxpool(resnet.relu(resnet.bn1(resnet.conv1(x))))
    found = []
    for stage in (resnet.layer1, resnet.layer2, resnet.layer3, resnet.layer4):
        x = stage(x)
        found.append(x)
    return found


@pytest.mark.parametrize(
    ("name", "stride", "dilated"),
    [
        ("resnet50", 16, (False, False, True)),
        ("resnet50", 8, (False, True, True)),
        ("resnet101", 16, (False, False, True)),
        ("resnet152", 8, (False, True, True)),
    ],
)
def test_a_deep_resnet_equals_torchvisions(name, stride, dilated, randomised) -> None:
    original = torchvision.models.get_model(
        name, weights=None, replace_stride_with_dilation=list(dilated)
    )
    randomised(original)
    original.fc = nn.Identity()
    own = build_backbone(Architecture(name, 2, output_stride=stride)).eval()
    own.load_state_dict(by_our_names(original))
    with torch.inference_mode():
        low_level, high_level = own(PICTURE)
        expected = stages(original, PICTURE)
    assert equal(low_level, expected[0])
    assert equal(high_level, expected[3])


@pytest.mark.parametrize("name", ["resnet18", "resnet34"])
def test_a_shallow_resnet_equals_torchvisions(name, randomised) -> None:
    original = torchvision.models.get_model(name, weights=None)
    randomised(original)
    original.fc = nn.Identity()
    own = build_backbone(Architecture(name, 2)).eval()
    own.load_state_dict(by_our_names(original))
    # torchvision cannot dilate these itself. The first block keeps the rate of the stage before.
    first, *others = original.layer4
    first.conv1.stride = first.downsample[0].stride = (1, 1)
    for block in others:
        for convolution in (block.conv1, block.conv2):
            convolution.dilation = convolution.padding = (2, 2)
    with torch.inference_mode():
        low_level, high_level = own(PICTURE)
        expected = stages(original, PICTURE)
    assert equal(low_level, expected[0])
    assert equal(high_level, expected[3])


@pytest.mark.parametrize(("stride", "first_dilated"), [(16, 14), (8, 7)])
def test_mobilenet_equals_torchvisions(stride: int, first_dilated: int, randomised) -> None:
    original = torchvision.models.mobilenet_v2(weights=None).features[:18]
    randomised(original)
    own = build_backbone(Architecture("mobilenet_v2", 2, output_stride=stride)).eval()
    own.features.load_state_dict(original.state_dict())
    with torch.inference_mode():
        low_level, high_level = own(PICTURE)
        before = original[:first_dilated](PICTURE)
        assert equal(low_level, original[:4](PICTURE))
        assert equal(own.features[:first_dilated](PICTURE), before)
        dilate(original, stride)
        assert equal(high_level, original(PICTURE))


def dilate(features: nn.Sequential, stride: int) -> None:
    """Turn the strides beyond ``stride`` into rates; a stage's first block keeps the old rate."""
    reached, rate = 1, 1
    for module in features:
        convolutions = [m for m in module.modules() if isinstance(m, nn.Conv2d)]
        depthwise = next(c for c in convolutions if c.kernel_size == (3, 3))
        before = rate
        if depthwise.stride == (2, 2):
            if reached == stride:
                depthwise.stride, rate = (1, 1), rate * 2
            else:
                reached *= 2
        depthwise.dilation = depthwise.padding = (before, before)


@pytest.mark.parametrize("backbone", [*BACKBONES, "timm:mobilenetv3_small_100"])
@pytest.mark.parametrize("stride", [8, 16])
def test_every_backbone_tells_its_strides_and_widths_truly(backbone: str, stride: int) -> None:
    with torch.device("meta"):
        encoder = build_backbone(Architecture(backbone, 2, output_stride=stride)).eval()
        low_level, high_level = encoder(torch.empty(1, 3, 64, 96))
    assert low_level.shape == (1, encoder.low_level_channels, 16, 24)
    assert high_level.shape == (1, encoder.channels, 64 // stride, 96 // stride)


@pytest.mark.parametrize("backbone", ["timm:no_such_net", "timm:vit_tiny_patch16_224"])
def test_what_timm_cannot_dilate_is_refused_by_name(backbone: str) -> None:
    with pytest.raises(CheckpointError, match=backbone):
        build_backbone(Architecture(backbone, 2))


def test_the_default_backbone_brings_its_own_imagenet_weights(tiny) -> None:
    net = DeepLabV3Plus(replace(tiny(), backbone="efficientnet_lite0"))
    before = {key: value.clone() for key, value in net.backbone.state_dict().items()}
    assert load_imagenet(net)
    after = net.backbone.state_dict()
    kept = [k for k in after if "num_batches" not in k and torch.equal(after[k], before[k])]
    assert kept == []


def test_a_backbone_without_weights_of_its_own_stays_random(tiny) -> None:
    net = DeepLabV3Plus(tiny())
    before = net.backbone.features[0][0].weight.clone()
    assert not load_imagenet(net)
    assert torch.equal(net.backbone.features[0][0].weight, before)


def test_backbones_are_normalised_as_their_weights_were_trained() -> None:
    assert backbone_defaults("efficientnet_lite0").mean == (0.5, 0.5, 0.5)
    assert backbone_defaults("resnet50").mean == (0.485, 0.456, 0.406)


@pytest.mark.parametrize(
    "name", ["hf-hub:somebody/model", "hf_hub:somebody/model", "local-dir:/tmp", "../model", ""]
)
def test_a_file_cannot_make_timm_fetch_or_read_another(monkeypatch, name: str) -> None:
    def fetch(*_: object, **__: object) -> None:
        raise AssertionError("was asked to make it")

    monkeypatch.setattr("timm.create_model", fetch)
    with pytest.raises(CheckpointError, match="timm does not know it"):
        build_backbone(Architecture(f"timm:{name}", 2))
