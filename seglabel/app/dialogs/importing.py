"""From where, in which format, and with which categories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.theme import make_primary
from seglabel.app.wording import format_title
from seglabel.formats.registry import Format


@dataclass(frozen=True)
class ImportChoice:
    """What the person decided."""

    form: Format
    source: Path
    categories: Path | None
    copy_images: bool
    replace: bool


class ImportDialog(QDialog):
    """The button works once there is something to read."""

    def __init__(
        self, forms: Iterable[Format], folder: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import labels"))
        self._folder = folder
        self._form = QComboBox(self)
        for form in forms:
            if form.importer is not None:
                self._form.addItem(format_title(form.title), form)
        self._source = QLineEdit(self)
        self._source.setMinimumWidth(360)
        self._source.setAccessibleName(self.tr("From the folder"))
        self._categories = QLineEdit(self)
        self._categories.setPlaceholderText(
            self.tr("optional: one name, or id,name,#rrggbb a line")
        )
        self._categories.setAccessibleName(self.tr("Names of the ids"))
        self._copy = QCheckBox(self.tr("Copy pictures that this folder lacks"), self)
        self._replace = QCheckBox(self.tr("Replace labels that images have already"), self)
        self._problem = QLabel(self)
        self._problem.setObjectName("error")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._ok = buttons.addButton(self.tr("Import"), QDialogButtonBox.ButtonRole.AcceptRole)
        make_primary(self._ok)
        self._rows = QFormLayout()
        self._rows.addRow(self.tr("Format"), self._form)
        self._rows.addRow(self.tr("From the folder"), self._with_browse(self._source, folder=True))
        self._categories_row = self._with_browse(self._categories, folder=False)
        self._rows.addRow(self.tr("Names of the ids"), self._categories_row)
        self._rows.addRow("", self._copy)
        self._rows.addRow("", self._replace)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(self._rows)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._form.currentIndexChanged.connect(self._check)
        self._source.textChanged.connect(self._check)
        self._categories.textChanged.connect(self._check)
        self._check()

    def choice(self) -> ImportChoice:
        """What was chosen."""
        categories = self._categories.text().strip()
        return ImportChoice(
            self._form.currentData(),
            Path(self._source.text().strip()).expanduser(),
            Path(categories).expanduser() if categories and self._takes_categories else None,
            self._copy.isChecked(),
            self._replace.isChecked(),
        )

    @property
    def _takes_categories(self) -> bool:
        form: Format = self._form.currentData()
        return form.name == "masks"

    def _with_browse(self, field: QLineEdit, *, folder: bool) -> QHBoxLayout:
        button = QPushButton(self.tr("Browse…"), self)

        def browse() -> None:
            title = self.tr("Choose")
            if folder:
                chosen = QFileDialog.getExistingDirectory(self, title, str(self._folder))
            else:
                chosen, _ = QFileDialog.getOpenFileName(self, title, str(self._folder))
            if chosen:
                field.setText(chosen)

        button.clicked.connect(browse)
        row = QHBoxLayout()
        row.addWidget(field, 1)
        row.addWidget(button)
        return row

    def _check(self) -> None:
        self._rows.setRowVisible(self._categories_row, self._takes_categories)
        source, categories = self._source.text().strip(), self._categories.text().strip()
        problem = ""
        if source and not Path(source).expanduser().exists():
            problem = self.tr("There is no such folder or file.")
        elif self._takes_categories and categories and not Path(categories).expanduser().is_file():
            problem = self.tr("The file with the names of the ids does not exist.")
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._ok.setEnabled(bool(source) and not problem)
