"""An error that nothing handled: what happened, that the work is safe, and what to report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.unhandled import Trouble

_SIZE = (640, 460)
_ICON = 40


class UnexpectedDialog(QDialog):
    """One for all errors that come while it is open; the same error again is only counted."""

    def __init__(
        self, *, is_safe: bool, facts: str, log: str, folder: Path, parent: QWidget | None = None
    ) -> None:
        """``is_safe`` if all work survives a crash; ``facts`` and ``log`` go into the details."""
        super().__init__(parent)
        self._facts, self._log, self._folder = facts, log, folder
        self.setWindowTitle(self.tr("Unexpected error"))
        icon = QLabel(self)
        standard = QStyle.StandardPixmap.SP_MessageBoxWarning
        icon.setPixmap(self.style().standardIcon(standard).pixmap(_ICON))
        self._what = self._label()
        self._what.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._count = self._label()
        self._count.setObjectName("muted")
        self._safe = self._label()
        self._safe.setText(self._safety(is_safe=is_safe))
        self._details = QPlainTextEdit(self)
        self._details.setReadOnly(True)
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._details.setAccessibleName(self.tr("Details"))
        words = QVBoxLayout()
        words.setSpacing(8)
        for label in (self._what, self._count, self._safe):
            words.addWidget(label)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self._details, 1)
        layout.addWidget(self._buttons())
        self.resize(*_SIZE)

    @property
    def text(self) -> str:
        """What happened, how often, and what about the work."""
        return "\n".join(label.text() for label in (self._what, self._count, self._safe))

    @property
    def details(self) -> str:
        """What to send along with a report."""
        return self._details.toPlainText()

    def show_troubles(self, troubles: Mapping[Trouble, int]) -> None:
        """Errors and how often each of them came, the first one first."""
        first = next(iter(troubles))
        self._what.setText(self.tr("Something in seglabel went wrong: {0}").format(first.text))
        total = sum(troubles.values())
        self._count.setText(self._counted(len(troubles), total))
        self._count.setVisible(total > 1)
        parts = [
            f"{trouble.text}  × {count}\n{trouble.trace}".strip()
            for trouble, count in troubles.items()
        ]
        bar = self._details.verticalScrollBar()
        at = bar.value()
        self._details.setPlainText("\n\n".join((self._facts, *parts, self._log)))
        bar.setValue(at)

    def _counted(self, kinds: int, total: int) -> str:
        if kinds == 1:
            return self.tr("It happened {0} times.").format(total)
        return self.tr("{0} different errors, {1} in all.").format(kinds, total)

    def _safety(self, *, is_safe: bool) -> str:
        if is_safe:
            return self.tr(
                "Your work is safe: every finished stroke is kept on disk at once. You can go on; "
                "if the program behaves oddly, close it and start it again."
            )
        return self.tr(
            "What you did last is not yet kept on disk: save it now (Ctrl+S), then close the "
            "program and start it again."
        )

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _buttons(self) -> QDialogButtonBox:
        role = QDialogButtonBox.ButtonRole.ActionRole
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton(self.tr("Copy details"), role)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.details))
        show = buttons.addButton(self.tr("Open log folder"), role)
        show.clicked.connect(lambda: open_folder(self._folder))
        buttons.rejected.connect(self.reject)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        close.setFocus()
        return buttons


def open_folder(folder: Path) -> None:
    """In what the system shows folders with."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
