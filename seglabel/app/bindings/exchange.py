"""What is said about exports and imports."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.notes import NotesDialog
from seglabel.app.exchanging import Exchanging
from seglabel.app.main_window import MainWindow
from seglabel.formats.exchange import ExportReport
from seglabel.jobs.importing import ImportReport


class ExchangeBinding(QObject):
    """The outcome in the banner."""

    def __init__(self, window: MainWindow, exchanging: Exchanging, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        exchanging.exported.connect(self._exported)
        exchanging.imported.connect(self._imported)

    def _exported(self, report: ExportReport) -> None:
        text = self.tr(
            "Exported {0} images with {1} objects to {2}; read back and found equal."
        ).format(report.images, report.instances, report.target)
        if report.skipped:
            text += " " + self.tr("{0} images were left out.").format(len(report.skipped))
        notes = [*report.skipped, *report.lossy, *report.warnings]
        if notes:
            self._say_with_notes(text, notes, report.target)
        else:
            self._window.say_hint(text, self.tr("Open folder"), lambda: _show_folder(report.target))

    def _imported(self, report: ImportReport) -> None:
        text = self.tr("Imported labels of {0} images.").format(report.images)
        if report.unchanged:
            text += " " + self.tr("{0} had these labels already.").format(report.unchanged)
        notes = [*report.skipped, *report.problems, *report.notes]
        if report.kept:
            notes.insert(
                0,
                self.tr(
                    "{0} images have labels already and were left as they are. “Replace "
                    "labels that images have already” in the import dialog takes the new ones."
                ).format(report.kept),
            )
        if notes:
            self._say_with_notes(text, notes)
        else:
            self._window.say_hint(text)

    def _say_with_notes(self, text: str, notes: list[str], target: Path | None = None) -> None:
        """The outcome in a line; what there is to know about it is a click away."""

        def show() -> None:
            dialog = NotesDialog(text, notes, self._window, folder=target is not None)
            if target is not None:
                dialog.folder_requested.connect(lambda: _show_folder(target))
            ask(dialog)

        counted = self.tr("Notes: {0}.").format(len(notes))
        self._window.say_hint(f"{text} {counted}", self.tr("Details…"), show)


def _show_folder(path: Path) -> None:
    """Open a folder in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
