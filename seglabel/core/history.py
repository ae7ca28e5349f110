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

_UNIFORM_OVERHEAD = 64  # bytes that Python spends on a patch besides its payload, roughly
_EDIT_OVERHEAD = 256  # and on an edit, so that those without pixels count too


@dataclass(frozen=True, slots=True)
class PackedTile:
    """The pixels of one tile: a single value where uniform, else zlib-compressed rows."""

    shape: tuple[int, int]
    dtype: str
    data: bytes
    is_uniform: bool

    @classmethod
    def pack(cls, pixels: NDArray[np.generic]) -> PackedTile:
        shape = (pixels.shape[0], pixels.shape[1])
        first = pixels[0, 0]
        if (pixels == first).all():
            return cls(shape, pixels.dtype.str, first.tobytes(), True)
        data = zlib.compress(np.ascontiguousarray(pixels).tobytes(), 1)
        return cls(shape, pixels.dtype.str, data, False)

    def unpack(self) -> NDArray[np.generic]:
        """The pixels, or a (1, 1) array that broadcasts where they are uniform."""
        if self.is_uniform:
            return np.frombuffer(self.data, self.dtype).reshape(1, 1)
        return np.frombuffer(zlib.decompress(self.data), self.dtype).reshape(self.shape)

    @property
    def nbytes(self) -> int:
        return len(self.data) + _UNIFORM_OVERHEAD


@dataclass(frozen=True, slots=True)
class TilePatch:
    """One tile of one plane, before and after an edit."""

    plane: str
    region: Region
    before: PackedTile
    after: PackedTile


@dataclass(frozen=True, slots=True)
class Edit:
    """One undoable change. ``region`` holds every changed pixel."""

    name: str
    region: Region
    patches: tuple[TilePatch, ...]
    status_before: Status
    status_after: Status

    @property
    def nbytes(self) -> int:
        pixels = sum(patch.before.nbytes + patch.after.nbytes for patch in self.patches)
        return _EDIT_OVERHEAD + pixels


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
    def undo_name(self) -> str | None:
        return self._edits[self._position - 1].name if self.can_undo else None

    @property
    def redo_name(self) -> str | None:
        return self._edits[self._position].name if self.can_redo else None

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


def tiles_over(region: Region, shape: tuple[int, ...]) -> Iterator[Region]:
    """The tiles that ``region`` touches in an array of ``shape`` (H, W), clipped to it."""
    region = region.clipped(shape)
    if region.is_empty:
        return
    for row in range(region.top // TILE, (region.bottom - 1) // TILE + 1):
        for column in range(region.left // TILE, (region.right - 1) // TILE + 1):
            tile = Region(row * TILE, column * TILE, (row + 1) * TILE, (column + 1) * TILE)
            yield tile.clipped(shape)
