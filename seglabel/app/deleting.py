"""Deleting a category from the window: dialog, job, and what is said afterwards."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.deleting import DeleteCategoryDialog
from seglabel.app.running import Running
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.progress import ProgressCallback
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.merging import CategoryUsage, MergeReport, count_category, remove_category


class Deleting(QObject):
    """Asks what becomes of the pixels, and lets a job see to it."""

    deleted = Signal(str, object)  # name of the category, MergeReport

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

    def ask(self, category_id: int) -> None:
        """Count its pixels, show the dialog, then delete."""
        store = self._workspace.store
        if store is None or not self._running.is_free:
            return
        name = store.project.categories.name_of(category_id)

        def work(progress: ProgressCallback, cancel: Cancel) -> CategoryUsage:
            return count_category(store, category_id, progress=progress, cancel=cancel)

        self._running.start(
            self.tr("Counting {0}").format(name),
            work,
            lambda usage: self._confirm(store, category_id, usage),
        )

    def _confirm(self, store: ProjectStore, category_id: int, usage: CategoryUsage) -> None:
        if store is not self._workspace.store or category_id not in store.project.categories:
            return
        dialog = DeleteCategoryDialog(category_id, store.project.categories, usage, self._window)
        if ask(dialog):
            self.delete(category_id, dialog.target())

    def delete(self, category_id: int, target_id: int) -> None:
        """Give its pixels to ``target_id`` in all images, then remove it."""
        store = self._workspace.store
        if store is None:
            return
        name = store.project.categories.name_of(category_id)

        def work(progress: ProgressCallback, cancel: Cancel) -> MergeReport:
            return remove_category(store, category_id, target_id, progress=progress, cancel=cancel)

        self._running.start(
            self.tr("Deleting {0}").format(name),
            work,
            lambda report: self.deleted.emit(name, report),
            self._workspace.reload,
            lock=self.tr("Labels cannot be changed while a category is deleted."),
        )
