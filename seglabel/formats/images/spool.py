"""A decoded picture that is too large to stay in memory, in a temporary file."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator

import numpy as np

from seglabel.core.errors import ImageError
from seglabel.core.geometry import Region
from seglabel.formats.images.info import Picture


class Spool:
    """Row after row of uint8 RGB, three bytes a pixel. Safe to read from any thread.

    Raises ImageError, without the name of the picture, where the disk is full.
    """

    def __init__(self, bands: Iterator[Picture], width: int) -> None:
        self._row = 3 * width
        self._lock = threading.Lock()
        self._file = tempfile.TemporaryFile(prefix="seglabel-")  # noqa: SIM115 - closed by close()
        try:
            for band in bands:
                self._write(band)
        except BaseException:
            self._file.close()
            raise

    def read(self, region: Region) -> Picture:
        pixels = np.empty((region.height, region.width, 3), np.uint8)
        with self._lock:
            for row, target in enumerate(pixels, start=region.top):
                self._file.seek(row * self._row + 3 * region.left)
                if self._file.readinto(target.data.cast("B")) != target.nbytes:
                    raise ImageError("its temporary file was cut off by another program")
        return pixels

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def _write(self, band: Picture) -> None:
        try:
            self._file.write(np.ascontiguousarray(band).data)
        except OSError as error:
            raise ImageError(
                f"needs a temporary file in {tempfile.gettempdir()}, which cannot be written: "
                f"{error.strerror or error}"
            ) from error
