"""What is said about work that a crash left, and about changes that one would take."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.notes import NotesDialog
from seglabel.app.main_window import MainWindow
from seglabel.app.recovering import Recovering
from seglabel.jobs.recovery import RecoveryReport


class RecoveryBinding(QObject):
    """The outcome in the banner."""

    def __init__(self, window: MainWindow, recovering: Recovering, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._said = ""
        recovering.recovered.connect(self._recovered)
        recovering.unprotected.connect(self._unprotected)
        recovering.protected.connect(self._protected)

    def _recovered(self, report: RecoveryReport) -> None:
        text = self.tr("The unsaved work is back (images: {0}); every step can be undone.").format(
            len(report.images)
        )
        if not report.problems:
            self._window.say_hint(text, self.tr("Show steps"), self._window.show_history)
            return
        counted = self.tr("{0} could not be recovered.").format(len(report.problems))
        text = f"{text} {counted}"

        def show() -> None:
            ask(NotesDialog(text, list(report.problems), self._window))

        self._window.say_error(text, self.tr("Details…"), show)

    def _unprotected(self, message: str) -> None:
        text = self.tr("What you do now is lost if the program ends before it is saved. {0}")
        self._said = text.format(message)
        self._window.say_error(self._said)

    def _protected(self) -> None:
        self._window.banner.retract(self._said)
