"""One page of a TIFF: its layout in cells, how a cell is decoded, and what its numbers mean."""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import prod

import numpy as np
import tifffile
from PIL import Image

from seglabel.core.errors import ImageError
from seglabel.core.geometry import Region
from seglabel.formats.images.info import Picture
from seglabel.formats.images.rendering import (
    Cells,
    Numbers,
    Rendering,
    Stretch,
    as_rgb,
    find_stretch,
    take,
    to_8_bits,
)

_UNKNOWN_COLORS = (
    tifffile.PHOTOMETRIC.CIELAB,
    tifffile.PHOTOMETRIC.ICCLAB,
    tifffile.PHOTOMETRIC.ITULAB,
    tifffile.PHOTOMETRIC.LOGLUV,
)
_LARGEST_CELL = 1 << 23  # pixels; a picture in larger strips or tiles is decoded whole
_LARGEST_CELL_BYTES = 1 << 30  # and so is one whose pixels hold so many numbers
_ROWS_CELL = 1 << 20  # pixels of the cells that rows without compression are cut into

# What is wrong with a file is said by our errors, not by lines on the terminal.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


class TiffPage:
    """Reads the pixels of one page, stored rows and columns. Safe to call from any thread.

    ``read_bytes`` gives so many bytes (second) of the file from an offset (first), or raises.
    Raises ImageError for what has no meaning as a picture.
    """

    def __init__(
        self, page: tifffile.TiffPage, name: str, read_bytes: Callable[[int, int], bytes]
    ) -> None:
        self._page, self._read_bytes = page, read_bytes
        self.shape = int(page.imagelength), int(page.imagewidth)
        if page.imagedepth > 1 or len(page.shaped) != 5:
            raise ImageError(f"{name}: a volume of {page.imagedepth} slices; expected a picture")
        if page.photometric in _UNKNOWN_COLORS:
            kind = tifffile.PHOTOMETRIC(page.photometric).name
            raise ImageError(f"{name}: its colours ({kind}) cannot be turned into RGB")
        self._has_rows = bool(page.is_contiguous and page.fillorder == page.predictor == 1)
        self.cells = Cells(self.shape, self._cell_size())
        self.is_windowed = self._can_window()

    def decode(self, region: Region, bands: tuple[int, ...]) -> Numbers:
        """Numbers of one cell, (h, w, n) of the file's dtype. Only if ``is_windowed``."""
        if self._page.shaped[0] == 1:
            return take(self._decode_plane(0, region), bands)
        return np.concatenate([self._decode_plane(band, region) for band in bands], axis=2)

    @property
    def nbytes(self) -> int:
        """What all its numbers take in memory. A few bytes of a file can claim any amount."""
        page = self._page
        return prod(map(int, page.shaped)) * (0 if page.dtype is None else page.dtype.itemsize)

    def decode_whole(self, bands: tuple[int, ...]) -> Numbers:
        """Numbers of the whole page (H, W, n). Not while another thread uses the file."""
        planes = self._page.asarray(squeeze=False)[:, 0]
        pixels = planes[0] if planes.shape[0] == 1 else np.moveaxis(planes[..., 0], 0, -1)
        return take(pixels, bands)

    def bands(self, rendering: Rendering) -> tuple[int, ...]:
        """Which bands are needed. Raises NoSuchBandError."""
        if self._is_palette:
            return (0,)
        if self._is_cmyk:
            return (0, 1, 2, 3)
        if self._is_raw_ycbcr:
            return (0, 1, 2)
        return rendering.chosen(int(self._page.samplesperpixel))

    @property
    def needs_stretch(self) -> bool:
        """Whether its numbers are deeper than 8 bits."""
        return not self._is_palette and self._page.dtype not in (np.uint8, np.bool_)

    def find_stretch(self, rendering: Rendering, whole: Numbers | None = None) -> Stretch:
        """What is black and white, from ``whole`` numbers if they are at hand, else from cells."""
        bands = self.bands(rendering)
        if whole is not None:
            return find_stretch(self.cells, lambda cell: whole[cell.slices], rendering.percentiles)
        return find_stretch(
            self.cells, lambda cell: self.decode(cell, bands), rendering.percentiles
        )

    def convert(self, numbers: Numbers, stretch: Stretch | None) -> Picture:
        """uint8 RGB (h, w, 3) of numbers (h, w, n) of the bands asked for."""
        page = self._page
        if self._is_palette:
            table = np.asarray(page.colormap) >> 8  # (3, 2 ** bits) of 16-bit values
            return np.ascontiguousarray(table.T.astype(np.uint8)[numbers[:, :, 0]])
        if numbers.dtype == np.uint8 and 1 < page.bitspersample < 8:
            numbers = (numbers * (255 / (2**page.bitspersample - 1))).astype(np.uint8)
        pixels = stretch.apply(numbers) if stretch is not None else to_8_bits(numbers)
        if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
            pixels = 255 - pixels
        if self._is_raw_ycbcr:
            return _from_mode(pixels, "YCbCr")
        if self._is_cmyk:
            return _from_mode(pixels, "CMYK")
        return as_rgb(pixels)

    @property
    def _is_palette(self) -> bool:
        is_palette = self._page.photometric == tifffile.PHOTOMETRIC.PALETTE
        return bool(is_palette and self._page.colormap is not None)

    @property
    def _is_cmyk(self) -> bool:
        is_separated = self._page.photometric == tifffile.PHOTOMETRIC.SEPARATED
        return bool(is_separated and self._page.samplesperpixel >= 4)

    @property
    def _is_raw_ycbcr(self) -> bool:
        # JPEG and its like give RGB already.
        is_ycbcr = self._page.photometric == tifffile.PHOTOMETRIC.YCBCR
        return bool(is_ycbcr and self._page.compression not in tifffile.TIFF.IMAGE_COMPRESSIONS)

    def _cell_size(self) -> tuple[int, int]:
        page, (height, width) = self._page, self.shape
        if self._has_rows:
            return max(1, min(height, _ROWS_CELL // max(width, 1))), width
        if page.is_tiled:
            return int(page.tilelength), int(page.tilewidth)
        return max(1, min(int(page.rowsperstrip), height)), width

    def _can_window(self) -> bool:
        page = self._page
        if page.dtype is None or (page.is_subsampled and self._has_rows):
            return False
        if self._has_rows:
            return not (page.parent.is_stk or page.parent.is_lsm)
        planes = page.shaped[0]
        pixels = prod(self.cells.size)
        numbers = pixels * int(page.shaped[4]) * np.dtype(page.dtype).itemsize
        is_small = pixels <= _LARGEST_CELL and numbers <= _LARGEST_CELL_BYTES
        return is_small and len(page.dataoffsets) == planes * self.cells.count

    def _decode_plane(self, plane: int, region: Region) -> Numbers:
        """All contiguous samples of a cell (h, w, n)."""
        if self._has_rows:
            return self._read_rows(plane, region)
        page, cells = self._page, self.cells
        row, column = region.top // cells.size[0], region.left // cells.size[1]
        index = plane * cells.count + row * cells.columns + column
        count = page.databytecounts[index]
        # In a sparse file there are holes.
        data = self._read_bytes(page.dataoffsets[index], count) if count else None
        options = {}
        if page.compression in _JPEG:
            options = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}
        pixels = page.decode(data, index, **options)[0]
        shape = (region.height, region.width, int(page.shaped[4]))
        if pixels is None:  # of thousands of bands a hole must not take any memory
            return np.broadcast_to(np.asarray(page.nodata).astype(page.dtype), shape)
        # Some decoders give one bit as bytes of 0 and 1.
        return np.asarray(pixels[0, : region.height, : region.width]).astype(page.dtype, copy=False)

    def _read_rows(self, plane: int, region: Region) -> Numbers:
        page, (height, width) = self._page, self.shape
        samples = int(page.shaped[4])
        dtype = np.dtype(page.dtype).newbyteorder(page.parent.byteorder)
        row = width * samples * dtype.itemsize
        begin = page.dataoffsets[0] + (plane * height + region.top) * row
        data = self._read_bytes(begin, region.height * row)
        return np.frombuffer(data, dtype).reshape(region.height, width, samples)


_JPEG = (6, 7, 34892, 33007)  # values of the tag Compression that share tables between cells


def _from_mode(pixels: Picture, mode: str) -> Picture:
    return np.array(Image.fromarray(np.ascontiguousarray(pixels), mode).convert("RGB"))
