"""The editor: the open document, the active tool, and what becomes of pointer events."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from seglabel.core.categories import BACKGROUND
from seglabel.core.document import Document, OpenEdit
from seglabel.core.geometry import Region
from seglabel.core.history import Edit
from seglabel.core.proposal import Proposal
from seglabel.core.raster import BrushShape
from seglabel.core.review import accept_proposal, clear_proposal, mark_reviewed, merge_proposal
from seglabel.tools import Brush, Pointer, Stroke, make_tools

_BRUSH_GROWTH = 1.15  # per small step, at least one pixel


class Editor(QObject):
    """Turns what a person does into edits of one document, and says what changed."""

    document_changed = Signal(object)  # Document or None: another one is edited now
    region_changed = Signal(object)  # Region to repaint
    edited = Signal()  # the document differs from what it was: history, status, pixels
    stroke_finished = Signal()  # committed or given up
    tool_changed = Signal(str)
    category_changed = Signal(int)
    brush_changed = Signal(object)  # Brush

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._tools = make_tools()
        self._tool = self._tools["brush"]
        self._stroking = self._tool  # the tool of the stroke under way
        self._category_id = BACKGROUND
        self._brush = Brush()
        self._edit: OpenEdit | None = None
        self._is_read_only = False

    @property
    def document(self) -> Document | None:
        return self._document

    @property
    def tool(self) -> str:
        return self._tool.name

    @property
    def category_id(self) -> int:
        return self._category_id

    @property
    def brush(self) -> Brush:
        return self._brush

    @property
    def is_busy(self) -> bool:
        """Whether a stroke is under way."""
        return self._edit is not None

    @property
    def is_read_only(self) -> bool:
        """Whether labels are only shown for the moment."""
        return self._is_read_only

    def set_read_only(self, read_only: bool) -> None:
        """Refuse all changes from now on, or no more; a stroke in hand is given up."""
        if read_only:
            self.cancel_stroke()
        self._is_read_only = read_only

    def set_document(self, document: Document | None) -> None:
        """Edit another document; a stroke in hand is given up."""
        self.cancel_stroke()
        self._document = document
        self.document_changed.emit(document)

    def set_tool(self, name: str) -> None:
        if name != self._tool.name:
            self.cancel_stroke()
            self._tool = self._tools[name]
            self.tool_changed.emit(name)

    def set_category(self, category_id: int) -> None:
        if category_id != self._category_id:
            self._category_id = category_id
            self.category_changed.emit(category_id)

    def set_brush_size(self, size: int) -> None:
        self._set_brush(self._brush.resized(size))

    def set_brush_shape(self, shape: BrushShape) -> None:
        self._set_brush(replace(self._brush, shape=shape))

    def step_brush(self, steps: int) -> None:
        """Larger or smaller by so many steps of about a seventh, at least one pixel each."""
        size = self._brush.size
        for _ in range(abs(steps)):
            if steps > 0:
                size = max(size + 1, round(size * _BRUSH_GROWTH))
            else:
                size = min(size - 1, round(size / _BRUSH_GROWTH))
        self.set_brush_size(size)

    def _set_brush(self, brush: Brush) -> None:
        if brush != self._brush:
            self._brush = brush
            self.brush_changed.emit(brush)

    # strokes

    def press(self, pointer: Pointer, erases: bool = False) -> None:
        """The pointer went down: one edit begins, with the eraser if only for this stroke."""
        document = self._editable
        if document is None or self._edit is not None:
            return
        self._stroking = self._tools["eraser"] if erases else self._tool
        self._edit = document.begin(self._stroking.name)
        self._emit_region(self._stroking.press(pointer, self._stroke()))

    def move(self, pointer: Pointer) -> None:
        if self._edit is not None:
            self._emit_region(self._stroking.move(pointer, self._stroke()))

    def release(self, pointer: Pointer) -> None:
        """The pointer went up: the edit can be undone from now on."""
        if self._edit is None:
            return
        self._emit_region(self._stroking.release(pointer, self._stroke()))
        edit, self._edit = self._edit, None
        if edit.commit() is not None:
            self.edited.emit()
        self.stroke_finished.emit()

    def cancel_stroke(self) -> None:
        """Everything is as before the pointer went down."""
        if self._edit is not None:
            edit, self._edit = self._edit, None
            self._emit_region(edit.cancel())
            self.stroke_finished.emit()

    def _stroke(self) -> Stroke:
        assert self._document is not None and self._edit is not None
        return Stroke(self._document, self._edit, self._category_id, self._brush)

    # whole-document verbs

    def undo(self) -> None:
        if (document := self._editable) is not None and not self.is_busy:
            self._after(document.undo())

    def redo(self) -> None:
        if (document := self._editable) is not None and not self.is_busy:
            self._after(document.redo())

    def merge(self, proposal: Proposal) -> None:
        """Take a proposal for every pixel that nobody painted."""
        if (document := self._editable) is not None:
            self.cancel_stroke()
            self._after_edit(merge_proposal(document, proposal.labels, "propose"))

    def accept(self) -> None:
        """Make every pixel the person's own."""
        if (document := self._editable) is not None:
            self.cancel_stroke()
            self._after_edit(accept_proposal(document, "accept"))

    def clear(self) -> None:
        """Take away what nobody painted."""
        if (document := self._editable) is not None:
            self.cancel_stroke()
            self._after_edit(clear_proposal(document, "clear"))

    def mark_reviewed(self) -> None:
        """The image is as it should be."""
        if (document := self._editable) is not None:
            self.cancel_stroke()
            self._after_edit(mark_reviewed(document, "reviewed"))

    def pick(self, y: int, x: int) -> None:
        """Make the category of pixel (y, x) the current one."""
        if self._document is not None:
            self.set_category(int(self._document.labels[y, x]))

    @property
    def _editable(self) -> Document | None:
        return None if self._is_read_only else self._document

    def _after_edit(self, edit: Edit | None) -> None:
        if edit is not None:
            self._emit_region(edit.region)
            self.edited.emit()

    def _after(self, region: Region | None) -> None:
        if region is not None:
            self._emit_region(region)
            self.edited.emit()

    def _emit_region(self, region: Region | None) -> None:
        if region is not None and not region.is_empty:
            self.region_changed.emit(region)
