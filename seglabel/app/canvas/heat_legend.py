"""What the light of the heat map means."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from seglabel.app.canvas.layers import wrap
from seglabel.app.canvas.review_layer import heat_strip

_PADDING = 8
_STRIP = QSize(112, 10)
_GROUND = QColor(0, 0, 0, 170)


class HeatLegend(QWidget):
    """A small strip from sure to unsure in a corner of the picture; clicks go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self._words = (self.tr("sure"), self.tr("unsure"))
        self.setAccessibleName(self.tr("Uncertainty, from sure to unsure"))
        self.adjustSize()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        words = sum(metrics.horizontalAdvance(word) for word in self._words)
        width = words + _STRIP.width() + 4 * _PADDING
        return QSize(width, max(metrics.height(), _STRIP.height()) + 2 * _PADDING)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(_GROUND))
        painter.drawRoundedRect(self.rect(), 6, 6)
        metrics, (sure, unsure) = self.fontMetrics(), self._words
        height = float(self.height())
        left = float(_PADDING)
        painter.setPen(QColor("white"))
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(left, 0, metrics.horizontalAdvance(sure) + 1, height), align, sure)
        left += metrics.horizontalAdvance(sure) + _PADDING
        ratio = self.devicePixelRatioF()
        width, rows = round(_STRIP.width() * ratio), round(_STRIP.height() * ratio)
        pixels = heat_strip(rows, width)
        strip = wrap(pixels, QImage.Format.Format_ARGB32_Premultiplied)
        place = QRectF(
            left, (height - _STRIP.height()) / 2, float(_STRIP.width()), float(_STRIP.height())
        )
        painter.fillRect(place, QColor(110, 110, 110))  # what a picture may be like below it
        painter.drawImage(place, strip)
        left += _STRIP.width() + _PADDING
        painter.setPen(QColor("white"))
        painter.drawText(QRectF(left, 0, self.width() - left, height), align, unsure)
