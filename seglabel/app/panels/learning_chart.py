"""Loss and validation mIoU of a training as two small charts, one above the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from seglabel.app.learning_curve import LearningCurve
from seglabel.app.panels.chart_frame import DOT, draw_frame, shrink_font
from seglabel.app.wording import stage_title

_GAP = 8
_LEAST_HEIGHT = 150

Points = Sequence[tuple[float, float]]


class LearningChart(QWidget):
    """Paints a curve in the colours of the palette and of the categories; says it in words too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._curve = LearningCurve()
        self._colors: Mapping[str, QColor] = {}
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Loss and validation mIoU"))
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(240, _LEAST_HEIGHT + 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, _LEAST_HEIGHT)

    def show_curve(self, curve: LearningCurve) -> None:
        """Show this curve, which may grow; see :meth:`refresh`."""
        self._curve = curve
        self.refresh()

    def show_colors(self, colors: Mapping[str, QColor]) -> None:
        """The colours of the categories by name."""
        self._colors = colors
        self.update()

    def refresh(self) -> None:
        """The curve has grown."""
        self.setAccessibleDescription(self.describe())
        self.update()

    def describe(self) -> str:
        """The newest numbers in words."""
        losses, looks = self._curve.losses, self._curve.looks
        if not losses:
            return self.tr("Nothing was learned yet.")
        parts = [self.tr("{0}\u00a0% done").format(round(100 * self._curve.share))]
        if self._curve.stages:
            parts.append(stage_title(self._curve.stages[-1][1]))
        parts.append(self.tr("loss {0:.2f}").format(losses[-1][1]))
        if looks:
            parts.append(self.tr("validation mIoU {0:.3f}").format(looks[-1].miou))
        if self._curve.best_miou is not None:
            parts.append(self.tr("best {0:.3f}").format(self._curve.best_miou))
        return " · ".join(parts)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shrink_font(painter)
        height = (self.height() - _GAP) / 2
        upper = QRectF(0.5, 0.5, self.width() - 1, height - 1)
        lower = upper.translated(0, height + _GAP)
        role = QPalette.ColorRole
        losses = self._curve.losses
        highest = max((loss for _, loss in losses), default=1.0) or 1.0
        area = draw_frame(painter, self.palette(), upper, self.tr("Loss"), f"{highest:.2g}")
        self._borders(painter, area)
        self._line(painter, area, losses, highest, self.palette().color(role.WindowText), 1.5)
        area = draw_frame(painter, self.palette(), lower, self.tr("Validation mIoU"), "1")
        self._borders(painter, area)
        for name, points in self._by_category().items():
            color = self._colors.get(name, self.palette().color(role.Mid))
            self._line(painter, area, points, 1.0, color, 1.0)
        means = [(look.share, look.miou) for look in self._curve.looks]
        self._line(painter, area, means, 1.0, self.palette().color(role.Highlight), 2.5, dots=True)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(role.Highlight), 1))
            painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))
        painter.end()

    def _by_category(self) -> dict[str, list[tuple[float, float]]]:
        found: dict[str, list[tuple[float, float]]] = {}
        for look in self._curve.looks:
            for name, iou in look.iou.items():
                found.setdefault(name, []).append((look.share, iou))
        return found

    def _borders(self, painter: QPainter, area: QRectF) -> None:
        """Where one stage ended and the next began."""
        color = self.palette().color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(QPen(color, 1, Qt.PenStyle.DotLine))
        for share, _ in self._curve.stages[1:]:
            x = area.left() + share * area.width()
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _line(
        self,
        painter: QPainter,
        area: QRectF,
        points: Points,
        highest: float,
        color: QColor,
        width: float,
        *,
        dots: bool = False,
    ) -> None:
        places = QPolygonF(
            [
                QPointF(
                    area.left() + share * area.width(),
                    area.bottom() - min(value / highest, 1.0) * area.height(),
                )
                for share, value in points
            ]
        )
        painter.setPen(QPen(color, width))
        painter.drawPolyline(places)
        if dots or places.count() == 1:
            painter.setBrush(color)
            for place in places.toList():
                painter.drawEllipse(place, DOT, DOT)
            painter.setBrush(Qt.BrushStyle.NoBrush)
