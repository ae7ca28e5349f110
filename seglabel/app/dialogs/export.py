"""Where to, in which format, and what of the project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.theme import make_primary
from seglabel.app.wording import format_title
from seglabel.core.project import ImageRecord
from seglabel.core.status import Status
from seglabel.formats.exchange import ExportOptions
from seglabel.formats.registry import Format
from seglabel.jobs.selection import WHOLE, SplitShares, StatusChoice, choose

_DEFAULT_VALIDATION = 20  # per cent


@dataclass(frozen=True)
class ExportChoice:
    """What the person decided."""

    form: Format
    target: Path
    options: ExportOptions
    status: StatusChoice
    shares: SplitShares
    force: bool


class ExportDialog(QDialog):
    """Explains each choice in a line; the button works once the target is free."""

    def __init__(
        self,
        forms: Iterable[Format],
        records: Mapping[str, ImageRecord],
        folder: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export"))
        self._records = records
        self._folder = folder
        self._target_is_typed = False
        self._form = QComboBox(self)
        for form in forms:
            if form.exporter is not None:
                self._form.addItem(format_title(form.title), form)
        self._status = QComboBox(self)
        for status, text in (
            ("all", self.tr("all images ({0})")),
            ("corrected", self.tr("images that a person touched ({0})")),
            ("reviewed", self.tr("reviewed images only ({0})")),
        ):
            self._status.addItem(text.format(len(choose(records, status))), status)  # type: ignore[arg-type]
        if choose(records, "corrected") and _unreviewed(records, "all"):
            self._status.setCurrentIndex(self._status.findData("corrected"))
        self._target = QLineEdit(self)
        self._target.setMinimumWidth(360)
        self._target.setAccessibleName(self.tr("Into the folder"))
        browse = QPushButton(self.tr("Browse…"), self)
        target = QHBoxLayout()
        target.addWidget(self._target, 1)
        target.addWidget(browse)
        self._splits = QCheckBox(self.tr("Hold back for validation"), self)
        self._share = QSpinBox(self)
        self._share.setRange(1, 90)
        self._share.setValue(_DEFAULT_VALIDATION)
        self._share.setSuffix(" %")
        self._share.setAccessibleName(self.tr("Share held back for validation"))
        self._share.setEnabled(False)
        split = QHBoxLayout()
        split.addWidget(self._splits)
        split.addWidget(self._share)
        split.addStretch(1)
        self._segmentation = QComboBox(self)
        self._segmentation.addItem(self.tr("run lengths (every reader, exact)"), "rle")
        self._segmentation.addItem(
            self.tr("compressed run lengths (small, exact)"), "compressed-rle"
        )
        self._segmentation.addItem(self.tr("polygons along pixel edges"), "polygon")
        self._border = QSpinBox(self)
        self._border.setRange(0, 25)
        self._border.setSuffix(self.tr(" px"))
        self._upright = QCheckBox(
            self.tr("Write turned pictures upright, so that all readers agree"), self
        )
        self._force = QCheckBox(self.tr("Replace an earlier export"), self)
        self._problem = QLabel(self)
        self._problem.setObjectName("error")
        self._problem.setWordWrap(True)
        self._note = QLabel(self)
        self._note.setObjectName("muted")
        self._note.setWordWrap(True)
        self._layout = QFormLayout()
        self._layout.addRow(self.tr("Format"), self._form)
        self._layout.addRow(self.tr("Images"), self._status)
        self._layout.addRow("", self._note)
        self._layout.addRow(self.tr("Into the folder"), target)
        self._layout.addRow("", self._force)
        self._layout.addRow(self.tr("Split"), split)
        self._layout.addRow(self.tr("Shapes"), self._segmentation)
        self._layout.addRow(self.tr("Void border"), self._border)
        self._layout.addRow("", self._upright)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._ok = self._buttons.addButton(
            self.tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        make_primary(self._ok)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(self._layout)
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)
        self._form.currentIndexChanged.connect(self._format_changed)
        self._status.currentIndexChanged.connect(self._check)
        self._target.textEdited.connect(self._target_edited)
        self._target.textChanged.connect(self._check)
        self._force.toggled.connect(self._check)
        self._splits.toggled.connect(self._share.setEnabled)
        browse.clicked.connect(self._browse)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._format_changed()

    def choice(self) -> ExportChoice:
        """What was chosen."""
        shares = WHOLE
        if self._splits.isChecked():
            held = self._share.value() / 100
            shares = {"train": 1 - held, "val": held}
        return ExportChoice(
            self._form.currentData(),
            Path(self._target.text().strip()).expanduser(),
            ExportOptions(
                segmentation=self._segmentation.currentData(),
                void_border=self._border.value(),
                upright_copies=self._upright.isChecked(),
            ),
            self._status.currentData(),
            shares,
            self._force.isChecked(),
        )

    def _format_changed(self) -> None:
        form: Format = self._form.currentData()
        self._layout.setRowVisible(self._segmentation, form.name == "coco")
        self._layout.setRowVisible(self._border, form.name == "voc")
        if not self._target_is_typed:
            self._target.setText(str(self._free_target(form.name)))
        self._check()

    def _free_target(self, name: str) -> Path:
        """A folder beside the images that does not exist yet."""
        base = self._folder.parent / f"{self._folder.name}-{name}"
        number, target = 2, base
        while target.exists():
            target, number = Path(f"{base}-{number}"), number + 1
        return target

    def _target_edited(self) -> None:
        self._target_is_typed = True

    def _browse(self) -> None:
        start = Path(self._target.text()).parent
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("A folder to put the export into"), str(start)
        )
        if chosen:
            form: Format = self._form.currentData()
            self._target_is_typed = True
            self._target.setText(str(Path(chosen) / f"{self._folder.name}-{form.name}"))

    def _check(self) -> None:
        text = self._target.text().strip()
        target = Path(text).expanduser()
        problem = ""
        if not text:
            problem = self.tr("Choose a folder to export into.")
        elif target.exists() and not self._force.isChecked():
            problem = self.tr("This exists. Choose another name or replace an earlier export.")
        elif not choose(self._records, self._status.currentData()):
            problem = self.tr("No image has this status yet.")
        unreviewed = _unreviewed(self._records, self._status.currentData())
        text = self.tr("{0} of them are as the model proposed them: nobody looked at them.")
        self._note.setText(text.format(unreviewed))
        self._layout.setRowVisible(self._note, unreviewed > 0)
        self._problem.setText(problem)
        self._ok.setEnabled(not problem)
        self._problem.setVisible(bool(problem))


def _unreviewed(records: Mapping[str, ImageRecord], status: StatusChoice) -> int:
    """How many of the chosen images hold nothing but a proposal."""
    names = choose(records, status)
    return sum(records[name].status is Status.PROPOSED for name in names)
