"""All notes of a job in full."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

_SIZE = (640, 420)


class NotesDialog(QDialog):
    """A list that scrolls and can be copied. ``folder`` offers to open where the job wrote to.

    ``action`` is a button for what there is to do about them; it closes the dialog.
    """

    folder_requested = Signal()
    action_requested = Signal()

    def __init__(
        self,
        summary: str,
        notes: Sequence[str],
        parent: QWidget | None = None,
        *,
        folder: bool = False,
        title: str = "",
        action: str = "",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title or self.tr("Details"))
        text = QLabel(summary, self)
        text.setWordWrap(True)
        self._notes = QListWidget(self)
        self._notes.setWordWrap(True)
        self._notes.setAlternatingRowColors(True)
        self._notes.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._notes.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._notes.setAccessibleName(self.tr("Notes"))
        self._notes.addItems(list(notes))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText("\n".join(notes)))
        if folder:
            show = buttons.addButton(self.tr("Open folder"), QDialogButtonBox.ButtonRole.ActionRole)
            show.clicked.connect(self.folder_requested)
        if action:
            do = buttons.addButton(action, QDialogButtonBox.ButtonRole.AcceptRole)
            do.clicked.connect(self.accept)
            self.accepted.connect(self.action_requested)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(text)
        layout.addWidget(self._notes, 1)
        layout.addWidget(buttons)
        self.resize(*_SIZE)
