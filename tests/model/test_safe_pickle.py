"""Pickles of strangers: arrays that fit themselves, or a refusal; never numpy's own C code."""

from __future__ import annotations

import io
import pickle
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from seglabel.core.errors import CheckpointError
from seglabel.model.raw_checkpoint import read_checkpoint
from seglabel.model.safe_pickle import PickledArray, PickledType, inert_globals, with_arrays

WEIGHTS = {"model": {"a.weight": np.arange(6, dtype=np.float32).reshape(2, 3)}, "by": "somebody"}


@pytest.mark.parametrize("protocol", range(5))
@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<i8", "|u1", ">i2"])
def test_arrays_of_every_protocol_and_byte_order_become_tensors(
    tmp_path: Path, protocol, dtype
) -> None:
    numbers = np.arange(6, dtype=dtype).reshape(2, 3)
    content = {"model": {"a": numbers, "b": numbers.T, "c": numbers[:0]}}
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(content, protocol=protocol))
    found = read_checkpoint(tmp_path / "m.pkl").tensors
    assert found["a"].tolist() == numbers.tolist()
    assert found["b"].tolist() == numbers.T.tolist()
    assert found["c"].shape == (0, 3)
    found["a"] += 1  # it may be written to


def test_an_array_that_says_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    """numpy itself read memory that was not its own, and the program ended."""
    path = tmp_path / "m.pkl"
    whole = pickle.dumps(WEIGHTS, protocol=2)
    for old, new in (
        (b"K\x02K\x03", b"K\xffK\xff"),  # the shape
        (b"f4", b"f8"),
        (b"f4", b"O8"),
        (b"f4", b"V8"),
        (b"f4", b"U9"),
        (b"K\x02K\x03", b"NN"),
    ):
        assert old in whole
        path.write_bytes(whole.replace(old, new))
        with pytest.raises(CheckpointError, match=r"m\.pkl: (holds more than|damaged)"):
            read_checkpoint(path)


def test_a_type_of_numbers_with_half_a_state_ends_no_program(tmp_path: Path) -> None:
    """What the coverage-guided run found: numpy's dtype went on with what was not there."""
    half = (b"NNNJ", b"NJ")
    data = pickle.dumps(WEIGHTS, protocol=2)
    assert half[0] in data
    (tmp_path / "m.pkl").write_bytes(data.replace(*half))
    assert read_checkpoint(tmp_path / "m.pkl").tensors["a.weight"].shape == (2, 3)
    buffer = io.BytesIO()
    torch.save({"best": np.arange(3), "state_dict": {"a.weight": torch.zeros(1)}}, buffer)
    with (
        zipfile.ZipFile(buffer) as whole,
        zipfile.ZipFile(tmp_path / "m.pth", "w") as damaged,
    ):
        for name in whole.namelist():
            content = whole.read(name)
            assert not name.endswith("data.pkl") or half[0] in content
            damaged.writestr(name, content.replace(*half))
    assert read_checkpoint(tmp_path / "m.pth").extra["best"].tolist() == [0, 1, 2]


def test_damaged_pickles_never_end_the_program(tmp_path: Path) -> None:
    path, chance = tmp_path / "m.pkl", random.Random(1)
    for _ in range(1500):
        data = bytearray(pickle.dumps(WEIGHTS, protocol=2))
        for _ in range(chance.choice((1, 1, 2, 4))):
            at = chance.randrange(len(data))
            data[at : at + chance.choice((0, 1, 1, 3))] = chance.randbytes(chance.choice((0, 1, 2)))
        path.write_bytes(data)
        try:
            read_checkpoint(path)
        except CheckpointError as error:
            assert "m.pkl" in str(error)


@pytest.mark.parametrize("suffix", ["pkl", "pth"])
def test_containers_that_hold_each_other_end(tmp_path: Path, suffix) -> None:
    """Ten lists of ten times the one before would be ten thousand million numbers."""
    laughs: list = [1.0]
    for _ in range(30):
        laughs = [laughs] * 10
    itself: list = []
    itself.append(itself)
    path = tmp_path / f"m.{suffix}"
    weights = {"a": np.zeros(1) if suffix == "pkl" else torch.zeros(1)}
    for beside in (laughs, itself):
        content = {"state_dict": weights, "beside": beside}
        if suffix == "pkl":
            path.write_bytes(pickle.dumps(content))
        else:
            torch.save(content, path)
        if beside is itself:
            with pytest.raises(CheckpointError, match=r"m\."):
                read_checkpoint(path)
        else:
            assert set(read_checkpoint(path).tensors) == {"a"}


def test_nothing_of_numpy_itself_can_be_made_from_a_file() -> None:
    for made in inert_globals():
        function = made[0] if isinstance(made, tuple) else made
        assert not (getattr(function, "__module__", "") or "").startswith("numpy"), made
    assert with_arrays({"a": [PickledArray()]})["a"][0].shape == (0,)
    assert PickledType("f4").dtype == np.float32
