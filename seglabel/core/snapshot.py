"""What a document was at one moment, read off the GUI thread while it changes further."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from seglabel.core.effort import Effort
from seglabel.core.geometry import Region
from seglabel.core.history import TILE, PackedTile, Tile
from seglabel.core.status import Status

_T = TypeVar("_T", bound=np.generic)
_T_co = TypeVar("_T_co", bound=np.generic, covariant=True)
_BAND = 1 << 20  # bytes that are copied together


class Rows(Protocol[_T_co]):
    """A plane (H, W) that is read some rows at a time; an array is one."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, rows: slice, /) -> NDArray[_T_co]: ...


class PlaneSnapshot(Generic[_T]):
    """A plane (H, W) as it was when this was made.

    Nothing is copied but what is read, and the tiles that whoever overwrites them hands over by
    :meth:`keep` before. Any thread may read.
    """

    def __init__(self, plane: NDArray[_T]) -> None:
        self._plane = plane
        self._lock = threading.Lock()
        self._kept: defaultdict[int, dict[Region, Tile]] = defaultdict(dict)  # by row of tiles

    @property
    def shape(self) -> tuple[int, ...]:
        return self._plane.shape

    def keep(self, region: Region, tile: Tile) -> None:
        """This tile of the plane is about to be overwritten, perhaps not for the first time."""
        with self._lock:
            self._kept[region.top // TILE].setdefault(region, tile)

    def __getitem__(self, rows: slice) -> NDArray[_T]:
        """A copy of some rows, without a step."""
        top, bottom, _ = rows.indices(self.shape[0])
        return self.read(Region(top, 0, max(bottom, top), self.shape[1]))

    def read(self, part: Region) -> NDArray[_T]:
        """A copy of a region inside the plane."""
        with self._lock:
            pixels = self._plane[part.slices].copy()
            for row in range(part.top // TILE, -(-part.bottom // TILE)):
                for region, tile in self._kept.get(row, {}).items():
                    common = region & part
                    if common.is_empty:
                        continue
                    kept = np.broadcast_to(tile.unpack(), (region.height, region.width))
                    pixels[common.relative_to(part).slices] = kept[
                        common.relative_to(region).slices
                    ]
        return pixels

    def copy(self) -> NDArray[_T]:
        """The whole plane."""
        whole = np.empty(self.shape, self._plane.dtype)
        rows = max(_BAND // max(self._plane[:1].nbytes, 1), 1)
        for top in range(0, len(whole), rows):
            whole[top : top + rows] = self[top : top + rows]
        return whole


class Snapshot:
    """The annotation of an image as it was when this was made, to be saved."""

    def __init__(
        self,
        labels: NDArray[np.uint8],
        painted: NDArray[np.bool_],
        instances: NDArray[np.uint16] | None,
        status: Status,
        effort: Effort = Effort(),  # noqa: B008 - a frozen value
        origin: str = "",
        changes: int = 0,
    ) -> None:
        self.origin, self.changes = origin, changes
        self.labels = PlaneSnapshot(labels)
        self.painted = PlaneSnapshot(painted)
        self.status = status
        self.effort = effort
        self._instances = None if instances is None else PlaneSnapshot(instances)

    @property
    def instances(self) -> NDArray[np.uint16] | None:
        """A copy, or ``None`` where nothing is separated: after undoing, all may be 0."""
        numbers = None if self._instances is None else self._instances.copy()
        return numbers if numbers is not None and numbers.any() else None

    def tile(self, plane: str, region: Region) -> PackedTile:
        """A tile of a plane, in little memory."""
        if plane == "instances":
            assert self._instances is not None
            return PackedTile.pack(self._instances.read(region))
        part = self.labels if plane == "labels" else self.painted
        return PackedTile.pack(part.read(region))

    def keep(self, plane: str, region: Region, tile: Tile) -> None:
        """A tile of a plane is about to be overwritten; ``tile`` is what it shows."""
        if plane == "labels":
            self.labels.keep(region, tile)
        elif plane == "painted":
            self.painted.keep(region, tile)
        elif self._instances is not None:
            self._instances.keep(region, tile)
