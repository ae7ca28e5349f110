"""The frame of a small chart: its title, its axes and the highest number."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen

DOT = 2.5
"""Radius of a dot, in logical pixels."""


def shrink_font(painter: QPainter) -> None:
    """Numbers of a chart are smaller than text."""
    font = painter.font()
    font.setPointSizeF(max(font.pointSizeF() * 0.85, 7))
    painter.setFont(font)


def draw_frame(
    painter: QPainter, palette: QPalette, whole: QRectF, title: str, highest: str, below: float = 3
) -> QRectF:
    """Draw title and axes; what is drawn ``below`` the area gets that room. Returns the area."""
    line = painter.fontMetrics().height()
    widest = max(map(painter.fontMetrics().horizontalAdvance, ("0.00", highest)))
    room = widest + 4
    area = whole.adjusted(room, line + 2, -4, -below)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    flags = Qt.AlignmentFlag
    painter.drawText(QRectF(room, whole.top(), whole.width() - room, line), title)
    numbers = QRectF(0, area.top() - line / 2, room - 4, line)
    painter.drawText(numbers, flags.AlignRight | flags.AlignVCenter, highest)
    numbers.moveTop(area.bottom() - line + 2)
    painter.drawText(numbers, flags.AlignRight | flags.AlignVCenter, "0")
    painter.fillRect(area, palette.color(QPalette.ColorRole.Base))
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
    painter.drawRect(area)
    return area
