from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load, save

from seglabel.core.errors import CheckpointError
from seglabel.core.model_version import ModelVersion
from seglabel.formats.model_file import ModelFile, read_notes, version_note, with_notes

WEIGHTS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(3, np.float16)}
HERE = Path("model.safetensors")


def test_other_notes_leave_the_weights_as_they_are(tmp_path: Path) -> None:
    data = save(WEIGHTS, {"format": "pt", "old": "text"})
    changed = with_notes(data, {"new": "泡 “quoted”", "old": None}, HERE)
    path = tmp_path / "m.safetensors"
    path.write_bytes(changed)
    assert read_notes(path) == {"format": "pt", "new": "泡 “quoted”"}
    with safe_open(path, "np") as file:
        assert file.metadata() == read_notes(path)
    for key, value in load(changed).items():
        np.testing.assert_array_equal(value, WEIGHTS[key])
    assert struct.unpack("<Q", changed[:8])[0] % 8 == 0


def test_a_file_without_notes_can_get_some(tmp_path: Path) -> None:
    changed = with_notes(save(WEIGHTS), {"a": "b"}, HERE)
    (tmp_path / "m.safetensors").write_bytes(changed)
    assert read_notes(tmp_path / "m.safetensors")["a"] == "b"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"weights",
        struct.pack("<Q", 1 << 60) + b"{}",
        struct.pack("<Q", 20) + b"{}",
        struct.pack("<Q", 4) + b"[12]",
        struct.pack("<Q", 4) + b"\xff\xfe{}",
        struct.pack("<Q", 40_000) + b"[" * 40_000,
    ],
)
def test_what_is_no_such_file_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match=r"bad\.safetensors: not a safetensors file"):
        read_notes(path)
    with pytest.raises(CheckpointError, match="model"):
        with_notes(data, {}, HERE)


def test_a_version_travels_in_the_file(tmp_path: Path) -> None:
    version = ModelVersion("m", "2026-01-01T00:00:00Z", training=("a\udcff.png", "泡.png"))
    path = tmp_path / "m.safetensors"
    path.write_bytes(with_notes(save(WEIGHTS), version_note(version), path))
    assert ModelFile.read(path).version == version


def test_a_foreign_file_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(save(WEIGHTS))
    assert ModelFile.read(path) == ModelFile()


@pytest.mark.parametrize("note", ["[]", "{", '{"architecture": 3}', '{"categories": {}}'])
def test_garbled_notes_are_refused_by_name(tmp_path: Path, note: str) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(save(WEIGHTS, {"seglabel": note}))
    with pytest.raises(CheckpointError, match=r"m\.safetensors: not what seglabel writes"):
        ModelFile.read(path)


def test_what_a_model_tells_apart_is_read_without_its_weights(tmp_path: Path) -> None:
    spec = {
        "architecture": {"backbone": "mobilenet_v2", "output_stride": 16},
        "categories": {"categories": [{"id": 3, "name": "roof", "color": "#ff0000"}]},
        "channels": [0, 3],
        "license": "MIT",
        "training": {"steps": 5},
    }
    path = tmp_path / "m.safetensors"
    path.write_bytes(save(WEIGHTS, {"seglabel": json.dumps(spec)}))
    file = ModelFile.read(path)
    assert (file.backbone, file.output_stride, file.license) == ("mobilenet_v2", 16, "MIT")
    assert file.outputs == ("background", "roof")
    assert file.training == {"steps": 5}
