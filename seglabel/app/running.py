"""One job off the GUI thread at a time, after everything is saved, and what is to follow it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from seglabel.app.current_job import CurrentJob
from seglabel.app.workers.jobs import JobRunner, Work
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel


def _nothing() -> None:
    """Nothing has to be tidied up."""


def _nothing_of(report: object) -> None:
    del report


class Running(QObject):
    """Starts work, and says how it ended."""

    failed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        runner: JobRunner,
        job: CurrentJob,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._runner = runner
        self._job = job
        self._cancel = Cancel()
        self._is_waiting = False  # for everything to be saved
        self._tidy: Callable[[], None] = _nothing  # whatever came of it
        self._tell: Callable[[Any], None] = _nothing_of  # what came of it
        runner.progress.connect(job.show)
        runner.finished.connect(self._finished)
        runner.failed.connect(self._failed)
        runner.cancelled.connect(self._end)

    @property
    def is_free(self) -> bool:
        """Whether nothing runs; if something does, it is said what."""
        return self._job.is_free()

    def start(
        self,
        title: str,
        work: Work,
        tell: Callable[[Any], None],
        tidy: Callable[[], None] = _nothing,
        lock: str = "",
    ) -> None:
        """Run ``work`` if nothing else runs; ``tell`` gets what it returns.

        ``tidy`` is called however it ends. ``lock`` says why labels cannot be changed meanwhile.
        """
        if not self._job.begin(title, self._stop, lock):
            return
        self._cancel = cancel = Cancel()
        self._is_waiting = True
        self._tell, self._tidy = tell, tidy

        def start() -> None:
            if not cancel.is_set:
                self._is_waiting = False
                self._runner.start(work, cancel)

        def refuse() -> None:
            if not cancel.is_set:
                self._failed(self.tr("Not started, because your work could not be saved."))

        self._workspace.when_saved(start, refuse)

    def _stop(self) -> None:
        self._cancel.set()
        if self._is_waiting:
            self._end()

    def _finished(self, report: object) -> None:
        tell = self._tell
        self._end()
        tell(report)

    def _failed(self, message: str) -> None:
        self._end()
        self.failed.emit(message)

    def _end(self) -> None:
        self._job.end()
        if not self._is_waiting:
            self._tidy()
