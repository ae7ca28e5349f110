"""A view of a photograph: zoom, scroll, and what hands do to change them."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QEventPoint,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTouchEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from seglabel.app.canvas.adjustment import Adjustment
from seglabel.app.canvas.gestures import Panning, TwoFingers
from seglabel.app.canvas.layers import (
    Surface,
    draw_grid,
    draw_mark,
    draw_photograph,
    mark_area,
)
from seglabel.app.canvas.outline import REACH
from seglabel.app.canvas.photograph import Photograph
from seglabel.app.canvas.transform import ViewTransform
from seglabel.core.geometry import Region

_AROUND = 0.6  # of the view that a region may fill which is brought into sight
_CLOSE = 3.0  # no closer than this by itself
_NOTCH = 120  # what Qt calls one step of a wheel


class PictureView(QWidget):
    """Owns zoom and scroll of one photograph.

    One that does not lead leaves it to another view to find a place for new pictures and sizes.
    """

    hovered = Signal(object)  # (y, x) of the pixel under the pointer, or None
    zoom_changed = Signal(float)
    transform_changed = Signal(object)  # ViewTransform
    photograph_changed = Signal()
    resized = Signal()
    brush_step_requested = Signal(int)  # notches of the wheel that does not zoom

    def __init__(self, parent: QWidget | None = None, *, leads: bool = True) -> None:
        super().__init__(parent)
        self._leads = leads
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setMinimumSize(200, 150)
        # The right button is for tools: no menu may come up under it.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._surround = QColor("#808080")
        self._photograph: Photograph | None = None
        self._shape: tuple[int, int] | None = None  # of the picture that is shown or was
        self._transform = ViewTransform()
        self._is_fitted = True
        self._adjustment = Adjustment()
        self._shows_grid = True
        self._wheel_zooms = True
        self._pointer: QPointF | None = None
        self._mark: tuple[int, int] | None = None
        self._panning = Panning()
        self._fingers = TwoFingers()

    # what is shown

    def show_photograph(self, photograph: Photograph) -> None:
        """Show another picture: fitted, or at the same place if it has the same size."""
        same_size = self._shape == photograph.shape
        self._photograph, self._shape = photograph, photograph.shape
        if self._leads and (not same_size or self._is_fitted):
            self.fit()
        self._choose_cursor()
        self.update()
        self.photograph_changed.emit()

    def clear(self) -> None:
        """Show no picture."""
        self._photograph = self._shape = None
        self._choose_cursor()
        self.update()
        self.photograph_changed.emit()

    @property
    def has_image(self) -> bool:
        return self._photograph is not None

    @property
    def photograph(self) -> Photograph | None:
        """What is shown."""
        return self._photograph

    @property
    def image_shape(self) -> tuple[int, int] | None:
        """(H, W) of the picture that is shown."""
        return None if self._photograph is None else self._photograph.shape

    def set_surround(self, color: QColor) -> None:
        self._surround = color
        self.update()

    def set_adjustment(self, adjustment: Adjustment) -> None:
        """Brightness, contrast and gamma of the photograph as it is shown."""
        if adjustment != self._adjustment:
            self._adjustment = adjustment
            self.update()

    def set_grid(self, shown: bool) -> None:
        """Whether lines between pixels show where these are large."""
        if shown != self._shows_grid:
            self._shows_grid = shown
            self.update()

    def set_mark(self, pixel: tuple[int, int] | None) -> None:
        """Show a cross on a pixel (y, x): where the pointer is in another view."""
        if pixel != self._mark:
            self._update_mark()
            self._mark = pixel
            self._update_mark()

    def _update_mark(self) -> None:
        if self._mark is not None:
            self.update(mark_area(self._mark, self._transform))

    def set_wheel_zooms(self, zooms: bool) -> None:
        """Whether the wheel zooms and Ctrl + wheel sizes the brush, or the other way round."""
        self._wheel_zooms = zooms

    def refresh(self, region: Region) -> None:
        """What is shown of ``region`` changed: repaint just that part."""
        if self._photograph is None:
            return
        left, top = self._transform.to_view(region.top, region.left)
        right, bottom = self._transform.to_view(region.bottom, region.right)
        room = REACH + math.ceil(self._transform.scale)
        dirty = QRect(
            QPoint(math.floor(left) - room, math.floor(top) - room),
            QPoint(math.ceil(right) + room, math.ceil(bottom) + room),
        )
        self.update(dirty & self.rect())

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
        if self._photograph is None or self._pointer is None:
            return None
        y, x = self._transform.to_edge(self._pointer.x(), self._pointer.y())
        pixel = (math.floor(y), math.floor(x))
        return pixel if Region.whole(self._photograph.shape).contains(*pixel) else None

    @property
    def seen(self) -> Region:
        """The pixels that the view shows."""
        region = self._transform.region_under(0, 0, self.width(), self.height())
        return region.clipped(self._photograph.shape) if self._photograph is not None else region

    def fit(self) -> None:
        """The whole picture."""
        if self._photograph is not None:
            view = (self.height(), self.width())
            self._set_transform(ViewTransform.fitting(self._photograph.shape, view))
            self._is_fitted = True

    def zoom_to(self, scale: float) -> None:
        """Another scale around the pointer, or around the middle of the view."""
        at = self._zoom_center()
        self._set_transform(self._transform.zoomed(scale, at.x(), at.y()))

    def zoom_by(self, steps: float) -> None:
        """So many notches of the wheel."""
        at = self._zoom_center()
        self._set_transform(self._transform.stepped(steps, at.x(), at.y()))

    def center_on(self, y: float, x: float) -> None:
        """Bring a point of the picture, in edge coordinates, to the middle of the view."""
        at_x, at_y = self._transform.to_view(y, x)
        self._move(self.width() / 2 - at_x, self.height() / 2 - at_y)

    def show_region(self, region: Region) -> None:
        """Bring a region into sight, and closer where it would be small."""
        if self._photograph is None:
            return
        view = (self.height(), self.width())
        whole = ViewTransform.fitting(self._photograph.shape, view).scale
        room = min(view[0] / max(region.height, 1), view[1] / max(region.width, 1)) * _AROUND
        scale = max(min(room, _CLOSE), whole)
        if self.seen & region == region and 2 * self._transform.scale >= scale:
            return  # it is well in sight already
        self._set_transform(self._transform.zoomed(scale, 0, 0))
        self.center_on((region.top + region.bottom) / 2, (region.left + region.right) / 2)

    def follow(self, transform: ViewTransform) -> None:
        """Show what another view shows, which decides for both."""
        if transform != self._transform:
            self._is_fitted = False
            self._take(transform)

    def _zoom_center(self) -> QPointF:
        return self._pointer if self._pointer is not None else QPointF(self.rect().center())

    def _move(self, dx: float, dy: float) -> None:
        self._set_transform(self._transform.moved(dx, dy))

    def _set_transform(self, transform: ViewTransform) -> None:
        if self._photograph is not None:
            view = (self.height(), self.width())
            transform = transform.kept_in_sight(self._photograph.shape, view)
        self._is_fitted = False
        if transform != self._transform:
            self._take(transform)

    def _take(self, transform: ViewTransform) -> None:
        changed = transform.scale != self._transform.scale
        self._transform = transform
        self._choose_cursor()
        self.update()
        self.transform_changed.emit(transform)
        if changed:
            self.zoom_changed.emit(transform.scale)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        dirty = event.rect()
        painter.fillRect(dirty, self._surround)
        if self._photograph is None:
            return
        painter.setClipRect(dirty)
        surface = Surface(painter, dirty, self._transform, self.devicePixelRatioF())
        draw_photograph(surface, self._photograph, self._adjustment)
        self._draw_over(surface)
        if self._shows_grid:
            draw_grid(surface, self._photograph.shape)
        if self._mark is not None:
            draw_mark(surface, self._mark)
        self._draw_cursor(painter)

    def _draw_over(self, surface: Surface) -> None:
        """What lies on the photograph."""

    def _draw_cursor(self, painter: QPainter) -> None:
        """What the pointer carries."""

    # hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._panning.is_active and self._panning.press(event.button(), event.position()):
            self._choose_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        was_panning = self._panning.is_active
        step = self._panning.move(event.position(), event.buttons())
        self._point_at(event.position())
        if step is not None:
            self._move(step.x(), step.y())
            return
        if was_panning:
            self._choose_cursor()
        self.hovered.emit(self.pixel_under_pointer)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panning.release(event.button()):
            self._choose_cursor()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        notches = event.angleDelta().y() / _NOTCH
        drag = event.pixelDelta()
        if not drag.isNull() and not with_control:  # fingers on a trackpad
            self._move(drag.x(), drag.y())
        elif with_control == self._wheel_zooms:
            if notches:
                self.brush_step_requested.emit(1 if notches > 0 else -1)
        elif notches:
            self._point_at(event.position())
            self.zoom_by(notches)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            return self._native_gesture(event)
        if isinstance(event, QTouchEvent):
            self._touch(event)
            return True
        return super().event(event)

    def _native_gesture(self, event: QNativeGestureEvent) -> bool:
        """Fingers on a trackpad, as the system understood them."""
        at, kind = event.position(), event.gestureType()
        if kind == Qt.NativeGestureType.ZoomNativeGesture:
            scale = self._transform.scale * (1 + event.value())
            self._set_transform(self._transform.zoomed(scale, at.x(), at.y()))
        elif kind == Qt.NativeGestureType.PanNativeGesture:
            self._move(event.delta().x(), event.delta().y())
        elif kind == Qt.NativeGestureType.SmartZoomNativeGesture:
            if self._is_fitted:
                self._set_transform(self._transform.zoomed(1.0, at.x(), at.y()))
            else:
                self.fit()
        else:
            return False
        return True

    def _touch(self, event: QTouchEvent) -> None:
        """Two fingers hold the picture; what one does is the tool's."""
        event.accept()
        points = event.points()
        is_over = event.type() in (QEvent.Type.TouchEnd, QEvent.Type.TouchCancel)
        if len(points) >= 2 and not is_over:
            if not self._fingers.is_active:
                self._finger_cancelled()
            first, second = points[0].position(), points[1].position()
            middle, step, spread = self._fingers.move(first, second)
            scale = self._transform.scale * spread
            zoomed = self._transform.zoomed(scale, middle.x(), middle.y())
            self._set_transform(zoomed.moved(step.x(), step.y()))
        elif is_over and self._fingers.is_active:
            self._fingers.end()
        elif event.type() == QEvent.Type.TouchCancel:
            self._finger_cancelled()
        elif points and not self._fingers.is_active:
            self._one_finger(points[0])

    def _one_finger(self, point: QEventPoint) -> None:
        """It drags the picture here."""
        if point.state() == QEventPoint.State.Updated:
            step = point.position() - point.lastPosition()
            self._move(step.x(), step.y())

    def _finger_cancelled(self) -> None:
        """A second finger came down: what the first one did was not meant."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._panning.space_held = True
            self._choose_cursor()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._panning.space_held = False
            self._choose_cursor()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys that were held when the focus went are held no more."""
        self._panning.space_held = False
        self._choose_cursor()
        super().focusOutEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._point_at(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)
        self.hovered.emit(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._leads and self._is_fitted:
            self.fit()
        elif self._leads and self._photograph is not None:
            self._set_transform(self._transform)
        self.resized.emit()

    def _point_at(self, at: QPointF | None) -> None:
        self._pointer = at

    def _choose_cursor(self) -> None:
        cursor = self._fitting_cursor()
        if cursor != self.cursor().shape():
            self.setCursor(cursor)

    def _fitting_cursor(self) -> Qt.CursorShape:
        if self._photograph is None:
            return Qt.CursorShape.ArrowCursor
        if self._panning.is_active:
            return Qt.CursorShape.ClosedHandCursor
        if self._panning.space_held:
            return Qt.CursorShape.OpenHandCursor
        return Qt.CursorShape.CrossCursor
