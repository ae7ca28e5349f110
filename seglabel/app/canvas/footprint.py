"""The brush under the pointer: where a click would paint."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from seglabel.app.canvas.transform import ViewTransform
from seglabel.tools import Brush, Pointer
from seglabel.tools.brush import snap

_ROOM = 3  # logical pixels around it for its line
_RINGS = ((QColor(0, 0, 0, 190), 0.5), (QColor(255, 255, 255, 230), -0.5))  # seen on any picture


def footprint(brush: Brush, at: QPointF, transform: ViewTransform) -> QRectF:
    """The square around what ``brush`` would cover, in the view."""
    y, x = snap(Pointer(*transform.to_center(at.x(), at.y())), brush.size)
    center_x, center_y = transform.to_view(y + 0.5, x + 0.5)
    reach = brush.size * transform.scale / 2
    return QRectF(center_x - reach, center_y - reach, 2 * reach, 2 * reach)


def area(outline: QRectF) -> QRect:
    """What drawing the ring may touch."""
    return outline.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM).toAlignedRect()


def draw_footprint(painter: QPainter, brush: Brush, outline: QRectF) -> None:
    """A ring of two tones."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, grow in _RINGS:
        painter.setPen(QPen(color, 1))
        rectangle = outline.adjusted(-grow, -grow, grow, grow)
        if brush.shape == "round":
            painter.drawEllipse(rectangle)
        else:
            painter.drawRect(rectangle)
