"""Pictures of one image side by side, each with its caption."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

_GAP = 8
_COLUMNS = 3


class PictureRow(QWidget):
    """Scales what it shows into a grid of three columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: list[tuple[str, QImage]] = []
        self.setMinimumSize(QSize(360, 240))

    @property
    def captions(self) -> list[str]:
        return [caption for caption, _ in self._pictures]

    def show_pictures(self, pictures: Sequence[tuple[str, NDArray[np.uint8]]]) -> None:
        """Captions with uint8 RGB (H, W, 3), contiguous."""
        self._pictures = [(caption, _image(array)) for caption, array in pictures]
        self.setAccessibleName(", ".join(self.captions))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._pictures:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        line = self.fontMetrics().height() + 4
        rows = -(-len(self._pictures) // _COLUMNS)
        width = (self.width() - _GAP * (_COLUMNS - 1)) / _COLUMNS
        height = (self.height() - _GAP * (rows - 1)) / rows
        for index, (caption, image) in enumerate(self._pictures):
            row, column = divmod(index, _COLUMNS)
            left, top = column * (width + _GAP), row * (height + _GAP)
            room = QSize(int(width), int(height - line))
            size = image.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            text = self.fontMetrics().elidedText(caption, Qt.TextElideMode.ElideMiddle, int(width))
            painter.drawText(QRectF(left, top, width, line), text)
            painter.drawImage(QRectF(left, top + line, size.width(), size.height()), image)
        painter.end()


def _image(array: NDArray[np.uint8]) -> QImage:
    height, width = array.shape[:2]
    return QImage(array.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
