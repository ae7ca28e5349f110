"""Pictures that are drawn here: marks for style sheets, icons, and images."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QIcon,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
)

from seglabel.app.screens.colors import Colors
from seglabel.app.screens.dice import Dice

_SIDE = 32  # pixels of a mark; Qt shrinks it to where it is shown
_MARKS = {
    "down": ((4, 10), (16, 22), (28, 10)),
    "up": ((4, 22), (16, 10), (28, 22)),
    "check": ((5, 17), (13, 25), (27, 7)),
    "cross": ((6, 6), (26, 26), (16, 16), (6, 26), (26, 6)),
}


class Marks:
    """Arrows and ticks as files, which is how a style sheet wants them. ``folder`` keeps them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url(self, mark: str, color: str, *, is_filled: bool = False) -> str:
        """``url(…)`` of *down*, *up*, *check*, *cross* or *dot* in ``color``."""
        path = self._folder / f"{mark}-{color.strip('#')}-{int(is_filled)}.png"
        if not path.exists():
            pixmap = QPixmap(_SIDE, _SIDE)
            pixmap.fill(Qt.GlobalColor.transparent)
            with QPainter(pixmap) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                _draw_mark(painter, mark, QColor(color), is_filled)
            pixmap.save(str(path))
        return f"url({path.as_posix()})"


def _draw_mark(painter: QPainter, mark: str, color: QColor, is_filled: bool) -> None:
    if mark == "dot" or is_filled:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
    else:
        painter.setPen(QPen(color, 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    if mark == "dot":
        painter.drawEllipse(QRectF(6, 6, 20, 20))
        return
    points = QPolygonF([QPointF(x, y) for x, y in _MARKS[mark]])
    if is_filled:
        painter.drawPolygon(points)
    else:
        painter.drawPolyline(points)


def make_icon(dice: Dice, color: str, side: int) -> QIcon:
    """An icon as tool bars, buttons and lists show them."""
    return QIcon(make_symbol(dice, color, side))


def make_symbol(dice: Dice, color: str, side: int) -> QPixmap:
    """One to three simple shapes, in outline or filled; ``side`` in pixels."""
    pixmap = QPixmap(side * 2, side * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    is_colourful = dice.chance(0.35)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for _ in range(dice.whole(1, 3)):
            ink = _any_color(dice) if is_colourful else QColor(color)
            painter.setPen(QPen(ink, max(side / 12, 1)))
            painter.setBrush(ink if dice.chance(0.4) else QBrush(Qt.BrushStyle.NoBrush))
            _draw_shape(painter, dice, QRectF(1, 1, side - 2, side - 2))
    return pixmap


def _draw_shape(painter: QPainter, dice: Dice, box: QRectF) -> None:
    inset = dice.real(0, 0.3) * box.width()
    box = box.adjusted(inset, dice.real(0, inset), -inset, -dice.real(0, inset))
    kind = dice.whole(0, 5)
    if kind == 0:
        painter.drawEllipse(box)
    elif kind == 1:
        painter.drawRoundedRect(box, box.width() / 8, box.width() / 8)
    elif kind == 2:
        sides, turn = dice.whole(3, 6), dice.real(0, math.tau)
        painter.drawPolygon(
            QPolygonF(
                [
                    box.center()
                    + QPointF(math.cos(a), math.sin(a)) * min(box.width(), box.height()) / 2
                    for a in (turn + math.tau * n / sides for n in range(sides))
                ]
            )
        )
    elif kind == 3:
        for part in (0.2, 0.5, 0.8):
            y = box.top() + part * box.height()
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
    elif kind == 4:
        painter.drawLine(
            QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y())
        )
        painter.drawLine(
            QPointF(box.center().x(), box.top()), QPointF(box.center().x(), box.bottom())
        )
    else:
        path = QPainterPath(box.bottomLeft())
        path.quadTo(box.topLeft(), box.center())
        path.quadTo(box.bottomRight(), box.topRight())
        painter.strokePath(path, painter.pen())


def make_image(dice: Dice, width: int, height: int) -> QPixmap:
    """Something like a photograph, a drawing or a chart; in pixels."""
    pixmap = QPixmap(width, height)
    sky = QLinearGradient(0, 0, dice.real(0, width), height)
    sky.setColorAt(0, _any_color(dice))
    sky.setColorAt(1, _any_color(dice))
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(pixmap.rect(), sky)
        kind = dice.whole(0, 3)
        if kind == 0:
            _draw_hills(painter, dice, width, height)
        elif kind == 1:
            _draw_chart(painter, dice, width, height)
        elif kind == 2:
            _draw_grain(painter, dice, width, height)
        for _ in range(dice.whole(0, 5)):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_any_color(dice))
            side = dice.real(0.1, 0.6) * min(width, height)
            corner = QPointF(dice.real(0, width) - side / 2, dice.real(0, height) - side / 2)
            _draw_shape(painter, dice, QRectF(corner.x(), corner.y(), side, side))
    return pixmap


def plain_image(dice: Dice, size: tuple[int, int]) -> QPixmap:
    """One colour, ``size`` (height, width) in pixels."""
    pixmap = QPixmap(size[1], size[0])
    pixmap.fill(_any_color(dice) if dice.chance(0.7) else QColor("#000000"))
    return pixmap


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """A copy of an image's pixels, uint8 RGB (H, W, 3); the memory of the image is Qt's own."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def _draw_hills(painter: QPainter, dice: Dice, width: int, height: int) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for layer in range(dice.whole(2, 4)):
        base = height * (0.4 + 0.15 * layer)
        points = [
            QPointF(x * width / 12, base + dice.real(-0.12, 0.12) * height) for x in range(13)
        ]
        painter.setBrush(_any_color(dice))
        painter.drawPolygon(QPolygonF([QPointF(0, height), *points, QPointF(width, height)]))


def _draw_chart(painter: QPainter, dice: Dice, width: int, height: int) -> None:
    painter.fillRect(0, 0, width, height, QColor(dice.pick(("#ffffff", "#f4f4f4", "#20242a"))))
    bars = dice.whole(3, 9)
    color = _any_color(dice)
    for place in range(bars):
        tall = dice.real(0.1, 0.9) * height
        left = (place + 0.2) * width / bars
        painter.fillRect(QRectF(left, height - tall, 0.6 * width / bars, tall), color)


def _draw_grain(painter: QPainter, dice: Dice, width: int, height: int) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for _ in range(60):
        color = _any_color(dice)
        color.setAlphaF(0.35)
        painter.setBrush(color)
        painter.drawEllipse(
            QPointF(dice.real(0, width), dice.real(0, height)),
            dice.real(0.02, 0.2) * width,
            dice.real(0.02, 0.2) * height,
        )


def _any_color(dice: Dice) -> QColor:
    return QColor.fromHslF(dice.real(0, 0.999), dice.real(0.1, 0.9), dice.real(0.15, 0.85))


def symbol_color(colors: Colors, dice: Dice) -> str:
    """What icons are drawn with on this screen."""
    return dice.pick((colors.text, colors.text, colors.muted, colors.accent))
