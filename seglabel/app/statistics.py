"""Statistics of the open project: asked for, counted off the GUI thread, shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from seglabel.app.dialogs.statistics import StatisticsDialog
from seglabel.app.workers.jobs import JobRunner
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.progress import Progress, ProgressCallback
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.selection import StatusChoice
from seglabel.jobs.stats import EffortStats, LabelCounts, count_labels, effort_stats

_Count = Callable[[ProgressCallback, Cancel], object]


class Statistics(QObject):
    """Counts what is on disk, which is everything once it was saved.

    Nothing is changed by that, so that other jobs may go on beside it. When the dialog is closed
    nobody waits any more.
    """

    def __init__(
        self, workspace: Workspace, runner: JobRunner, window: QWidget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._runner = runner
        self._window = window
        self._dialog: StatisticsDialog | None = None
        self._store: ProjectStore | None = None
        self._cancel = Cancel()  # of the newest count; those before are cancelled
        runner.progress.connect(self._progress)
        runner.finished.connect(self._finished)
        runner.failed.connect(self._failed)

    @property
    def dialog(self) -> StatisticsDialog | None:
        """The one that is shown."""
        return self._dialog

    def ask(self) -> None:
        """Show the statistics of the open project, with what was done until now."""
        if self._workspace.store is not None:
            self._workspace.when_saved(self._show, self._show)

    def _show(self) -> None:
        store = self._workspace.store
        if store is None or self._dialog is not None:
            return
        self._store = store
        self._dialog = dialog = StatisticsDialog(store.project.categories, self._window)
        dialog.count_requested.connect(self._count_labels)
        dialog.finished.connect(self._closed)
        records = store.project.records
        self._start(lambda _progress, _cancel: effort_stats(records.values()))
        dialog.open()

    def _closed(self) -> None:
        self._cancel.set()
        if self._dialog is not None:
            self._dialog.deleteLater()
        self._dialog = self._store = None

    def _count_labels(self, choice: StatusChoice) -> None:
        store = self._store
        assert store is not None
        self._start(lambda progress, cancel: count_labels(store, choice, progress, cancel))

    def _start(self, count: _Count) -> None:
        """In place of what is under way."""
        self._cancel.set()
        self._cancel = cancel = Cancel()
        self._runner.start(lambda progress, cancel: (cancel, count(progress, cancel)), cancel)

    def _progress(self, progress: Progress) -> None:
        if self._dialog is not None and not self._cancel.is_set:
            self._dialog.show_progress(progress)

    def _finished(self, answer: tuple[Cancel, object]) -> None:
        cancel, result = answer
        if cancel is not self._cancel or self._dialog is None:
            return  # nobody waits for it any more
        if isinstance(result, EffortStats):
            self._dialog.show_effort(result)
            self._count_labels(self._dialog.choice)
        elif isinstance(result, LabelCounts):
            self._dialog.show_labels(result)

    def _failed(self, message: str) -> None:
        if self._dialog is not None:
            self._dialog.show_failure(message)
