"""The canvas: shows photograph, labels and cursor, and says what the pointer does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEventPoint,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QWidget

from seglabel.app.canvas.footprint import area, draw_footprint, footprint
from seglabel.app.canvas.layers import Surface, draw_fill, draw_outline
from seglabel.app.canvas.objects_layer import ObjectsLayer, draw_objects
from seglabel.app.canvas.photograph import Photograph
from seglabel.app.canvas.picture_view import PictureView
from seglabel.app.canvas.previews import draw_preview, preview_bounds
from seglabel.app.canvas.review_layer import (
    MarkedRegion,
    ReviewLayer,
    draw_heat,
    draw_region,
    region_bounds,
)
from seglabel.tools import Brush, Pointer
from seglabel.tools.preview import NOTHING, Preview

_SMALLEST_RING = 8  # logical pixels
_GESTURE_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)


class CanvasView(PictureView):
    """Owns how labels are shown and which stroke is under way; knows nothing of documents."""

    pressed = Signal(object, bool)  # Pointer, whether Alt or the right button asks for the eraser
    moved = Signal(object)  # Pointer, while pressed
    released = Signal(object)  # Pointer
    cancelled = Signal()  # the stroke in hand is to be given up
    comparing = Signal(bool)  # the keys that show the proposal went down or up
    pointed = Signal(object)  # Pointer while nothing is pressed, or None once it left
    finish_requested = Signal()  # Enter, while a gesture is open
    step_back_requested = Signal()  # Backspace, while a gesture is open

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_loading = False
        self._labels: NDArray[np.uint8] | None = None
        self._compared: NDArray[np.uint8] | None = None
        self._fills: list[int] = [0] * 256
        self._lines: NDArray[np.uint32] = np.zeros(256, np.uint32)
        self._shows_fill = True
        self._shows_outline = False
        self._shows_photograph_alone = False
        self._compares_by_key = False
        self._brush: Brush | None = None
        self._is_pressed = False
        self._stroke_button = Qt.MouseButton.NoButton
        self._is_read_only = False
        self._has_gesture = False  # which goes on between clicks
        self._pen_is_down = False
        self._preview, self._preview_color = NOTHING, QColor()
        self._review: ReviewLayer | None = None
        self._marked: MarkedRegion | None = None
        self._objects: ObjectsLayer | None = None

    # what is shown

    def show_image(self, photograph: Photograph, labels: NDArray[np.uint8]) -> None:
        """Show another image. ``labels`` (H, W) is read again at every repaint."""
        self._is_pressed = self._is_loading = False
        self._labels, self._compared = labels, None
        self._review = self._marked = self._objects = None
        self.show_photograph(photograph)

    def show_loading(self) -> None:
        """No picture until the next one comes; one of the same size is shown at the same place."""
        shape = self._shape
        self.clear()
        self._shape, self._is_loading = shape, True
        self._choose_cursor()

    def clear(self) -> None:
        self._labels = self._compared = None
        self._review = self._marked = self._objects = None
        self._is_pressed = self._is_loading = False
        super().clear()

    def show_compared(self, labels: NDArray[np.uint8] | None) -> None:
        """Show other labels (H, W) for the moment, or those of the image again."""
        self._compared = labels
        self.update()

    def set_photograph_alone(self, alone: bool) -> None:
        """Whether no labels are drawn."""
        if alone != self._shows_photograph_alone:
            self._shows_photograph_alone = alone
            self.update()

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

    def set_gesture(self, is_open: bool) -> None:
        """Whether Enter, Backspace and Esc are for what is being drawn."""
        self._has_gesture = is_open

    def set_preview(self, preview: Preview, color: QColor) -> None:
        """What to draw over the picture; pixels that would be painted get ``color``."""
        self._update_preview_area()
        self._preview, self._preview_color = preview, color
        self._update_preview_area()

    def set_review(self, layer: ReviewLayer | None) -> None:
        """How sure the model was, for heat and for hiding what is not sure enough."""
        self._review = layer
        self.update()

    def set_objects(self, layer: ObjectsLayer | None) -> None:
        """Which objects to tell apart, or none."""
        self._objects = layer
        self.update()

    def mark_region(self, marked: MarkedRegion | None) -> None:
        """Show which region is in question."""
        for each in (self._marked, marked):
            if each is not None:
                self.update(region_bounds(each.region, self._transform) & self.rect())
        self._marked = marked

    def _update_preview_area(self) -> None:
        if not self._preview.is_empty:
            metrics = QFontMetricsF(self.font())
            self.update(preview_bounds(self._preview, self._transform, metrics) & self.rect())

    # painting

    def _draw_over(self, surface: Surface) -> None:
        if self._labels is None or self._shows_photograph_alone:
            return
        labels, review = self._labels, self._review
        if self._compared is not None:
            labels, review = self._compared, None  # doubts are about the labels
        shown = review.clear_hidden if review is not None else None
        if self._shows_fill:
            draw_fill(surface, labels, self._fills, shown)
        if self._shows_outline:
            draw_outline(surface, labels, self._lines, shown)
        if self._objects is not None and self._compared is None:
            draw_objects(surface, labels, self._objects)
        if review is not None and review.shows_heat:
            draw_heat(surface, review)
        if self._marked is not None:
            draw_region(surface, self._marked)
        if not self._preview.is_empty:
            draw_preview(surface, self._preview, self._preview_color, self._fills)

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
        if self._pen_is_down:  # this is the pen over again, made up by the system
            return
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
            self._begin_stroke(self._pointer_at(event.position(), event), button, erases)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pen_is_down:
            return
        at = event.position()
        if self._is_pressed and not event.buttons() & self._stroke_button:
            self._end_stroke(self._pointer_at(at, event))  # its release went elsewhere
        if self._is_pressed:
            self._move_stroke(at, self._pointer_at(at, event))
        else:
            super().mouseMoveEvent(event)
            if self.has_image and not self._panning.is_active:
                self.pointed.emit(self._pointer_at(at, event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pen_is_down:
            return
        if self._is_pressed and event.button() == self._stroke_button:
            self._end_stroke(self._pointer_at(event.position(), event))
        else:
            super().mouseReleaseEvent(event)
            self._update_cursor_area()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen that is pressed paints, as wide as it is pressed hard. All else is as by mouse."""
        at, kind = event.position(), event.type()
        pointer = self._pointer_at(at, event, event.pressure())
        if kind == QEvent.Type.TabletPress and self._is_pen_stroke(event):
            self._pen_is_down = True
            is_eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
            with_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self._begin_stroke(pointer, Qt.MouseButton.LeftButton, is_eraser or with_alt)
        elif not self._pen_is_down:
            event.ignore()  # Qt makes a mouse event of it
            return
        elif kind == QEvent.Type.TabletMove and self._is_pressed:
            self._move_stroke(at, pointer)
        elif kind == QEvent.Type.TabletRelease:
            self._pen_is_down = False
            if self._is_pressed:
                self._end_stroke(pointer)
        event.accept()

    def _is_pen_stroke(self, event: QTabletEvent) -> bool:
        is_free = not self._is_pressed and not self._panning.is_active
        is_tip = event.button() == Qt.MouseButton.LeftButton and not self._panning.space_held
        return is_free and is_tip and self.has_image

    def _one_finger(self, point: QEventPoint) -> None:
        """It is a pen here."""
        at, state = point.position(), point.state()
        if state == QEventPoint.State.Pressed:
            self._begin_stroke(self._pointer_at(at), Qt.MouseButton.LeftButton, False)
        elif self._is_pressed and state == QEventPoint.State.Updated:
            self.moved.emit(self._pointer_at(at))
        elif self._is_pressed and state == QEventPoint.State.Released:
            self._end_stroke(self._pointer_at(at))

    def _finger_cancelled(self) -> None:
        if self._is_pressed:
            self._cancel_stroke()

    def event(self, event: QEvent) -> bool:
        """While something is drawn, some keys belong to it that are else shortcuts."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._has_gesture
            and event.key() in _GESTURE_KEYS
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_V and not event.modifiers():
            self.set_photograph_alone(True)
        elif event.key() == Qt.Key.Key_V and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            if not event.isAutoRepeat():
                self._compare(True)
        elif event.key() == Qt.Key.Key_Escape and (self._is_pressed or self._has_gesture):
            self._cancel_stroke()
        elif self._has_gesture and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish_requested.emit()
        elif self._has_gesture and event.key() == Qt.Key.Key_Backspace:
            self.step_back_requested.emit()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_V and not event.isAutoRepeat():
            self._let_go_of_v()
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._let_go_of_v()
        super().focusOutEvent(event)

    def _let_go_of_v(self) -> None:
        self.set_photograph_alone(False)
        self._compare(False)

    def _compare(self, by_key: bool) -> None:
        """What is compared by the menu is not ended by a key."""
        if by_key != self._compares_by_key:
            self._compares_by_key = by_key
            self.comparing.emit(by_key)

    def _begin_stroke(self, pointer: Pointer, button: Qt.MouseButton, erases: bool) -> None:
        if self.has_image:
            self._is_pressed, self._stroke_button = True, button
            self.pressed.emit(pointer, erases)

    def _move_stroke(self, at: QPointF, pointer: Pointer) -> None:
        self._point_at(at)
        self.moved.emit(pointer)
        self.hovered.emit(self.pixel_under_pointer)

    def _end_stroke(self, pointer: Pointer) -> None:
        self._is_pressed = False
        self.released.emit(pointer)

    def _cancel_stroke(self) -> None:
        self._is_pressed = False
        self.cancelled.emit()

    def _pointer_at(
        self,
        at: QPointF,
        event: QMouseEvent | QTabletEvent | None = None,
        pressure: float = 1.0,
    ) -> Pointer:
        y, x = self._transform.to_center(at.x(), at.y())
        if event is None:
            return Pointer(y, x)
        clicks = 2 if event.type() == QEvent.Type.MouseButtonDblClick else 1
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return Pointer(y, x, pressure, clicks, shift, control)

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
