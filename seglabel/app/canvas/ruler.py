"""Pixels of the picture counted along an edge of the view."""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from seglabel.app.canvas.picture_view import PictureView

_BREADTH = 18  # logical pixels
_APART = 64.0  # between two numbers, at least
_FONT = 10  # pixels


class Ruler(QWidget):
    """Lies along the top or the left edge of a view."""

    def __init__(self, view: PictureView, orientation: Qt.Orientation) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._view = view
        self._is_level = orientation == Qt.Orientation.Horizontal
        self._mark: int | None = None
        self.hide()
        view.transform_changed.connect(self.update)
        view.photograph_changed.connect(self.update)
        view.hovered.connect(self._point)
        view.resized.connect(self._place)
        self._place()

    def _place(self) -> None:
        if self._is_level:
            self.setGeometry(0, 0, self._view.width(), _BREADTH)
        else:
            self.setGeometry(0, 0, _BREADTH, self._view.height())

    def _point(self, pixel: tuple[int, int] | None) -> None:
        if self.isVisible():
            self._mark = None if pixel is None else pixel[1 if self._is_level else 0]
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), self.palette()
        painter.fillRect(event.rect(), palette.window())
        shape = self._view.image_shape
        if shape is None:
            return
        font = painter.font()
        font.setPixelSize(_FONT)
        painter.setFont(font)
        painter.setPen(palette.windowText().color())
        transform = self._view.transform
        offset = transform.left if self._is_level else transform.top
        extent, length = (shape[1], self.width()) if self._is_level else (shape[0], self.height())
        step = step_for(transform.scale)
        first = max(math.floor(-offset / transform.scale / step), 0)
        last = min(math.ceil((length - offset) / transform.scale / step), extent // step)
        for count in range(first, last + 1):
            self._tick(painter, offset + count * step * transform.scale, str(count * step))
        if self._mark is not None:
            painter.setPen(palette.highlight().color())
            self._line(painter, offset + (self._mark + 0.5) * transform.scale, _BREADTH)

    def _tick(self, painter: QPainter, at: float, text: str) -> None:
        self._line(painter, at, 5)
        if self._is_level:
            painter.drawText(QPointF(at + 3, _BREADTH - 5), text)
            return
        painter.save()
        painter.translate(_BREADTH - 5, at + 3)
        painter.rotate(90)
        painter.drawText(QPointF(0, 4), text)
        painter.restore()

    def _line(self, painter: QPainter, at: float, length: int) -> None:
        ends = (at, _BREADTH - length, at, _BREADTH)
        x1, y1, x2, y2 = ends if self._is_level else (ends[1], at, _BREADTH, at)
        painter.drawLine(QLineF(x1, y1, x2, y2))


def step_for(scale: float) -> int:
    """Pixels between two numbers: 1, 2 or 5 times a power of ten, so that they stand apart."""
    wanted = max(_APART / scale, 1.0)
    power = 10 ** math.floor(math.log10(wanted) + 1e-9)
    return int(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= wanted - 1e-9))
