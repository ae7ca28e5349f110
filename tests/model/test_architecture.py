from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from seglabel.core.errors import CheckpointError
from seglabel.model.architecture import Architecture
from seglabel.model.deeplabv3plus import DeepLabV3Plus


def multiply_adds(arch: Architecture, height: int = 513, width: int = 513) -> float:
    """In 1e9, from shapes alone: nothing is computed."""
    with torch.device("meta"):
        net = DeepLabV3Plus(arch).eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            net(torch.empty(1, 3, height, width))
    return counter.get_total_flops() / 2e9


def parameters(arch: Architecture) -> float:
    """In millions."""
    with torch.device("meta"):
        return sum(p.numel() for p in DeepLabV3Plus(arch).parameters()) / 1e6


@pytest.mark.parametrize(
    ("backbone", "separable", "stride", "gmac", "millions"),
    [
        ("resnet101", False, 16, 92.82, 59.34),
        ("resnet101", False, 8, 267.92, 59.34),
        ("resnet50", False, 16, 72.19, 40.35),
        ("resnet50", True, 16, 39.55, 26.70),
        ("mobilenet_v2", True, 16, 5.80, 2.72),
        ("mobilenet_v2", False, 16, 26.94, 5.82),
        ("xception65", True, 16, 54.04, 41.06),
        ("xception65", True, 8, 176.85, 41.06),
    ],
)
def test_a_network_costs_what_its_source_costs(
    backbone: str, separable: bool, stride: int, gmac: float, millions: float
) -> None:
    # Counted once from the original sources: a branch, rate or width that differs shows here.
    arch = Architecture(backbone, 21, output_stride=stride, separable=separable)
    assert multiply_adds(arch) == pytest.approx(gmac, abs=0.006)
    assert parameters(arch) == pytest.approx(millions, abs=0.006)


def test_xception_costs_what_the_paper_says_on_a_street_scene() -> None:
    # Table 7 and the released model zoo: 418.64 B at 1025 × 2049 with 19 classes.
    assert multiply_adds(Architecture("xception65", 19), 1025, 2049) == pytest.approx(
        418.38, abs=0.1
    )


@pytest.mark.parametrize(("backbone", "blocks"), [("xception41", 8), ("xception71", 16)])
def test_the_other_xceptions_differ_in_their_blocks_alone(backbone: str, blocks: int) -> None:
    with torch.device("meta"):
        net = DeepLabV3Plus(Architecture(backbone, 2)).backbone
    assert len(net.middle) == blocks
    assert len(net.entry) == (5 if backbone == "xception71" else 3)


@pytest.mark.parametrize(("stride", "rates"), [(16, (6, 12, 18)), (8, (12, 24, 36))])
def test_the_papers_atrous_rates_follow_the_output_stride(
    stride: int, rates: tuple[int, ...]
) -> None:
    assert Architecture("resnet50", 21, output_stride=stride).rates == rates


def test_given_rates_win_over_the_papers() -> None:
    assert Architecture("resnet50", 21, output_stride=8, aspp_rates=(3, 5)).rates == (3, 5)


def test_no_rates_means_no_atrous_branches() -> None:
    with torch.device("meta"):
        net = DeepLabV3Plus(Architecture("mobilenet_v2", 3, aspp_rates=()))
    assert len(net.aspp.atrous) == 0


@pytest.mark.parametrize("size", [(1, 1), (17, 33), (64, 64), (65, 127)])
@pytest.mark.parametrize("stride", [8, 16])
def test_scores_come_at_a_quarter_of_any_picture_size(tiny, size, stride) -> None:
    net = DeepLabV3Plus(tiny(output_stride=stride)).eval()
    with torch.inference_mode():
        scores = net(torch.zeros(1, 3, *size))
    assert scores.shape == (1, 4, -(-size[0] // 4), -(-size[1] // 4))


def test_without_a_decoder_scores_come_at_the_output_stride(tiny) -> None:
    net = DeepLabV3Plus(tiny(low_level_channels=0)).eval()
    with torch.inference_mode():
        assert net(torch.zeros(1, 3, 65, 33)).shape == (1, 4, 5, 3)


def test_a_description_survives_being_stored(tiny) -> None:
    arch = tiny(aspp_rates=(2, 5), same_padding=True, align_corners=True, head_eps=1e-3)
    assert Architecture.from_json(arch.to_json()) == arch


def test_a_description_from_the_future_is_refused_by_the_name_of_its_field() -> None:
    with pytest.raises(CheckpointError, match="attention"):
        Architecture.from_json({"backbone": "resnet50", "outputs": 2, "attention": True})


def test_an_incomplete_description_is_refused() -> None:
    with pytest.raises(CheckpointError, match="outputs"):
        Architecture.from_json({"backbone": "resnet50"})


@pytest.mark.parametrize("field", ["dilation_rule", "skip_rule", "context_conv"])
def test_a_choice_that_does_not_exist_is_refused(field: str) -> None:
    with pytest.raises(CheckpointError, match=field):
        Architecture.from_json({"backbone": "resnet50", "outputs": 2, field: "sideways"})


def test_a_multi_grid_that_misfits_the_last_stage_is_refused() -> None:
    with pytest.raises(CheckpointError, match="multi-grid"):
        DeepLabV3Plus(Architecture("resnet50", 2, multi_grid=(1, 2)))


@pytest.mark.parametrize("garbage", [{"outputs": "four"}, {"aspp_rates": 3}, {"outputs": -1}])
def test_a_garbled_description_is_refused(garbage) -> None:
    with pytest.raises(CheckpointError):
        Architecture.from_json({"backbone": "resnet50", "outputs": 2, **garbage})


def test_an_unknown_backbone_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CheckpointError, match=r"alexnet.*resnet50"):
        DeepLabV3Plus(Architecture("alexnet", 2))


def test_an_impossible_output_stride_is_refused() -> None:
    with pytest.raises(CheckpointError, match="12"):
        DeepLabV3Plus(Architecture("mobilenet_v2", 2, output_stride=12))


@pytest.mark.parametrize("name", ["project_kernel", "low_level_kernel", "decoder_kernel"])
@pytest.mark.parametrize("size", [0, 16, 4096])
def test_a_kernel_that_would_take_all_memory_is_refused(name: str, size: int) -> None:
    with pytest.raises(CheckpointError, match=name):
        Architecture.from_json({"backbone": "mobilenet_v2", "outputs": 2, name: size})
