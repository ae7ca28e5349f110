"""What is said about work that a crash left, and about changes that one would take."""

from __future__ import annotations

from pathlib import Path

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
        self._said_of_place = ""
        recovering.recovered.connect(self._recovered)
        recovering.unprotected.connect(self._unprotected)
        recovering.protected.connect(self._protected)
        recovering.diverted.connect(self._diverted)
        recovering.restored.connect(lambda: window.banner.retract(self._said_of_place))

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
        self._say(self._said)

    def _diverted(self, place: Path, reason: str) -> None:
        text = self.tr("{0} Until it can be saved, your work is kept in {1} against a crash.")
        self._said_of_place = text.format(reason, place)
        self._say(self._said_of_place)

    def _say(self, text: str) -> None:
        banner = self._window.banner
        if banner.isHidden() or not banner.has_action:  # that saving failed comes with a way out
            self._window.say_error(text)

    def _protected(self) -> None:
        self._window.banner.retract(self._said)
