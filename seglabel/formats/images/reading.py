"""What callers use: probe, read, shrink and open image files of any kind."""

from __future__ import annotations

import io
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

from seglabel.core.errors import ImageError
from seglabel.core.geometry import Region
from seglabel.core.picture import PictureSource
from seglabel.formats.images import pillow_picture
from seglabel.formats.images.files import explained, open_regular
from seglabel.formats.images.info import PIXEL_LIMIT, ImageInfo, Picture
from seglabel.formats.images.rendering import Rendering
from seglabel.formats.images.shrinking import fitted, shrink
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
    with open_regular(path) as file, explained(path):
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
    with open_regular(path) as file, explained(path):
        return _read(file, path, rendering, _whole_limit(pixel_limit))


def decode_image(
    data: bytes, name: str, *, rendering: Rendering = _USUAL, pixel_limit: int | None = None
) -> Picture:
    """The same of a file's bytes; ``name`` is how the reason of an ImageError calls it."""
    path = Path(name)
    if not data:
        raise ImageError(f"{path}: the file is empty")
    with explained(path):
        return _read(io.BytesIO(data), path, rendering, _whole_limit(pixel_limit))


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
    with open_regular(path) as file, explained(path):
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
    """Open a picture to read parts of it.

    Tiled TIFFs, and those in strips, are read by windows: what is decoded is what is asked for, and
    ``cache_bytes`` bounds what is kept of it. Everything else is decoded here, once, and held
    whole; :attr:`ImageInfo.is_windowed` tells which. Limits as in :func:`probe_image`. Every window
    equals the same part of :func:`read_image`. Raises ImageError.
    """
    with ExitStack() as stack:
        file = stack.enter_context(open_regular(path))
        stack.enter_context(explained(path))
        if not _is_tiff(file):
            limit = _whole_limit(pixel_limit)
            info = pillow_picture.probe(file, path, limit)
            file.seek(0)
            return WholePicture(pillow_picture.read(file, path, rendering, limit), info)
        picture = TiffPicture(file, path, rendering, pixel_limit, cache_bytes)
        if not picture.info.is_windowed:
            return WholePicture(picture.read_whole(), picture.info)
        stack.pop_all()  # from here on the file belongs to the picture
        return picture


class WholePicture:
    """A picture in memory behind the same interface as one that is read by windows."""

    def __init__(self, pixels: Picture, info: ImageInfo) -> None:
        self._pixels, self.info = pixels, info

    @property
    def shape(self) -> tuple[int, int]:
        return self._pixels.shape[0], self._pixels.shape[1]

    def read(self, region: Region) -> Picture:
        if region.is_empty or region.clipped(self.shape) != region:
            raise ValueError(f"{region} is no part of {self.shape[1]} × {self.shape[0]} pixels")
        return self._pixels[region.slices]

    def overview(self, max_side: int) -> Picture:
        return shrink(self._pixels, fitted(self.shape, (max_side, max_side)))

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> WholePicture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _read(file: BinaryIO, path: Path, rendering: Rendering, limit: int) -> Picture:
    if _is_tiff(file):
        with TiffPicture(file, path, rendering, limit) as picture:
            return picture.read_whole()
    return pillow_picture.read(file, path, rendering, limit)


def _whole_limit(pixel_limit: int | None) -> int:
    return PIXEL_LIMIT if pixel_limit is None else pixel_limit


def _is_tiff(file: BinaryIO) -> bool:
    signature = file.read(4)
    file.seek(0)
    return signature in _TIFF_SIGNATURES
