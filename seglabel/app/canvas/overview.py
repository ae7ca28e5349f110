"""A small map of the whole picture, which shows what of it is in view and moves it."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from seglabel.app.canvas.layers import wrap
from seglabel.app.canvas.picture_view import PictureView
from seglabel.core.geometry import Region

_LONGEST = 168  # logical pixels
_MARGIN = 24  # leaves room for a ruler
_RENEWAL_MS = 250
_SMALLEST_FRAME = 6.0
_FRAMES = ((QColor(0, 0, 0, 200), 3.0), (QColor(255, 255, 255), 1.4))


class Overview(QWidget):
    """Lies in the corner of a view while the view does not show everything."""

    def __init__(self, view: PictureView) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setAccessibleName(self.tr("Overview"))
        self._view = view
        self._is_wanted = True
        self._image: QImage | None = None
        self._renewing = QTimer(self)
        self._renewing.setSingleShot(True)
        self._renewing.setInterval(_RENEWAL_MS)
        self._renewing.timeout.connect(self._read)
        self.hide()
        view.photograph_changed.connect(self._read)
        view.transform_changed.connect(self._follow)
        view.resized.connect(self._follow)

    def set_wanted(self, wanted: bool) -> None:
        """Whether it may show at all."""
        self._is_wanted = wanted
        self._follow()

    def renew(self) -> None:
        """More of the photograph is known: show it soon."""
        if not self._renewing.isActive():
            self._renewing.start()

    def _read(self) -> None:
        photograph = self._view.photograph
        self._image = None
        if photograph is not None:
            level = photograph.level_count - 1
            factor = 1 << level
            height, width = (-(-side // factor) for side in photograph.shape)
            pixels = photograph.read(level, Region(0, 0, height, width))
            scale = _LONGEST / max(photograph.shape)
            self.resize(*(max(round(side * scale), 1) for side in reversed(photograph.shape)))
            ratio = self.devicePixelRatioF()
            size = (max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1))
            small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
            shown = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGRA), np.uint8)
            self._image = wrap(shown, QImage.Format.Format_RGB32).copy()
            self._image.setDevicePixelRatio(ratio)
        self._follow()

    def _follow(self, _: object = None) -> None:
        shape = self._view.image_shape
        shown = self._is_wanted and shape is not None and self._view.seen != Region.whole(shape)
        self.setVisible(shown)
        if shown:
            self.move(self._view.width() - self.width() - _MARGIN, _MARGIN)
            self.update()

    def _frame(self) -> QRectF:
        """What of the picture is in view, on the map."""
        shape, seen = self._view.image_shape, self._view.seen
        assert shape is not None
        scale_y, scale_x = self.height() / shape[0], self.width() / shape[1]
        frame = QRectF(
            seen.left * scale_x, seen.top * scale_y, seen.width * scale_x, seen.height * scale_y
        )
        grow_x, grow_y = (
            max(_SMALLEST_FRAME - side, 0) / 2 for side in (frame.width(), frame.height())
        )
        return frame.adjusted(-grow_x, -grow_y, grow_x, grow_y)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image is None or self._view.image_shape is None:
            painter.fillRect(event.rect(), Qt.GlobalColor.black)
            return
        painter.drawImage(0, 0, self._image)
        painter.setPen(QPen(_FRAMES[0][0], 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, width in _FRAMES:
            painter.setPen(QPen(color, width))
            painter.drawRect(self._frame())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go_to(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _go_to(self, event: QMouseEvent) -> None:
        shape = self._view.image_shape
        if shape is not None:
            at = event.position()
            self._view.center_on(
                min(max(at.y() / self.height(), 0), 1) * shape[0],
                min(max(at.x() / self.width(), 0), 1) * shape[1],
            )
