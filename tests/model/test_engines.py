"""Whatever computes the network gives the same numbers."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from seglabel.core.errors import SegLabelError
from seglabel.model import Segmenter
from seglabel.model.architecture import Architecture
from seglabel.model.backbones import BACKBONES
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.devices import Device
from seglabel.model.engines import make_engine
from seglabel.model.engines.pixel_net import PixelNet
from seglabel.model.engines.torch_engine import TorchEngine, fold_norms

CPU = Device("cpu", "CPU (as asked)")
SIZES = ((1, 64, 96, 3), (1, 65, 97, 3), (2, 33, 128, 3))
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

openvino = pytest.importorskip("openvino")


def batch(shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def behind_pixels(net: nn.Module) -> PixelNet:
    return PixelNet(net, MEAN, STD)


def normalised(pixels: np.ndarray) -> torch.Tensor:
    """What the network wants, worked out another way."""
    scaled = (pixels.astype(np.float64) / 255 - MEAN) / STD
    return torch.from_numpy(scaled.transpose(0, 3, 1, 2).astype(np.float32))


def same(found: torch.Tensor, expected: torch.Tensor) -> bool:
    spread = float(expected.max() - expected.min())
    return found.shape == expected.shape and float((found - expected).abs().max()) < 1e-4 * spread


@pytest.mark.parametrize("engine", ["torch", "openvino"])
@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"same_padding": True, "low_level_channels": 0, "aspp_rates": ()},
        {"align_corners": True, "separable": False, "expands_padding": True},
        {"pool_window": (2, 3), "context_conv": "dense", "depthwise_norm": False},
    ],
    ids=["own", "tensorflow", "aligned", "pooled"],
)
def test_an_engine_gives_the_networks_own_scores(engine, choices, tiny, randomised) -> None:
    net = randomised(DeepLabV3Plus(tiny(**choices)))
    made = make_engine(behind_pixels(copy.deepcopy(net)), CPU, engine=engine)
    assert engine in made.title.casefold().replace("pytorch", "torch")
    for shape in SIZES:  # one network for all of them
        with torch.inference_mode():
            seen, expected = made.run(batch(shape)), net.described(normalised(batch(shape)))
            assert same(seen.scores, expected[0]) and same(seen.descriptors, expected[1])
            assert torch.equal(expected[0], net(normalised(batch(shape))))


@pytest.mark.parametrize("backbone", BACKBONES)
def test_folded_norms_change_no_backbone(backbone: str, randomised) -> None:
    net = randomised(DeepLabV3Plus(Architecture(backbone, 3, aspp_channels=8, decoder_channels=8)))
    with torch.inference_mode():
        pixels = normalised(batch((1, 33, 49, 3)))
        expected = net(pixels)
        folded = fold_norms(net)
        assert same(folded(pixels), expected)
    assert sum(type(m) is nn.BatchNorm2d for m in folded.modules()) == 0


def test_scores_are_a_copy_of_their_own(tiny, randomised) -> None:
    made = make_engine(behind_pixels(randomised(DeepLabV3Plus(tiny()))), CPU, engine="openvino")
    first = made.run(batch(SIZES[0])).scores
    kept = first.clone()
    made.run(batch(SIZES[0], seed=2))
    assert torch.equal(first, kept)


def test_the_converted_network_is_kept_and_used_again(tiny, randomised, tmp_path, monkeypatch):
    net = behind_pixels(randomised(DeepLabV3Plus(tiny())))
    cache = tmp_path / "engines" / "a"
    expected = make_engine(net, CPU, cache=cache).run(batch(SIZES[0])).scores
    assert (cache / "described.xml").is_file()
    from seglabel.model.engines import openvino_engine

    monkeypatch.setattr(openvino_engine, "_convert", lambda _: pytest.fail("converted again"))
    again = make_engine(net, CPU, cache=cache).run(batch(SIZES[0])).scores
    assert torch.equal(again, expected)


def test_a_damaged_cache_is_made_anew(tiny, randomised, tmp_path) -> None:
    net = behind_pixels(randomised(DeepLabV3Plus(tiny())))
    cache = tmp_path / "a"
    make_engine(net, CPU, cache=cache)
    (cache / "described.xml").write_text("<net")
    assert make_engine(net, CPU, cache=cache).title == "OpenVINO fp32"


def test_the_cache_of_other_weights_is_found_out(tiny, randomised, tmp_path) -> None:
    cache = tmp_path / "a"
    make_engine(behind_pixels(randomised(DeepLabV3Plus(tiny()), 1)), CPU, cache=cache)
    made = make_engine(behind_pixels(randomised(DeepLabV3Plus(tiny()), 2)), CPU, cache=cache)
    assert made.title == "PyTorch float32"  # what differs is not trusted


def test_a_cache_that_cannot_be_written_only_costs_time(tiny, randomised, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    made = make_engine(
        behind_pixels(randomised(DeepLabV3Plus(tiny()))), CPU, cache=tmp_path / "file" / "a"
    )
    assert made.title == "OpenVINO fp32"


def test_without_openvino_pytorch_computes_the_same(checkpoint, picture, monkeypatch) -> None:
    path, _ = checkpoint()
    expected = Segmenter.load(path, "cpu").logits(picture(40, 56))
    monkeypatch.setitem(__import__("sys").modules, "openvino", None)
    monkeypatch.delitem(
        __import__("sys").modules, "seglabel.model.engines.openvino_engine", raising=False
    )
    segmenter = Segmenter.load(path, "cpu")
    assert segmenter.engine.title == "PyTorch float32"
    found = segmenter.logits(picture(40, 56))
    assert np.abs(found - expected).max() <= 1e-4 * np.ptp(expected)
    with pytest.raises(SegLabelError, match="OpenVINO cannot be used here"):
        Segmenter.load(path, "cpu", engine="openvino")


@pytest.mark.parametrize("wrong", [{"engine": "abacus"}, {"precision": "fp3"}])
def test_an_unknown_choice_is_refused_with_the_known_ones(checkpoint, wrong) -> None:
    path, _ = checkpoint()
    with pytest.raises(SegLabelError, match=r"expected .*openvino|expected fp32"):
        Segmenter.load(path, "cpu", **wrong)


class _Shaky(nn.Module):
    """Gives nonsense under autocast."""

    def __init__(self) -> None:
        super().__init__()
        self.classify = nn.Conv2d(3, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores = self.classify(x)
        return scores * float("nan") if scores.dtype is not torch.float32 else scores

    def described(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self(x), x.mean((2, 3))


def test_a_reduced_precision_that_spoils_labels_is_given_up() -> None:
    engine = TorchEngine(behind_pixels(_Shaky()), CPU)
    engine._dtype, engine._is_tried = torch.bfloat16, False  # as on a card of its own
    scores = engine.run(batch(SIZES[0])).scores
    assert bool(scores.isfinite().all())
    assert engine.title == "PyTorch float32"


def test_real_weights_keep_their_labels_in_bf16(shared: Path) -> None:
    from PIL import Image

    picture = np.array(Image.open(shared / "data" / "photos" / "bird.png").convert("RGB"))
    folder = shared / "models" / "voc_mobilenet_v2"
    exact = Segmenter.load(folder, "cpu").propose(picture).labels
    try:
        fast = Segmenter.load(folder, "cpu", engine="openvino", precision="bf16")
    except SegLabelError as error:
        pytest.skip(str(error))
    assert (fast.propose(picture).labels == exact).mean() >= 0.995
