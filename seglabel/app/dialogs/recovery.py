"""What to do with work that a crash left unsaved."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtWidgets import QMessageBox, QWidget

from seglabel.app.dialogs.asking import ask
from seglabel.formats.recovery import Unsaved


class Wish(Enum):
    """What the person decided."""

    RECOVER = auto()
    KEEP_SAVED = auto()
    LATER = auto()


class RecoveryDialog(QMessageBox):
    """Offers the work back. Closing it decides nothing: the next start asks again."""

    def __init__(self, unsaved: Sequence[Unsaved], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(self.tr("Unsaved work"))
        last = QDateTime.fromSecsSinceEpoch(int(max(one.seconds for one in unsaved)))
        when = QLocale().toString(last, QLocale.FormatType.ShortFormat)
        text = self.tr(
            "seglabel ended before all of your work was saved. Images with unsaved work: {0}. "
            "Last change: {1}"
        )
        self.setText(text.format(len(unsaved), when))
        most = sorted(unsaved, key=lambda one: -one.changes)[:3]
        steps = self.tr("{0} (steps: {1})")
        self.setInformativeText("\n".join(steps.format(one.name, one.changes) for one in most))
        self._recover = self.addButton(self.tr("Recover"), QMessageBox.ButtonRole.AcceptRole)
        self._keep = self.addButton(
            self.tr("Keep what was saved"), QMessageBox.ButtonRole.DestructiveRole
        )
        later = self.addButton(self.tr("Decide later"), QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self._recover)
        self.setEscapeButton(later)

    def ask(self) -> Wish:
        """Show it and wait."""
        ask(self)
        if self.clickedButton() is self._recover:
            return Wish.RECOVER
        return Wish.KEEP_SAVED if self.clickedButton() is self._keep else Wish.LATER
