"""The models there are: built in, of the project, on this machine, and public ones to download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.dialogs.asking import ask
from seglabel.app.theme import make_primary
from seglabel.core.public_weights import PublicWeights

_ROLE = Qt.ItemDataRole.UserRole
_SIZE = (920, 560)
_ROW_HEIGHT = 24


@dataclass(frozen=True)
class ListedModel:
    """A row of the list: where it is, if it is anywhere, and what is known of it in public."""

    name: str
    path: Path | None
    public: PublicWeights | None = None
    is_of_project: bool = True  # else, if it is not public, a file that was used before


class ModelsDialog(QDialog):
    """Asks for one of them; decides and fetches nothing itself."""

    use_requested = Signal(object)  # Path
    fetch_requested = Signal(object)  # PublicWeights
    file_requested = Signal()

    def __init__(self, models: Sequence[ListedModel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models"))
        self._filter = QLineEdit(self)
        self._filter.setPlaceholderText(
            self.tr("Search: a name, a data set such as Cityscapes, a backbone")
        )
        self._filter.setAccessibleName(self.tr("Search models"))
        self._filter.setClearButtonEnabled(True)
        self._list = QTreeWidget(self)
        self._list.setAccessibleName(self.tr("Models"))
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setAlternatingRowColors(True)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setHeaderLabels(
            [
                self.tr("Model"),
                self.tr("Data set"),
                self.tr("Categories"),
                self.tr("Backbone"),
                self.tr("mIoU"),
                self.tr("Size"),
                self.tr("Licence"),
            ]
        )
        self._about = QLabel(self)
        self._about.setObjectName("muted")
        self._about.setWordWrap(True)
        self._about.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self._file = QPushButton(self.tr("Load a file…"), self)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        for button in (self._file, *buttons.buttons()):
            assert isinstance(button, QPushButton)
            button.setAutoDefault(False)  # Enter uses the model that is chosen, or does nothing
        self._ok = buttons.addButton("", QDialogButtonBox.ButtonRole.ActionRole)
        make_primary(self._ok)
        self._ok.setDefault(True)
        row = QHBoxLayout()
        row.addWidget(self._file)
        row.addStretch(1)
        row.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self._filter)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._about)
        layout.addLayout(row)
        self._fill(models)
        self._filter.textChanged.connect(self._apply_filter)
        self._list.currentItemChanged.connect(self._show_current)
        self._list.itemDoubleClicked.connect(self._act)
        self._ok.clicked.connect(self._act)
        self._file.clicked.connect(self._ask_file)
        buttons.rejected.connect(self.reject)
        self._apply_filter("")
        self._show_current()
        self.resize(*_SIZE)

    def _fill(self, models: Sequence[ListedModel]) -> None:
        for model in models:
            own = self.tr("in this project") if model.is_of_project else self.tr("used before")
            item = QTreeWidgetItem(_cells(model, own))
            item.setData(0, _ROLE, model)
            for column in (2, 4, 5):
                item.setTextAlignment(
                    column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )
            item.setSizeHint(0, QSize(0, _ROW_HEIGHT))
            if model.path is not None:
                font = item.font(0)
                font.setBold(True)
                item.setFont(0, font)
            self._list.addTopLevelItem(item)
        header = self._list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, self._list.columnCount()):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    def _apply_filter(self, text: str) -> None:
        words = text.casefold().split()
        shown = []
        for index in range(self._list.topLevelItemCount()):
            item = self._list.topLevelItem(index)
            assert item is not None
            content = " ".join(item.text(c) for c in range(self._list.columnCount())).casefold()
            fits = all(word in content for word in words)
            item.setHidden(not fits)
            if fits:
                shown.append(item)
        if shown:
            self._list.setCurrentItem(shown[0])
        else:
            self._list.setCurrentIndex(QModelIndex())

    def _current(self) -> ListedModel | None:
        item = self._list.currentItem()
        return None if item is None else item.data(0, _ROLE)

    def _show_current(self) -> None:
        model = self._current()
        self._ok.setEnabled(model is not None)
        is_here = model is not None and model.path is not None
        self._ok.setText(self.tr("Use this model") if is_here else self.tr("Download…"))
        nothing = self.tr("No model fits. Type fewer letters, or load a file.")
        self._about.setText(nothing if model is None else _about(model))

    def _act(self) -> None:
        model = self._current()
        if model is None:
            return
        if model.path is not None:
            self.accept()
            self.use_requested.emit(model.path)
        elif model.public is not None and self._agrees(model.public):
            self.accept()
            self.fetch_requested.emit(model.public)

    def _agrees(self, weights: PublicWeights) -> bool:
        """Nothing is downloaded before a person saw what it is and under which terms."""
        text = self.tr(
            "Download {0} ({1} MB)?\n\nCode and weights: {2}\nData it was trained on: {3}"
        ).format(weights.name, f"{weights.megabytes:.0f}", weights.license, weights.terms)
        box = QMessageBox(QMessageBox.Icon.Question, self.tr("Download"), text, parent=self)
        agree = box.addButton(self.tr("Download"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        ask(box)
        return box.clickedButton() is agree

    def _ask_file(self) -> None:
        self.accept()
        self.file_requested.emit()


def _cells(model: ListedModel, own: str) -> list[str]:
    public = model.public
    if public is None:
        return [model.name, own, "", "", "", "", ""]
    return [
        model.name,
        public.data_set,
        str(public.categories),
        public.backbone,
        "" if public.miou is None else f"{public.miou:.1f}",
        f"{public.megabytes:.0f} MB",
        public.license,
    ]


def _about(model: ListedModel) -> str:
    translate = QCoreApplication.translate
    if model.public is not None and model.public.is_built_in:
        kinds = {
            "nuclei": translate(
                "ModelsDialog",
                "cell nuclei in microscopy images, glowing or stained, touching ones told apart",
            ),
            "ui-elements": translate(
                "ModelsDialog",
                "elements of user interfaces in screenshots: buttons, fields, lists, text and more",
            ),
        }
        text = translate("ModelsDialog", "Comes with seglabel: {0}. Data: {1}.")
        return text.format(kinds.get(model.name, model.public.data_set), model.public.terms)
    if model.path is not None:
        return translate("ModelsDialog", "On this machine: {0}").format(model.path)
    assert model.public is not None
    file = model.public.files[0]
    text = translate("ModelsDialog", "Not on this machine. {0}").format(file.url)
    if not file.sha256:
        return text
    digest = translate("ModelsDialog", "checked by its SHA-256 ({0}…)")
    return f"{text} {digest.format(file.sha256)}"
