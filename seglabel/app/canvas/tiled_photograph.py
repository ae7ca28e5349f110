"""A photograph too large to be held: tiles are decoded for what is seen, off the GUI thread.

The coarse levels, small enough to be kept whole, are made once by reading the file from top to
bottom; until then they are grey where nothing was read. Tiles of the fine levels come on request,
those asked for last come first, and those that were not used for longest go. Where a tile has not
come yet, the coarse levels show through.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seglabel.app.canvas.photograph import halved, level_count
from seglabel.core.errors import ImageError
from seglabel.core.geometry import Region
from seglabel.core.picture import PictureSource

_log = logging.getLogger(__name__)
_TILE = 512
_HELD_BYTES = 256 << 20  # of the coarse levels together, at most
_TILE_BYTES = 96 << 20
_UNKNOWN = 128
_WAITING = 96  # tiles that are asked for at most; older wishes are out of sight by then

Tile = tuple[int, int, int]  # level, row, column


class Worker(Protocol):
    """Does one thing after another on a thread of its own."""

    def put(self, work: Callable[[], None]) -> None: ...


class TiledPhotograph:
    """Levels of ``picture``. ``arrived`` is called on the worker's thread with regions to redraw.

    Each piece of work that is put into the worker does what is most urgent by then.
    """

    def __init__(
        self, picture: PictureSource, worker: Worker, arrived: Callable[[Region], None]
    ) -> None:
        self._picture = picture
        self._worker = worker
        self._arrived = arrived
        self._lock = threading.Lock()
        self._is_closed = False
        self._count = level_count(picture.shape)
        shapes = [_level_shape(picture.shape, level) for level in range(self._count)]
        held = [sum(3 * h * w for h, w in shapes[level:]) for level in range(self._count)]
        self._first_held = next(
            (level for level, size in enumerate(held) if size <= _HELD_BYTES), self._count - 1
        )
        self._held = [
            np.full((*shape, 3), _UNKNOWN, np.uint8) for shape in shapes[self._first_held :]
        ]
        self._read_rows = 0
        self._tiles: OrderedDict[Tile, NDArray[np.uint8]] = OrderedDict()
        self._wanted: OrderedDict[Tile, None] = OrderedDict()
        worker.put(self._work)

    @property
    def shape(self) -> tuple[int, int]:
        return self._picture.shape

    @property
    def level_count(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """What is held now."""
        with self._lock:
            tiles = sum(tile.nbytes for tile in self._tiles.values())
        return tiles + sum(level.nbytes for level in self._held)

    @property
    def is_complete(self) -> bool:
        """Whether the coarse levels show the whole picture."""
        return self._read_rows >= self.shape[0]

    def close(self) -> None:
        """Read nothing any more."""
        with self._lock:
            self._is_closed = True
            self._wanted.clear()

    def read(self, level: int, region: Region) -> NDArray[np.uint8]:
        if level >= self._first_held:
            return self._held[level - self._first_held][region.slices]
        pixels = self._coarse(level, region)
        missing = []
        with self._lock:
            for tile in _tiles_under(level, region):
                found = self._tiles.get(tile)
                if found is None:
                    missing.append(tile)
                    continue
                self._tiles.move_to_end(tile)
                place = _tile_region(tile, _level_shape(self.shape, level))
                common = place & region
                part = found[common.relative_to(place).slices]
                pixels[common.relative_to(region).slices] = part
        self._want(missing)
        return pixels

    def _coarse(self, level: int, region: Region) -> NDArray[np.uint8]:
        """The region as the finest level that is held shows it."""
        factor = 1 << (self._first_held - level)
        held = self._held[0]
        rows = np.minimum(np.arange(region.top, region.bottom) // factor, held.shape[0] - 1)
        columns = np.minimum(np.arange(region.left, region.right) // factor, held.shape[1] - 1)
        strip = held[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        wide = np.repeat(strip, np.bincount(columns - columns[0]), axis=1)
        return np.repeat(wide, np.bincount(rows - rows[0]), axis=0)

    def _want(self, tiles: list[Tile]) -> None:
        if not tiles:
            return
        with self._lock:
            if self._is_closed:
                return
            new = [tile for tile in tiles if tile not in self._wanted]
            for tile in reversed(tiles):  # the first one is read first
                self._wanted[tile] = None
                self._wanted.move_to_end(tile)
            while len(self._wanted) > max(_WAITING, len(tiles)):
                self._wanted.popitem(last=False)
        for _ in new:
            self._worker.put(self._work)

    def _work(self) -> None:
        """Read a tile that is wanted, or else some more of the coarse levels."""
        with self._lock:
            if self._is_closed:
                return
            tile = next(reversed(self._wanted), None)
        if tile is not None:
            self._read_tile(tile)
        elif not self.is_complete:
            self._read_band()
            if not self.is_complete:
                self._worker.put(self._work)

    def _read_tile(self, tile: Tile) -> None:
        level = tile[0]
        place = _tile_region(tile, _level_shape(self.shape, level))
        source = _scaled(place, 1 << level).clipped(self.shape)
        pixels = self._read_source(source)
        for _ in range(level):
            pixels = halved(pixels)
        with self._lock:
            self._wanted.pop(tile, None)
            if self._is_closed:
                return
            self._tiles[tile] = pixels
            size = sum(held.nbytes for held in self._tiles.values())
            while size > _TILE_BYTES and len(self._tiles) > 1:
                size -= self._tiles.popitem(last=False)[1].nbytes
        self._arrived(source)

    def _read_band(self) -> None:
        """The next rows of the picture, made smaller for each level that is held."""
        height, width = self.shape
        rows = 1 << max(self._count - 1, 9)  # whole pixels of every level
        band = Region(self._read_rows, 0, min(self._read_rows + rows, height), width)
        factor = 1 << self._first_held
        coarse = np.empty((-(-band.height // factor), self._held[0].shape[1], 3), np.uint8)
        step = max(factor, _TILE) * 8
        for left in range(0, width, step):  # so that little is held at once
            part = Region(band.top, left, band.bottom, min(left + step, width))
            pixels = self._read_source(part)
            for _ in range(self._first_held):
                pixels = halved(pixels)
            begin = left // factor
            coarse[:, begin : begin + pixels.shape[1]] = pixels
        if self._is_closed:  # what was read may be wrong
            return
        for index, level in enumerate(self._held):
            top = band.top >> (self._first_held + index)
            level[top : top + len(coarse)] = coarse[: len(level) - top]
            coarse = halved(coarse)
        self._read_rows = band.bottom
        self._arrived(band)

    def _read_source(self, region: Region) -> NDArray[np.uint8]:
        """A part that is damaged is grey: the rest of the picture can still be worked on."""
        try:
            return self._picture.read(region)
        except ImageError:
            pass
        except Exception:  # noqa: BLE001 - the other parts are still to come
            _log.exception("%s of a large picture could not be read", region)
        return np.full((region.height, region.width, 3), _UNKNOWN, np.uint8)


def _level_shape(shape: tuple[int, int], level: int) -> tuple[int, int]:
    return -(-shape[0] // (1 << level)), -(-shape[1] // (1 << level))


def _tiles_under(level: int, region: Region) -> list[Tile]:
    return [
        (level, row, column)
        for row in range(region.top // _TILE, -(-region.bottom // _TILE))
        for column in range(region.left // _TILE, -(-region.right // _TILE))
    ]


def _tile_region(tile: Tile, shape: tuple[int, int]) -> Region:
    """The pixels of its level that a tile covers."""
    _, row, column = tile
    top, left = row * _TILE, column * _TILE
    return Region(top, left, top + _TILE, left + _TILE).clipped(shape)


def _scaled(region: Region, factor: int) -> Region:
    return Region(
        region.top * factor, region.left * factor, region.bottom * factor, region.right * factor
    )
