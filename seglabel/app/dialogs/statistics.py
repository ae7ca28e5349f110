"""What the project holds, how far its images are, and what the work on it took."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.panels.effort_charts import GrowthChart, SeriesChart
from seglabel.core.categories import CategorySet
from seglabel.core.progress import Progress
from seglabel.core.status import Status
from seglabel.jobs.selection import StatusChoice
from seglabel.jobs.stats import EffortStats, LabelCounts

_SIZE = (860, 540)
_SWATCH = 12
_GAP = 12  # between columns
_NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class StatisticsDialog(QDialog):
    """Shows what it is told; asks for the labels of other images to be counted."""

    count_requested = Signal(str)  # StatusChoice

    def __init__(self, categories: CategorySet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Statistics"))
        self._categories = categories
        self._images = self._text()
        self._work = self._text()
        self._choice = QComboBox(self)
        choices: dict[StatusChoice, str] = {
            "all": self.tr("All labels"),
            "corrected": self.tr("Of corrected and reviewed images"),
            "reviewed": self.tr("Of reviewed images"),
        }
        for key, text in choices.items():
            self._choice.addItem(text, key)
        self._choice.setAccessibleName(self.tr("Which labels are counted"))
        self._list = QTreeWidget(self)
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setAccessibleName(self.tr("Pixels and objects per category"))
        self._list.setHeaderLabels(
            [
                self.tr("Category"),
                self.tr("Images"),
                self.tr("Objects"),
                self.tr("Pixels"),
                self.tr("Share"),
            ]
        )
        header = self._list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head = self._list.headerItem()
        for column in range(1, self._list.columnCount()):
            head.setTextAlignment(column, _NUMBERS)
        self._widen()
        self._counted = self._text("muted")
        self._failed = self._text("error")
        self._growth = GrowthChart(self)
        self._strokes = SeriesChart(self.tr("Strokes per image"), self)
        self._minutes = SeriesChart(self.tr("Minutes per image"), self)
        self._lay_out()
        self._choice.currentIndexChanged.connect(self._request)
        self.resize(*_SIZE)

    def _lay_out(self) -> None:
        left, right, both = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        left.addWidget(self._choice)
        left.addWidget(self._list, 1)
        left.addWidget(self._counted)
        left.addWidget(self._failed)
        for chart in (self._growth, self._strokes, self._minutes):
            right.addWidget(chart, 1)
        both.setSpacing(16)
        both.addLayout(left, 3)
        both.addLayout(right, 2)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self._images)
        layout.addWidget(self._work)
        layout.addLayout(both, 1)
        layout.addWidget(buttons)

    @property
    def choice(self) -> StatusChoice:
        """Which labels are to be counted."""
        choice: StatusChoice = self._choice.currentData()
        return choice

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """What the list shows."""
        items = (self._list.topLevelItem(i) for i in range(self._list.topLevelItemCount()))
        columns = range(self._list.columnCount())
        return [tuple(item.text(c) for c in columns) for item in items if item is not None]

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """What is said of images, of the work, of what was counted and of what failed."""
        labels = (self._images, self._work, self._counted, self._failed)
        images, work, counted, failed = (label.text() for label in labels)
        return images, work, counted, failed

    @property
    def charts(self) -> tuple[GrowthChart, SeriesChart, SeriesChart]:
        """What the model had right, strokes, minutes."""
        return self._growth, self._strokes, self._minutes

    def show_effort(self, effort: EffortStats) -> None:
        """How far the images are and what they took."""
        names = {
            Status.EMPTY: self.tr("not begun: {0}"),
            Status.PROPOSED: self.tr("proposed: {0}"),
            Status.CORRECTED: self.tr("corrected: {0}"),
            Status.REVIEWED: self.tr("reviewed: {0}"),
        }
        parts = [names[status].format(f"{count:,}") for status, count in effort.statuses.items()]
        self._images.setText(
            self.tr("Images: {0}").format(f"{effort.images:,}") + " — " + " · ".join(parts)
        )
        said = []
        if effort.share_right is not None:
            text = self.tr("The model had {0:.1f}\u00a0% of the proposed pixels right.")
            said.append(text.format(100 * effort.share_right))
        if effort.strokes or effort.seconds:
            text = self.tr("Your work so far: {0} strokes in {1:,.1f} minutes.")
            said.append(text.format(f"{effort.strokes:,}", effort.seconds / 60))
        else:
            said.append(self.tr("Nobody has worked on these images in this window yet."))
        self._work.setText(" ".join(said))
        self._growth.show_versions(effort.versions)
        self._strokes.show_values([image.strokes for image in effort.reviewed])
        self._minutes.show_values([image.seconds / 60 for image in effort.reviewed])

    def show_progress(self, progress: Progress) -> None:
        """So many label files are counted."""
        text = self.tr("Counting {0} of {1}…")
        self._counted.setText(text.format(f"{progress.done:,}", f"{progress.total:,}"))

    def show_labels(self, labels: LabelCounts) -> None:
        """What the labels hold, the largest first."""
        self._list.clear()
        rows = sorted(labels.categories, key=lambda count: (-count.pixels, count.category_id))
        for count in rows:
            share = count.pixels / labels.labelled if labels.labelled else 0.0
            cells = [f"{count.images:,}", f"{count.instances:,}", f"{count.pixels:,}"]
            self._add_row(count.category_id, count.name, *cells, f"{100 * share:.1f}\u00a0%")
        nothing = self.tr("no category")
        for name, pixels in ((nothing, labels.background), (self.tr("void"), labels.void)):
            if pixels:
                self._add_row(0, name, "", "", f"{pixels:,}", "")
        self._widen()
        self._counted.setText(self.tr("Images with labels: {0}").format(f"{labels.images:,}"))
        self._failed.setText("\n".join(labels.failed[:3]) + (" …" if labels.failed[3:] else ""))
        self._failed.setVisible(bool(labels.failed))

    def show_failure(self, message: str) -> None:
        """They could not be counted."""
        self._failed.setText(message)
        self._failed.show()

    def _add_row(self, category_id: int, *cells: str) -> None:
        item = QTreeWidgetItem(list(cells))
        for column in range(1, len(cells)):
            item.setTextAlignment(column, _NUMBERS)
        if category_id in self._categories:
            pixmap = QPixmap(_SWATCH, _SWATCH)
            pixmap.fill(QColor(*self._categories[category_id].color))
            item.setIcon(0, QIcon(pixmap))
        self._list.addTopLevelItem(item)

    def _widen(self) -> None:
        """Give numbers room to breathe."""
        for column in range(1, self._list.columnCount()):
            self._list.resizeColumnToContents(column)
            self._list.setColumnWidth(column, self._list.columnWidth(column) + _GAP)

    def _request(self) -> None:
        self.count_requested.emit(self.choice)

    def _text(self, kind: str = "") -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setObjectName(kind)
        label.setWordWrap(True)
        label.setVisible(kind != "error")
        return label
