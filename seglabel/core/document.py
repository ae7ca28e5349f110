"""One image's annotation: label map, what a person painted, instances, history, status, effort."""

from __future__ import annotations

import math
import secrets
import weakref
from collections.abc import Collection, Iterable
from types import TracebackType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import BACKGROUND
from seglabel.core.changes import Change
from seglabel.core.effort import Effort
from seglabel.core.errors import LabelError
from seglabel.core.geometry import Region, union
from seglabel.core.history import (
    Edit,
    History,
    LooseTile,
    PackedTile,
    Tile,
    TilePatch,
    tile_at,
    tile_counts,
    tile_places,
)
from seglabel.core.packing import LOOSE_BYTES, Packing
from seglabel.core.snapshot import Snapshot
from seglabel.core.status import Status

LabelMap = NDArray[np.uint8]
InstanceMap = NDArray[np.uint16]
Mask = NDArray[np.bool_]
Refusal = Literal["locked", "over"]
"""The rule of a document that kept pixels as they are."""


class Document:
    """The annotation of one image while it is worked on.

    ``labels`` is uint8 (H, W) of category ids. ``painted`` is bool (H, W): the pixels that a person
    decided, which no proposal may overwrite. ``instances`` is uint16 (H, W), 0 where not separated,
    and exists only once instances were separated. Pixels change through :meth:`begin` alone.
    ``effort`` is what the person put into it so far, undone strokes included.

    Two rules hold for every edit. Pixels of the categories in ``locked`` are never changed. Where
    ``over`` is not ``None``, a person paints over pixels of those categories only; with background
    alone (painting behind), erasing is free, as it could do nothing else.

    ``changes`` counts what was ever done to the annotation, undoing included, from the beginning
    that ``origin`` names: whoever saved both knows what is missing in the file.
    """

    def __init__(
        self,
        labels: LabelMap,
        painted: Mask | None = None,
        instances: InstanceMap | None = None,
        status: Status = Status.EMPTY,
        history: History | None = None,
        effort: Effort = Effort(),  # noqa: B008 - a frozen value
        origin: str = "",
        changes: int = 0,
    ) -> None:
        if labels.dtype != np.uint8 or labels.ndim != 2:
            raise LabelError(f"labels: expected uint8 (H, W), found {labels.dtype} {labels.shape}")
        self.labels = labels
        self.painted = np.zeros(labels.shape, np.bool_) if painted is None else painted
        self.instances = instances
        for name, plane in (("painted", self.painted), ("instances", instances)):
            if plane is not None and plane.shape != labels.shape:
                raise LabelError(
                    f"{name}: expected the shape of the labels {labels.shape}, found {plane.shape}"
                )
        self.status = status
        self.effort = effort
        self.history = History() if history is None else history
        self.locked: frozenset[int] = frozenset()
        self.over: frozenset[int] | None = None
        self._open: OpenEdit | None = None
        self.origin = origin or secrets.token_hex(8)
        self.changes = changes
        self._last_change: Change | None = None
        self._packing = Packing(self.history)
        self._snapshots: list[weakref.ref[Snapshot]] = []

    @classmethod
    def blank(cls, height: int, width: int) -> Document:
        """An annotation with nothing in it."""
        return cls(np.zeros((height, width), np.uint8))

    @property
    def shape(self) -> tuple[int, int]:
        return self.labels.shape[0], self.labels.shape[1]

    @property
    def is_being_edited(self) -> bool:
        return self._open is not None

    def begin(self, name: str) -> OpenEdit:
        """Start one undoable change called ``name``; at most one is open at a time."""
        if self._open is not None:
            raise RuntimeError(f"{self._open.name!r} is still open")
        self._open = OpenEdit(self, name)
        return self._open

    def undo(self) -> Region | None:
        """Take the last edit back. Returns the region to redraw."""
        self._require_no_open_edit()
        edit = self.history.step_back()
        if edit is None:
            return None
        for patch in edit.patches:
            self._show(patch.plane, patch.region, patch.before)
        self.status = edit.status_before
        self._note(move=-1)
        return edit.region

    def redo(self) -> Region | None:
        """Do the last undone edit again. Returns the region to redraw."""
        self._require_no_open_edit()
        edit = self.history.step_forward()
        if edit is None:
            return None
        for patch in edit.patches:
            self._show(patch.plane, patch.region, patch.after)
        self.status = edit.status_after
        self._note(move=1)
        return edit.region

    def go_to(self, position: int) -> Region | None:
        """Undo or redo until so many edits of the history are done. Returns the region to redraw.

        A tile is unpacked once however many edits on the way touched it.
        """
        self._require_no_open_edit()
        before = self.history.position
        forward = position > before
        edits = self.history.move_to(position)
        if not edits:
            return None
        self._note(move=self.history.position - before)
        tiles: dict[tuple[str, Region], Tile | None] = {}
        region: Region | None = None
        for edit in edits if forward else reversed(edits):
            region = union(region, edit.region)
            for patch in edit.patches:
                tiles[patch.plane, patch.region] = patch.after if forward else patch.before
        for (plane, place), tile in tiles.items():
            self._show(plane, place, tile)
        self.status = edits[-1].status_after if forward else edits[0].status_before
        return region

    def repeat(self, edit: Edit) -> Region:
        """Make an edit whose tiles are known already. Returns the region to redraw."""
        self._require_no_open_edit()
        for patch in edit.patches:
            self._show(patch.plane, patch.region, patch.after)
        self.status = edit.status_after
        self.history.push(edit)
        self._note(edit)
        return edit.region

    @property
    def last_change(self) -> Change | None:
        """What was done last, if anything. Tiles that the document shows are not complete in it."""
        return self._last_change

    def snapshot(self) -> Snapshot:
        """What the document is now, whatever is done to it while that is read.

        Not in the middle of an edit, which may still be given up.
        """
        if self._open is not None and self._open.region is not None:
            raise RuntimeError(f"{self._open.name!r} is still open")
        snapshot = Snapshot(
            self.labels,
            self.painted,
            self.instances,
            self.status,
            self.effort,
            self.origin,
            self.changes,
        )
        self._snapshots.append(weakref.ref(snapshot))
        return snapshot

    def pack(self, seconds: float = math.inf) -> bool:
        """Go on with packing what was done, for about so long. Returns whether more is to do.

        Until then the history needs the document: it is packed to the end before it is dropped.
        """
        return self._packing.work(self._plane, seconds)

    def _show(self, plane: str, place: Region, tile: Tile | None) -> None:
        """Write a tile of the history."""
        assert tile is not None  # only what was undone is done again, and undoing kept it
        shown = self._plane(plane)[place.slices]
        if self._packing.is_shown_only(plane, place) or self._living_snapshots():
            self._keep(plane, place, LooseTile.of(shown))
        shown[...] = tile.unpack()

    def _keep(self, plane: str, place: Region, tile: Tile) -> None:
        """A tile is about to be overwritten: tell those who need what it shows."""
        self._packing.keep(plane, place, tile)
        for snapshot in self._living_snapshots():
            snapshot.keep(plane, place, tile)

    def _living_snapshots(self) -> list[Snapshot]:
        """Those that somebody still reads."""
        living = [snapshot for known in self._snapshots if (snapshot := known()) is not None]
        if len(living) < len(self._snapshots):
            self._snapshots = [weakref.ref(snapshot) for snapshot in living]
        return living

    def _require_no_open_edit(self) -> None:
        if self._open is not None:
            raise RuntimeError(f"{self._open.name!r} is still open")

    def _plane(self, name: str) -> NDArray[np.generic]:
        if name == "instances" and self.instances is None:
            self.instances = np.zeros(self.shape, np.uint16)
        plane: NDArray[np.generic] = getattr(self, name)
        return plane

    def _closed(self, edit: Edit | None) -> None:
        self._open = None
        if edit is not None:
            self.status = edit.status_after
            self.history.push(edit)
            self._packing.add(edit)
            self._note(edit)

    def _note(self, edit: Edit | None = None, move: int = 0) -> None:
        self.changes += 1
        self._last_change = Change(self.changes, edit, move, self.effort)


class OpenEdit:
    """A change in the making: the one place that writes pixels. Close it by commit or cancel.

    As a context it is cancelled by an error, so that the document can be edited again.
    """

    def __init__(self, document: Document, name: str) -> None:
        self.name = name
        self._document = document
        self._before: dict[tuple[str, Region], Tile] = {}
        self._room = LOOSE_BYTES - document._packing.loose_bytes  # for tiles as they are
        self._remembered: dict[str, Mask] = {}  # by plane, which tiles
        self._region: Region | None = None
        self._by_person = False
        self._status: Status | None = None
        self._refused: Refusal | None = None
        self._given: set[int | None] = set()  # categories; None for labels of several

    def __enter__(self) -> OpenEdit:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self._document._open is self:
            self.cancel()

    def paint(self, region: Region, mask: Mask, category_id: int) -> Region | None:
        """A person gives ``category_id`` to the pixels of ``mask``, as far as the rules allow.

        ``mask`` is bool of the size of ``region``; both may reach over the image's border.
        Returns the region to redraw.
        """
        self._given.add(category_id)
        return self._write(region, mask, np.uint8(category_id), painted=True)

    def assign(
        self, region: Region, mask: Mask, labels: LabelMap, *, painted: bool
    ) -> Region | None:
        """Copy ``labels`` (the size of ``region``) where ``mask``, as a person's work or not."""
        self._given.add(None)
        return self._write(region, mask, labels, painted=painted)

    def adopt(self, region: Region, mask: Mask, *, even_locked: bool = False) -> Region | None:
        """Make the pixels of ``mask`` a person's own without changing their category."""
        inside, mask = self._clip(region, mask)
        if inside.is_empty:
            return None
        mask = mask & ~self._document.painted[inside.slices]
        locked = frozenset() if even_locked else self._document.locked
        if locked:
            mask &= _among(range(256), locked)[self._document.labels[inside.slices]]
        if not mask.any():
            return None
        self._remember(("painted",), inside)
        self._document.painted[inside.slices][mask] = True
        self._by_person = True
        return self._changed(inside)

    def number(self, region: Region, mask: Mask, numbers: InstanceMap | np.uint16) -> Region | None:
        """A person tells objects apart: the pixels of ``mask`` get ``numbers``, 0 = not separated.

        Categories stay, and pixels of locked ones keep their numbers too.
        """
        inside, clipped = self._clip(region, mask)
        if inside.is_empty:
            return None
        if isinstance(numbers, np.ndarray):
            numbers = numbers[inside.relative_to(region).slices]
        document = self._document
        if document.locked:
            allowed = _among(range(256), document.locked)
            clipped = clipped & allowed[document.labels[inside.slices]]
        if not clipped.any():
            return None
        self._remember(("instances",), inside)
        np.copyto(document._plane("instances")[inside.slices], numbers, where=clipped)
        self._by_person = True
        return self._changed(inside)

    def set_status(self, status: Status) -> None:
        """The status that the document gets on commit and loses on undo.

        Without it, an image becomes *corrected* as soon as a person changed something in it.
        """
        self._status = status

    @property
    def region(self) -> Region | None:
        """What was touched so far."""
        return self._region

    @property
    def refused(self) -> Refusal | None:
        """Which rule kept pixels as they are that would have changed."""
        return self._refused

    def commit(self) -> Edit | None:
        """Make the change undoable. Returns ``None`` if nothing changed."""
        document = self._document
        patches: tuple[TilePatch, ...] = ()
        if self._changed_anything():
            patches = tuple(TilePatch(*place, tile, None) for place, tile in self._before.items())
        before, status = document.status, self._status
        if status is None:
            status = Status.CORRECTED if patches and self._by_person else before
        if not patches and status == before:
            document._closed(None)
            return None
        region = self._region or Region(0, 0, 0, 0)
        category_id = next(iter(self._given)) if len(self._given) == 1 else None
        if self._by_person and self._status is None:  # saying how far an image is changes nothing
            document.effort = document.effort.with_stroke()
        edit = Edit(self.name, region, patches, before, status, category_id)
        document._closed(edit)
        return edit

    def cancel(self) -> Region | None:
        """Put everything back. Returns the region to redraw."""
        for (plane, place), tile in self._before.items():
            self._document._plane(plane)[place.slices] = tile.unpack()
        self._document._closed(None)
        return self._region

    def _changed_anything(self) -> bool:
        return any(  # mostly the first tiles decide
            bool((tile.unpack() != self._document._plane(plane)[place.slices]).any())
            for (plane, place), tile in self._before.items()
        )

    def _write(
        self, region: Region, mask: Mask, values: LabelMap | np.uint8, *, painted: bool
    ) -> Region | None:
        inside, clipped = self._clip(region, mask)
        if inside.is_empty:
            return None
        if isinstance(values, np.ndarray):
            values = values[inside.relative_to(region).slices]
        document = self._document
        labels = document.labels[inside.slices]
        allowed = self._changeable(values, painted=painted)
        if allowed is not None:
            if self._refused is None:
                self._refused = self._why_not(labels, clipped & (labels != values), allowed)
            clipped = clipped & allowed[labels]
        self._remember(("labels", "painted"), inside)
        if document.instances is not None:
            self._remember(("instances",), inside)
            # A pixel that changes its category leaves the object that it belonged to.
            document.instances[inside.slices][clipped & (labels != values)] = 0
        np.copyto(labels, values, where=clipped)
        if painted:
            document.painted[inside.slices] |= clipped
            self._by_person = True
        return self._changed(inside)

    def _why_not(self, labels: LabelMap, wanted: Mask, allowed: Mask) -> Refusal | None:
        """Which rule keeps some of the pixels that are ``wanted``."""
        kept = labels[wanted & ~allowed[labels]]
        if not kept.size:
            return None
        return "locked" if not _among(range(256), self._document.locked)[kept].all() else "over"

    def _changeable(self, values: LabelMap | np.uint8, *, painted: bool) -> Mask | None:
        """Which of the 256 ids may be overwritten; ``None`` for all."""
        document = self._document
        over = document.over if painted else None
        if over == {BACKGROUND} and np.ndim(values) == 0 and values == BACKGROUND:
            over = None
        if not document.locked and over is None:
            return None
        return _among(range(256) if over is None else over, document.locked)

    def _clip(self, region: Region, mask: Mask) -> tuple[Region, Mask]:
        inside = region.clipped(self._document.shape)
        if inside == region or inside.is_empty:
            return inside, mask
        return inside, mask[inside.relative_to(region).slices]

    def _remember(self, planes: Collection[str], region: Region) -> None:
        """Keep tiles as they are before they are first written to."""
        shape = self._document.shape
        rows, columns = tile_places(region)
        for name in planes:
            known = self._remembered.get(name)
            if known is None:
                known = self._remembered[name] = np.zeros(tile_counts(shape), np.bool_)
            part = known[rows, columns]
            if part.all():
                continue
            plane = self._document._plane(name)
            for row, column in np.argwhere(~part).tolist():
                place = tile_at(row + rows.start, column + columns.start, shape)
                pixels = plane[place.slices]
                tile = LooseTile.of(pixels) if self._room > 0 else PackedTile.pack(pixels)
                self._room -= tile.loose_bytes
                self._before[name, place] = tile
                self._document._keep(name, place, tile)
            part[...] = True

    def _changed(self, region: Region) -> Region:
        self._region = union(self._region, region)
        return region


def _among(ids: Iterable[int], locked: Collection[int]) -> Mask:
    """A table of 256 that is true for ``ids`` but those ``locked``."""
    table = np.zeros(256, np.bool_)
    table[list(ids)] = True
    table[list(locked)] = False
    return table
