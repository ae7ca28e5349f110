"""Files of Hugging Face Transformers, judged by Transformers itself."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from numpy.typing import NDArray
from PIL import Image

from seglabel.core.errors import CheckpointError
from seglabel.core.palettes import voc_color
from seglabel.model import Segmenter

transformers = pytest.importorskip("transformers")

OUTPUTS = 5


@pytest.fixture(scope="module")
def originals(tmp_path_factory, randomised):
    """A folder as Transformers saves it, and the network it came from, by output stride."""
    found = {}
    for stride in (8, 16):
        config = transformers.MobileNetV2Config(
            num_labels=OUTPUTS,
            output_stride=stride,
            id2label={i: f"label {i}" for i in range(OUTPUTS)},
        )
        net = transformers.MobileNetV2ForSemanticSegmentation(config)
        randomised(net, stride)
        folder = tmp_path_factory.mktemp(f"stride{stride}")
        net.save_pretrained(folder)
        found[stride] = (folder, net)
    return found


@pytest.fixture
def original(originals):
    return originals[16]


def judged_by_transformers(net, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    batch = torch.from_numpy(picture).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.inference_mode():
        scores = net(batch).logits
        full = torch.nn.functional.interpolate(scores, picture.shape[:2], mode="bilinear")
    return full[0].numpy()


@pytest.mark.parametrize("stride", [8, 16])
@pytest.mark.parametrize("size", [(64, 96), (65, 97), (50, 75), (33, 128)])
def test_scores_and_labels_equal_those_of_transformers(originals, picture, stride, size) -> None:
    folder, net = originals[stride]
    image = picture(*size)
    expected = judged_by_transformers(net, image)
    segmenter = Segmenter.load(folder, "cpu")
    found = segmenter.logits(image)
    assert found.shape == (OUTPUTS, *size)
    assert np.abs(found - expected).max() <= 1e-4 * np.ptp(expected)
    agreement = (segmenter.propose(image).labels == expected.argmax(0)).mean()
    assert agreement >= 0.9999


def test_names_and_background_come_from_the_files_config(original) -> None:
    segmenter = Segmenter.load(original[0], "cpu")
    assert [c.name for c in segmenter.categories] == [f"label {i}" for i in range(1, OUTPUTS)]
    assert segmenter.categories.background == "label 0"
    assert segmenter.spec.channels == (0, 1, 2, 3, 4)
    assert segmenter.categories[1].color == voc_color(1)


def test_the_weights_alone_are_enough(original, tmp_path, picture) -> None:
    alone = tmp_path / "weights.safetensors"
    alone.write_bytes((original[0] / "model.safetensors").read_bytes())
    found, expected = Segmenter.load(alone, "cpu"), Segmenter.load(original[0], "cpu")
    assert np.array_equal(found.logits(picture(40, 40)), expected.logits(picture(40, 40)))
    assert [c.name for c in found.categories][:2] == ["category 1", "category 2"]


def test_a_pytorch_file_of_this_layout_is_understood_too(original, tmp_path, picture) -> None:
    state = safetensors.torch.load_file(original[0] / "model.safetensors")
    torch.save(state, tmp_path / "pytorch_model.bin")
    (tmp_path / "config.json").write_bytes((original[0] / "config.json").read_bytes())
    found, expected = Segmenter.load(tmp_path, "cpu"), Segmenter.load(original[0], "cpu")
    assert np.array_equal(found.logits(picture(40, 40)), expected.logits(picture(40, 40)))


@pytest.mark.parametrize(
    "config",
    [
        "{",
        "[]",
        '{"output_stride": 32}',
        '{"output_stride": "wide"}',
        '{"layer_norm_eps": null}',
        '{"id2label": {"1": "same", "2": "same"}}',
        '{"id2label": {"1": ""}}',
    ],
)
def test_a_config_that_makes_no_sense_is_refused(original, tmp_path, config) -> None:
    (tmp_path / "model.safetensors").write_bytes((original[0] / "model.safetensors").read_bytes())
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(CheckpointError, match=tmp_path.name):
        Segmenter.load(tmp_path, "cpu")


@pytest.mark.parametrize(
    "key",
    [
        "segmentation_head.classifier.convolution.weight",
        "segmentation_head.conv_pool.convolution.weight",
        "mobilenet_v2.layer.3.conv_3x3.normalization.running_var",
    ],
)
def test_a_file_that_lacks_a_tensor_is_refused(original, tmp_path, key) -> None:
    state = safetensors.torch.load_file(original[0] / "model.safetensors")
    del state[key]
    path = tmp_path / "broken.safetensors"
    safetensors.torch.save_file(state, path)
    with pytest.raises(CheckpointError, match=r"broken.safetensors"):
        Segmenter.load(path, "cpu")


@pytest.mark.parametrize(
    "key",
    [
        "segmentation_head.extra.convolution.weight",
        "segmentation_head.classifier.other.weight",
        "mobilenet_v2.layer.03.conv_3x3.convolution.weight",
        "mobilenet_v2.layer.3.squeeze.convolution.weight",
        "mobilenet_v2.conv_stem.more.convolution.weight",
        "mobilenet_v2.layer.last.conv_3x3.convolution.weight",
        "stray",
    ],
)
def test_a_file_with_a_tensor_too_many_is_refused(original, tmp_path, key) -> None:
    state = safetensors.torch.load_file(original[0] / "model.safetensors")
    path = tmp_path / "broken.safetensors"
    safetensors.torch.save_file({**state, key: torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match=r"broken.safetensors"):
        Segmenter.load(path, "cpu")


def test_real_weights_find_the_bird(shared: Path) -> None:
    segmenter = Segmenter.load(shared / "models" / "voc_mobilenet_v2", "cpu")
    photos = shared / "data" / "photos"
    picture = np.array(Image.open(photos / "bird.png").convert("RGB"))
    truth = np.array(Image.open(photos / "bird_label.png"))
    bird = segmenter.categories.named("bird")
    assert bird is not None
    assert bird.id == 3  # Pascal VOC's own id
    found, real = segmenter.propose(picture).labels == bird.id, truth == bird.id
    assert (found & real).sum() / (found | real).sum() >= 0.89


def test_real_weights_score_as_transformers_says(shared: Path) -> None:
    folder = shared / "models" / "voc_mobilenet_v2"
    net = transformers.MobileNetV2ForSemanticSegmentation.from_pretrained(folder).eval()
    picture = np.array(Image.open(shared / "data" / "photos" / "bird.png").convert("RGB"))
    image = np.ascontiguousarray(picture[:200, :301])
    expected = judged_by_transformers(net, image)
    segmenter = Segmenter.load(folder, "cpu")
    assert np.abs(segmenter.logits(image) - expected).max() <= 1e-4 * np.ptp(expected)
    assert (segmenter.propose(image).labels == expected.argmax(0)).mean() >= 0.9999
    config = json.loads((folder / "config.json").read_text())
    assert segmenter.spec.architecture.output_stride == config["output_stride"]
