"""The canvas: shows photograph, labels and cursor, and says what the pointer does."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEventPoint,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import QWidget

from seglabel.app.canvas.footprint import area, draw_footprint, footprint
from seglabel.app.canvas.layers import Surface, draw_fill, draw_outline
from seglabel.app.canvas.outline import REACH
from seglabel.app.canvas.photograph import Photograph
from seglabel.app.canvas.picture_view import PictureView
from seglabel.core.geometry import Region
from seglabel.tools import Brush, Pointer

_SMALLEST_RING = 8  # logical pixels


class CanvasView(PictureView):
    """Owns how labels are shown and which stroke is under way; knows nothing of documents."""

    pressed = Signal(object, bool)  # Pointer, whether Alt or the right button asks for the eraser
    moved = Signal(object)  # Pointer, while pressed
    released = Signal(object)  # Pointer
    cancelled = Signal()  # the stroke in hand is to be given up

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Canvas"))
        self._is_loading = False
        self._labels: NDArray[np.uint8] | None = None
        self._fills: list[int] = [0] * 256
        self._lines: NDArray[np.uint32] = np.zeros(256, np.uint32)
        self._shows_fill = True
        self._shows_outline = False
        self._shows_photograph_alone = False
        self._brush: Brush | None = None
        self._is_pressed = False
        self._stroke_button = Qt.MouseButton.NoButton
        self._is_read_only = False

    # what is shown

    def show_image(self, photograph: Photograph, labels: NDArray[np.uint8]) -> None:
        """Show another image. ``labels`` (H, W) is read again at every repaint."""
        self._is_pressed = self._is_loading = False
        self._labels = labels
        self.show_photograph(photograph)

    def show_loading(self) -> None:
        """No picture until the next one comes; one of the same size is shown at the same place."""
        shape = self._shape
        self.clear()
        self._shape, self._is_loading = shape, True
        self._choose_cursor()

    def clear(self) -> None:
        self._labels = None
        self._is_pressed = self._is_loading = False
        super().clear()

    def set_read_only(self, read_only: bool) -> None:
        """Show by the cursor whether a click would do nothing."""
        self._is_read_only = read_only
        self._choose_cursor()

    def set_colors(self, colors: NDArray[np.uint8], opacity: float, hidden: frozenset[int]) -> None:
        """RGB per id, uint8 (256, 3), how opaque fills are, and ids that are not shown."""
        visible = [i for i in range(1, 256) if i not in hidden]
        fills = [0] * 256
        self._lines = np.zeros(256, np.uint32)
        for i in visible:
            red, green, blue = (int(value) for value in colors[i])
            fills[i] = QColor(red, green, blue, round(opacity * 255)).rgba()
            self._lines[i] = 0xFF000000 | red << 16 | green << 8 | blue
        self._fills = fills
        self.update()

    def set_overlay(self, *, fill: bool, outline: bool) -> None:
        """Whether regions are filled and whether they are outlined."""
        self._shows_fill, self._shows_outline = fill, outline
        self.update()

    def set_brush(self, brush: Brush | None) -> None:
        """The footprint to draw under the pointer; ``None`` for a plain cross."""
        self._update_cursor_area()
        self._brush = brush
        self._choose_cursor()
        self._update_cursor_area()

    def refresh(self, region: Region) -> None:
        """The labels changed in ``region``: repaint just that part."""
        if self._labels is None:
            return
        left, top = self._transform.to_view(region.top, region.left)
        right, bottom = self._transform.to_view(region.bottom, region.right)
        room = REACH + math.ceil(self._transform.scale)
        dirty = QRect(
            QPoint(math.floor(left) - room, math.floor(top) - room),
            QPoint(math.ceil(right) + room, math.ceil(bottom) + room),
        )
        self.update(dirty & self.rect())

    # painting

    def _draw_over(self, surface: Surface) -> None:
        if self._labels is None or self._shows_photograph_alone:
            return
        if self._shows_fill:
            draw_fill(surface, self._labels, self._fills)
        if self._shows_outline:
            draw_outline(surface, self._labels, self._lines)

    def _draw_cursor(self, painter: QPainter) -> None:
        outline = self._cursor_outline()
        if outline is not None and self._brush is not None:
            draw_footprint(painter, self._brush, outline)

    def _cursor_outline(self) -> QRectF | None:
        if self._brush is None or self._pointer is None or self._panning.is_active:
            return None
        return footprint(self._brush, self._pointer, self._transform)

    def _update_cursor_area(self) -> None:
        outline = self._cursor_outline()
        if outline is not None:
            self.update(area(outline))

    def _point_at(self, at: QPointF | None) -> None:
        self._update_cursor_area()
        super()._point_at(at)
        self._update_cursor_area()

    # strokes

    def mousePressEvent(self, event: QMouseEvent) -> None:
        button = event.button()
        if self._is_pressed:  # one thing at a time: no panning in the middle of a stroke
            if button == Qt.MouseButton.RightButton:  # pressed while the left one paints
                self._cancel_stroke()
            return
        if self._panning.is_active:
            return
        self._update_cursor_area()
        super().mousePressEvent(event)
        is_right = button == Qt.MouseButton.RightButton
        if not self._panning.is_active and (is_right or button == Qt.MouseButton.LeftButton):
            # Some window managers keep Alt with the left button for themselves.
            erases = is_right or bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self._begin_stroke(event.position(), button, erases)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._is_pressed and not event.buttons() & self._stroke_button:
            self._end_stroke(at)  # its release went elsewhere
        if self._is_pressed:
            self._point_at(at)
            self.moved.emit(self._pointer_at(at))
            self.hovered.emit(self.pixel_under_pointer)
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_pressed and event.button() == self._stroke_button:
            self._end_stroke(event.position())
        else:
            super().mouseReleaseEvent(event)
            self._update_cursor_area()

    def _one_finger(self, point: QEventPoint) -> None:
        """It is a pen here."""
        at, state = point.position(), point.state()
        if state == QEventPoint.State.Pressed:
            self._begin_stroke(at, Qt.MouseButton.LeftButton, False)
        elif self._is_pressed and state == QEventPoint.State.Updated:
            self.moved.emit(self._pointer_at(at))
        elif self._is_pressed and state == QEventPoint.State.Released:
            self._end_stroke(at)

    def _finger_cancelled(self) -> None:
        if self._is_pressed:
            self._cancel_stroke()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_V and not event.modifiers():
            self._show_photograph_alone(True)
        elif event.key() == Qt.Key.Key_Escape and self._is_pressed:
            self._cancel_stroke()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_V and not event.isAutoRepeat():
            self._show_photograph_alone(False)
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._show_photograph_alone(False)
        super().focusOutEvent(event)

    def _show_photograph_alone(self, alone: bool) -> None:
        if alone != self._shows_photograph_alone:
            self._shows_photograph_alone = alone
            self.update()

    def _begin_stroke(self, at: QPointF, button: Qt.MouseButton, erases: bool) -> None:
        if self.has_image:
            self._is_pressed, self._stroke_button = True, button
            self.pressed.emit(self._pointer_at(at), erases)

    def _end_stroke(self, at: QPointF) -> None:
        self._is_pressed = False
        self.released.emit(self._pointer_at(at))

    def _cancel_stroke(self) -> None:
        self._is_pressed = False
        self.cancelled.emit()

    def _pointer_at(self, at: QPointF) -> Pointer:
        return Pointer(*self._transform.to_center(at.x(), at.y()))

    def _fitting_cursor(self) -> Qt.CursorShape:
        if self._is_loading:
            return Qt.CursorShape.BusyCursor
        cursor = super()._fitting_cursor()
        if cursor != Qt.CursorShape.CrossCursor:
            return cursor
        if self._is_read_only:
            return Qt.CursorShape.ForbiddenCursor
        # Where the footprint is too small to be found, the cross leads to it.
        if self._brush is not None and self._brush.size * self._transform.scale >= _SMALLEST_RING:
            return Qt.CursorShape.BlankCursor
        return cursor
