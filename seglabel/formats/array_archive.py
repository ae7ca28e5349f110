"""Arrays by name in a ``.npz`` file, of which whoever wrote it is not trusted."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglabel.core.errors import ProjectFormatError
from seglabel.formats.images import WINDOW_PIXEL_LIMIT

_LARGEST = 2 * WINDOW_PIXEL_LIMIT  # bytes of one array
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_KINDS = "biufU"  # truth, numbers, texts


def encode_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """What :func:`open_arrays` reads, and ``numpy.load``."""
    buffer = io.BytesIO()
    # As numpy.savez_compressed does, at the fastest level: grids are noise, labels are runs.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
    return buffer.getvalue()


@contextmanager
def open_arrays(path: Path) -> Iterator[ArrayArchive | None]:
    """The archive, of which each array is read when it is asked for; ``None`` without a file.

    Raises ProjectFormatError that names the file, also for damage that is found inside the block.
    """
    try:
        try:
            archive = zipfile.ZipFile(path)
        except FileNotFoundError:
            yield None
            return
        with archive:
            yield ArrayArchive(archive)
    except (ProjectFormatError, GeneratorExit):
        raise
    except Exception as error:  # a damaged file makes zipfile, zlib and numpy raise anything
        reason = error or type(error).__name__
        raise ProjectFormatError(f"{path}: damaged ({reason})") from error


class ArrayArchive:
    """An open archive. What it claims to hold is looked at before any of it is unpacked."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = frozenset(archive.namelist())

    def __contains__(self, key: str) -> bool:
        return f"{key}.npy" in self._names

    def __getitem__(self, key: str) -> NDArray[Any]:
        """Raises KeyError, ValueError or whatever else a damaged archive leads to."""
        with self._archive.open(f"{key}.npy") as file:
            head = file.read(8)
            version = np.lib.format.read_magic(io.BytesIO(head))
            shape, _, dtype = _READERS[version](file)
            if dtype.kind not in _KINDS:
                raise ValueError(f"{key}: unexpected numbers of type {dtype}")
            if math.prod(shape) * dtype.itemsize > _LARGEST:
                raise ValueError(f"{key}: claims a size of {shape}")
        with self._archive.open(f"{key}.npy") as file:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
