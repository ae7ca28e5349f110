"""A TIFF as a picture: its first page, and the smaller copies of it that large files carry."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
import tifffile

from seglabel.core.errors import ImageError
from seglabel.core.geometry import Region
from seglabel.formats.images.files import explained
from seglabel.formats.images.info import (
    PIXEL_LIMIT,
    WINDOW_PIXEL_LIMIT,
    ImageInfo,
    Picture,
    check_size,
)
from seglabel.formats.images.orientation import (
    ORIENTATION_TAG,
    stored_region,
    upright,
    upright_shape,
)
from seglabel.formats.images.rendering import Rendering, Stretch
from seglabel.formats.images.shrinking import fitted, shrink, shrink_in_bands
from seglabel.formats.images.tiff_page import TiffPage

_REDUCED, _MASK = 1, 4  # bits of the tag NewSubfileType
_MOST_LEVELS = 32
_BYTES_PER_PIXEL = 16  # that are decoded at once for each pixel that a picture may have


class TiffPicture:
    """An open TIFF of which any part can be read; see :class:`OpenPicture`.

    ``file`` belongs to the picture and is closed with it. ``cache_bytes`` bounds what is kept of
    decoded strips and tiles that were read in part.
    """

    def __init__(
        self,
        file: BinaryIO,
        path: Path,
        rendering: Rendering,
        pixel_limit: int | None,
        cache_bytes: int = 0,
    ) -> None:
        self._path, self._file, self._rendering = path, file, rendering
        self._lock = threading.Lock()
        self._tiff = tifffile.TiffFile(file, name=path.name)
        first = _first(self._tiff)
        largest = WINDOW_PIXEL_LIMIT if pixel_limit is None else pixel_limit
        check_size(path, int(first.imagelength), int(first.imagewidth), largest)
        self._page = TiffPage(first, str(path), self._read_bytes)
        if pixel_limit is None and not self._page.is_windowed:
            check_size(path, *self._page.shape, PIXEL_LIMIT)
        self._byte_limit = _BYTES_PER_PIXEL * (PIXEL_LIMIT if pixel_limit is None else pixel_limit)
        self._cache = _Cache(cache_bytes)
        self._stretch_lock = threading.Lock()
        self.info = _info(self._tiff, self._page)

    @property
    def shape(self) -> tuple[int, int]:
        return self.info.shape

    def read(self, region: Region) -> Picture:
        if region.is_empty or region.clipped(self.shape) != region:
            raise ValueError(f"{region} is no part of {self.shape[1]} × {self.shape[0]} pixels")
        with explained(self._path):
            stored = stored_region(region, self.shape, self.info.orientation)
            pixels = self._read_stored(self._page, 0, stored)
            return np.ascontiguousarray(upright(pixels, self.info.orientation), np.uint8)

    def read_whole(self) -> Picture:
        """The upright picture, whether or not it can be read by windows."""
        with explained(self._path):
            if self._page.nbytes > self._byte_limit:
                raise ImageError(
                    f"{self._path}: its numbers need {self._page.nbytes / 1e9:,.1f} GB, at most "
                    f"{self._byte_limit / 1e9:,.1f} are decoded at once; "
                    "raise the limit of pixels if it is meant to be so large"
                )
            numbers = self._page.decode_whole(self._page.bands(self._rendering))
            stretch = None
            if self._page.needs_stretch:
                stretch = self._page.find_stretch(self._rendering, numbers)
            pixels = self._page.convert(numbers, stretch)
            return np.ascontiguousarray(upright(pixels, self.info.orientation), np.uint8)

    def overview(self, max_side: int) -> Picture:
        return self.fitted((max_side, max_side))

    def fitted(self, size: tuple[int, int]) -> Picture:
        """The upright picture shrunk to fit into ``size`` (width, height)."""
        with explained(self._path):
            wanted = fitted(self.shape, size)
            stored = upright_shape(wanted, self.info.orientation)
            level, page = self._smallest_above(stored)
            if not page.is_windowed:  # it would be decoded anew for every band
                return shrink(self.read_whole(), wanted)
            pixels = shrink_in_bands(
                lambda region: self._read_stored(page, level, region), *page.shape, stored
            )
            return np.ascontiguousarray(upright(pixels, self.info.orientation), np.uint8)

    def close(self) -> None:
        with self._lock:  # not in the middle of a read
            self._tiff.close()
            self._file.close()
        self._cache.clear()

    def __enter__(self) -> TiffPicture:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read_stored(self, page: TiffPage, level: int, region: Region) -> Picture:
        """Pixels of a region of a page's stored rows and columns, cell by cell."""
        pixels = np.empty((region.height, region.width, 3), np.uint8)
        for number in page.cells.under(region):
            cell = page.cells.region(number)
            inside = cell & region
            # Of a cell that was read whole, no other part is asked for next.
            found = self._cell(page, level, number, keep=inside != cell)
            part = found[inside.relative_to(cell).slices]
            pixels[inside.relative_to(region).slices] = part
        return pixels

    def _cell(self, page: TiffPage, level: int, number: int, keep: bool) -> Picture:
        key = level, number
        found = self._cache.get(key)
        if found is None:
            numbers = page.decode(page.cells.region(number), page.bands(self._rendering))
            stretch = self._stretch if page.needs_stretch else None
            found = page.convert(numbers, stretch)
            if keep:
                self._cache.put(key, found)
        return found

    @property
    def _stretch(self) -> Stretch:
        """Of the full picture, also for its smaller copies: they must look alike."""
        with self._stretch_lock:
            return self._found_stretch

    @cached_property
    def _found_stretch(self) -> Stretch:
        return self._page.find_stretch(self._rendering)

    @cached_property
    def _levels(self) -> list[TiffPage]:
        """The picture and its smaller copies, largest first."""
        found = [self._page]
        with self._lock:
            candidates = _reduced(self._tiff)
        for candidate in candidates:
            page = TiffPage(candidate, str(self._path), self._read_bytes)
            is_alike = page.needs_stretch == self._page.needs_stretch
            if page.is_windowed and is_alike and _is_copy(page.shape, self._page.shape):
                found.append(page)
        return sorted(found, key=lambda page: -page.shape[0])

    def _smallest_above(self, shape: tuple[int, int]) -> tuple[int, TiffPage]:
        """The smallest copy that is at least of ``shape``, with its number."""
        with self._stretch_lock:
            levels = self._levels
        fitting = [
            (number, page)
            for number, page in enumerate(levels)
            if page.shape[0] >= shape[0] and page.shape[1] >= shape[1]
        ]
        return fitting[-1]

    def _read_bytes(self, offset: int, count: int) -> bytes:
        with self._lock:
            if self._file.closed:
                raise ImageError(f"{self._path}: was closed")
            self._file.seek(offset)
            data = self._file.read(count)
        if len(data) != count:
            raise ValueError(f"expected {count} bytes at {offset}, found {len(data)}")
        return data


class _Cache:
    """Decoded cells within a limit of bytes, those that were not used for longest given up."""

    def __init__(self, limit: int) -> None:
        self._limit, self._bytes = limit, 0
        self._cells: OrderedDict[tuple[int, int], Picture] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[int, int]) -> Picture | None:
        with self._lock:
            found = self._cells.get(key)
            if found is not None:
                self._cells.move_to_end(key)
            return found

    def put(self, key: tuple[int, int], cell: Picture) -> None:
        with self._lock:
            if key in self._cells or cell.nbytes > self._limit:
                return
            self._cells[key] = cell
            self._bytes += cell.nbytes
            while self._bytes > self._limit:
                self._bytes -= self._cells.popitem(last=False)[1].nbytes

    def clear(self) -> None:
        with self._lock:
            self._cells.clear()
            self._bytes = 0


def _first(tiff: tifffile.TiffFile) -> tifffile.TiffPage:
    page = tiff.pages[0]
    assert isinstance(page, tifffile.TiffPage)
    return page


def _info(tiff: tifffile.TiffFile, page: TiffPage) -> ImageInfo:
    tag = _first(tiff).tags.get(ORIENTATION_TAG)
    orientation = int(tag.value) if tag is not None and 1 <= int(tag.value) <= 8 else 1
    height, width = upright_shape(page.shape, orientation)
    frames = len(tiff.pages)
    if frames > 1:  # smaller copies and masks of the first are no pictures of their own
        frames -= _followers(tiff)[1]
    return ImageInfo("TIFF", height, width, orientation, frames, page.is_windowed)


def _followers(tiff: tifffile.TiffFile) -> tuple[list[tifffile.TiffPage], int]:
    """The smaller copies right behind the first page, and how many pages belong to it so."""
    copies, count = [], 0
    for page in tiff.pages[1 : 1 + 2 * _MOST_LEVELS]:
        assert isinstance(page, tifffile.TiffPage)
        if not page.subfiletype & (_REDUCED | _MASK):
            break
        count += 1
        if not _is_mask(page):
            copies.append(page)
    return copies, count


def _reduced(tiff: tifffile.TiffFile) -> list[tifffile.TiffPage]:
    """Smaller copies of the first page, behind it (as in GeoTIFF) or below it (as in OME-TIFF)."""
    below = _first(tiff).pages
    inner = [] if below is None else below[:_MOST_LEVELS]
    return _followers(tiff)[0] + [
        page for page in inner if isinstance(page, tifffile.TiffPage) and not _is_mask(page)
    ]


def _is_mask(page: tifffile.TiffPage) -> bool:
    return bool(page.subfiletype & _MASK)


def _is_copy(shape: tuple[int, int], full: tuple[int, int]) -> bool:
    """Whether a page is smaller, in the same proportions up to rounding."""
    if shape[0] >= full[0] or shape[1] >= full[1]:
        return False
    factor = full[0] / shape[0]
    return abs(full[1] / factor - shape[1]) <= 2
