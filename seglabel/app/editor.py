"""The editor: the open document, the active tool, and what becomes of pointer events."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import cast

from PySide6.QtCore import QObject, Signal

from seglabel.app.packing import PackingTimer
from seglabel.app.painting import Painting
from seglabel.app.tool_settings import ToolSettings
from seglabel.app.workers.tool_work import ToolWorker
from seglabel.core.categories import BACKGROUND
from seglabel.core.copying import copy_labels
from seglabel.core.document import Document, LabelMap
from seglabel.core.geometry import Region
from seglabel.core.history import Edit
from seglabel.core.proposal import Proposal
from seglabel.core.raster import BrushShape
from seglabel.core.review import accept_proposal, clear_proposal, mark_reviewed, merge_proposal
from seglabel.tools import Brush, PictureSource, Pointer, Scene, Step, Tool, make_tools
from seglabel.tools.options import SHAPE, SIZE
from seglabel.tools.preview import NOTHING, Preview

_BRUSH_GROWTH = 1.15  # per small step, at least one pixel


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
    refused = Signal(str)  # a gesture changed nothing: "locked" or "over" says why
    given_up = Signal()  # what was drawn could not be finished before going on

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
        self._erases = False  # in the gesture under way
        self._ticket = 0  # of the work that is waited for
        self._asked_category = BACKGROUND  # by the work under way
        self._later: deque[Callable[[], object]] = deque()  # waits for the gesture to end
        self._preview = NOTHING
        self._is_read_only = False
        self.options = ToolSettings(self._tools.values(), self)
        self.options.changed.connect(self._option_changed)
        self._packing = PackingTimer(self)
        self._painting = Painting(self)
        self._painting.region_changed.connect(self.region_changed)
        self._painting.refused.connect(self.refused)
        self._painting.closed.connect(self._closed)
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
        return self._painting.is_open

    @property
    def has_half_a_stroke(self) -> bool:
        """Whether pixels were painted by a gesture that may still be given up."""
        return self._painting.has_painted

    @property
    def is_read_only(self) -> bool:
        """Whether labels are only shown for the moment."""
        return self._is_read_only

    def set_read_only(self, read_only: bool) -> None:
        """Refuse all changes from now on, or no more; a stroke in hand is given up."""
        if read_only:
            self.leave_gesture()
        self._is_read_only = read_only
        self._do_later()

    def set_document(self, document: Document | None, picture: PictureSource | None = None) -> None:
        """Edit another document, that of ``picture``; a stroke in hand is given up."""
        self.leave_gesture()
        self._tool.leave()
        self._later.clear()
        self._document, self._picture = document, picture
        self._apply_rules()
        self.document_changed.emit(document)

    def set_tool(self, name: str) -> None:
        if name != self._tool.name:
            self.conclude()
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
        if document is None or self._painting.is_closing:
            return
        if not self._painting.is_open:
            self._erases = erases or self._tool.erases
            is_eraser = self._erases and self._tool.name == "brush"
            name = "eraser" if is_eraser else self._tool.name
            self._painting.begin(document, name, self.painted_category, pointer)
            self.gesture_changed.emit(True)
        pointer = replace(pointer, secondary=erases)
        self._follow(self._tool.press(pointer, self._scene(document)))

    def move(self, pointer: Pointer) -> None:
        """The pointer moved while it was down."""
        if (document := self._under_way) is not None:
            self._follow(self._tool.move(pointer, self._scene(document)))

    def release(self, pointer: Pointer) -> None:
        """The pointer went up: most gestures end by that and can be undone from now on."""
        if (document := self._under_way) is not None:
            self._follow(self._tool.release(pointer, self._scene(document)))

    def hover(self, pointer: Pointer | None) -> None:
        """The pointer moved while it was up, or left the picture."""
        document = self._editable
        if document is not None and not self._painting.is_closing:
            self._follow(self._tool.hover(pointer, self._scene(document)))

    def finish(self) -> None:
        """Paint what an open gesture prepared."""
        if (document := self._under_way) is not None:
            self._follow(self._tool.finish(self._scene(document)))

    def step_back(self) -> None:
        """Take the last part of an open gesture back."""
        if (document := self._under_way) is not None:
            self._follow(self._tool.step_back(self._scene(document)))

    def cancel_stroke(self) -> None:
        """Everything is as before the gesture began; what a tool computes is dropped."""
        self._drop_work()
        self._tool.reset()
        self._show_preview()
        if self._painting.is_open:
            self._painting.cancel()
            self._ended()

    def leave_gesture(self) -> None:
        """Something else is done now: a gesture that came to its end is painted to the last piece,
        one that did not is given up."""
        self._painting.finish()
        self.cancel_stroke()

    def conclude(self) -> None:
        """Something else is done now: what is drawn is painted as by Enter. What takes longer than
        the moment, or misses a part, is given up; that is said if there was something to see."""
        if not self._preview.is_empty:
            self.finish()
        self._painting.finish()
        is_lost = self._tool.paints and self._painting.is_open and not self._preview.is_empty
        self.leave_gesture()
        if is_lost:
            self.given_up.emit()

    def when_free(self, action: Callable[[], object]) -> None:
        """Call ``action`` now, or as soon as no gesture is under way and labels can be changed.

        It is forgotten when another document is edited before.
        """
        self._later.append(action)
        self._do_later()

    def _do_later(self) -> None:
        while self._later and not self.is_busy and not self._is_read_only:
            self._later.popleft()()

    @property
    def _under_way(self) -> Document | None:
        """The document, while a gesture goes on in it."""
        goes_on = self._painting.is_open and not self._painting.is_closing
        return self._document if goes_on else None

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

    def _follow(self, step: Step, category_id: int | None = None) -> None:
        """Do what a tool answered; paint the category that was current when it was asked."""
        if category_id is None:
            category_id = self.painted_category
        if self._painting.is_open:
            for area in step.areas:
                self._painting.paint(area, category_id)
        for key, value in step.settings.items():
            self.options.set(key, value)
        if step.work is not None:
            self._ticket = self._worker.start(step.work)
            self._asked_category = category_id
        if step.done and self._painting.is_open:
            self._painting.close()
        elif step.done:
            self._tool.reset()
        self._show_preview()

    def _closed(self, changed: bool) -> None:
        """The gesture can be undone from now on."""
        self._tool.reset()
        self._show_preview()
        if changed:
            self.edited.emit()
        self._ended()

    def _ended(self) -> None:
        if self._document is not None:
            self._packing.add(self._document)
        self._erases = False
        self.gesture_changed.emit(False)
        self.stroke_finished.emit()
        self._do_later()

    def _show_preview(self) -> None:
        preview = self._tool.preview
        if preview is not self._preview:
            self._preview = preview
            self.preview_changed.emit(preview)

    # work of tools

    def _receive(self, ticket: int, result: object) -> None:
        if ticket == self._ticket and self._document is not None:
            self._ticket = 0
            step = self._tool.receive(result, self._scene(self._document))
            self._follow(step, self._asked_category)

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
            self.leave_gesture()
            self._after(document.go_to(position))

    def change(self, verb: Callable[[Document], Edit | None]) -> bool:
        """Let ``verb`` make one edit of the document. Returns whether anything changed."""
        document = self._editable
        if document is None:
            return False
        self.leave_gesture()
        edit = verb(document)
        if edit is not None:
            self._packing.add(document)
            self._after(edit.region)
        return edit is not None

    def merge(self, proposal: Proposal, name: str = "propose") -> None:
        """Take a proposal for every pixel that nobody painted, as a step called ``name``."""
        self.change(lambda document: merge_proposal(document, proposal.labels, name))

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
        name = "copy_previous" if at is None else "copy_region"
        self.change(lambda document: copy_labels(document, labels, name, at))

    def pick(self, y: int, x: int) -> None:
        """Make the category of pixel (y, x) the current one."""
        if self._document is not None:
            self.set_category(int(self._document.labels[y, x]))

    @property
    def _editable(self) -> Document | None:
        return None if self._is_read_only else self._document

    def _after(self, region: Region | None) -> None:
        """The document changed, be it without any pixel."""
        if region is None:
            return
        if not region.is_empty:
            self.region_changed.emit(region)
        self.edited.emit()
