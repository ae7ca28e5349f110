"""Export and import from the window: dialog, job, and what is said afterwards."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.export import ExportChoice, ExportDialog
from seglabel.app.dialogs.importing import ImportChoice, ImportDialog
from seglabel.app.running import Running
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.progress import ProgressCallback
from seglabel.formats.categories_file import read_categories
from seglabel.formats.exchange import ExportReport
from seglabel.formats.registry import formats
from seglabel.jobs.export import export
from seglabel.jobs.importing import ImportReport, import_annotations


class Exchanging(QObject):
    """The dialogs, and the work that they ask for."""

    exported = Signal(object)  # ExportReport
    imported = Signal(object)  # ImportReport

    def __init__(
        self,
        workspace: Workspace,
        running: Running,
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._running = running
        self._window = window

    def ask_export(self) -> None:
        """Show the dialog, then export."""
        store = self._workspace.store
        if store is None or not self._running.is_free:
            return
        self._workspace.save()
        records = {
            name: record
            for name, record in store.project.records.items()
            if name not in self._workspace.unreadable
        }
        dialog = ExportDialog(formats().values(), records, store.folder, self._window)
        if ask(dialog):
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

        self._running.start(self.tr("Exporting"), work, self.exported.emit)

    def ask_import(self) -> None:
        """Show the dialog, then import."""
        store = self._workspace.store
        if store is None or not self._running.is_free:
            return
        dialog = ImportDialog(formats().values(), store.folder, self._window)
        if ask(dialog):
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

        lock = self.tr("Labels cannot be changed while others are imported.")
        self._running.start(
            self.tr("Importing"), work, self.imported.emit, self._workspace.reload, lock=lock
        )
