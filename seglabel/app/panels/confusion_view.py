"""A confusion matrix as heat: rows are true categories, columns what was proposed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QToolTip, QWidget

from seglabel.core.comparison import VERDICT_COLORS, Verdict

_CELL = 34
_MOST_HEAD = 140  # room for names
_DARK = 0.55  # above this share, numbers are white


class ConfusionView(QWidget):
    """Shows shares of each row; the pointer tells names and numbers of a cell."""

    def __init__(
        self,
        title: str,
        names: Sequence[str],
        shares: NDArray[np.float64],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title = title
        self._names = tuple(names)
        self._shares = shares
        widest = max((self.fontMetrics().horizontalAdvance(name) for name in names), default=0)
        self._head_room = min(widest + 10, _MOST_HEAD)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(title)
        self.setAccessibleDescription(
            "; ".join(f"{name}: {shares[i, i]:.0%}" for i, name in enumerate(self._names))
        )

    def sizeHint(self) -> QSize:
        side = self._head_room + _CELL * len(self._names) + 2
        return QSize(side, side + self.fontMetrics().height() + 8)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def cell_at(self, point: QPoint) -> tuple[int, int] | None:
        """Row and column under a point of the widget."""
        row = int((point.y() - self._top) // _CELL)
        column = int((point.x() - self._head_room) // _CELL)
        count = len(self._names)
        return (row, column) if 0 <= row < count and 0 <= column < count else None

    def text_of(self, row: int, column: int) -> str:
        """A cell in words."""
        share = f"{100 * self._shares[row, column]:.1f}"
        true, proposed = self._names[row], self._names[column]
        if row == column:
            return self.tr("{0}: {1} % of its pixels are right").format(true, share)
        return self.tr("{0}: {1} % of its pixels are taken for {2}").format(true, share, proposed)

    @property
    def _top(self) -> int:
        return self._head_room + self.fontMetrics().height() + 8

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(event.pos())
            QToolTip.showText(event.globalPos(), self.text_of(*cell) if cell else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        role = QPalette.ColorRole
        painter.setPen(self.palette().color(role.WindowText))
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(QRectF(0, 0, self.width(), self._top - self._head_room), self._title)
        font.setBold(False)
        font.setPointSizeF(max(font.pointSizeF() * 0.85, 7))
        painter.setFont(font)
        for index, name in enumerate(self._names):
            self._draw_head(painter, index, name)
        for row in range(len(self._names)):
            for column in range(len(self._names)):
                self._draw_cell(painter, row, column)
        if self.hasFocus():
            painter.setPen(self.palette().color(role.Highlight))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))
        painter.end()

    def _draw_head(self, painter: QPainter, index: int, name: str) -> None:
        metrics = painter.fontMetrics()
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, self._head_room - 10)
        flags = Qt.AlignmentFlag
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        place = QRectF(0, self._top + index * _CELL, self._head_room - 6, _CELL)
        painter.drawText(place, flags.AlignRight | flags.AlignVCenter, text)
        painter.save()
        painter.translate(self._head_room + index * _CELL, self._top - 4)
        painter.rotate(-90)
        painter.drawText(
            QRectF(0, 0, self._head_room - 6, _CELL), flags.AlignLeft | flags.AlignVCenter, text
        )
        painter.restore()

    def _draw_cell(self, painter: QPainter, row: int, column: int) -> None:
        share = float(self._shares[row, column])
        color = QColor(*VERDICT_COLORS[Verdict.GAINED if row == column else Verdict.LOST])
        place = QRectF(
            self._head_room + column * _CELL, self._top + row * _CELL, _CELL - 1, _CELL - 1
        )
        painter.fillRect(place, self.palette().color(QPalette.ColorRole.Base))
        color.setAlphaF(share)
        painter.fillRect(place, color)
        if share >= 0.005:
            role = QPalette.ColorRole
            is_dark = share > _DARK
            painter.setPen(QColor("#ffffff") if is_dark else self.palette().color(role.WindowText))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{100 * share:.0f}")
