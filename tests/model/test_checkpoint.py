from __future__ import annotations

import io
import json
import os
import pickle
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from seglabel.core.categories import Category, CategorySet
from seglabel.core.errors import CheckpointError
from seglabel.model import Segmenter
from seglabel.model.checkpoint import METADATA_KEY, ModelSpec
from seglabel.model.layouts import understand
from seglabel.model.raw_checkpoint import read_checkpoint

# PyTorch comments on what it is given; what counts here is what becomes of it.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Detected pickle protocol"),
    pytest.mark.filterwarnings("ignore:'torch.load' received a zip file"),
    pytest.mark.filterwarnings("ignore:`torch.jit"),
]


def refusal(path: Path) -> str:
    """The message with which a file is refused; it names the file in any case."""
    with pytest.raises(CheckpointError) as caught:
        Segmenter.load(path, "cpu")
    message = str(caught.value)
    assert path.name in message
    return message


class Touch:
    """Leaves a file behind if unpickling ever runs code."""

    def __init__(self, sentinel: Path) -> None:
        self._sentinel = sentinel

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self._sentinel),)


def saved(content: object, *, legacy: bool = False) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


# what is kept


def test_what_a_checkpoint_means_comes_back_with_it(checkpoint, categories, tiny) -> None:
    path, _ = checkpoint(
        arch=tiny(3, output_stride=8, aspp_rates=(2,)),
        categories=categories.with_background_void(True),
        mean=(0.1, 0.2, 0.3),
        std=(0.4, 0.5, 0.6),
        pads=False,
        license="CC0-1.0",
        training={"steps": 7, "miou": 0.5},
    )
    spec = understand(read_checkpoint(path)).spec
    assert spec.architecture == tiny(3, output_stride=8, aspp_rates=(2,))
    assert spec.categories == categories.with_background_void(True)
    assert [c.color for c in spec.categories] == [c.color for c in categories]
    assert spec.channels == (2, 7, 31)  # no channel for what means "not labelled"
    assert (spec.mean, spec.std, spec.pads) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6), False)
    assert spec.license == "CC0-1.0"
    assert spec.training == {"steps": 7, "miou": 0.5}


def test_scores_are_equal_after_reloading(checkpoint, picture) -> None:
    path, net = checkpoint()
    image = picture(48, 64)
    first = Segmenter.load(path, "cpu").logits(image)
    again = Segmenter.load(path, "cpu").logits(image)
    assert np.array_equal(first, again)
    # The same by hand, from the network that was stored.
    batch = torch.from_numpy(image).permute(2, 0, 1)[None] / 255
    mean, std = torch.tensor((0.485, 0.456, 0.406)), torch.tensor((0.229, 0.224, 0.225))
    batch = (batch - mean.view(1, 3, 1, 1)) / std.view(1, 3, 1, 1)
    with torch.inference_mode():
        expected = nn.functional.interpolate(net(batch), (48, 64), mode="bilinear")[0].numpy()
    assert np.abs(first - expected).max() <= 1e-4 * np.ptp(expected)


def test_names_in_any_language_survive(checkpoint, tiny) -> None:
    known = CategorySet((Category(1, "Vögel, 鸟 🐦", (1, 2, 3)),))
    path, _ = checkpoint(arch=tiny(2), categories=known)
    assert Segmenter.load(path, "cpu").categories == known


def test_a_folder_counts_as_the_weights_in_it(checkpoint) -> None:
    path, _ = checkpoint("model.safetensors")
    segmenter = Segmenter.load(path.parent, "cpu")
    assert segmenter.name == path.parent.name
    assert segmenter.digest == Segmenter.load(path, "cpu").digest


def test_a_model_is_known_by_the_bytes_of_its_file(checkpoint) -> None:
    first, _ = checkpoint("a.safetensors", seed=1)
    other, _ = checkpoint("b.safetensors", seed=2)
    copy = first.with_name("copy.safetensors")
    copy.write_bytes(first.read_bytes())
    digests = [Segmenter.load(path, "cpu").digest for path in (first, other, copy)]
    assert digests[0] == digests[2] != digests[1]


# what a person knows better


def test_a_person_may_correct_what_the_file_says(checkpoint) -> None:
    path, _ = checkpoint()
    other = CategorySet.of("a", "b", "c")
    segmenter = Segmenter.load(
        path, "cpu", output_stride=8, mean=(0.5,) * 3, std=(0.25,) * 3, categories=other
    )
    assert segmenter.spec.architecture.output_stride == 8
    assert segmenter.spec.mean == (0.5, 0.5, 0.5)
    assert segmenter.spec.std == (0.25, 0.25, 0.25)
    assert segmenter.spec.channels == (0, 1, 2, 3)


def test_categories_that_fill_every_channel_need_no_background(checkpoint) -> None:
    path, _ = checkpoint()
    four = CategorySet.of("a", "b", "c", "d")
    assert Segmenter.load(path, "cpu", categories=four).spec.channels == (1, 2, 3, 4)


def test_categories_that_do_not_fit_the_channels_are_refused(checkpoint) -> None:
    path, _ = checkpoint()
    with pytest.raises(CheckpointError, match="4 output channels, but 3"):
        Segmenter.load(path, "cpu", categories=CategorySet.of("a", "b"))


# what is refused


@pytest.mark.parametrize("legacy", [False, True])
def test_a_file_that_would_run_code_is_refused_and_the_code_never_runs(tmp_path, legacy) -> None:
    sentinel, path = tmp_path / "ran", tmp_path / "evil.pth"
    path.write_bytes(saved({"weight": torch.zeros(2), "extra": Touch(sentinel)}, legacy=legacy))
    message = refusal(path)
    assert not sentinel.exists()
    assert "mkdir" in message
    assert "never runs code" in message
    assert "weights_only" not in message  # no advice to run it all the same


def test_a_bare_pickle_that_would_run_code_is_refused(tmp_path) -> None:
    sentinel, path = tmp_path / "ran", tmp_path / "evil.pt"
    path.write_bytes(pickle.dumps(Touch(sentinel), 2))
    refusal(path)
    assert not sentinel.exists()


def test_a_torchscript_archive_is_refused_as_the_program_it_is(tmp_path) -> None:
    path = tmp_path / "script.pt"
    with torch.random.fork_rng():
        traced = torch.jit.trace(nn.Conv2d(3, 2, 1), torch.zeros(1, 3, 4, 4))
    traced.save(str(path))
    assert "TorchScript" in refusal(path)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_cut_pytorch_file_is_refused(tmp_path, legacy, share) -> None:
    data = saved({"weight": torch.zeros(64)}, legacy=legacy)
    path = tmp_path / "cut.pth"
    path.write_bytes(data[: int(share * len(data))])
    refusal(path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_a_cut_safetensors_file_is_refused(checkpoint, share) -> None:
    path, _ = checkpoint()
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    refusal(path)


@pytest.mark.parametrize("content", [b"I am a text\n" * 20, b"\x89PNG\r\n\x1a\n" + bytes(99)])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_of_another_kind_is_refused(tmp_path, content, suffix) -> None:
    path = tmp_path / f"picture{suffix}"
    path.write_bytes(content)
    refusal(path)


def test_flipped_bytes_never_raise_anything_but_a_refusal(tmp_path) -> None:
    generator = random.Random(3)
    path = tmp_path / "flipped.pth"
    for legacy in (False, True):
        data = saved({"weight": torch.zeros(3)}, legacy=legacy)
        for _ in range(150):
            broken = bytearray(data)
            for _ in range(3):
                broken[generator.randrange(min(len(data), 600))] = generator.randrange(256)
            path.write_bytes(broken)
            try:
                read_checkpoint(path)
            except CheckpointError as error:
                assert path.name in str(error)


@pytest.mark.parametrize("content", [[1, 2], {"epoch": 3}, torch.zeros(3)])
def test_a_pytorch_file_without_named_tensors_is_refused(tmp_path, content) -> None:
    path = tmp_path / "other.pth"
    path.write_bytes(saved(content))
    refusal(path)


def test_tensors_of_no_known_layout_are_refused_by_their_names(tmp_path) -> None:
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(safetensors.torch.save({"encoder.stem.weight": torch.zeros(1)}))
    assert "encoder.stem.weight" in refusal(path)


def test_a_file_that_is_not_there_is_refused(tmp_path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere.pth")


def test_a_folder_without_weights_is_refused(tmp_path) -> None:
    assert "model.safetensors" in refusal(tmp_path)


def rewritten(path: Path, change, note=None) -> Path:
    """The same file with other tensors or another note."""
    raw = read_checkpoint(path)
    tensors = dict(raw.tensors)
    change(tensors)
    told = note or raw.metadata[METADATA_KEY]
    path.write_bytes(safetensors.torch.save(tensors, {METADATA_KEY: told}))
    return path


def test_a_missing_tensor_is_named(checkpoint) -> None:
    path, _ = checkpoint()
    rewritten(path, lambda tensors: tensors.pop("aspp.point.conv.weight"))
    assert "lacks aspp.point.conv.weight" in refusal(path)


def test_an_unexpected_tensor_is_named(checkpoint) -> None:
    path, _ = checkpoint()
    rewritten(path, lambda tensors: tensors.update({"auxiliary.weight": torch.zeros(1)}))
    assert "unexpected auxiliary.weight" in refusal(path)


def test_a_tensor_of_another_shape_is_named_with_both_shapes(checkpoint) -> None:
    path, _ = checkpoint()
    rewritten(path, lambda tensors: tensors.update({"classifier.bias": torch.zeros(9)}))
    assert "classifier.bias is (9,), expected (4,)" in refusal(path)


def test_counters_that_only_training_reads_may_be_absent(checkpoint) -> None:
    def drop_counters(tensors) -> None:
        for key in [k for k in tensors if k.endswith("num_batches_tracked")]:
            del tensors[key]

    path, _ = checkpoint()
    Segmenter.load(rewritten(path, drop_counters), "cpu")


def spec_of(path: Path) -> dict:
    return json.loads(read_checkpoint(path).metadata[METADATA_KEY])


def test_a_file_in_a_newer_format_is_refused_by_its_number(checkpoint) -> None:
    path, _ = checkpoint()
    note = json.dumps({**spec_of(path), "format": 2})
    assert "found 2" in refusal(rewritten(path, lambda tensors: None, note))


@pytest.mark.parametrize(
    "change",
    [
        {"mean": [1, 2]},
        {"mean": "grey"},
        {"channels": ["first", 2, 7, 31]},
        {"channels": [0, 2, 7, 999]},
        {"channels": [0, 2]},
        {"categories": {}},
        {"architecture": {}},
        {"architecture": {"backbone": "mobilenet_v2", "outputs": 10**9}},
        {"architecture": {"backbone": "mobilenet_v2", "outputs": 4, "dropout": 3.0}},
        {"architecture": {"backbone": "timm:hf-hub:somebody/model", "outputs": 4}},
        {"channels": [float("inf"), 2, 7, 31]},
    ],
)
def test_a_garbled_description_is_refused(checkpoint, change) -> None:
    path, _ = checkpoint()
    note = json.dumps({**spec_of(path), **change})
    refusal(rewritten(path, lambda tensors: None, note))


@pytest.mark.parametrize("note", ["", "[", "[]", "null", '"text"'])
def test_a_description_that_is_no_object_is_refused(checkpoint, note) -> None:
    path, _ = checkpoint()
    refusal(rewritten(path, lambda tensors: None, note or " "))


def test_a_channel_for_every_output_is_demanded(tiny, categories) -> None:
    with pytest.raises(CheckpointError, match="4 output channels, but 2"):
        ModelSpec(tiny(4), categories, (0, 2))


def test_a_spec_survives_being_stored(tiny, categories) -> None:
    spec = ModelSpec(tiny(4), categories, (0, 2, 7, 31), license="MIT")
    assert ModelSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert ModelSpec.from_json(replace(spec, pads=False).to_json()).pads is False
