"""Undo and redo as tile patches, bounded by the bytes they take."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region
from seglabel.core.status import Status

TILE = 256
"""Edge of a history tile in pixels."""

UNDO_BYTES = 256 << 20
"""What a history may take unless someone says otherwise."""

_PLACE = np.uint16  # of a pixel in a tile
_FIRST = np.zeros(1, np.int64)
_PIXELS_PER_RUN = 16  # on average: with shorter ones, zlib is smaller
_UNIFORM_OVERHEAD = 64  # bytes that Python spends on a patch besides its payload, roughly
_EDIT_OVERHEAD = 256  # and on an edit, so that those without pixels count too


@dataclass(frozen=True, slots=True)
class PackedTile:
    """The pixels of one tile: a single value where uniform, else runs of equal pixels.

    ``starts`` holds where each run begins, in rows read one after the other. Noise has too many
    runs: it is compressed by zlib instead, and ``starts`` is empty.
    """

    shape: tuple[int, int]
    dtype: str
    data: bytes
    starts: bytes = b""

    @classmethod
    def uniform(cls, shape: tuple[int, int], value: np.generic) -> PackedTile:
        """Of a tile whose pixels all have ``value``."""
        return cls(shape, value.dtype.str, value.tobytes())

    @classmethod
    def pack(cls, pixels: NDArray[np.generic]) -> PackedTile:
        """Of a tile of at most ``TILE`` × ``TILE`` pixels."""
        shape, dtype = (pixels.shape[0], pixels.shape[1]), pixels.dtype.str
        if (pixels == pixels[0, 0]).all():
            return cls.uniform(shape, pixels[0, 0])
        flat = pixels.reshape(-1)
        changes = np.flatnonzero(flat[1:] != flat[:-1])
        if len(changes) > flat.size // _PIXELS_PER_RUN:
            return cls(shape, dtype, zlib.compress(flat.tobytes(), 1))
        starts = np.concatenate((_FIRST, changes + 1))
        return cls(shape, dtype, flat[starts].tobytes(), starts.astype(_PLACE).tobytes())

    def unpack(self) -> NDArray[np.generic]:
        """The pixels, or a (1, 1) array that broadcasts where they are uniform."""
        size = self.shape[0] * self.shape[1]
        if self.starts:
            starts = np.frombuffer(self.starts, _PLACE).astype(np.int64)
            values = np.frombuffer(self.data, self.dtype)
            return np.repeat(values, np.diff(starts, append=size)).reshape(self.shape)
        if len(self.data) == np.dtype(self.dtype).itemsize:
            return np.frombuffer(self.data, self.dtype).reshape(1, 1)
        return np.frombuffer(zlib.decompress(self.data), self.dtype).reshape(self.shape)

    @property
    def is_whole(self) -> bool:
        """Whether there is a value for every pixel, to be asked of what comes from a file."""
        size = self.shape[0] * self.shape[1]
        itemsize = np.dtype(self.dtype).itemsize
        if not (0 < self.shape[0] <= TILE and 0 < self.shape[1] <= TILE):
            return False
        if self.starts:
            if len(self.starts) % _PLACE().itemsize:
                return False
            starts = np.frombuffer(self.starts, _PLACE).astype(np.int64)
            is_rising = starts[0] == 0 and starts[-1] < size and bool((np.diff(starts) > 0).all())
            return is_rising and len(self.data) == len(starts) * itemsize
        if len(self.data) == itemsize:
            return True
        unpacking = zlib.decompressobj()
        pixels = unpacking.decompress(self.data, size * itemsize + 1)
        return unpacking.eof and len(pixels) == size * itemsize

    def packed(self, shape: tuple[int, int]) -> PackedTile:
        """Itself."""
        return self

    @property
    def loose_bytes(self) -> int:
        """What packing would spare: nothing."""
        return 0

    @property
    def nbytes(self) -> int:
        return len(self.data) + len(self.starts) + _UNIFORM_OVERHEAD


@dataclass(frozen=True, slots=True, eq=False)
class LooseTile:
    """The pixels of one tile as they were, until there is time to pack them.

    ``pixels`` is (1, 1) where they are uniform.
    """

    pixels: NDArray[np.generic]

    @classmethod
    def of(cls, pixels: NDArray[np.generic]) -> LooseTile:
        """A copy."""
        is_uniform = bool((pixels == pixels[0, 0]).all())
        return cls((pixels[:1, :1] if is_uniform else pixels).copy())

    def unpack(self) -> NDArray[np.generic]:
        """The pixels, or a (1, 1) array that broadcasts where they are uniform."""
        return self.pixels

    def packed(self, shape: tuple[int, int]) -> PackedTile:
        """The same in little memory, for a tile of this shape."""
        if self.pixels.size == 1:
            return PackedTile.uniform(shape, self.pixels[0, 0])
        return PackedTile.pack(self.pixels)

    @property
    def loose_bytes(self) -> int:
        """What is held until it is packed."""
        return self.pixels.nbytes

    @property
    def nbytes(self) -> int:
        """Counted as if it were packed well: it soon will be, and no step is lost for it."""
        return _UNIFORM_OVERHEAD


Tile = PackedTile | LooseTile


@dataclass(slots=True, eq=False)
class TilePatch:
    """One tile of one plane, before and after an edit.

    ``after`` is ``None`` as long as the document itself holds these pixels.
    """

    plane: str
    region: Region
    before: Tile
    after: Tile | None

    @property
    def nbytes(self) -> int:
        after = _UNIFORM_OVERHEAD if self.after is None else self.after.nbytes
        return self.before.nbytes + after


@dataclass(slots=True, eq=False)
class Edit:
    """One undoable change. ``region`` holds every changed pixel; ``category_id`` is what was
    painted, where it was one category."""

    name: str
    region: Region
    patches: tuple[TilePatch, ...]
    status_before: Status
    status_after: Status
    category_id: int | None = None

    @property
    def nbytes(self) -> int:
        return _EDIT_OVERHEAD + sum(patch.nbytes for patch in self.patches)


class History:
    """Edits done and undone. The oldest are forgotten when all together exceed ``byte_limit``."""

    def __init__(self, byte_limit: int = UNDO_BYTES) -> None:
        self._byte_limit = byte_limit
        self._edits: list[Edit] = []
        self._position = 0  # edits[:position] are done, the rest undone
        self._nbytes = 0

    def push(self, edit: Edit) -> None:
        """Add a new edit; what was undone is gone. The newest edit is kept whatever its size."""
        for undone in self._edits[self._position :]:
            self._nbytes -= undone.nbytes
        del self._edits[self._position :]
        self._edits.append(edit)
        self._nbytes += edit.nbytes
        self._position = len(self._edits)
        self._forget()

    def resized(self, edit: Edit, by: int) -> None:
        """``edit`` takes so many bytes more than before; it may be forgotten already."""
        if any(known is edit for known in reversed(self._edits)):
            self._nbytes += by
            self._forget()

    def limit(self, byte_limit: int) -> None:
        """Take at most so many bytes from now on. What is undone goes last."""
        self._byte_limit = byte_limit
        self._forget()

    def clear(self) -> None:
        """Forget everything."""
        self._edits.clear()
        self._position = self._nbytes = 0

    def _forget(self) -> None:
        count = 0
        while self._nbytes > self._byte_limit and count < self._position - 1:
            self._nbytes -= self._edits[count].nbytes
            count += 1
        del self._edits[:count]
        self._position -= count
        while self._nbytes > self._byte_limit and len(self._edits) > max(self._position, 1):
            self._nbytes -= self._edits.pop().nbytes

    def move_to(self, position: int) -> tuple[Edit, ...]:
        """Count the first ``position`` edits as done. Returns those on the way, in order of time.

        They were undone if ``position`` was less than before, else done again.
        """
        position = min(max(position, 0), len(self._edits))
        low, high = sorted((self._position, position))
        self._position = position
        return tuple(self._edits[low:high])

    def step_back(self) -> Edit | None:
        """The edit to undo, now counted as undone."""
        if not self.can_undo:
            return None
        self._position -= 1
        return self._edits[self._position]

    def step_forward(self) -> Edit | None:
        """The edit to redo, now counted as done."""
        if not self.can_redo:
            return None
        self._position += 1
        return self._edits[self._position - 1]

    @property
    def can_undo(self) -> bool:
        return self._position > 0

    @property
    def can_redo(self) -> bool:
        return self._position < len(self._edits)

    @property
    def nbytes(self) -> int:
        return self._nbytes

    @property
    def position(self) -> int:
        """How many of the listed edits are done."""
        return self._position

    def __iter__(self) -> Iterator[Edit]:
        return iter(self._edits)

    def __len__(self) -> int:
        return len(self._edits)


def tile_counts(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many rows and columns of tiles an array of ``shape`` (H, W) has."""
    return -(-shape[0] // TILE), -(-shape[1] // TILE)


def tile_places(region: Region) -> tuple[slice, slice]:
    """Which rows and columns of tiles a region touches that lies inside an array."""
    return (
        slice(region.top // TILE, -(-region.bottom // TILE)),
        slice(region.left // TILE, -(-region.right // TILE)),
    )


def tile_at(row: int, column: int, shape: tuple[int, ...]) -> Region:
    """The pixels of one tile of an array of ``shape`` (H, W)."""
    top, left = row * TILE, column * TILE
    return Region(top, left, min(top + TILE, shape[0]), min(left + TILE, shape[1]))
