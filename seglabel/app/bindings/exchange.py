"""What is said about exports and imports."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.notes import NotesDialog
from seglabel.app.exchanging import Exchanging
from seglabel.app.main_window import MainWindow
from seglabel.app.workspace import Workspace
from seglabel.formats.exchange import ExportReport
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.importing import ImportReport


class ExchangeBinding(QObject):
    """The outcome in the banner."""

    def __init__(
        self, window: MainWindow, exchanging: Exchanging, workspace: Workspace, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._workspace = workspace
        self._demo: Path | None = None  # sample pictures that are about to be opened
        window.start_page.demo_requested.connect(exchanging.ask_demo)
        exchanging.demo_made.connect(self._demo_made)
        workspace.project_opened.connect(self._project_opened)
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

    def _demo_made(self, folder: Path) -> None:
        self._demo = folder
        self._workspace.open_project(folder)

    def _project_opened(self, store: ProjectStore) -> None:
        if store.folder != self._demo:
            return
        self._window.say_hint(
            self.tr("Some of these pictures are labelled already: a model can learn from them."),
            self.tr("Learn…"),
            self._window.actions_table["learn"].trigger,
        )

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
