"""What files hold beside their weights and what becomes of it."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from seglabel.core.errors import CheckpointError
from seglabel.model import Segmenter
from seglabel.model.identify import identify

smp = pytest.importorskip("segmentation_models_pytorch")


def shapes(name: str) -> dict[str, list[int]]:
    """Shapes of a recorded model's tensors by name."""
    with np.load(Path(__file__).parent / "golden" / f"{name}.npz") as archive:
        return json.loads(str(archive["note"]))["keys"]


@pytest.fixture(scope="module")
def detectron2_state() -> dict[str, np.ndarray]:
    """Arrays of a small model of detectron2's, by the names that its files use."""
    keys = shapes("detectron2-resnet101")
    generator = np.random.default_rng(0)

    def make(name: str, shape: list[int]) -> np.ndarray:
        if name.endswith("running_var"):
            return np.ones(shape, np.float32)
        return np.asarray(0.05 * generator.standard_normal(shape), np.float32)

    return {name: make(name, shape) for name, shape in keys.items()}


def written(state: dict[str, np.ndarray], folder: Path) -> Path:
    path = folder / "model_final.pkl"
    path.write_bytes(pickle.dumps({"model": state}))
    return path


def test_a_model_for_blue_first_gives_the_same_for_red_first(detectron2_state, tmp_path) -> None:
    mean, std = [103.53, 116.28, 123.675], [57.375, 57.12, 58.395]
    blue = {
        **detectron2_state,
        "pixel_mean": np.float32(mean).reshape(3, 1, 1),
        "pixel_std": np.float32(std).reshape(3, 1, 1),
    }
    red = dict(blue)
    red["pixel_mean"], red["pixel_std"] = (
        blue[k][::-1].copy() for k in ("pixel_mean", "pixel_std")
    )
    key = "backbone.stem.conv1.weight"
    red[key] = np.ascontiguousarray(blue[key][:, ::-1])
    image = np.random.default_rng(1).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    (tmp_path / "blue").mkdir()
    (tmp_path / "red").mkdir()
    found = Segmenter.load(written(blue, tmp_path / "blue"), "cpu").logits(image)
    expected = Segmenter.load(written(red, tmp_path / "red"), "cpu").logits(image)
    assert np.array_equal(found, expected)


def test_normalisation_that_makes_no_sense_is_refused(detectron2_state, tmp_path) -> None:
    broken = {**detectron2_state, "pixel_mean": np.zeros(5, np.float32)}
    with pytest.raises(CheckpointError, match="pixel_mean"):
        identify(written(broken, tmp_path))


def test_a_lightning_module_brings_its_own_normalisation(tmp_path: Path) -> None:
    net = smp.DeepLabV3Plus("resnet18", encoder_weights=None, classes=2)
    state = {f"model.{key}": value for key, value in net.state_dict().items()}
    state["mean"] = torch.tensor([0.1, 0.2, 0.3]).reshape(1, 3, 1, 1)
    state["std"] = torch.tensor([0.4, 0.5, 0.6]).reshape(1, 3, 1, 1)
    torch.save({"state_dict": state}, tmp_path / "last.ckpt")
    model = identify(tmp_path / "last.ckpt")
    assert model.spec.mean == pytest.approx((0.1, 0.2, 0.3))
    assert model.spec.std == pytest.approx((0.4, 0.5, 0.6))
    assert model.sources["normalisation"] == "the file (mean, std)"


def test_an_encoder_of_timms_without_its_name_is_refused_with_the_way_out(tmp_path: Path) -> None:
    net = smp.DeepLabV3Plus("tu-mobilenetv3_small_100", encoder_weights=None, classes=2)
    torch.save(net.state_dict(), tmp_path / "model.pth")
    with pytest.raises(CheckpointError, match=r"config\.json"):
        identify(tmp_path / "model.pth")


def test_names_and_colours_come_from_the_files_meta(tmp_path: Path) -> None:
    keys = shapes("mmsegmentation-r18")
    state = {name: torch.rand(shape) for name, shape in keys.items()}
    names = ("background", "roof", "road", "tree", "car")
    palette = [[0, 0, 0], [1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]
    for meta in (
        {"CLASSES": names, "PALETTE": palette},
        {"dataset_meta": {"classes": names, "palette": palette}},
    ):
        torch.save({"meta": meta, "state_dict": state}, tmp_path / "iter_40000.pth")
        model = identify(tmp_path / "iter_40000.pth")
        assert [c.name for c in model.spec.categories] == list(names[1:])
        assert [c.color for c in model.spec.categories] == [tuple(c) for c in palette[1:]]
        assert model.spec.channels == (0, 1, 2, 3, 4)
        assert model.sources["categories"] == "the file's meta"


@pytest.mark.parametrize(
    ("name", "stride", "aligns", "grid"),
    [
        ("deeplabv3plus_r18-d8_512x1024_80k_cityscapes.pth", 8, False, None),
        ("deeplabv3plus_r18-d8_769x769_80k_cityscapes.pth", 8, True, None),
        ("deeplabv3plus_r18-d16-mg12_512x1024_40k_cityscapes.pth", 16, False, (1, 2)),
        ("best.pth", 8, False, None),
    ],
)
def test_the_name_of_a_zoos_file_tells_what_it_does_not_hold(
    tmp_path: Path, name: str, stride: int, aligns: bool, grid: tuple[int, ...] | None
) -> None:
    keys = shapes("mmsegmentation-r18")
    torch.save({k: torch.rand(s) for k, s in keys.items()}, tmp_path / name)
    model = identify(tmp_path / name)
    arch = model.spec.architecture
    assert (arch.output_stride, arch.align_corners, arch.multi_grid) == (stride, aligns, grid)
    assert ("name" in model.sources["output stride"]) == (name != "best.pth")


def test_a_folder_from_a_hub_says_which_strides_and_rates_it_has(tmp_path: Path) -> None:
    net = smp.DeepLabV3Plus(
        "resnet18",
        encoder_weights=None,
        classes=3,
        encoder_output_stride=8,
        decoder_atrous_rates=(6, 12, 18),
    ).eval()
    net.save_pretrained(tmp_path)
    segmenter = Segmenter.load(tmp_path, "cpu", engine="torch")
    arch = segmenter.spec.architecture
    assert (arch.output_stride, arch.rates) == (8, (6, 12, 18))
    image = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    values = (image / 255 - np.array(segmenter.spec.mean)) / np.array(segmenter.spec.std)
    with torch.inference_mode():
        expected = net(torch.from_numpy(values.transpose(2, 0, 1)[None].astype(np.float32)))[0]
    found = segmenter.logits(image)
    assert np.abs(found - expected.numpy()).max() <= 1e-4 * np.ptp(expected.numpy())
