"""What the model is, its card, what is assumed of it, and corrections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.theme import make_primary

_WIDTH = 640
_LONG = 40
Triple = tuple[float, float, float]


class Told(Protocol):
    """A fact as the dialog shows it."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def source(self) -> str: ...


class ModelFactsDialog(QDialog):
    """Facts above, corrections below; what is left empty stays as it is.

    A model with a card, which is Markdown, shows that first.
    """

    def __init__(
        self, name: str, facts: Sequence[Told], card: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About the model {0}").format(name))
        table = QGridLayout()
        table.setHorizontalSpacing(16)
        table.setColumnStretch(1, 1)
        for row, fact in enumerate(facts):
            name_of_fact = _label(self._names().get(fact.name, fact.name), "muted")
            table.addWidget(name_of_fact, row, 0, Qt.AlignmentFlag.AlignTop)
            value = _label(_breakable(fact.value))
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            table.addWidget(value, row, 1)
            source = _label(fact.source, "muted")
            source.setWordWrap(True)
            table.addWidget(source, row, 2)
        self._stride = QComboBox(self)
        self._stride.addItem(self.tr("as it is"), None)
        for stride in (8, 16):
            self._stride.addItem(str(stride), stride)
        self._mean, self._std = QLineEdit(self), QLineEdit(self)
        mean, std = _normalisation(facts)
        self._mean.setPlaceholderText(mean)
        self._std.setPlaceholderText(std)
        self._categories = QLineEdit(self)
        self._categories.setPlaceholderText(self.tr("a file with one name a line"))
        self._categories.setAccessibleName(self.tr("Names of the channels"))
        browse = QPushButton(self.tr("Browse…"), self)
        row_of_file = QHBoxLayout()
        row_of_file.addWidget(self._categories, 1)
        row_of_file.addWidget(browse)
        self._problem = _label("", "error")
        form = QFormLayout()
        form.addRow(self.tr("Output stride"), self._stride)
        form.addRow(self.tr("Mean of RGB, 0–1"), self._mean)
        form.addRow(self.tr("Deviation of RGB, 0–1"), self._std)
        form.addRow(self.tr("Names of the channels"), row_of_file)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self._ok = buttons.addButton(
            self.tr("Correct and reload"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        make_primary(self._ok)
        known = QWidget(self)
        inside = QVBoxLayout(known)
        inside.setSpacing(12)
        inside.addLayout(table)
        inside.addWidget(_label(self.tr("What is wrong can be corrected; it is remembered.")))
        inside.addLayout(form)
        inside.addWidget(self._problem)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        if card:
            pages = QTabWidget(self)
            pages.addTab(_card(card), self.tr("Model card"))
            pages.addTab(known, self.tr("Facts and corrections"))
            layout.addWidget(pages, 1)
        else:
            inside.setContentsMargins(0, 0, 0, 0)
            layout.addWidget(known)
        layout.addWidget(buttons)
        self.setMinimumWidth(_WIDTH)
        browse.clicked.connect(self._browse)
        for field in (self._mean, self._std, self._categories):
            field.textChanged.connect(self._check)
        self._stride.currentIndexChanged.connect(self._check)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._check()

    def _names(self) -> dict[str, str]:
        return {
            "layout": self.tr("layout"),
            "network": self.tr("network"),
            "backbone": self.tr("backbone"),
            "output stride": self.tr("output stride"),
            "atrous rates": self.tr("atrous rates"),
            "parameters": self.tr("parameters"),
            "categories": self.tr("categories"),
            "normalisation": self.tr("normalisation"),
            "align_corners": self.tr("align_corners"),
            "license": self.tr("licence"),
            "left out": self.tr("left out"),
            "digest": self.tr("digest"),
        }

    @property
    def output_stride(self) -> int | None:
        stride: int | None = self._stride.currentData()
        return stride

    @property
    def mean(self) -> Triple | None:
        return _triple(self._mean.text())

    @property
    def std(self) -> Triple | None:
        return _triple(self._std.text())

    @property
    def categories_file(self) -> str:
        return self._categories.text().strip()

    def _browse(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Names of the channels"))
        if chosen:
            self._categories.setText(chosen)

    def _check(self) -> None:
        bad = [f for f in (self._mean, self._std) if f.text().strip() and not _triple(f.text())]
        self._problem.setText(
            self.tr("Expected three numbers like 0.485, 0.456, 0.406.") if bad else ""
        )
        is_told = any((self.output_stride, self.mean, self.std, self.categories_file))
        self._ok.setEnabled(is_told and not bad)


def _normalisation(facts: Sequence[Told]) -> tuple[str, str]:
    """Mean and deviation that are in effect, else those of ImageNet as an example."""
    told = next((fact.value for fact in facts if fact.name == "normalisation"), "")
    numbers = re.findall(r"\d[\d.]*", told)
    if len(numbers) < 6:
        return "0.485, 0.456, 0.406", "0.229, 0.224, 0.225"
    return ", ".join(numbers[:3]), ", ".join(numbers[3:6])


def _breakable(text: str) -> str:
    """Long words, as digests are, may break anywhere."""
    words = text.split(" ")
    return " ".join("\u200b".join(word) if len(word) > _LONG else word for word in words)


def _card(text: str) -> QTextBrowser:
    """Shows Markdown and follows no links: what a file says must not open anything."""
    browser = QTextBrowser()
    browser.setOpenLinks(False)
    feature = QTextDocument.MarkdownFeature
    features = feature.MarkdownDialectGitHub | feature.MarkdownNoHTML  # GitHub's for tables
    browser.document().setMarkdown(text, features)
    browser.moveCursor(QTextCursor.MoveOperation.Start)  # else the end of it is what is seen first
    return browser


def _label(text: str, kind: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setObjectName(kind)
    return label


def _triple(text: str) -> Triple | None:
    try:
        red, green, blue = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return red, green, blue
