"""The editor: the open document, the active tool, and what becomes of pointer events."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from seglabel.app.packing import PackingTimer
from seglabel.app.tool_settings import ToolSettings
from seglabel.app.workers.tool_work import ToolWorker
from seglabel.core.categories import BACKGROUND
from seglabel.core.copying import copy_labels
from seglabel.core.document import Document, LabelMap, OpenEdit
from seglabel.core.geometry import Region
from seglabel.core.history import Edit
from seglabel.core.proposal import Proposal
from seglabel.core.raster import BrushShape
from seglabel.core.review import accept_proposal, clear_proposal, mark_reviewed, merge_proposal
from seglabel.tools import Area, Brush, PictureSource, Pointer, Scene, Step, Tool, make_tools
from seglabel.tools.options import SHAPE, SIZE
from seglabel.tools.preview import NOTHING, Preview

_BRUSH_GROWTH = 1.15  # per small step, at least one pixel
_AT_ONCE = 5 << 20  # pixels painted before the window gets its turn again


class Editor(QObject):
    """Turns what a person does into edits of one document, and says what changed."""

    document_changed = Signal(object)  # Document or None: another one is edited now
    region_changed = Signal(object)  # Region to repaint
    edited = Signal()  # the document differs from what it was: history, status, pixels
    stroke_finished = Signal()  # committed or given up
    gesture_changed = Signal(bool)  # whether one is open, for which Enter and Backspace are meant
    preview_changed = Signal(object)  # Preview
    tool_changed = Signal(str)
    category_changed = Signal(int)
    brush_changed = Signal(object)  # Brush
    rules_changed = Signal()  # what is locked, what is painted over
    failed = Signal(str)  # a tool broke down

    def __init__(self, worker: ToolWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._document: Document | None = None
        self._picture: PictureSource | None = None
        self._viewport, self._scale = Region(0, 0, 0, 0), 1.0
        self._tools = make_tools()
        self._tool = self._tools["brush"]
        self._category_id = BACKGROUND
        self._locked: frozenset[int] = frozenset()
        self._over: frozenset[int] | None = None
        self._things: frozenset[int] = frozenset()
        self._number = np.uint16(0)  # of the object that the gesture under way goes on with
        self._edit: OpenEdit | None = None
        self._erases = False  # in the gesture under way
        self._ticket = 0  # of the work that is waited for
        self._waiting: deque[Area] = deque()  # painted piece by piece
        self._closes = False  # the gesture ends once nothing waits
        self._preview = NOTHING
        self._is_read_only = False
        self.options = ToolSettings(self._tools.values(), self)
        self.options.changed.connect(self._option_changed)
        self._packing = PackingTimer(self)
        self._pieces = QTimer(self)
        self._pieces.setInterval(0)
        self._pieces.timeout.connect(self._paint_piece)
        worker.finished.connect(self._receive)
        worker.failed.connect(self._work_failed)

    @property
    def document(self) -> Document | None:
        return self._document

    @property
    def tool(self) -> str:
        return self._tool.name

    @property
    def tools(self) -> tuple[str, ...]:
        """The names of all tools."""
        return tuple(self._tools)

    @property
    def active_tool(self) -> Tool:
        """To look at: its options and its hint."""
        return self._tool

    @property
    def category_id(self) -> int:
        return self._category_id

    @property
    def painted_category(self) -> int:
        """What the gesture under way paints, or the next one would."""
        return BACKGROUND if self._erases or self._tool.erases else self._category_id

    @property
    def brush(self) -> Brush:
        values = self.options.values
        return Brush(int(values[SIZE.key]), cast(BrushShape, values[SHAPE.key]))

    @property
    def preview(self) -> Preview:
        return self._preview

    @property
    def locked(self) -> frozenset[int]:
        """Categories whose pixels nothing changes."""
        return self._locked

    @property
    def over(self) -> frozenset[int] | None:
        """Categories that may be painted over; ``None`` for any."""
        return self._over

    @property
    def is_busy(self) -> bool:
        """Whether a gesture is under way."""
        return self._edit is not None

    @property
    def has_half_a_stroke(self) -> bool:
        """Whether pixels were painted by a gesture that may still be given up."""
        return self._edit is not None and self._edit.region is not None

    @property
    def is_read_only(self) -> bool:
        """Whether labels are only shown for the moment."""
        return self._is_read_only

    def set_read_only(self, read_only: bool) -> None:
        """Refuse all changes from now on, or no more; a stroke in hand is given up."""
        if read_only:
            self.cancel_stroke()
        self._is_read_only = read_only

    def set_document(self, document: Document | None, picture: PictureSource | None = None) -> None:
        """Edit another document, that of ``picture``; a stroke in hand is given up."""
        self.cancel_stroke()
        self._tool.leave()
        self._document, self._picture = document, picture
        self._apply_rules()
        self.document_changed.emit(document)

    def set_tool(self, name: str) -> None:
        if name != self._tool.name:
            self.cancel_stroke()
            self._tool.leave()
            self._tool = self._tools[name]
            self.tool_changed.emit(name)

    def set_category(self, category_id: int) -> None:
        if category_id != self._category_id:
            self._category_id = category_id
            self.category_changed.emit(category_id)

    def set_locked(self, locked: frozenset[int]) -> None:
        """Nothing changes the pixels of these categories from now on."""
        if locked != self._locked:
            self._locked = locked
            self._apply_rules()
            self.rules_changed.emit()

    @property
    def things(self) -> frozenset[int]:
        """The categories whose objects are told apart."""
        return self._things

    def set_things(self, things: frozenset[int]) -> None:
        """The categories whose objects are told apart."""
        self._things = things

    def set_over(self, over: frozenset[int] | None) -> None:
        """A person paints over pixels of these categories only; ``None`` for any."""
        if over != self._over:
            self._over = over
            self._apply_rules()
            self.rules_changed.emit()

    def _apply_rules(self) -> None:
        if self._document is not None:
            self._document.locked, self._document.over = self._locked, self._over

    def look_at(self, viewport: Region, scale: float) -> None:
        """Which part of the image is on screen, and how many of its pixels an image pixel takes."""
        self._viewport, self._scale = viewport, scale

    def set_brush_size(self, size: int) -> None:
        self.options.set(SIZE.key, self.brush.resized(size).size)

    def set_brush_shape(self, shape: BrushShape) -> None:
        self.options.set(SHAPE.key, shape)

    def step_brush(self, steps: int) -> None:
        """Larger or smaller by so many steps of about a seventh, at least one pixel each."""
        size = self.brush.size
        for _ in range(abs(steps)):
            if steps > 0:
                size = max(size + 1, round(size * _BRUSH_GROWTH))
            else:
                size = min(size - 1, round(size / _BRUSH_GROWTH))
        self.set_brush_size(size)

    def _option_changed(self, key: str) -> None:
        if key in (SIZE.key, SHAPE.key):
            self.brush_changed.emit(self.brush)

    # gestures

    def press(self, pointer: Pointer, erases: bool = False) -> None:
        """The pointer went down: a gesture begins, with the eraser if only for this once, or the
        one under way goes on."""
        document = self._editable
        if document is None or self._closes:
            return
        if self._edit is None:
            self._erases = erases or self._tool.erases
            is_eraser = self._erases and self._tool.name == "brush"
            self._edit = document.begin("eraser" if is_eraser else self._tool.name)
            self._number = self._number_at(document, pointer)
            self.gesture_changed.emit(True)
        pointer = replace(pointer, secondary=erases)
        self._follow(self._tool.press(pointer, self._scene(document)))

    def move(self, pointer: Pointer) -> None:
        """The pointer moved while it was down."""
        if self._document is not None and self._edit is not None and not self._closes:
            self._follow(self._tool.move(pointer, self._scene(self._document)))

    def release(self, pointer: Pointer) -> None:
        """The pointer went up: most gestures end by that and can be undone from now on."""
        if self._document is not None and self._edit is not None and not self._closes:
            self._follow(self._tool.release(pointer, self._scene(self._document)))

    def hover(self, pointer: Pointer | None) -> None:
        """The pointer moved while it was up, or left the picture."""
        document = self._editable
        if document is not None and not self._closes:
            self._follow(self._tool.hover(pointer, self._scene(document)))

    def finish(self) -> None:
        """Paint what an open gesture prepared."""
        if self._document is not None and self._edit is not None and not self._closes:
            self._follow(self._tool.finish(self._scene(self._document)))

    def step_back(self) -> None:
        """Take the last part of an open gesture back."""
        if self._document is not None and self._edit is not None and not self._closes:
            self._follow(self._tool.step_back(self._scene(self._document)))

    def cancel_stroke(self) -> None:
        """Everything is as before the gesture began; what a tool computes is dropped."""
        self._drop_work()
        self._waiting.clear()
        self._pieces.stop()
        self._closes = False
        self._tool.reset()
        self._show_preview()
        if self._edit is not None:
            edit, self._edit = self._edit, None
            self._emit_region(edit.cancel())
            self._ended()

    def _scene(self, document: Document) -> Scene:
        labels = document.labels.view()
        labels.flags.writeable = False
        assert self._picture is not None
        return Scene(
            labels,
            self._picture,
            self.painted_category,
            self.brush,
            self.options.values,
            self._viewport,
            self._scale,
            document.instances,
            self._things,
        )

    def _follow(self, step: Step) -> None:
        """Do what a tool answered."""
        if self._edit is not None:
            for area in step.areas:
                self._paint(area)
        for key, value in step.settings.items():
            self.options.set(key, value)
        if step.work is not None:
            self._ticket = self._worker.start(step.work)
        if step.done:
            self._closes = True
            if not self._waiting:
                self._close()
        self._show_preview()

    def _paint(self, area: Area) -> None:
        """At once, or where it is large in pieces between which the window lives on."""
        if not self._waiting and area.region.area <= _AT_ONCE:
            self._paint_now(area)
            return
        rows = max(_AT_ONCE // max(area.region.width, 1), 1)
        for top in range(area.region.top, area.region.bottom, rows):
            bottom = min(top + rows, area.region.bottom)
            part = _rows_of(area, top, bottom)
            self._waiting.append(part)
        self._pieces.start()

    def _paint_piece(self) -> None:
        self._paint_now(self._waiting.popleft())
        if not self._waiting:
            self._pieces.stop()
            if self._closes:
                self._close()

    def _paint_now(self, area: Area) -> None:
        assert self._edit is not None
        if area.numbers is not None:
            changed = self._edit.number(area.region, area.mask, area.numbers)
        elif area.labels is None:
            changed = self._edit.paint(area.region, area.mask, self.painted_category)
        else:
            changed = self._edit.assign(area.region, area.mask, area.labels, painted=True)
        if self._number and area.numbers is None and changed is not None:
            self._go_on_with_object(area, changed)
        self._emit_region(changed)

    def _go_on_with_object(self, area: Area, region: Region) -> None:
        """What was added to an object that has a number belongs to it."""
        document = self._document
        assert self._edit is not None and document is not None and document.instances is not None
        mask = area.mask[region.relative_to(area.region).slices]
        same = mask & (document.labels[region.slices] == self.painted_category)
        same &= document.instances[region.slices] == 0  # other objects keep theirs
        self._edit.number(region, same, self._number)

    def _number_at(self, document: Document, pointer: Pointer) -> np.uint16:
        """Of the object of what is painted that the pointer is on; 0 for none."""
        y, x = round(pointer.y), round(pointer.x)
        if document.instances is None or not Region.whole(document.shape).contains(y, x):
            return np.uint16(0)
        is_same = document.labels[y, x] == self.painted_category
        return np.uint16(document.instances[y, x] if is_same else 0)

    def _close(self) -> None:
        """The edit can be undone from now on."""
        self._closes = False
        self._tool.reset()
        if self._edit is None:
            return
        edit, self._edit = self._edit, None
        if edit.commit() is not None:
            self.edited.emit()
        self._ended()

    def _ended(self) -> None:
        if self._document is not None:
            self._packing.add(self._document)
        self._erases = False
        self.gesture_changed.emit(False)
        self.stroke_finished.emit()

    def _show_preview(self) -> None:
        preview = self._tool.preview
        if preview is not self._preview:
            self._preview = preview
            self.preview_changed.emit(preview)

    # work of tools

    def _receive(self, ticket: int, result: object) -> None:
        if ticket == self._ticket and self._document is not None:
            self._ticket = 0
            self._follow(self._tool.receive(result, self._scene(self._document)))

    def _work_failed(self, ticket: int, message: str) -> None:
        if ticket == self._ticket:
            self.cancel_stroke()
            self.failed.emit(message)

    def _drop_work(self) -> None:
        if self._ticket:
            self._ticket = 0
            self._worker.drop()

    # whole-document verbs

    def undo(self) -> None:
        """Take the last change back, or the last part of the gesture under way."""
        if self.is_busy:
            self.step_back()
        elif (document := self._editable) is not None:
            self._after(document.undo())

    def redo(self) -> None:
        if (document := self._editable) is not None and not self.is_busy:
            self._after(document.redo())

    def go_to_step(self, position: int) -> None:
        """Undo or redo until so many steps of the history are done."""
        if (document := self._editable) is not None:
            self.cancel_stroke()
            self._after(document.go_to(position))

    def change(self, verb: Callable[[Document], Edit | None]) -> bool:
        """Let ``verb`` make one edit of the document. Returns whether anything changed."""
        document = self._editable
        if document is None:
            return False
        self.cancel_stroke()
        edit = verb(document)
        self._after_edit(edit)
        return edit is not None

    def merge(self, proposal: Proposal) -> None:
        """Take a proposal for every pixel that nobody painted."""
        self.change(lambda document: merge_proposal(document, proposal.labels, "propose"))

    def accept(self) -> None:
        """Make every pixel the person's own."""
        self.change(lambda document: accept_proposal(document, "accept"))

    def clear(self) -> None:
        """Take away what nobody painted."""
        self.change(lambda document: clear_proposal(document, "clear"))

    def mark_reviewed(self) -> None:
        """The image is as it should be."""
        self.change(lambda document: mark_reviewed(document, "reviewed"))

    def copy(self, labels: LabelMap, at: tuple[int, int] | None) -> None:
        """Paint what other labels hold: all of them, or their region at a pixel (y, x)."""
        if (document := self._editable) is not None:
            self.cancel_stroke()
            name = "copy_previous" if at is None else "copy_region"
            self._after_edit(copy_labels(document, labels, name, at))

    def pick(self, y: int, x: int) -> None:
        """Make the category of pixel (y, x) the current one."""
        if self._document is not None:
            self.set_category(int(self._document.labels[y, x]))

    @property
    def _editable(self) -> Document | None:
        return None if self._is_read_only else self._document

    def _after_edit(self, edit: Edit | None) -> None:
        if edit is not None and self._document is not None:
            self._packing.add(self._document)
            self._emit_region(edit.region)
            self.edited.emit()

    def _after(self, region: Region | None) -> None:
        if region is not None:
            self._emit_region(region)
            self.edited.emit()

    def _emit_region(self, region: Region | None) -> None:
        if region is not None and not region.is_empty:
            self.region_changed.emit(region)


def _rows_of(area: Area, top: int, bottom: int) -> Area:
    """The part of an area between two rows of the image."""
    region = Region(top, area.region.left, bottom, area.region.right)
    rows = region.relative_to(area.region).slices[0]
    labels = None if area.labels is None else area.labels[rows]
    numbers = None if area.numbers is None else area.numbers[rows]
    return Area(region, area.mask[rows], labels, numbers)
