"""What gestures paint: one open edit at a time, large areas piece by piece."""

from __future__ import annotations

import time
from collections import deque

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from seglabel.core.document import Document, OpenEdit
from seglabel.core.geometry import Region
from seglabel.tools import Area, Pointer

_AT_ONCE = 5 << 20  # pixels painted as soon as a tool gave them; more are painted in pieces
_PIECE = 1 << 20  # pixels
_TURN_S = 0.008  # of painting pieces, before the window gets its turn again


class Painting(QObject):
    """Paints areas into an edit of a document; between pieces of a large one the window lives on.

    Each area is painted in the category that it came with, whatever is chosen meanwhile.
    """

    region_changed = Signal(object)  # Region to repaint
    refused = Signal(str)  # the rule that kept every pixel as it was
    closed = Signal(bool)  # all is painted and can be undone; whether anything changed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._edit: OpenEdit | None = None
        self._number = np.uint16(0)  # of the object that is gone on with
        self._waiting: deque[tuple[Area, int]] = deque()  # with the category of each
        self._is_closing = False
        self._pieces = QTimer(self)
        self._pieces.setInterval(0)
        self._pieces.timeout.connect(self._paint_some)

    @property
    def is_open(self) -> bool:
        """Whether there is an edit that may still be given up."""
        return self._edit is not None

    @property
    def is_closing(self) -> bool:
        """Whether the edit ends as soon as all that waits is painted."""
        return self._is_closing

    @property
    def has_painted(self) -> bool:
        """Whether the open edit changed pixels."""
        return self._edit is not None and self._edit.region is not None

    def begin(self, document: Document, name: str, category_id: int, pointer: Pointer) -> None:
        """Open an edit. What is added to an object of the category under ``pointer`` belongs to it,
        if it has a number."""
        self._document, self._edit = document, document.begin(name)
        self._number = _number_at(document, pointer, category_id)

    def paint(self, area: Area, category_id: int) -> None:
        """At once, or where it is large in pieces."""
        if not self._waiting and area.region.area <= _AT_ONCE:
            self._paint_now(area, category_id)
            return
        rows = max(_PIECE // max(area.region.width, 1), 1)
        for top in range(area.region.top, area.region.bottom, rows):
            bottom = min(top + rows, area.region.bottom)
            self._waiting.append((_rows_of(area, top, bottom), category_id))
        self._pieces.start()

    def close(self) -> None:
        """No more comes: the edit can be undone once everything is painted."""
        self._is_closing = True
        if not self._waiting:
            self._commit()

    def finish(self) -> None:
        """Paint all that waits of an edit that is closing, now."""
        while self._is_closing:
            self._paint_next()

    def cancel(self) -> None:
        """Everything is as before the edit was opened."""
        edit = self._forget()
        if edit is not None:
            self._emit(edit.cancel())

    def _commit(self) -> None:
        edit = self._forget()
        if edit is not None:
            changed = edit.commit() is not None
            if not changed and edit.refused is not None:
                self.refused.emit(edit.refused)
            self.closed.emit(changed)

    def _forget(self) -> OpenEdit | None:
        self._pieces.stop()
        self._waiting.clear()
        self._is_closing = False
        edit, self._edit, self._document = self._edit, None, None
        return edit

    def _paint_some(self) -> None:
        end = time.perf_counter() + _TURN_S
        self._paint_next()
        while self._waiting and time.perf_counter() < end:
            self._paint_next()

    def _paint_next(self) -> None:
        if self._waiting:
            self._paint_now(*self._waiting.popleft())
        if not self._waiting:
            self._pieces.stop()
            if self._is_closing:
                self._commit()

    def _paint_now(self, area: Area, category_id: int) -> None:
        assert self._edit is not None
        if area.numbers is not None:
            changed = self._edit.number(area.region, area.mask, area.numbers)
        elif area.labels is None:
            changed = self._edit.paint(area.region, area.mask, category_id)
        else:
            changed = self._edit.assign(area.region, area.mask, area.labels, painted=True)
        if self._number and area.numbers is None and changed is not None:
            self._go_on_with_object(area, changed, category_id)
        self._emit(changed)

    def _go_on_with_object(self, area: Area, region: Region, category_id: int) -> None:
        """What was added to an object that has a number belongs to it."""
        document = self._document
        assert self._edit is not None and document is not None and document.instances is not None
        mask = area.mask[region.relative_to(area.region).slices]
        same = mask & (document.labels[region.slices] == category_id)
        same &= document.instances[region.slices] == 0  # other objects keep theirs
        self._edit.number(region, same, self._number)

    def _emit(self, region: Region | None) -> None:
        if region is not None and not region.is_empty:
            self.region_changed.emit(region)


def _number_at(document: Document, pointer: Pointer, category_id: int) -> np.uint16:
    """Of the object of a category that the pointer is on; 0 for none."""
    y, x = round(pointer.y), round(pointer.x)
    if document.instances is None or not Region.whole(document.shape).contains(y, x):
        return np.uint16(0)
    is_same = document.labels[y, x] == category_id
    return np.uint16(document.instances[y, x] if is_same else 0)


def _rows_of(area: Area, top: int, bottom: int) -> Area:
    """The part of an area between two rows of the image."""
    region = Region(top, area.region.left, bottom, area.region.right)
    rows = region.relative_to(area.region).slices[0]
    labels = None if area.labels is None else area.labels[rows]
    numbers = None if area.numbers is None else area.numbers[rows]
    return Area(region, area.mask[rows], labels, numbers)
