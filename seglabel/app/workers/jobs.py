"""Runs one export or import at a time off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from seglabel.app.workers.errors import noted
from seglabel.app.workers.thread import WorkThread
from seglabel.app.workers.worker import Worker
from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled
from seglabel.core.progress import ProgressCallback

Work = Callable[[ProgressCallback, Cancel], object]


class JobRunner(Worker):
    """Runs work that may take long; it is asked to end by its ``Cancel``."""

    progress = Signal(object)  # Progress
    finished = Signal(object)  # what the work returned
    failed = Signal(str)
    cancelled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = WorkThread("jobs")
        self._cancel = Cancel()

    def start(self, work: Work, cancel: Cancel) -> None:
        """Run ``work(progress, cancel)``; answers by a signal."""
        self._cancel = cancel

        def body() -> None:
            try:
                result = work(lambda progress: self.tell(self.progress, progress), cancel)
            except Cancelled:
                self.tell(self.cancelled)
            except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
                self.tell(self.failed, noted(error))
            else:
                self.tell(self.finished, result)

        self._thread.put(body)

    def close(self) -> bool:
        """Returns False if it does not end in time."""
        self._cancel.set()
        return self._thread.close()
