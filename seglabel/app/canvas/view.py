"""The canvas: shows photograph, labels and cursor, and says what the pointer does."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from seglabel.app.canvas.outline import REACH, outline_image
from seglabel.app.canvas.pyramid import LabelPyramid, PicturePyramid, level_for, wrap
from seglabel.app.canvas.sampling import sample
from seglabel.app.canvas.transform import ViewTransform
from seglabel.core.geometry import Region
from seglabel.tools import Brush, Pointer
from seglabel.tools.brush import snap

_NOTCH = 120  # what Qt calls one step of a wheel
_CURSOR_ROOM = 3
_SMALLEST_RING = 8  # logical pixels


class CanvasView(QWidget):
    """Owns zoom, scroll and how labels are shown; knows nothing of documents."""

    pressed = Signal(object, bool)  # Pointer, whether Alt or the right button asks for the eraser
    moved = Signal(object)  # Pointer, while pressed
    released = Signal(object)  # Pointer
    cancelled = Signal()  # the stroke in hand is to be given up
    hovered = Signal(object)  # (y, x) of the pixel under the pointer, or None
    zoom_changed = Signal(float)
    resized = Signal()
    brush_step_requested = Signal(int)  # notches of Ctrl + wheel

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(200, 150)
        self.setAccessibleName(self.tr("Canvas"))
        self._surround = QColor("#808080")
        self._picture: PicturePyramid | None = None
        self._shape: tuple[int, int] | None = None  # of the picture that is shown or was
        self._is_loading = False
        self._labels: LabelPyramid | None = None
        self._transform = ViewTransform()
        self._is_fitted = True
        self._fills: list[int] = [0] * 256
        self._lines: NDArray[np.uint32] = np.zeros(256, np.uint32)
        self._shows_fill = True
        self._shows_outline = False
        self._shows_photograph_alone = False
        self._brush: Brush | None = None
        self._pointer: QPointF | None = None
        self._pan_from: QPointF | None = None
        self._pan_button = Qt.MouseButton.NoButton
        self._space_held = False
        self._is_pressed = False
        self._stroke_button = Qt.MouseButton.NoButton
        self._is_read_only = False
        # The right button paints here: no menu may come up under it.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    # what is shown

    def show_image(self, picture: PicturePyramid, labels: LabelPyramid) -> None:
        """Show another image, fitted. ``labels`` is read again at every repaint."""
        self._is_pressed = self._is_loading = False
        same_size = self._shape == picture.shape
        self._picture, self._labels, self._shape = picture, labels, picture.shape
        if not same_size or self._is_fitted:
            self.fit()
        self._choose_cursor()
        self.update()

    def show_loading(self) -> None:
        """No picture until the next one comes; one of the same size is shown at the same place."""
        shape = self._shape
        self.clear()
        self._shape, self._is_loading = shape, True
        self._choose_cursor()

    def clear(self) -> None:
        self._picture = self._labels = self._shape = None
        self._is_pressed = self._is_loading = False
        self._choose_cursor()
        self.update()

    def set_read_only(self, read_only: bool) -> None:
        """Show by the cursor whether a click would do nothing."""
        self._is_read_only = read_only
        self._choose_cursor()

    @property
    def has_image(self) -> bool:
        return self._picture is not None

    def set_surround(self, color: QColor) -> None:
        self._surround = color
        self.update()

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
        """The labels changed in ``region``: bring caches up to date and repaint just that part."""
        if self._labels is None:
            return
        self._labels.update(region)
        left, top = self._transform.to_view(region.top, region.left)
        right, bottom = self._transform.to_view(region.bottom, region.right)
        room = REACH + math.ceil(max(self._transform.scale, 1 / self._transform.scale)) + 1
        self.update(
            QRect(
                QPoint(math.floor(left) - room, math.floor(top) - room),
                QPoint(math.ceil(right) + room, math.ceil(bottom) + room),
            )
        )

    # zoom

    @property
    def zoom(self) -> float:
        return self._transform.scale

    @property
    def transform(self) -> ViewTransform:
        return self._transform

    @property
    def pixel_under_pointer(self) -> tuple[int, int] | None:
        """(y, x) of the pixel that the pointer is over, if it is over the picture."""
        if self._picture is None or self._pointer is None:
            return None
        y, x = self._transform.to_edge(self._pointer.x(), self._pointer.y())
        pixel = (math.floor(y), math.floor(x))
        return pixel if Region.whole(self._picture.shape).contains(*pixel) else None

    def fit(self) -> None:
        """The whole picture."""
        if self._picture is not None:
            view = (self.height(), self.width())
            self._set_transform(ViewTransform.fitting(self._picture.shape, view))
            self._is_fitted = True

    def zoom_to(self, scale: float) -> None:
        """Another scale around the pointer, or around the middle of the view."""
        at = self._pointer if self._pointer is not None else QPointF(self.rect().center())
        self._set_transform(self._transform.zoomed(scale, at.x(), at.y()))

    def zoom_by(self, steps: float) -> None:
        """So many notches of the wheel."""
        at = self._pointer if self._pointer is not None else QPointF(self.rect().center())
        self._set_transform(self._transform.stepped(steps, at.x(), at.y()))

    def _set_transform(self, transform: ViewTransform) -> None:
        if self._picture is not None:
            view = (self.height(), self.width())
            transform = transform.kept_in_sight(self._picture.shape, view)
        self._is_fitted = False
        changed = transform.scale != self._transform.scale
        self._transform = transform
        self._choose_cursor()
        self.update()
        if changed:
            self.zoom_changed.emit(transform.scale)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        dirty = event.rect()
        painter.fillRect(dirty, self._surround)
        if self._picture is None or self._labels is None:
            return
        painter.setClipRect(dirty)
        self._draw_picture(painter, dirty, self._picture)
        if not self._shows_photograph_alone:
            if self._shows_fill:
                self._draw_fill(painter, dirty, self._labels)
            if self._shows_outline:
                self._draw_outline(painter, dirty, self._labels)
        self._draw_cursor(painter)

    def _draw_picture(self, painter: QPainter, dirty: QRect, picture: PicturePyramid) -> None:
        device = self._device_transform()
        if device.scale >= 1:
            part, begin = sample(picture.pixels, device, 1, *self._device_rectangle(dirty))
            self._draw_pixels(painter, part, QImage.Format.Format_RGB32, begin)
            return
        level = level_for(device.scale, len(picture.levels))
        image, factor = picture.levels[level], 1 << level
        region = self._region_under(dirty).clipped(picture.shape)
        if region.is_empty:
            return
        # Whole pixels of the level, one more on each side for smooth scaling.
        source = Region(
            max(region.top // factor - 1, 0),
            max(region.left // factor - 1, 0),
            min(-(-region.bottom // factor) + 1, image.height()),
            min(-(-region.right // factor) + 1, image.width()),
        )
        left, top = self._transform.to_view(source.top * factor, source.left * factor)
        scale = self._transform.scale * factor
        target = QRectF(left, top, source.width * scale, source.height * scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(
            target, image, QRectF(source.left, source.top, source.width, source.height)
        )

    def _draw_fill(self, painter: QPainter, dirty: QRect, labels: LabelPyramid) -> None:
        device = self._device_transform()
        level = level_for(device.scale, len(labels.arrays))
        place = self._device_rectangle(dirty)
        part, begin = sample(labels.arrays[level], device, 1 << level, *place)
        self._draw_pixels(painter, part, QImage.Format.Format_Indexed8, begin)

    def _draw_outline(self, painter: QPainter, dirty: QRect, labels: LabelPyramid) -> None:
        device = self._device_transform()
        level = level_for(device.scale, len(labels.arrays))
        origin, size = self._device_rectangle(dirty)
        pixels = outline_image(labels.arrays[level], device, 1 << level, origin, size, self._lines)
        self._draw_pixels(painter, pixels, QImage.Format.Format_ARGB32_Premultiplied, origin)

    def _draw_pixels(
        self,
        painter: QPainter,
        pixels: NDArray[np.generic],
        form: QImage.Format,
        begin: tuple[int, int],
    ) -> None:
        """Draw one value for each device pixel, from ``begin`` (y, x) on."""
        if not pixels.size:
            return
        ratio = self.devicePixelRatioF()
        image = wrap(pixels, form)
        if form == QImage.Format.Format_Indexed8:
            image.setColorTable(self._fills)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(QPointF(begin[1] / ratio, begin[0] / ratio), image)

    def _device_transform(self) -> ViewTransform:
        ratio, view = self.devicePixelRatioF(), self._transform
        return ViewTransform(view.scale * ratio, view.left * ratio, view.top * ratio)

    def _device_rectangle(self, rectangle: QRect) -> tuple[tuple[int, int], tuple[int, int]]:
        """Origin (y, x) and size (H, W) of a rectangle of the view in device pixels."""
        ratio = self.devicePixelRatioF()
        origin = (math.floor(rectangle.top() * ratio), math.floor(rectangle.left() * ratio))
        size = (math.ceil(rectangle.height() * ratio), math.ceil(rectangle.width() * ratio))
        return origin, size

    def _draw_cursor(self, painter: QPainter) -> None:
        outline = self._cursor_outline()
        if outline is None or self._brush is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, grow in ((QColor(0, 0, 0, 190), 0.5), (QColor(255, 255, 255, 230), -0.5)):
            painter.setPen(QPen(color, 1))
            rectangle = outline.adjusted(-grow, -grow, grow, grow)
            if self._brush.shape == "round":
                painter.drawEllipse(rectangle)
            else:
                painter.drawRect(rectangle)

    def _cursor_outline(self) -> QRectF | None:
        """The brush's true footprint in the view, where a click would paint."""
        if self._brush is None or self._pointer is None or self._pan_from is not None:
            return None
        y, x = self._transform.to_center(self._pointer.x(), self._pointer.y())
        y, x = snap(Pointer(y, x), self._brush.size)
        center_x, center_y = self._transform.to_view(y + 0.5, x + 0.5)
        reach = self._brush.size * self._transform.scale / 2
        return QRectF(center_x - reach, center_y - reach, 2 * reach, 2 * reach)

    def _update_cursor_area(self) -> None:
        outline = self._cursor_outline()
        if outline is not None:
            room = _CURSOR_ROOM
            self.update(outline.adjusted(-room, -room, room, room).toAlignedRect())

    def _region_under(self, rectangle: QRect) -> Region:
        return self._transform.region_under(
            rectangle.left(), rectangle.top(), rectangle.right() + 1, rectangle.bottom() + 1
        )

    # pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        button = event.button()
        if self._is_pressed:  # one thing at a time: no panning in the middle of a stroke
            if button == Qt.MouseButton.RightButton:  # pressed while the left one paints
                self._cancel_stroke()
            return
        if self._pan_from is not None:
            return
        is_left, is_right = (
            button == Qt.MouseButton.LeftButton,
            button == Qt.MouseButton.RightButton,
        )
        if button == Qt.MouseButton.MiddleButton or (is_left and self._space_held):
            self._update_cursor_area()
            self._pan_from, self._pan_button = at, button
            self._choose_cursor()
        elif (is_left or is_right) and self.has_image:
            self._is_pressed, self._stroke_button = True, button
            # Some window managers keep Alt with the left button for themselves.
            erases = is_right or bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self.pressed.emit(self._pointer_at(at), erases)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pan_from is not None and not event.buttons() & self._pan_button:
            self._end_pan()  # its release went elsewhere
        if self._is_pressed and not event.buttons() & self._stroke_button:
            self._end_stroke(at)
        if self._pan_from is not None:
            step = at - self._pan_from
            self._pan_from = at
            self._pointer = at
            self._set_transform(self._transform.moved(step.x(), step.y()))
            return
        self._update_cursor_area()
        self._pointer = at
        self._update_cursor_area()
        if self._is_pressed:
            self.moved.emit(self._pointer_at(at))
        self.hovered.emit(self.pixel_under_pointer)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            if event.button() == self._pan_button:
                self._end_pan()
        elif self._is_pressed and event.button() == self._stroke_button:
            self._end_stroke(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / _NOTCH
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.brush_step_requested.emit(1 if notches > 0 else -1)
        elif notches:
            self._pointer = event.position()
            self.zoom_by(notches)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space_held = True
                self._choose_cursor()
        elif event.key() == Qt.Key.Key_V and not event.modifiers():
            self._show_photograph_alone(True)
        elif event.key() == Qt.Key.Key_Escape and self._is_pressed:
            self._cancel_stroke()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_held = False
            self._choose_cursor()
        elif event.key() == Qt.Key.Key_V and not event.isAutoRepeat():
            self._show_photograph_alone(False)
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys that were held when the focus went are held no more."""
        self._space_held = False
        self._show_photograph_alone(False)
        self._choose_cursor()
        super().focusOutEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._pointer = event.position()
        self._update_cursor_area()

    def leaveEvent(self, event: QEvent) -> None:
        self._update_cursor_area()
        self._pointer = None
        self.hovered.emit(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._is_fitted:
            self.fit()
        elif self._picture is not None:
            self._set_transform(self._transform)
        self.resized.emit()

    def _show_photograph_alone(self, alone: bool) -> None:
        if alone != self._shows_photograph_alone:
            self._shows_photograph_alone = alone
            self.update()

    def _end_pan(self) -> None:
        self._pan_from = None
        self._choose_cursor()
        self._update_cursor_area()

    def _end_stroke(self, at: QPointF) -> None:
        self._is_pressed = False
        self.released.emit(self._pointer_at(at))

    def _cancel_stroke(self) -> None:
        self._is_pressed = False
        self.cancelled.emit()

    def _pointer_at(self, at: QPointF) -> Pointer:
        return Pointer(*self._transform.to_center(at.x(), at.y()))

    def _choose_cursor(self) -> None:
        cursor = self._fitting_cursor()
        if cursor != self.cursor().shape():
            self.setCursor(cursor)

    def _fitting_cursor(self) -> Qt.CursorShape:
        if self._is_loading:
            return Qt.CursorShape.BusyCursor
        if self._picture is None:
            return Qt.CursorShape.ArrowCursor
        if self._pan_from is not None:
            return Qt.CursorShape.ClosedHandCursor
        if self._space_held:
            return Qt.CursorShape.OpenHandCursor
        if self._is_read_only:
            return Qt.CursorShape.ForbiddenCursor
        # Where the footprint is too small to be found, the cross leads to it.
        if self._brush is not None and self._brush.size * self._transform.scale >= _SMALLEST_RING:
            return Qt.CursorShape.BlankCursor
        return Qt.CursorShape.CrossCursor
