"""What callers use: probe, read, shrink and open image files of any kind."""

from __future__ import annotations

import io
import threading
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

from seglabel.core.errors import ImageError
from seglabel.core.geometry import Region
from seglabel.core.picture import PictureSource
from seglabel.formats.images import pillow_picture
from seglabel.formats.images.files import explained, open_image_file
from seglabel.formats.images.info import PIXEL_LIMIT, ImageInfo, Picture
from seglabel.formats.images.rendering import Rendering
from seglabel.formats.images.shrinking import fitted, shrink_in_bands
from seglabel.formats.images.spool import Spool
from seglabel.formats.images.tiff_picture import TiffPicture

IMAGE_SUFFIXES = frozenset(
    ".bmp .gif .jpeg .jpg .jpe .mpo .pbm .pgm .png .pnm .ppm .tif .tiff .webp".split()
)
CACHE_BYTES = 128 << 20
"""What an open picture keeps of decoded strips and tiles unless told otherwise."""

_TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_USUAL = Rendering()


class OpenPicture(PictureSource, Protocol):
    """An open image file, upright. Safe to use from any thread; use as a context, or close."""

    @property
    def info(self) -> ImageInfo: ...

    def overview(self, max_side: int) -> Picture:
        """The picture shrunk so that no side is longer than ``max_side`` pixels, uint8 RGB.

        Made of the smaller copies that the file carries where it can be. Raises ImageError.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> OpenPicture: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def probe_image(path: Path, *, pixel_limit: int | None = None) -> ImageInfo:
    """Read the header only. Raises ImageError that names the file and what is wrong with it.

    By default PIXEL_LIMIT holds, and WINDOW_PIXEL_LIMIT for what :func:`open_picture` can read by
    windows.
    """
    with open_image_file(path) as file, explained(path):
        if _is_tiff(file):
            with TiffPicture(file, path, _USUAL, pixel_limit) as picture:
                return picture.info
        return pillow_picture.probe(file, path, _whole_limit(pixel_limit))


def read_image(
    path: Path, *, rendering: Rendering = _USUAL, pixel_limit: int | None = None
) -> Picture:
    """The upright picture, uint8 RGB (H, W, 3). Raises ImageError; never gives half a picture.

    By default PIXEL_LIMIT holds for every kind of file, as all of it is held in memory.
    """
    with open_image_file(path) as file, explained(path):
        return _read(file, path, rendering, _whole_limit(pixel_limit))


def read_thumbnail(
    path: Path,
    size: tuple[int, int],
    *,
    rendering: Rendering = _USUAL,
    pixel_limit: int | None = None,
) -> Picture:
    """The upright picture shrunk to fit into ``size`` (width, height), uint8 RGB.

    JPEGs are decoded at a fraction of their size, TIFFs by windows or from the smaller copies in
    them, everything else in full. Raises ImageError.
    """
    with open_image_file(path) as file, explained(path):
        if _is_tiff(file):
            with TiffPicture(file, path, rendering, pixel_limit) as picture:
                return picture.fitted(size)
        return pillow_picture.read_thumbnail(file, path, size, rendering, _whole_limit(pixel_limit))


def open_picture(
    path: Path,
    *,
    rendering: Rendering = _USUAL,
    pixel_limit: int | None = None,
    cache_bytes: int = CACHE_BYTES,
) -> OpenPicture:
    """Open a picture to read parts of it; close it in the end, or use it as a context.

    Tiled TIFFs, and those in strips, are read by windows: what is decoded is what is asked for, and
    ``cache_bytes`` bounds what is kept of it. Everything else is decoded whole, once, when a part
    is first asked for; :attr:`ImageInfo.is_windowed` tells which. Limits as in
    :func:`probe_image`. Every window equals the same part of :func:`read_image`. Raises ImageError.
    """
    with ExitStack() as on_error:
        file = on_error.enter_context(open_image_file(path))
        picture = _open(file, path, rendering, pixel_limit, cache_bytes)
        on_error.pop_all()  # from here on the file belongs to the picture
        return picture


def open_bytes(
    data: bytes,
    name: str,
    *,
    rendering: Rendering = _USUAL,
    pixel_limit: int | None = None,
    cache_bytes: int = CACHE_BYTES,
) -> OpenPicture:
    """The same of a file's bytes; ``name`` is how the reason of an ImageError calls it."""
    if not data:
        raise ImageError(f"{name}: the file is empty")
    return _open(io.BytesIO(data), Path(name), rendering, pixel_limit, cache_bytes)


class WholePicture:
    """A picture that can only be decoded whole, which is done when a part is first asked for.

    One of more than PIXEL_LIMIT pixels, which a person allowed, is kept in a temporary file.
    """

    def __init__(
        self, file: BinaryIO, path: Path, info: ImageInfo, rendering: Rendering, limit: int
    ) -> None:
        self.info = info
        self._file, self._path = file, path
        self._rendering, self._limit = rendering, limit
        self._lock = threading.Lock()
        self._decoded: Picture | Spool | None = None

    @property
    def shape(self) -> tuple[int, int]:
        return self.info.shape

    def read(self, region: Region) -> Picture:
        if region.is_empty or region.clipped(self.shape) != region:
            raise ValueError(f"{region} is no part of {self.shape[1]} × {self.shape[0]} pixels")
        decoded = self._decode()
        if isinstance(decoded, Spool):
            return decoded.read(region)
        return decoded[region.slices]

    def overview(self, max_side: int) -> Picture:
        return shrink_in_bands(self.read, *self.shape, fitted(self.shape, (max_side, max_side)))

    def close(self) -> None:
        with self._lock:
            self._file.close()
            if isinstance(self._decoded, Spool):
                self._decoded.close()
            self._decoded = None

    def __enter__(self) -> WholePicture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _decode(self) -> Picture | Spool:
        with self._lock, explained(self._path):
            if self._file.closed:
                raise ImageError(f"{self._path}: was closed")
            if self._decoded is None:
                self._file.seek(0)
                self._decoded = self._decoded_now()
            return self._decoded

    def _decoded_now(self) -> Picture | Spool:
        chosen = self._file, self._path, self._rendering, self._limit
        if self.shape[0] * self.shape[1] <= PIXEL_LIMIT:
            return _read(*chosen)
        if _is_tiff(self._file):
            return Spool(iter([_read(*chosen)]), self.shape[1])
        try:
            return Spool(pillow_picture.read_bands(*chosen), self.shape[1])
        except ImageError as error:
            raise ImageError(f"{self._path}: {error}") from error


def _open(
    file: BinaryIO, path: Path, rendering: Rendering, pixel_limit: int | None, cache_bytes: int
) -> OpenPicture:
    limit = _whole_limit(pixel_limit)
    with explained(path):
        if not _is_tiff(file):
            info = pillow_picture.probe(file, path, limit)
            return WholePicture(file, path, info, rendering, limit)
        picture = TiffPicture(file, path, rendering, pixel_limit, cache_bytes)
        if picture.info.is_windowed:
            return picture
        return WholePicture(file, path, picture.info, rendering, limit)


def _read(file: BinaryIO, path: Path, rendering: Rendering, limit: int) -> Picture:
    if _is_tiff(file):
        return TiffPicture(file, path, rendering, limit).read_whole()
    return pillow_picture.read(file, path, rendering, limit)


def _whole_limit(pixel_limit: int | None) -> int:
    return PIXEL_LIMIT if pixel_limit is None else pixel_limit


def _is_tiff(file: BinaryIO) -> bool:
    signature = file.read(4)
    file.seek(0)
    return signature in _TIFF_SIGNATURES
