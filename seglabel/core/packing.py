"""Packing what edits changed once there is time: a stroke ends without waiting for it."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from seglabel.core.geometry import Region
from seglabel.core.history import Edit, History, PackedTile, Tile, TilePatch

LOOSE_BYTES = 128 << 20
"""What may wait as it is; beyond it, tiles are packed before they are first written to."""

Plane = Callable[[str], NDArray[np.generic]]
"""Gives the array of a plane, as it is now."""


class Packing:
    """The edits of one document that are not packed yet, the oldest first.

    What an edit led to is what the document shows, and is not copied. So whoever overwrites a tile
    says what it shows first, by :meth:`keep`.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._waiting: deque[tuple[Edit, deque[TilePatch]]] = deque()
        self._shown: dict[tuple[str, Region], TilePatch] = {}  # those that end in what is shown
        self._loose_bytes = 0

    @property
    def loose_bytes(self) -> int:
        """What the tiles take that wait."""
        return self._loose_bytes

    def add(self, edit: Edit) -> None:
        """Pack the tiles of a new edit, whose results the document shows, by and by."""
        self._waiting.append((edit, deque(edit.patches)))
        for patch in edit.patches:
            self._shown[patch.plane, patch.region] = patch
            self._loose_bytes += patch.before.loose_bytes

    def is_shown_only(self, plane: str, region: Region) -> bool:
        """Whether an edit needs what the document shows there."""
        return bool(self._shown) and (plane, region) in self._shown

    def keep(self, plane: str, region: Region, tile: Tile) -> None:
        """A tile is about to be overwritten; ``tile`` is what it shows."""
        if self.is_shown_only(plane, region):
            self._shown.pop((plane, region)).after = tile

    def work(self, plane: Plane, seconds: float = math.inf) -> bool:
        """Pack for about so long, a tile at least. Returns whether there is more to do."""
        end = time.perf_counter() + seconds
        while self._waiting:
            self._pack_oldest(plane, end)
            if time.perf_counter() >= end:
                break
        return bool(self._waiting)

    def _pack_oldest(self, plane: Plane, end: float) -> None:
        """Go on with the oldest edit until it is packed or the clock shows ``end``."""
        edit, patches = self._waiting[0]
        grown = 0
        while patches:
            patch = patches.popleft()
            grown -= patch.nbytes
            self._loose_bytes -= patch.before.loose_bytes
            self._pack(patch, plane)
            grown += patch.nbytes
            if time.perf_counter() >= end:
                break
        if not patches:
            self._waiting.popleft()
            changes = tuple(patch for patch in edit.patches if patch.before != patch.after)
            grown -= sum(patch.nbytes for patch in edit.patches)
            grown += sum(patch.nbytes for patch in changes)
            edit.patches = changes  # tiles that were only looked at do not count
        self._history.resized(edit, grown)

    def _pack(self, patch: TilePatch, plane: Plane) -> None:
        shape = patch.region.height, patch.region.width
        if patch.after is None:
            del self._shown[patch.plane, patch.region]
            patch.after = PackedTile.pack(plane(patch.plane)[patch.region.slices])
        patch.after = patch.after.packed(shape)
        patch.before = patch.before.packed(shape)
