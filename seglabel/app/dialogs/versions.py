"""The models of a project as a family tree, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDateTime, QLocale, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.theme import make_primary
from seglabel.app.wording import stage_title
from seglabel.jobs.versions import ListedVersion

_ROLE = Qt.ItemDataRole.UserRole
_SIZE = (880, 520)
_ROW_HEIGHT = 24
_DETAIL_LINES = 4


class VersionsDialog(QDialog):
    """Shows the versions and asks; reads and changes nothing itself."""

    use_requested = Signal(object)  # ListedVersion
    compare_requested = Signal(object, object)  # the one compared with, the one that is judged
    export_requested = Signal(object)  # ListedVersion
    delete_requested = Signal(object)  # ListedVersion
    about_requested = Signal(object)  # ListedVersion

    def __init__(self, versions: Sequence[ListedVersion], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models of this project"))
        self._list = QTreeWidget(self)
        self._list.setObjectName("numbers")
        self._list.setAccessibleName(self.tr("Models of this project"))
        self._list.setUniformRowHeights(True)
        self._list.setAlternatingRowColors(True)
        self._list.setItemsExpandable(False)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setHeaderLabels(
            [
                self.tr("Model"),
                self.tr("Trained"),
                self.tr("Images"),
                self.tr("Held back"),
                self.tr("mIoU"),
                self.tr("Started from"),
                self.tr("Size"),
            ]
        )
        header = self._list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._about = QLabel(self)
        self._about.setWordWrap(True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._about.setMinimumHeight(_DETAIL_LINES * self.fontMetrics().lineSpacing())
        self._said = QLabel(self)
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.hide()
        self._compare = QPushButton(self.tr("Compare"), self)
        self._export = QPushButton(self.tr("Export…"), self)
        self._delete = QPushButton(self.tr("Delete…"), self)
        self._facts = QPushButton(self.tr("About…"), self)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        others = (self._compare, self._export, self._delete, self._facts)
        for button in (*others, *buttons.buttons()):
            assert isinstance(button, QPushButton)
            button.setAutoDefault(False)  # Enter uses the model that is chosen, or does nothing
        self._use = buttons.addButton(
            self.tr("Use this one"), QDialogButtonBox.ButtonRole.ActionRole
        )
        make_primary(self._use)
        self._use.setDefault(True)
        row = QHBoxLayout()
        for button in others:
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._about)
        layout.addWidget(self._said)
        layout.addLayout(row)
        self._list.itemSelectionChanged.connect(self._show_chosen)
        self._list.itemDoubleClicked.connect(self._ask_use)
        self._use.clicked.connect(self._ask_use)
        self._compare.clicked.connect(self._ask_compare)
        for button, signal in (
            (self._export, self.export_requested),
            (self._delete, self.delete_requested),
            (self._facts, self.about_requested),
        ):
            button.clicked.connect(lambda _=False, signal=signal: self._emit(signal))
        buttons.rejected.connect(self.reject)
        self.resize(*_SIZE)
        self.show_versions(versions)

    def show_versions(self, versions: Sequence[ListedVersion]) -> None:
        """Show these from now on; the one in use is chosen."""
        self._list.clear()
        above: list[QTreeWidgetItem] = []  # by depth
        chosen = None
        for row in versions:
            item = self._item(row)
            del above[row.depth :]
            if above:
                above[-1].addChild(item)
            else:
                self._list.addTopLevelItem(item)
            above.append(item)
            if row.is_used or chosen is None:
                chosen = item
        self._list.setRootIsDecorated(any(row.depth for row in versions))
        self._list.expandAll()
        if chosen is not None:
            self._list.setCurrentItem(chosen)
        self._show_chosen()

    def say(self, text: str, *, is_error: bool = False) -> None:
        """What came of something that was asked for."""
        self._said.setText(text)
        self._said.setObjectName("error" if is_error else "muted")
        self._said.style().unpolish(self._said)
        self._said.style().polish(self._said)
        self._said.show()

    @property
    def said(self) -> str:
        return self._said.text()

    @property
    def details(self) -> str:
        return self._about.text()

    def _item(self, row: ListedVersion) -> QTreeWidgetItem:
        name = self.tr("{0} (in use)").format(row.name) if row.is_used else row.name
        unknown = "–"
        version = row.version
        item = QTreeWidgetItem(
            [
                name,
                _date(version.date),
                str(len(version.training)) if row.has_record else unknown,
                str(len(version.validation)) if row.has_record else unknown,
                unknown if row.miou is None else f"{row.miou:.3f}",
                self.tr("damaged") if row.problem else row.origin or unknown,
                f"{row.bytes / 1e6:.1f} MB",
            ]
        )
        item.setData(0, _ROLE, row)
        item.setSizeHint(0, QSize(0, _ROW_HEIGHT))
        for column in (2, 3, 4, 6):
            alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            item.setTextAlignment(column, alignment)
        if row.is_used:
            font = item.font(0)
            font.setBold(True)
            item.setFont(0, font)
        return item

    # what is chosen

    def _rows(self) -> list[ListedVersion]:
        return [item.data(0, _ROLE) for item in self._list.selectedItems()]

    def _used(self) -> ListedVersion | None:
        found = self._list.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)
        rows = (item.data(0, _ROLE) for item in found)
        return next((row for row in rows if row.is_used), None)

    def _pair(self) -> tuple[ListedVersion, ListedVersion] | None:
        """The two that can be compared now: the older one first, or the one in use."""
        rows = self._rows()
        used = self._used()
        if len(rows) == 1 and used is not None and rows[0].name != used.name:
            pair = (used, rows[0])
        elif len(rows) == 2:
            older, younger = sorted(rows, key=lambda row: row.version.date)
            pair = (older, younger)
        else:
            return None
        return None if any(row.problem for row in pair) else pair

    def _show_chosen(self) -> None:
        rows, pair = self._rows(), self._pair()
        row = rows[0] if len(rows) == 1 else None
        is_whole = row is not None and not row.problem
        self._use.setEnabled(row is not None and is_whole and not row.is_used)
        self._export.setEnabled(is_whole)
        self._facts.setEnabled(is_whole)
        self._delete.setEnabled(row is not None)
        self._compare.setEnabled(pair is not None)
        self._compare.setText(
            self.tr("Compare with {0}").format(pair[0].name)
            if pair is not None and len(rows) == 1
            else self.tr("Compare")
        )
        self._about.setText(self._described(row))

    def _described(self, row: ListedVersion | None) -> str:
        if row is None:
            is_empty = self._list.topLevelItemCount() == 0
            return (
                self.tr("No model was trained in this project yet: Learn makes the first one.")
                if is_empty
                else self.tr("Choose one model, or two of them to compare.")
            )
        if row.problem:
            return row.problem
        said = [self._origin(row), self._scores(row), self._settings(row)]
        return "\n".join(filter(None, said))

    def _origin(self, row: ListedVersion) -> str:
        if not row.has_record:
            return self.tr("The file does not say how it came about.")
        parent = row.version.parent
        if parent:
            text = self.tr("Learned from {0} images, starting from {1}.")
            return text.format(len(row.version.training), parent)
        text = self.tr("Learned from {0} images, starting from the backbone {1}.")
        return text.format(len(row.version.training), row.file.backbone)

    def _scores(self, row: ListedVersion) -> str:
        if row.miou is None:
            return self.tr("Nothing was held back to judge it by.")
        text = self.tr("mIoU {0:.3f} on the images held back from it.").format(row.miou)
        before = row.version.before
        if before is not None and before.miou is not None:
            text += " " + self.tr("{0}, used until then: {1:.3f}.").format(
                before.model, before.miou
            )
        return text

    def _settings(self, row: ListedVersion) -> str:
        notes = {**row.version.settings, **row.file.training}
        parts = []
        if notes.get("steps") is not None:
            parts.append(self.tr("{0} steps").format(notes["steps"]))
        if notes.get("seconds") is not None:
            parts.append(self.tr("{0} s").format(f"{float(notes['seconds']):.0f}"))
        if notes.get("seed") is not None:
            parts.append(self.tr("seed {0}").format(notes["seed"]))
        stages = notes.get("stages")
        if isinstance(stages, list):
            parts.append(" → ".join(stage_title(str(stage)) for stage in stages))
        return " · ".join(parts)

    # what is asked for

    def _emit(self, signal: object) -> None:
        rows = self._rows()
        if len(rows) == 1:
            signal.emit(rows[0])  # type: ignore[attr-defined]

    def _ask_use(self) -> None:
        if self._use.isEnabled():
            (row,) = self._rows()
            self.accept()
            self.use_requested.emit(row)

    def _ask_compare(self) -> None:
        pair = self._pair()
        if pair is not None:
            self.accept()
            self.compare_requested.emit(*pair)


def _date(text: str) -> str:
    """A moment in UTC in the time and the manner of this place."""
    moment = QDateTime.fromString(text, Qt.DateFormat.ISODateWithMs)
    if not moment.isValid():
        return text
    return QLocale().toString(moment.toLocalTime(), "yyyy-MM-dd HH:mm")
