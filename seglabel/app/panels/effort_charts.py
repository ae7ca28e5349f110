"""Two small charts: what each version of the model had right, and what each image took."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from seglabel.app.panels.chart_frame import DOT, draw_frame, shrink_font
from seglabel.jobs.stats import VersionEffort

_MEAN_OVER = 8  # images on each side of one


class _Chart(QWidget):
    """Can be reached by the keyboard, and says in words what it shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(300, 130)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 90)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shrink_font(painter)
        whole = QRectF(0.5, 0.5, self.width() - 1, self.height() - 1)
        self._paint(painter, whole)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(whole)
        painter.end()

    def _paint(self, painter: QPainter, whole: QRectF) -> None:
        raise NotImplementedError

    def _color(self, role: QPalette.ColorRole) -> QColor:
        return self.palette().color(role)


class GrowthChart(_Chart):
    """The share of the pixels that each version of the model had right, in the order of their use.

    Images that were labelled from scratch are no matter of it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: list[tuple[str, float]] = []
        self.setAccessibleName(self.tr("Pixels that the model had right"))

    def show_versions(self, versions: Sequence[VersionEffort]) -> None:
        """Show these; see the class."""
        shares = ((self._name(version), version.share_right) for version in versions)
        self._points = [(model, share) for model, share in shares if share is not None]
        self.setAccessibleDescription(self.describe())
        self.update()

    def _name(self, version: VersionEffort) -> str:
        is_refined, model = version.refined
        if not is_refined:
            return model
        return self.tr("Refine + {0}").format(model) if model else self.tr("Refine")

    def describe(self) -> str:
        """The numbers in words."""
        if not self._points:
            return self.tr("No image with a proposal was reviewed yet.")
        return " · ".join(f"{model} {share:.1%}" for model, share in self._points)

    def _paint(self, painter: QPainter, whole: QRectF) -> None:
        metrics = painter.fontMetrics()
        line = metrics.height()
        area = draw_frame(
            painter, self.palette(), whole, self.accessibleName(), "100\u00a0%", line + 3
        )
        flags = Qt.AlignmentFlag
        if not self._points:
            painter.setPen(self._color(QPalette.ColorRole.PlaceholderText))
            text = self.describe()
            painter.drawText(area, flags.AlignCenter | Qt.TextFlag.TextWordWrap, text)
            return
        width = area.width() / len(self._points)
        places = [
            QPointF(area.left() + (i + 0.5) * width, area.bottom() - share * area.height())
            for i, (_, share) in enumerate(self._points)
        ]
        accent = self._color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(accent, 2))
        painter.drawPolyline(QPolygonF(places))
        painter.setBrush(accent)
        for place in places:
            painter.drawEllipse(place, DOT, DOT)
        every = max(round(metrics.horizontalAdvance("100.0\u00a0%") / width + 0.5), 1)
        for index, (model, share) in enumerate(self._points):
            if index % every and index != len(self._points) - 1:
                continue  # there is no room for each
            room = QRectF(0, 0, every * width - 4, line)
            room.moveCenter(QPointF(places[index].x(), area.bottom() + 2 + line / 2))
            room = room.intersected(QRectF(0, 0, self.width(), self.height()))
            painter.setPen(self._color(QPalette.ColorRole.PlaceholderText))
            shown = metrics.elidedText(model, Qt.TextElideMode.ElideMiddle, int(room.width()))
            painter.drawText(room, flags.AlignCenter, shown)
            painter.setPen(self._color(QPalette.ColorRole.WindowText))
            above = places[index].y() - line - 3
            room.moveTop(above if above > area.top() else places[index].y() + 5)
            painter.drawText(room, flags.AlignCenter, f"{share:.0%}")


class SeriesChart(_Chart):
    """A number for each reviewed image, in the order of their reviews, and how it moved."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: list[float] = []
        self.setAccessibleName(title)

    def show_values(self, values: Sequence[float]) -> None:
        """Show these, one per image."""
        self._values = list(values)
        self.setAccessibleDescription(self.describe())
        self.update()

    def describe(self) -> str:
        """Where it began and where it is, in words."""
        means = moving_means(self._values)
        if not means:
            return self.tr("No image was reviewed yet.")
        return self.tr("{0:.1f} in the beginning, {1:.1f} now, over {2} images").format(
            means[0], means[-1], len(means)
        )

    def _paint(self, painter: QPainter, whole: QRectF) -> None:
        highest = max(self._values, default=0.0) or 1.0
        number = f"{highest:.0f}" if highest >= 10 else f"{highest:.1f}"
        area = draw_frame(painter, self.palette(), whole, self.accessibleName(), number)
        if not self._values:
            painter.setPen(self._color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.describe())
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color(QPalette.ColorRole.PlaceholderText))
        for place in self._places(self._values, area, highest).toList():
            painter.drawEllipse(place, 1.5, 1.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._color(QPalette.ColorRole.Highlight), 2))
        painter.drawPolyline(self._places(moving_means(self._values), area, highest))

    def _places(self, values: Sequence[float], area: QRectF, highest: float) -> QPolygonF:
        width = area.width() / len(values)
        return QPolygonF(
            [
                QPointF(
                    area.left() + (index + 0.5) * width,
                    area.bottom() - value / highest * area.height(),
                )
                for index, value in enumerate(values)
            ]
        )


def moving_means(values: Sequence[float]) -> list[float]:
    """Each value averaged with its neighbours on both sides, as many as there are of them."""
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    means = []
    for index in range(len(values)):
        reach = min(_MEAN_OVER, index, len(values) - 1 - index)
        begin, end = index - reach, index + reach + 1
        means.append((sums[end] - sums[begin]) / (end - begin))
    return means
