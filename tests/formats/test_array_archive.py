"""Archives of arrays by strangers: arrays of numbers and texts, or an error that names the file."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from seglabel.core.errors import ProjectFormatError
from seglabel.formats.array_archive import encode_arrays, open_arrays


@pytest.fixture
def archive(tmp_path):
    """Write an archive of one member ``a.npy``."""

    def run(data: bytes, **options):
        path = tmp_path / "arrays.npz"
        with zipfile.ZipFile(path, "w", **options) as file:
            file.writestr("a.npy", data)
        return path

    return run


def claiming(shape: str, dtype: str = "|u1") -> bytes:
    """An array that claims a shape and holds little."""
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-len(header) % 16) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + bytes(100)


def test_arrays_come_back_by_name_and_numpy_reads_them_too(tmp_path):
    path = tmp_path / "arrays.npz"
    path.write_bytes(encode_arrays({"a": np.arange(6).reshape(2, 3), "text": np.array("ö")}))
    with open_arrays(path) as found:
        assert found is not None
        assert "a" in found
        assert "b" not in found
        assert found["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
        assert str(found["text"]) == "ö"
    assert set(np.load(path, allow_pickle=False)) == {"a", "text"}


def test_without_a_file_there_is_no_archive(tmp_path):
    with open_arrays(tmp_path / "gone.npz") as found:
        assert found is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no array",
        claiming("(1099511627776,)"),
        claiming("(65536, 65536)"),
        claiming("(4294967296, 4294967296, 4294967296)"),
        claiming("(-1,)"),
        claiming("(3,)", "|O"),
        claiming("(3,)", "<c16"),
        claiming("(3,)", "<f2, <f2"),
        claiming("(((((("),
        claiming("(3,)")[:20],
        claiming("(1000,)"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused_by_name_and_takes_no_memory(archive, data):
    path = archive(data)
    tracemalloc.start()
    with (
        pytest.raises(ProjectFormatError, match=r"arrays\.npz: damaged"),
        open_arrays(path) as found,
    ):
        found["a"]
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()


def test_zeros_that_unpack_to_gigabytes_are_refused_unread(archive):
    head = claiming("(8589934592,)")[:-100]
    path = archive(head + bytes(50 << 20), compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ProjectFormatError, match="claims a size"), open_arrays(path) as found:
        found["a"]


def test_a_missing_array_and_a_file_of_another_kind_are_damage(archive, tmp_path):
    with pytest.raises(ProjectFormatError, match="damaged"), open_arrays(archive(b"")) as found:
        found["b"]
    buffer = io.BytesIO()
    np.save(buffer, np.arange(3))
    for data in (b"", b"PK\3\4", buffer.getvalue()):
        (tmp_path / "other.npz").write_bytes(data)
        with (
            pytest.raises(ProjectFormatError, match=r"other\.npz"),
            open_arrays(tmp_path / "other.npz"),
        ):
            pass
