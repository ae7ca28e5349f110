"""What to do when the window is to be closed and something cannot be saved."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtWidgets import QMessageBox, QWidget

from seglabel.app.dialogs.asking import ask


class Answer(Enum):
    """What the person decided."""

    RETRY = auto()
    LOSE = auto()
    STAY = auto()


class UnsavedDialog(QMessageBox):
    """Asks about images (and, under an empty name, the categories) that are not on disk."""

    def __init__(self, names: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle(self.tr("Not saved"))
        images = [name for name in names if name]
        if images:
            text = self.tr("Your work on {0} images could not be saved. The first: {1}")
            loss = self.tr("Close and lose {0} images")
        else:
            text = self.tr("The categories and settings of the project could not be saved.")
            loss = self.tr("Close and lose them")
        self.setText(text.format(len(images), images[0] if images else ""))
        self.setInformativeText(
            self.tr("Perhaps the disk is full or was taken away. Put that right and try again.")
        )
        self._retry = self.addButton(self.tr("Try again"), QMessageBox.ButtonRole.AcceptRole)
        self._lose = self.addButton(
            loss.format(len(images)), QMessageBox.ButtonRole.DestructiveRole
        )
        stay = self.addButton(self.tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self._retry)
        self.setEscapeButton(stay)

    def ask(self) -> Answer:
        """Show it and wait."""
        ask(self)
        if self.clickedButton() is self._retry:
            return Answer.RETRY
        return Answer.LOSE if self.clickedButton() is self._lose else Answer.STAY
