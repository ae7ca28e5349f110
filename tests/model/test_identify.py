"""What a checkpoint is said to be, what a person corrects, and what becomes of both."""

from __future__ import annotations

import pickle
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch

from seglabel.core.categories import CategorySet
from seglabel.core.errors import CheckpointError
from seglabel.model import Segmenter
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.identify import Corrections, describe, identify, sidecar_path
from seglabel.model.raw_checkpoint import read_checkpoint

torchvision = pytest.importorskip("torchvision")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory, randomised) -> Path:
    """A checkpoint of torchvision's with an auxiliary head."""
    net = torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=21, aux_loss=True
    )
    path = tmp_path_factory.mktemp("foreign") / "deeplabv3_mobilenet_v3_large.pth"
    torch.save(randomised(net).state_dict(), path)
    return path


@pytest.fixture
def own(foreign: Path, tmp_path: Path) -> Path:
    """The same in a folder of this test's own."""
    path = tmp_path / foreign.name
    path.write_bytes(foreign.read_bytes())
    return path


def facts(path: Path, corrections: Corrections | None = None) -> dict[str, tuple[str, str]]:
    told = describe(identify(path, corrections))
    return {fact.name: (fact.value, fact.source) for fact in told}


def test_a_foreign_file_is_described_with_what_is_assumed(foreign: Path) -> None:
    told = facts(foreign)
    assert told["layout"][0] == "torchvision"
    assert told["backbone"][0] == "mobilenet_v3_large"
    assert told["output stride"] == ("16", "assumed, as usual for torchvision")
    assert told["parameters"][0] == "11.03 million"
    assert told["categories"][0].startswith("21: background, aeroplane, bicycle")
    assert told["normalisation"][0].startswith("mean 0.485 0.456 0.406")
    assert "aux_classifier" in told["left out"][0]


def test_a_file_of_our_own_assumes_nothing(checkpoint) -> None:
    path, _ = checkpoint(license="MIT")
    told = facts(path)
    assert told["layout"][0] == "seglabel"
    assert told["license"][0] == "MIT"
    assert {source for _, source in told.values()} == {""}


def test_corrections_are_remembered_beside_the_file(own: Path) -> None:
    before = identify(own).digest
    corrections = Corrections(output_stride=8, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    sidecar_path(own).write_bytes(corrections.encode())
    told = facts(own)
    assert told["output stride"] == ("8", f"corrected ({own.name}.seglabel.json)")
    assert told["categories"][1].startswith("assumed")
    segmenter = Segmenter.load(own, "cpu")
    assert segmenter.spec.architecture.output_stride == 8
    assert segmenter.spec.mean == (0.5, 0.5, 0.5)
    assert segmenter.digest != before  # its proposals are others


def test_what_is_told_now_wins_over_what_is_remembered(own: Path) -> None:
    sidecar_path(own).write_bytes(Corrections(output_stride=8, mean=(0.5,) * 3).encode())
    told = facts(own, Corrections(output_stride=16))
    assert told["output stride"] == ("16", "as told")
    assert told["normalisation"][0].startswith("mean 0.5 0.5 0.5")


def test_categories_can_be_remembered_too(own: Path) -> None:
    names = CategorySet.of(*(f"kind {n}" for n in range(20)))
    sidecar_path(own).write_bytes(Corrections(categories=names).encode())
    assert Segmenter.load(own, "cpu").categories == names


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"mean": [1]}', b'{"categories": 3}'])
def test_a_garbled_side_car_is_refused_by_its_name(own: Path, text: bytes) -> None:
    sidecar_path(own).write_bytes(text)
    with pytest.raises(CheckpointError, match=r"seglabel\.json"):
        identify(own)


def test_categories_that_do_not_fit_are_refused_with_both_numbers(own: Path) -> None:
    with pytest.raises(CheckpointError, match="21 output channels, but 3"):
        identify(own, Corrections(categories=CategorySet.of("a", "b")))


def test_a_converted_file_gives_the_same_numbers(own: Path, tmp_path: Path, picture) -> None:
    out = tmp_path / "out.safetensors"
    out.write_bytes(identify(own, Corrections(mean=(0.5,) * 3)).converted())
    image = picture(65, 97)
    expected = Segmenter.load(own, "cpu", mean=(0.5,) * 3).logits(image)
    assert np.array_equal(Segmenter.load(out, "cpu").logits(image), expected)
    told = facts(out)
    assert told["layout"] == ("seglabel", "")
    assert told["output stride"] == ("16", "")


# what is refused, by the file's own names


def rewritten(own: Path, change) -> Path:
    state = torch.load(own, weights_only=True)
    change(state)
    torch.save(state, own)
    return own


def test_a_missing_tensor_of_a_foreign_file_is_named_as_in_the_file(own: Path) -> None:
    rewritten(own, lambda state: state.pop("classifier.0.convs.1.0.weight"))
    with pytest.raises(CheckpointError, match=r"lacks classifier\.0\.convs\.1\.0\.weight"):
        Segmenter.load(own, "cpu")


def test_a_tensor_of_a_wrong_shape_is_named_as_in_the_file(own: Path) -> None:
    rewritten(own, lambda state: state.update({"classifier.1.weight": torch.zeros(256, 256, 5, 5)}))
    with pytest.raises(CheckpointError, match=r"classifier\.1\.weight is \(256, 256, 5, 5\)"):
        Segmenter.load(own, "cpu")


def test_a_tensor_too_many_in_a_foreign_file_is_named(own: Path) -> None:
    rewritten(own, lambda state: state.update({"classifier.9.weight": torch.zeros(1)}))
    with pytest.raises(CheckpointError, match=r"unexpected classifier\.9\.weight"):
        Segmenter.load(own, "cpu")


def test_more_channels_than_ids_are_refused(own: Path) -> None:
    def widen(state) -> None:
        state["classifier.4.weight"] = torch.zeros(300, 256, 1, 1)
        state["classifier.4.bias"] = torch.zeros(300)

    with pytest.raises(CheckpointError, match="300 output channels"):
        Segmenter.load(rewritten(own, widen), "cpu")


def test_tensorflows_files_are_refused_with_a_way_out(tmp_path: Path) -> None:
    index = tmp_path / "model.ckpt-30000.index"
    index.write_bytes(b"\0" * 64)
    for path in (index, tmp_path):
        with pytest.raises(CheckpointError, match="TensorFlow"):
            identify(path)


# what trainers store beside their weights


def tensors(path: Path) -> set[str]:
    return set(read_checkpoint(path).tensors)


def test_containers_and_prefixes_are_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "wrapped.pth"
    state = {"module.model.a.weight": torch.zeros(1), "module.model.b.weight": torch.zeros(1)}
    torch.save({"epoch": 3, "state_dict": {"model": state, "epoch": 3}}, path)
    assert tensors(path) == {"a.weight", "b.weight"}


def test_normalisation_beside_a_lightning_module_does_not_hide_its_network(tmp_path: Path) -> None:
    path = tmp_path / "lightning.ckpt"
    state = {"model.a.weight": torch.zeros(1), "mean": torch.zeros(3), "std": torch.zeros(3)}
    torch.save({"state_dict": state}, path)
    raw = read_checkpoint(path)
    assert set(raw.tensors) == {"a.weight"}
    assert {"mean", "std"} <= set(raw.extra)


@pytest.mark.parametrize(
    "beside",
    [np.float64(0.5), np.float32(0.5), np.int64(3), np.arange(3), np.array([True, False])],
    ids=lambda value: str(getattr(value, "dtype", value)),
)
def test_numbers_of_numpy_may_lie_beside_the_weights(tmp_path: Path, beside) -> None:
    path = tmp_path / "best.pth"
    torch.save({"best_score": beside, "model_state": {"a.weight": torch.zeros(1)}}, path)
    raw = read_checkpoint(path)
    assert set(raw.tensors) == {"a.weight"}
    assert np.array_equal(raw.extra["best_score"], beside)


def test_a_trainers_log_is_passed_over_without_its_package(tmp_path: Path, monkeypatch) -> None:
    module = types.ModuleType("mmengine.logging.history_buffer")

    class HistoryBuffer:
        """Stands for the original where the file is written."""

        def __init__(self) -> None:
            self.log = np.zeros(3)
            self.least = getattr

    HistoryBuffer.__module__ = module.__name__
    HistoryBuffer.__qualname__ = "HistoryBuffer"
    module.HistoryBuffer = HistoryBuffer  # type: ignore[attr-defined]
    for name in ("mmengine", "mmengine.logging", module.__name__):
        monkeypatch.setitem(sys.modules, name, module)
    path = tmp_path / "iter_100.pth"
    content = {"message_hub": {"loss": HistoryBuffer()}, "state_dict": {"a.w": torch.zeros(1)}}
    torch.save(content, path)
    monkeypatch.undo()
    assert tensors(path) == {"a.w"}


class Touch:
    """Leaves a file behind if unpickling ever runs code."""

    def __init__(self, sentinel: Path) -> None:
        self._sentinel = sentinel

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._sentinel,)


@pytest.mark.parametrize("place", ["beside", "within", "as an array", "through a log"])
def test_no_container_gets_code_to_run(tmp_path: Path, place: str) -> None:
    sentinel = tmp_path / "ran"
    evil = Touch(sentinel)
    content = {
        "beside": {"best_score": evil, "state_dict": {"a.weight": torch.zeros(1)}},
        "within": {"state_dict": {"a.weight": torch.zeros(1), "b": evil}},
        "as an array": {"meta": np.array([evil], object), "state_dict": {"a.w": torch.zeros(1)}},
        "through a log": {"hook": (getattr, evil), "state_dict": {"a.w": torch.zeros(1)}},
    }[place]
    for legacy in (False, True):
        path = tmp_path / "evil.pth.tar"
        torch.save(content, path, _use_new_zipfile_serialization=not legacy)
        with pytest.raises(CheckpointError, match="never"):
            read_checkpoint(path)
        assert not sentinel.exists()


@pytest.mark.parametrize("place", ["beside", "as an array"])
def test_a_pickle_of_arrays_gets_no_code_to_run(tmp_path: Path, place: str) -> None:
    sentinel, path = tmp_path / "ran", tmp_path / "evil.pkl"
    evil = Touch(sentinel) if place == "beside" else np.array([Touch(sentinel)], object)
    path.write_bytes(pickle.dumps({"model": {"a": np.zeros(1)}, "b": evil}))
    with pytest.raises(CheckpointError, match="never runs code"):
        read_checkpoint(path)
    assert not sentinel.exists()


@pytest.mark.parametrize("data", [b"", b"\x80\x04", b"not a pickle", b"(lp0\n" * 5])
def test_a_damaged_pickle_is_refused_by_its_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match=r"model\.pkl"):
        read_checkpoint(path)


def test_a_text_file_is_told_from_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "notes.pth"
    path.write_text("to do: label more")
    with pytest.raises(CheckpointError, match=r"notes\.pth: not a checkpoint"):
        read_checkpoint(path)


def test_a_pickled_network_is_refused_as_a_whole(tmp_path: Path, tiny) -> None:
    path = tmp_path / "whole.pth"
    torch.save(DeepLabV3Plus(tiny()), path)
    with pytest.raises(CheckpointError, match="state_dict alone"):
        read_checkpoint(path)
