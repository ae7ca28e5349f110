"""Export and import from the window: dialog, job, and what is said afterwards."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QWidget

from seglabel.app.dialogs.export import ExportChoice, ExportDialog
from seglabel.app.dialogs.importing import ImportChoice, ImportDialog
from seglabel.app.workers.jobs import JobRunner
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.progress import ProgressCallback
from seglabel.formats.categories_file import read_categories
from seglabel.formats.exchange import ExportReport
from seglabel.formats.registry import formats
from seglabel.jobs.export import export
from seglabel.jobs.importing import ImportReport, import_annotations


class Exchanging(QObject):
    """One export or import at a time."""

    started = Signal(str)  # title
    progress = Signal(object)  # Progress
    ended = Signal()
    exported = Signal(object)  # ExportReport
    imported = Signal(object)  # ImportReport
    failed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        runner: JobRunner,
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._runner = runner
        self._window = window
        self._is_running = False
        runner.progress.connect(self.progress)
        runner.finished.connect(self._finished)
        runner.failed.connect(self._failed)
        runner.cancelled.connect(self._end)

    @property
    def is_running(self) -> bool:
        return self._is_running

    def ask_export(self) -> None:
        """Show the dialog, then export."""
        store = self._workspace.store
        if store is None or self._is_running:
            return
        self._workspace.save()
        dialog = ExportDialog(formats().values(), store.project.records, store.folder, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.export(dialog.choice())

    def export(self, choice: ExportChoice) -> None:
        """Write and verify; the newest strokes are part of it."""
        store = self._workspace.store
        if store is None:
            return

        def work(progress: ProgressCallback, cancel: Cancel) -> ExportReport:
            return export(
                store,
                choice.form,
                choice.target,
                options=choice.options,
                status=choice.status,
                shares=choice.shares,
                force=choice.force,
                progress=progress,
                cancel=cancel,
            )

        self._is_running = True
        self.started.emit(self.tr("Exporting"))
        self._workspace.when_saved(lambda: self._runner.start(work))

    def ask_import(self) -> None:
        """Show the dialog, then import."""
        store = self._workspace.store
        if store is None or self._is_running:
            return
        dialog = ImportDialog(formats().values(), store.folder, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.bring_in(dialog.choice())

    def bring_in(self, choice: ImportChoice) -> None:
        """Read annotations into the project."""
        store = self._workspace.store
        if store is None:
            return

        def work(progress: ProgressCallback, cancel: Cancel) -> ImportReport:
            path = choice.categories
            return import_annotations(
                store,
                choice.form,
                choice.source,
                categories=read_categories(path) if path is not None else None,
                copy_images=choice.copy_images,
                replace=choice.replace,
                progress=progress,
                cancel=cancel,
            )

        self._is_running = True
        self.started.emit(self.tr("Importing"))
        self._workspace.when_saved(lambda: self._runner.start(work))

    def cancel(self) -> None:
        self._runner.cancel()

    def _finished(self, report: object) -> None:
        self._end()
        if isinstance(report, ExportReport):
            self.exported.emit(report)
        elif isinstance(report, ImportReport):
            self._workspace.reload()
            self.imported.emit(report)

    def _failed(self, message: str) -> None:
        self._end()
        self.failed.emit(message)

    def _end(self) -> None:
        self._is_running = False
        self.ended.emit()


def open_folder(path: Path) -> None:
    """Show a folder in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
