"""How the learning goes: a chart, the newest numbers, and each category's."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.learning_curve import LearningCurve
from seglabel.app.panels.learning_chart import LearningChart
from seglabel.core.categories import BACKGROUND, CategorySet

_SWATCH = 10


class LearningPanel(QWidget):
    """Shows the curve of the training that runs, or of the last one."""

    def __init__(self, learn: QAction, versions: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve = LearningCurve()
        self._looks = -1  # that the list shows
        self._colors: dict[str, QColor] = {}
        self._text = QLabel(self)
        self._text.setObjectName("muted")
        self._text.setWordWrap(True)
        self._chart = LearningChart(self)
        self._list = QTreeWidget(self)
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setColumnCount(2)
        self._list.header().setStretchLastSection(False)
        self._list.header().setSectionResizeMode(0, self._list.header().ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, self._list.header().ResizeMode.ResizeToContents)
        self._list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        buttons = QHBoxLayout()
        for action in (learn, versions):
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._text)
        layout.addWidget(self._chart)
        layout.addWidget(self._list, 1)
        layout.addLayout(buttons)
        layout.addStretch(0)
        self.retranslate()

    def retranslate(self) -> None:
        self._list.setHeaderLabels([self.tr("Category"), self.tr("IoU")])
        self._list.setAccessibleName(self.tr("IoU of each category on the held-back images"))
        self._chart.retranslate()
        self.refresh()

    @property
    def text(self) -> str:
        """The newest numbers in words."""
        return self._text.text()

    @property
    def rows(self) -> dict[str, str]:
        """What the list shows: IoU by category."""
        items = [self._list.topLevelItem(i) for i in range(self._list.topLevelItemCount())]
        return {item.text(0): item.text(1) for item in items if item is not None}

    def show_curve(self, curve: LearningCurve) -> None:
        """Show this training from now on."""
        self._curve, self._looks = curve, -1
        self._chart.show_curve(curve)
        self.refresh()

    def show_categories(self, categories: CategorySet) -> None:
        """Draw each category in its colour."""
        self._colors = {c.name: QColor(*c.color) for c in categories}
        self._colors.setdefault(categories.name_of(BACKGROUND), QColor(128, 128, 128))
        self._chart.show_colors(self._colors)
        self._looks = -1
        self.refresh()

    def refresh(self) -> None:
        """The curve has grown."""
        has_begun = bool(self._curve.losses)
        self._chart.refresh()
        self._chart.setVisible(has_begun)
        self._text.setText(
            self._chart.describe()
            if has_begun
            else self.tr(
                "While the model learns from your corrections, its loss and how good it is on "
                "held-back images are shown here."
            )
        )
        looks = self._curve.looks
        self._list.setVisible(bool(looks))
        if len(looks) != self._looks:
            self._looks = len(looks)
            self._list.clear()
            for name, iou in looks[-1].iou.items() if looks else ():
                item = QTreeWidgetItem([name, f"{iou:.3f}"])
                item.setIcon(0, self._swatch(name))
                item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
                self._list.addTopLevelItem(item)

    def _swatch(self, name: str) -> QIcon:
        pixmap = QPixmap(_SWATCH, _SWATCH)
        pixmap.fill(self._colors.get(name, QColor(128, 128, 128)))
        return QIcon(pixmap)
